"""Jobs that were to add synthetic rows and added none: what they score is what real rows score."""

from __future__ import annotations

import pandas as pd

from tabsculpt.notes import Code, from_json

CODES = (Code.NOTHING_ADDED, Code.NOTHING_TO_MAKE)
"""Notes that say why there is no row."""


def nothing_added(rows: pd.DataFrame) -> pd.DataFrame:
    """Which pipelines ended without a synthetic row, and why.

    Args:
        rows: see `tabsculpt.results.Row`.

    Returns:
        A row per data set, generator and pipeline of which a job made none: these names, ``jobs``
        that have a table of synthetic rows, ``empty`` ones among them, and ``why``, a sentence for
        each of these, in the order of the jobs.
    """
    made = rows[(rows.metric == "wasserstein") & rows.predictor.isna() & rows.n_synthetic.notna()]
    names = ["dataset", "generator", "pipeline"]
    found = []
    for key, mine in made.drop_duplicates("job").groupby(names, sort=False):
        empty = mine[mine.n_synthetic == 0]
        if len(empty):
            why = [_why(row.notes, row.reason) for row in empty.itertuples()]
            counts = {"jobs": len(mine), "empty": len(empty), "why": why}
            found.append(dict(zip(names, key, strict=True)) | counts)
    return pd.DataFrame(found, columns=[*names, "jobs", "empty", "why"])


def _why(notes: str | None, reason: str | None) -> str:
    said = [note.text for note in from_json(notes) if note.code in CODES]
    return said[-1] if said else str(reason)
