"""The card of a synthetic table as text that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

HEAD = ("| | metric | this table | real rows | what it means |", "|---|---|---:|---:|---|")


def card_text(card: dict[str, Any]) -> str:
    """The card in Markdown."""
    return "\n".join([*_lines(card), ""])


def _lines(card: dict[str, Any]) -> Iterator[str]:
    file, source, how = card["file"], card["source"], card["configuration"]
    yield f"# {file['name']}"
    yield ""
    yield (
        f"{file['synthetic_rows']:,} synthetic rows of {source['name']}, made by "
        f"{how['generator']} ({how['pipeline']}) from {source['rows_learnt_from']:,} of its "
        f"{source['rows']:,} rows."
    )
    if file["synthetic_column"]:
        yield (
            f"{file['real_rows']:,} real rows come first; the column `{file['synthetic_column']}` "
            "is true for synthetic rows."
        )
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, value in _facts(card):
        yield f"| {name} | {value} |"
    yield from _quality(card["quality"])
    yield from _listed("Limits", card["limits"])
    yield from _listed("Notes", [note["text"] for note in card["notes"]])
    yield from _listed("How the source was read", [note["text"] for note in source["notes"]])


def _listed(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield from ("", f"## {title}", "", *(f"- {sentence}" for sentence in sentences))


def _facts(card: dict[str, Any]) -> Iterator[tuple[str, str]]:
    source, how = card["source"], card["configuration"]
    yield "target", f"{source['target']} ({source['task']})"
    yield "source", str(source["path"] or source["name"])
    yield "fingerprint of the source", f"`{source['fingerprint']}`"
    yield "profiler", how["profiler"]
    yield "missing values", how["missing"]
    if how["given"]:
        asked = ", ".join(f"{name}={value}" for name, value in how["given"].items())
        yield "given", f"{asked} (by {how['given_by']}, {how['rows_made']:,} rows made)"
    yield "seed", str(how["seed"])
    yield "made", card["file"]["created"]
    yield "versions", ", ".join(f"{name} {version}" for name, version in card["versions"].items())


def _quality(found: dict[str, Any]) -> Iterator[str]:
    if found["file"]:
        yield from _table(
            "Quality: this file",
            "Against the rows that were learnt from; beside it the same for real rows drawn again "
            "(a bootstrap).",
            found["file"],
        )
    if found["held_out"]:
        yield from _table(
            "Quality: rows that the generator has not seen",
            "The same configuration fitted on a train part, against the rows held out of it; "
            "beside it the same for those real rows, for attacks a guess; in brackets 95 % "
            "intervals. No attack that fails proves that none would succeed.",
            found["held_out"],
        )
    if found["not_measured"]:
        yield ""
        yield f"Quality {found['not_measured']}."


def _table(title: str, caption: str, records: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", caption, "", *HEAD)
    for record in records:
        value, reference = (_number(record[name]) for name in ("value", "reference"))
        value = value if record["value"] is not None else f"({record['reason']})"
        if record["low"] is not None:
            ends = f"{_number(record['low'])} to {_number(record['high'])}"
            value += f" ({ends}; {record['attacks']} attacks)"
        words = record["words"]
        yield f"| {record['family']} | {record['metric']} | {value} | {reference} | {words} |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
