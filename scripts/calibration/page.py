"""The page of the documentation that shows the measured tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

TABLES = Path(__file__).parent
HEAD = """\
# Can a verdict be trusted?

How often `run`, `tests` and the report call two pipelines different that are equal, what their
intervals cover, and how large a difference has to be before it is found. Every figure is measured
by

    python scripts/calibrate_verdicts.py --save

which leaves the tables in `scripts/calibration/` and writes this page from them; a world that is
missing from a number of splits was not measured there. With 200 draws a
rate of 5 % is measured as 2 to 8 %, with 1,000 as 3.6 to 6.4 %.
"""
SECTIONS = {
    "nulls": """\
## Two pipelines that are equal in law

False alarms: the verdict is better or worse. Intervals with 0 should be 95 %: where what differs
comes of the fits and each split has one or two of them, they are wider than they need be, as the
splits cannot be told from the fits. `p_wilcoxon` and `p_published` take repeats for evidence; they
stand here for comparison alone. The first four worlds are numbers drawn by a law; in the others two
predictors learn from copies of real rows, and in the last a generator is fitted again and again and
set against itself.
""",
    "designs": """\
## By the part of the noise that the split has

No difference; the corrected resampled t-test with splits of two thirds of a table. The part of the
split is what of the variance of a difference comes of the split rather than of the fit.
""",
    "chosen": """\
## The best of several is chosen first

All pipelines are equal to the real rows; the one with the best mean is set against them. One
alone: a pipeline named beforehand is called better or worse, as `tests` judges it. Best: the one
chosen is, as `run`, `sweep` and the top of the report judge it: the 5 % are shared by all
pipelines, and each variance borrows up to two degrees of freedom from the others (moderated
variances). By itself: without borrowing. Than next: the best is called better than the second, for
which nothing is widened. Found: the first pipeline, four of its standard deviations better than the
others, is chosen and called better. Width: of the interval with borrowing, as a share of that
without, median.

Pipelines have a standard deviation of 1, three times as much where they vary ninefold; so have the
real rows, which all differences have in common. Heavy tails: what a split adds has a t distribution
of three degrees of freedom, and what the table adds to all its splits a normal one. There a single
pipeline named beforehand is called different in 6 to 13 % of draws, more often the more splits
there are: how much splits share is taken from how much they differ, which is most often
underestimated. No rule on the splits of one table mends that. The best of several is within 8 %.
""",
    "power": """\
## How large a difference is found

A difference of so many percent of the real baseline, where fits have a standard deviation of 2 %;
practically equal is within 1 %.
""",
    "needed": """\
## "So many more splits"

Four splits of two fits that gave no verdict and asked for a number of splits: in how many cases
that number settles it, and twice that number. It is what would do if mean and spread stayed as they
are, so it is given as "at least": a mean that stands out by chance shrinks with more splits, and
where the true difference is small against its noise most results that ask for a number would need
far more.
""",
    "rows": """\
## On the test rows of one split

Two scores that are equal in law on the same rows: intervals that leave out zero. Below 20 rows of a
class, below 30 rows, and for average precision and macro F1 always, the interval is that of a
permutation test, else DeLong's or the jackknife's.
""",
    "datasets": """\
## Over several data sets

The hierarchical model. Where pipelines differ on each data set but not on average, a verdict is a
false alarm.
""",
}


def page() -> str:
    """The page, from the tables that are stored."""
    parts = [HEAD]
    for name, text in SECTIONS.items():
        if (path := TABLES / f"{name}.csv").is_file():
            parts += [text, _table(pd.read_csv(path))]
    return "\n".join(parts)


def _table(rows: pd.DataFrame) -> str:
    numbers = [kind.kind in "if" for kind in rows.dtypes]
    lines = [
        f"| {' | '.join(rows.columns)} |",
        f"|{'|'.join('---:' if number else '---' for number in numbers)}|",
    ]
    lines += [f"| {' | '.join(map(_text, row))} |" for row in rows.itertuples(index=False)]
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
