"""The page of the documentation that explains what synthetic rows win by on parkinson."""

from __future__ import annotations

import numpy as np
import pandas as pd

from parkinson_study.scores import TUNED
from parkinson_study.tables import GENERATORS, KNOWN, NOISE, REAL, SCORE
from tabsculpt.stats.resampled import Resampled, Verdict, resampled_difference

ROPE = 0.01
"""Practically equal: within so much of the real rows' mean."""
PATIENTS = 42
"""In the data set."""
NAMELESS = "age, sex and test_time constant"
READ = f"""\
The intervals are those of `tabsculpt tests` (corrected resampled t-test; practically equal: within
{100 * ROPE:g} % of the real rows' mean), of the mean over the four predictors. The generators are
at their defaults, one fit a split; the twelve predictors of AutoGluon, with which the grid of
Profile2Gen shows it on one split, are not run here. Constant: every row has the same value, so that
nothing is learnt from the feature; shuffled: drawn anew over the rows. Tuned: of each predictor and
its variants with ever more regularisation.

What follows for a table of one's own: where rows come in groups, hold whole groups out
(`dataset.group`). Where synthetic rows then beat the real ones, try the real ones without the
features that have one value a group (`dataset.drop`) before the generator is praised.
"""
HEAD = """\
# Why synthetic rows can beat the real ones on parkinson

With whole patients held out, predictors that learn synthetic rows of parkinson can predict the new
patients better than those that learn the real rows. This page says why, from controls; every figure
is written by

    TABSCULPT_DATA=... python scripts/parkinson_controls.py
    python scripts/parkinson_controls.py --page

{splits} splits of the {all} patients, {patients} to learn from; a fifth of their recordings is held
out too. The four predictors of `predictors=quick` learn from each table, and are tested on the
held-out recordings of **known** patients and on all recordings of **new** ones. RMSE of
total_UPDRS.
"""
WHY = """\
## The explanation

A recording tells whose it is: age and sex stay the same, and so does the voice by and large. A
forest names the patient of a recording that it has not seen, of those known to it, in {named:.0f} %
of cases, without {score}. A patient has over 100 recordings. So a flexible predictor has a short
cut: find the patient, and recall the score. Nothing is better for a known patient, and for a new
one it finds somebody else of that age.

What carries over to new patients is the relation to {score}, the other score of the same visit.
With nothing else to learn from (all other features shuffled) the forest has {alone:.2f} on new
patients, with all features {real:.2f}; on recordings of known patients it is {alone_known:.2f}
against {real_known:.2f}. With all features but {score} it has {without:.2f} on new patients, and
{marginal:.2f} from rows whose columns are independent of each other.

A generator that keeps the relation and loses whose recording it is takes the short cut away: its
rows win by what they lack. Real rows without age, sex and the time in the trial do as well
({constant:.2f}, mean of the predictors) as rows of gaussian_copula ({copula:.2f}).
"""
SURE = """\
## How sure that is

From split to split the mean error of the real rows goes from {least:.2f} to {most:.2f}: one split
of so few patients says little, and what was seen on one is not what is seen on {splits}. On new
patients {unsure} of {all} differences below are "not enough data": patients, not recordings, are
what there is little of, and splits of them overlap. On known patients, where there are recordings
enough, the price of losing whose recording it is comes out: age, sex and time constant {constant},
rows of gaussian_copula {copula}.
"""


def page(rows: pd.DataFrame) -> str:
    """The page, from the lines of `parkinson_study.scores.of_split`."""
    scored = rows[rows.predictor != ""].astype({"known": float, "new": float})
    named = 100 * rows[rows.predictor == ""].known.astype(float).mean()
    patients = int(scored.patients.iloc[0])
    head = HEAD.format(splits=scored.split.nunique(), patients=patients, all=PATIENTS)
    parts = [head, _why(scored, named), "## What the controls say\n", *_controls(scored), ""]
    parts += [_sure(scored), "## By table\n", _means(scored), ""]
    for who in ("new", "known"):
        parts += [f"## By predictor, {who} patients\n", _by_predictor(scored, who), ""]
    return "\n".join([*parts, READ])


