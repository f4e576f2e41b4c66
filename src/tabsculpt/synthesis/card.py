"""The card beside a synthetic table: what it was made of, how, how good it is, and its limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.notes import as_notes
from tabsculpt.engine.writing import replacing
from tabsculpt.jobs.graph import data_fingerprint
from tabsculpt.jobs.job import Job
from tabsculpt.notes import to_records
from tabsculpt.synthesis.form import Formed, form_of
from tabsculpt.synthesis.rows import Made, RowRequest
from tabsculpt.table import Kind, Table

FEW = 5
"""Rows of a category below which it is named as one that may single people out."""
LISTED = 12


@dataclass(frozen=True, eq=False)
class Facts:
    """What a card is made of.

    Attributes:
        job: with the configuration.
        dataset: the source.
        learnt: the rows that were learnt from.
        request: what was asked for.
        made: what came of it.
        file: what was written.
        path: where.
        of_file: see `quality.of_file`.
        held_out: see `quality.held_out`, with why it is empty.
    """

    job: Job
    dataset: Dataset
    learnt: Table
    request: RowRequest
    made: Made
    file: Formed
    path: Path
    of_file: Sequence[dict[str, Any]]
    held_out: tuple[Sequence[dict[str, Any]], str]


def card_paths(path: Path) -> tuple[Path, Path]:
    """The card as JSON and as text, beside a file."""
    return path.with_suffix(".json"), path.with_suffix(".md")


def make_card(facts: Facts) -> dict[str, Any]:
    """The card as JSON-ready data."""
    job, dataset, made = facts.job, facts.dataset, facts.made
    settings = job.settings()
    return {
        "file": {
            "name": facts.path.name,
            "rows": len(facts.file.frame),
            "synthetic_rows": len(made.table),
            "real_rows": facts.file.real,
            "synthetic_column": facts.file.mark,
            "columns": list(map(str, facts.file.frame.columns)),
            "formula_cells": facts.file.formulas,
            "formulas_guarded": facts.file.guarded,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        },
        "source": {
            "name": dataset.name,
            "path": getattr(job.source, "path", None),
            "fingerprint": data_fingerprint(dataset),
            "rows": len(dataset.table),
            "rows_learnt_from": len(facts.learnt),
            "target": dataset.table.schema.target,
            "task": str(dataset.table.schema.task),
            "columns_left_out": form_of(dataset).left_out,
            "notes": to_records(as_notes(dataset.notes)),
        },
        "configuration": {
            **{group: job.names[group] for group in ("generator", "pipeline", "profiler")},
            "settings": {k: settings["parts"][k] for k in ("generator", "pipeline", "profiler")},
            "missing": job.source.missing,
            "seed": job.seed,
            "device": job.device,
            "rows": facts.request.rows,
            "given": dict(facts.request.given),
            "given_by": _given_by(made),
            "rows_made": made.drawn,
        },
        "versions": job.versions(),
        "quality": {
            "file": list(facts.of_file),
            "held_out": list(facts.held_out[0]),
            "not_measured": facts.held_out[1] or None,
        },
        "notes": to_records(made.notes),
        "limits": list(_limits(facts)),
    }


def write_card(card: dict[str, Any], text: str, path: Path) -> None:
    """Write the card beside a file, as JSON and as text, each whole or not at all.

    Raises:
        WriteError: it cannot be written there.
    """
    as_json, as_text = card_paths(path)
    with replacing(as_json, make_folder=False) as draft:
        body = json.dumps(card, indent=2, ensure_ascii=False, default=str)
        draft.write_text(f"{body}\n", encoding="utf-8")
    with replacing(as_text, make_folder=False) as draft:
        draft.write_text(text, encoding="utf-8")


def _given_by(made: Made) -> str | None:
    if made.native is None:
        return None
    return "generator" if made.native else "rejection"


def _limits(facts: Facts) -> Iterator[str]:
    """What the reader must not expect, one sentence each."""
    job, table = facts.job, facts.learnt
    copies = job.names["generator"] == "bootstrap" or getattr(job.generator, "verbatim", False)
    if copies:
        yield "Rows are copies of real rows: the file is as private as its source."
    else:
        yield (
            "Rows are drawn from a model of the source: no count, mean or test on them replaces "
            "one on the source, and a row may still equal or resemble a real one."
        )
    yield f"{_promise(job)}; the attacks above are those that were tried, not all there are."
    if len(table) < 100:
        yield f"{len(table)} rows were learnt from: what so few do not show, the file cannot hold."
    if rare := list(_rare(table)):
        more = f", and {len(rare) - LISTED} more" if len(rare) > LISTED else ""
        yield (
            f"Categories of fewer than {FEW} rows may single people out: "
            f"{', '.join(rare[:LISTED])}{more}."
        )
    if not table.features.isna().to_numpy().any() and _had_gaps(facts.dataset):
        yield "The source has missing values; they were filled or dropped first, the file has none."
    if facts.request.given:
        how = "asked for of the generator" if facts.made.native else "picked out of what was made"
        yield f"All rows have the given values ({how}): the file is no sample of the source."
    if left := form_of(facts.dataset).left_out:
        yield f"Columns of the source that are not in the file: {', '.join(left)}."
    if facts.file.formulas:
        cells = ", ".join(f"{name} ({count})" for name, count in facts.file.formulas.items())
        done = "begin with an apostrophe now" if facts.file.guarded else "were left as they are"
        yield f"Texts that a spreadsheet takes for formulas {done}: {cells}."
    yield "Numbers stay in the range of the rows learnt from, and categories are theirs."


def _promise(job: Job) -> str:
    """What is guaranteed of privacy, whatever the attack."""
    epsilon, delta = (getattr(job.generator, name, None) for name in ("epsilon", "delta"))
    if epsilon is None:
        return "There is no formal guarantee of privacy (such as differential privacy)"
    return (
        f"Each fit is differentially private with epsilon={epsilon:g} and delta={delta:g}, but for "
        "what the notes say is read from the data"
    )


def _rare(table: Table) -> Iterator[str]:
    for column in table.schema.columns:
        if column.kind is Kind.CATEGORICAL:
            counts = table.frame[column.name].value_counts()
            for level, count in counts.items():
                if 0 < count < FEW:
                    yield f"{column.name} {level!r} ({count})"


def _had_gaps(dataset: Dataset) -> bool:
    return bool(dataset.table.features.isna().to_numpy().any())
