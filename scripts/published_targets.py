"""Shows which quantity the column ``target`` of each file of Profile2Gen's authors holds.

    TABSCULPT_DATA=... python scripts/published_targets.py

For each of the six sets: the columns of the original table that have every value of the authors'
target, as often as it has it. Where that is not the column that the paper names, the names of the
columns were permuted against the values.
"""

from __future__ import annotations

import sys
from collections import Counter

import pandas as pd

from tabsculpt.config.compose import load
from tabsculpt.errors import UserError
from tabsculpt.jobs.job import Job
from tabsculpt.papers.profile2gen.figures import SETS


def main() -> None:
    try:
        for name in SETS:
            print(line(name))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def line(name: str) -> str:
    """What is found for one set."""
    original, published = (_loaded(which) for which in (name, f"{name}_published"))
    paper, target = original[0], published[1]["target"]
    found = [c for c in original[1] if _has_all(original[1][c], target)]
    phrase = "as the paper says" if found == [paper] else f"the paper says {paper}"
    return f"{name}: target holds {', '.join(found) or 'no column'} ({phrase})"


def _loaded(dataset: str) -> tuple[str, pd.DataFrame]:
    source = Job.of(load([f"dataset={dataset}"])).source
    return source.target, source.load().table.frame


def _has_all(column: pd.Series, target: pd.Series) -> bool:
    """Whether each value of the target is in the column at least as often."""
    if not pd.api.types.is_numeric_dtype(column):
        return False
    have, want = (Counter(values.astype(float).round(4).dropna()) for values in (column, target))
    return want <= have


if __name__ == "__main__":
    main()
