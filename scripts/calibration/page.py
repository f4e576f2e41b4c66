"""The page of the documentation that shows the measured tables."""

from __future__ import annotations

import math
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
missing from a number of splits was not measured there. With 200 draws a rate of 5 % is measured as
2 to 8 %, with 1,000 as 3.6 to 6.4 %. The aim is at most 6 % of false alarms everywhere, and
intervals that hold the true value in 93 to 97 %. What does not reach it is said beside its table.
"""
SECTIONS = {
    "nulls": """\
## Two pipelines that are equal in law

False alarms: the verdict is better or worse. `p_wilcoxon` and `p_published` take repeats for
evidence; they stand here for comparison alone. The first four worlds are numbers drawn by a law; in
the others two predictors learn from copies of real rows, and in the last a generator is fitted
again and again and set against itself.

False alarms stay below 6 %. Intervals are wider than 97 % where what differs comes of the fits:
with one fit a split, the two cannot be told apart at all, and the wider of both is given. Two fits
a split narrow it; the two next tables say by how much, and what is possible.
""",
    "designs": """\
## By the part of the noise that the split has

No difference; the corrected resampled t-test. The part of the split is what of the variance of a
difference comes of the split rather than of the fit. What is taken off for the fits
(`fits_share` of `tabsculpt.stats.spread`) was chosen on 3, 5, 10 and 20 splits of 2 and 4 fits;
apart from 3 splits of 2 fits, the default, these numbers of splits and fits are others. With
several fits and a quarter or more of the noise from the split, intervals hold the true value in
93.5 to 96.9 %.
""",
    "bounds": """\
### What no interval can do

Where the fits decide wholly, 97 % is out of reach. Any interval takes its width from the variance
between splits and that within them. Of all rules for the width that are never narrower than the
interval that knows that splits add nothing, and that miss in at most 6 % whatever the splits add,
the one that covers least there covers:
""",
    "chosen": """\
## The best of several is chosen first

All pipelines are equal to the real rows; the one with the best mean is set against them. One
alone: a pipeline named beforehand is called better or worse, as `tests` judges it. Best: the one
chosen is, as `run`, `sweep` and the top of the report judge it: the 5 % are shared by all
pipelines, each variance borrows up to two degrees of freedom from the others (moderated variances),
and all lose some where their tails are heavy together. By itself: without either. Than next: the
best is called better than the second, for which nothing is widened. Found: the first pipeline, four
of its standard deviations better than the others, is chosen and called better. Width: of the
interval with borrowing, as a share of that without, median.

Pipelines have a standard deviation of 1, three times as much where they vary ninefold; so have the
real rows, which all differences have in common. Heavy tails: what a split adds has a t distribution
of three degrees of freedom, or one in ten is five times as wide (outliers), or is skewed (an
exponential distribution), and what the table adds to all its splits is normal. The rule for heavy
tails was chosen on the t distribution. That it counts from six splits on was settled with outliers
on five splits in sight, which judge it no more; skewed was looked at only afterwards.
""",
    "tails": """\
### One difference with heavy tails

A single pipeline named beforehand is called different in 8 to 13 % of draws there, above the aim.
The reason: what all splits of a table share cannot be seen in it, and is taken from how much they
differ; that is most often too small where few large values make the variance. Were the variance
known, it would be 5 %. What was tried, in percent of p < 0.05 where nothing differs, and what it
does where effects are normal:
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
    "hierarchical": """\
### Beside a sampler of baycomp's model

The model text of the package baycomp, which is Stan's, written in numpyro and sampled by NUTS, by
`python scripts/check_hierarchical.py --python PYTHON --save`. Better, equal, worse: probabilities
for a further data set. The error is that of a probability by sampling. The prior of the error
within a data set is 1 / sigma here and uniform in baycomp; the last line of each says what that
moves.
""",
    "definitions": """\
## Numbers that were wrong, and an independent computation of them

By `python scripts/check_statistics.py --save`; the last column says whether what is given now is
the reference. Of imbalanced-learn's and scikit-learn's checks of samplers those that are left out,
with the reason, are listed in `tests/samplers/test_checks.py`.
""",
}
AFTER = {
    "tails": """\
The mean is not what goes wrong, so a robust one does not help; turning signs takes splits for
independent; a limit to the degrees of freedom helps, and makes intervals of 98 to 99 % where
effects are normal. So a single difference keeps the published test. See the best of several, above,
where all pipelines together show the tails.
""",
}


def page() -> str:
    """The page, from the tables that are stored."""
    parts = [HEAD]
    for name, text in SECTIONS.items():
        if (path := TABLES / f"{name}.csv").is_file():
            parts += [text, table(pd.read_csv(path)), AFTER.get(name, "")]
    return "\n".join(part for part in parts if part)


def table(rows: pd.DataFrame) -> str:
    """Rows as a table of the page."""
    numbers = [kind.kind in "if" for kind in rows.dtypes]
    lines = [
        f"| {' | '.join(rows.columns)} |",
        f"|{'|'.join('---:' if number else '---' for number in numbers)}|",
    ]
    lines += [f"| {' | '.join(map(_text, row))} |" for row in rows.itertuples(index=False)]
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    if isinstance(value, float) and math.isnan(value):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