def _why(scored: pd.DataFrame, named: float) -> str:
    means = scored.groupby("table")[["known", "new"]].mean()
    forest = scored[scored.predictor == "random_forest"].groupby("table")[["known", "new"]].mean()
    alone, real = forest.loc[f"all but {SCORE} shuffled"], forest.loc[REAL]
    return WHY.format(
        named=named,
        score=SCORE,
        alone=alone.new,
        real=real.new,
        alone_known=alone.known,
        real_known=real.known,
        without=forest.new[f"{SCORE} constant"],
        marginal=forest.new["rows of marginal"],
        constant=means.new[NAMELESS],
        copula=means.new["rows of gaussian_copula"],
    )


def _sure(scored: pd.DataFrame) -> str:
    real = scored[scored.table == REAL].groupby("split").new.mean()
    others = [table for table in scored.table.unique() if table != REAL]
    verdicts = [_against_real(scored, table, "new").verdict("min") for table in others]
    return SURE.format(
        least=real.min(),
        most=real.max(),
        splits=len(real),
        unsure=sum(verdict == Verdict.UNKNOWN for verdict in verdicts),
        all=len(others),
        constant=_words(scored, NAMELESS, "known"),
        copula=_words(scored, "rows of gaussian_copula", "known"),
    )


def _controls(scored: pd.DataFrame) -> list[str]:
    """A sentence for each idea, with the difference from the real rows."""
    smallest, largest = NOISE[0], max(size for size in NOISE if size <= 0.2)
    noise = [_words(scored, f"real rows, features with noise of {size:g} sd")
             for size in (smallest, largest)]  # fmt: skip
    tuned = [_words(scored, table) for table in TUNED.values()]
    made = [f"{name}: {_words(scored, f'rows of {name}')}" for name in GENERATORS]
    return [
        f"- **Do synthetic rows win by blurring?** Features with noise of {smallest:g} sd: "
        f"{noise[0]}; of {largest:g} sd: {noise[1]}.",
        "- **Are the predictors regularised too little?** Tuned on held-out recordings: "
        f"{tuned[0]}; on held-out patients: {tuned[1]}; were the best variant for the new "
        f"patients known: {tuned[2]}.",
        "- **Is it what identifies the patient?** Age and sex constant: "
        f"{_words(scored, 'age and sex constant')}; the time in the trial too: "
        f"{_words(scored, NAMELESS)}; the voice instead: "
        f"{_words(scored, 'voice constant')}.",
        f"- **Which generators win?** {'; '.join(made)}.",
    ]


def _words(scored: pd.DataFrame, table: str, patients: str = "new") -> str:
    found = _against_real(scored, table, patients)
    return f"{found.mean:+.2f} ({found.low:+.2f} to {found.high:+.2f}), {found.verdict('min')}"


def _against_real(scored: pd.DataFrame, table: str, patients: str) -> Resampled:
    """The difference of the predictors' mean from that on real rows, over splits."""
    means = scored.groupby(["table", "split"])[patients].mean().unstack("split")
    values = [np.array([value]) for value in means.loc[table] - means.loc[REAL]]
    learnt = scored.patients.iloc[0]
    share = (PATIENTS - learnt) / learnt if patients == "new" else KNOWN / (1 - KNOWN)
    return resampled_difference(values, share, ROPE * float(means.loc[REAL].mean()))


def _means(scored: pd.DataFrame) -> str:
    means = scored.groupby("table", sort=False)[["known", "new"]].mean()
    by_split = scored.groupby(["table", "split"]).new.mean().unstack("split")
    lines = []
    for table, mean in means.iterrows():
        below = int((by_split.loc[table] < by_split.loc[REAL]).sum())
        words = "" if table == REAL else _words(scored, str(table))
        lines.append([str(table), f"{mean.known:.2f}", f"{mean.new:.2f}", words,
                      "" if table == REAL else f"{below} of {by_split.shape[1]}"])  # fmt: skip
    differs = "new patients, less real rows (95 % interval over splits)"
    head = ["learnt from", "known patients", "new patients", differs, "splits below real"]
    return _table(head, lines)


def _by_predictor(scored: pd.DataFrame, patients: str) -> str:
    wide = scored.pivot_table(
        index="table", columns="predictor", values=patients, sort=False, aggfunc="mean"
    )
    lines = [[str(table), *(f"{value:.2f}" for value in row)] for table, row in wide.iterrows()]
    return _table(["learnt from", *map(str, wide.columns)], lines)


def _table(head: list[str], lines: list[list[str]]) -> str:
    body = [head, ["---"] + ["---:"] * (len(head) - 1), *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in body)
