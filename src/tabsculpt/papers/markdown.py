"""A page as Markdown, and the same as HTML that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

STYLE = """\
body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;
color:#16191d;background:#fff}
table{border-collapse:collapse;font-size:.85rem;display:block;overflow-x:auto;margin:1rem 0}
th,td{border-bottom:1px solid #d5d9de;padding:.25rem .6rem;text-align:left;vertical-align:top}
th{border-bottom:2px solid #7d8590}code{background:#eef0f2;padding:0 .2rem}
@media(prefers-color-scheme:dark){body{color:#f4f6f8;background:#16191d}code{background:#2a2f35}
th,td{border-color:#3a4046}a{color:#6cbdf0}}"""


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A table of text."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def bullets(sentences: Sequence[str]) -> str:
    """A list."""
    return "\n".join(f"- {sentence}" for sentence in sentences)


def as_html(text: str, title: str) -> str:
    """A whole page; what is HTML in the Markdown is shown as it is written."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>\n"


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")
