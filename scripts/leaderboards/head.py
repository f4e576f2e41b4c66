"""How the page of the leaderboard begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from leaderboards.tables import CUT, JUDGE, TUNE

_HEAD = """
Every generator at its defaults, on tables that a stranger can rerun:
`python scripts/leaderboard.py --outputs FOLDER`. This page is written by that script from
`scripts/results/leaderboard.parquet`.

**What has run**: {ran} of {whole} cells ({generators} of {generators_all} generators, {tables} of
{all} tables, three splits of 67/33 each). A cell that is missing was not run; one that failed says
so at the end.

{missing}`synthcity` 0.2.12 asks for torch below 2.3 and numpy below 2, so that it does not install
beside this package.

Settings may be tuned on {tune}; ranks are of the other tables alone. Cut: {cuts}.

- **TSTR / real**: what a linear model, a random forest, LightGBM and nearest neighbours make of
  synthetic rows over what they make of real ones, on real test rows (RMSE or AUC; 1 is as good as
  real rows, higher is better).
- **W1**: Wasserstein distance of the columns in standard deviations; **detection**: AUC of LightGBM
  that tells synthetic from real rows (0.5 is best); **correlation error**: mean absolute
  difference; **SDMetrics**: its quality score.
- **closer to train**: share of synthetic rows nearer to a train row than to any test row; 0.5 is
  what new real rows have, more means that rows are near copies.
- **CPU s**, **MB**: of fit and sample on one thread; peak resident memory of the process. A busy
  machine nearly doubles CPU seconds.

`bootstrap` copies train rows: it is the control, ranked with the others and never the best that
"within 2 % of the best" is about.
"""

NEEDS_WEIGHTS = "tabpfn"
"""Runs where its licensed weights are."""


def head(cells: pd.DataFrame, names: Sequence[str]) -> Iterator[str]:
    """What has run, and what the columns are; arguments: see `leaderboards.page.page`."""
    ran = cells[cells.measure == "tstr"]
    generators, tables = ran.generator.nunique(), ran.table.nunique()
    whole = len(names) * len([*TUNE, *JUDGE]) * 3
    missing = sorted(set(names) - set(ran.generator))
    weights = " (which needs licensed weights)"
    named = [f"`{name}`{weights if name == NEEDS_WEIGHTS else ''}" for name in missing]
    yield "# Leaderboard"
    cuts = ", ".join(f"{name} to {rows:,} rows" for name, rows in CUT.items())
    yield _HEAD.format(
        ran=len(ran),
        whole=whole,
        generators=generators,
        generators_all=len(names),
        missing=f"Not run at all: {', '.join(named)}.\n" if named else "",
        tables=tables,
        all=len([*TUNE, *JUDGE]),
        tune=", ".join(TUNE),
        cuts=cuts,
    )
