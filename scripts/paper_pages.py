"""Bring the pages of `tabsculpt reproduce` into the documentation, with an overview of them.

    python scripts/paper_pages.py [--outputs FOLDER]

Pages that the command wrote below FOLDER are copied to ``docs/papers`` as they are. In every page
there, what explains that figures differ is brought up to date with the package's data, and the
table at the head of ``docs/papers.md`` is written anew from their counts.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from tabsculpt.papers.markdown import table
from tabsculpt.papers.page import WHY, why_figures_differ
from tabsculpt.papers.source import read_paper

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "papers"
OVERVIEW = ROOT / "docs" / "papers.md"
HEAD = ("paper", "jobs", "ended well", "failed", "cannot work", "left out", "why", "CPU time",
        "its figures")  # fmt: skip
BEGIN, END = "<!-- written by scripts/paper_pages.py -->", "<!-- until here -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--outputs", type=Path, help="folder in which the command ran")
    given = parser.parse_args()
    if given.outputs:
        for path in sorted((given.outputs / "papers").glob("*.md")):
            (PAGES / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.md"))}
    for name, text in pages.items():
        (PAGES / f"{name}.md").write_text(with_reasons(name, text), encoding="utf-8")
    OVERVIEW.write_text(with_overview(OVERVIEW.read_text(encoding="utf-8"), pages), "utf-8")
    print(overview(pages))


def with_reasons(name: str, text: str) -> str:
    """A page with what the package's data say of why figures differ."""
    without = re.sub(rf"{WHY}\n\n(- .*\n)+\n", "", text)
    section = why_figures_differ(read_paper(name))
    if not section:
        return without
    heading = "\n## Printed, and" if "\n## Printed, and" in without else "\n## What was run"
    before, found, after = without.partition(heading)
    if not found:
        raise SystemExit(f"{name}.md has no heading{heading!r}, so that it is no page of reproduce")
    return "\n".join([before, section[0], "", section[1], found + after])


def with_overview(text: str, pages: dict[str, str]) -> str:
    """The page of papers with the table anew.

    Args:
        text: of the page.
        pages: of the papers, by name.
    """
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{overview(pages)}\n\n{END}{after}"


def overview(pages: dict[str, str]) -> str:
    """A row per page: its counts, why jobs were left out or failed, CPU time and verdicts."""
    return table(HEAD, [_line(name, text) for name, text in pages.items()])


def _line(name: str, text: str) -> list[str]:
    counts = _body(text, "| data set | generator or profiler | jobs |")
    columns = [sum(int(row[place]) for row in counts) for place in range(2, 7)]
    left = re.findall(r"\d+ left out, as [^,.]*", _one(r"^Rows of .*|^Of \d+ jobs.*", text))
    bad = [f"{row[0]}: {row[1]}" for row in _body(text, "| jobs | why they failed")]
    said = re.search(r"Verdicts on its figures: (.*?)\.", text)
    return [
        f"[{name}](papers/{name}.md)",
        *map(str, columns),
        "; ".join([*left, *bad]) or "-",
        _one(r"Computed in (.*?) of CPU time", text),
        said.group(1) if said else "-",
    ]


def _body(text: str, head: str) -> list[list[str]]:
    """The cells of the rows of the table with a head."""
    _, found, rest = text.partition(f"\n{head}")
    lines = rest.split("\n\n")[0].splitlines()[2:] if found else []
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"a page has no {pattern!r}, so that it is none of reproduce")
    return found.group(found.re.groups)


if __name__ == "__main__":
    main()
