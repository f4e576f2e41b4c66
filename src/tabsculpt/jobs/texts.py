"""Some of the texts behind a job's rows, for whoever reads them: the report shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tabsculpt.jobs.shown import shown_rows
from tabsculpt.table import FloatArray, Table

MOST = 8
"""Rows of each sort."""
LONGEST = 600
"""Characters of a text; a longer one ends in three points."""


def text_records(
    train: Table,
    synthetic: Table,
    dropped: Table | None,
    hardness: FloatArray | None,
    common: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """A record for each text that is shown, missing ones too; none where no column is text.

    Args:
        train: the real rows, see `tabsculpt.jobs.shown.shown_rows`.
        synthetic: those that were kept.
        dropped: those that were not; None where none were.
        hardness: of the train rows, shape (n,), high is hard; None without a profile.
        common: what each record says of the job.
    """
    names = train.schema.texts
    if not names:
        return
    shown = shown_rows(train, synthetic, dropped, hardness, MOST)
    for sort, (table, rows) in shown.items():
        some = table.frame.iloc[rows]
        for row, label, texts in zip(
            rows,
            some[table.schema.target].astype(str),
            some[list(names)].astype(object).itertuples(index=False),
            strict=True,
        ):
            for name, text in zip(names, texts, strict=True):
                about = {"sort": sort, "row": int(row), "label": label, "column": name}
                yield {**common, **about, "text": _brief(text)}


def _brief(text: object) -> str | None:
    if not isinstance(text, str):
        return None
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
