"""The page of the documentation that shows the study's verdicts."""

from __future__ import annotations

import json
import math

import pandas as pd

from small_study.kept import design, whole
from small_study.measured import answers, probabilities, verdicts, worth
from tabsculpt.analysis.columns import RIVALS
from tabsculpt.analysis.estimates import ROPE, Verdict

ORDER = (Verdict.BETTER, Verdict.EQUAL, Verdict.WORSE, Verdict.UNKNOWN)
LIBRARIES = ("tabsculpt", "numpy", "pandas", "scikit-learn", "lightgbm", "torch")
HEAD = """\
# Do synthetic rows help small tables?

The design of a study of small health tables (Huet-Dastarac et al., "An Evaluation of Pretrained
Generative Models for Augmenting Small Health Data", JMIR 2026, e88678) in small: {tables} tables,
{sizes} rows to train on and all others to test on, {splits} nested draws, {generators}
at their defaults, a linear model, a random forest and LightGBM, and every way to do without
synthetic rows. This page is written by

    TABSCULPT_DATA=... python scripts/small_samples.py --outputs FOLDER --page

from the rows in `scripts/results/small_samples`. {run}

A gain is the difference in the metric that the task is judged by, in % of the real rows' score,
above 0 where it is better, with its 95 % interval over draws. Practically equal is within
± {rope:g} %. The best of several is judged as the best of several. `traditional` adds as many
synthetic rows as there are real ones, `upsample` makes rare classes up to the most frequent one.
"""


def page(rows: pd.DataFrame) -> str:
    """The page, from the rows that are kept."""
    rows = whole(rows)
    found, each, probable = answers(rows), verdicts(rows), probabilities(rows)
    parts = [_head(rows), "## What came out\n", *_findings(found, each, probable), _best(found)]
    parts += [_counts(each), _by_generator(each), _probabilities(probable), _worth(worth(rows))]
    return "\n".join([*parts, _versions(rows)])


def _head(rows: pd.DataFrame) -> str:
    crossed = design()
    done = rows[rows.status == "ok"].groupby(["dataset", "evaluation", "generator", "pipeline"])
    splits = done.split_seed.nunique()
    complete = int((splits == len(crossed["split.seed"])).sum())
    cells = len(crossed["dataset"]) * len(crossed["split.n_train"])
    with_rows = cells * 2 * len(crossed["generator"]) - sum(
        len(crossed["split.n_train"]) * len(crossed["generator"])
        for task in rows.drop_duplicates("dataset").task
        if task == "regression"
    )
    alone = sum(
        len(crossed["split.n_train"]) * (3 if task == "regression" else 7)
        for task in rows.drop_duplicates("dataset").task
    )
    missing = with_rows + alone - complete
    run = (
        "All of it has run."
        if not missing
        else f"{missing} of its combinations have not run on every draw yet, and are left out."
    )
    return HEAD.format(
        tables=_number(len(crossed["dataset"])), sizes=" and ".join(crossed["split.n_train"]),
        splits=_number(len(crossed["split.seed"])), run=run, rope=100 * ROPE,
        generators=", ".join(f"`{name}`" for name in crossed["generator"]),
    )  # fmt: skip


def _findings(found: pd.DataFrame, each: pd.DataFrame, probable: pd.DataFrame) -> list[str]:
    small, large = sorted(found.rows.unique())[0], sorted(found.rows.unique())[-1]
    phrase = []
    for size in (small, large):
        mine = found[found.rows == size]
        counts = {verdict: _counted(mine.verdict, verdict) for verdict in ORDER}
        shown = ", ".join(f"{verdict} on {count}" for verdict, count in counts.items() if count)
        beat = _counted(mine.against, Verdict.BETTER)
        phrase.append(
            f"at {size} rows the best synthetic rows are, against the real ones, {shown} of "
            f"{len(mine)} tables, and better than the best way to do without them on {beat}"
        )
    made = each[~each.pipeline.isin(RIVALS)].groupby("rows").gain.mean()
    alone = each[each.pipeline.isin(RIVALS)].groupby(["rows", "pipeline"]).gain.mean()
    first = {size: str(alone[size].idxmax()) for size in (small, large)}
    moved = [
        f"{name} of the expected calibration error from {probable.loc['real', (size, 'ece')]:.3f} "
        f"to {probable.loc['upsample', (size, 'ece')]:.3f} at {size} rows"
        for size, name in ((small, "a move"), (large, "one"))
    ]
    f1 = [
        f"{probable.loc['real', (size, 'macro_f1')]:.3f} to "
        f"{probable.loc['upsample', (size, 'macro_f1')]:.3f}"
        for size in (small, large)
    ]
    return [
        f"1. **Do they help?** {phrase[0][0].upper()}{phrase[0][1:]}; {phrase[1]}.",
        f"2. **How much, and what else would?** The mean gain of synthetic rows over tables and "
        f"generators is {made[small]:+.2f} % at {small} rows and {made[large]:+.2f} % at {large}; "
        f"that of the best pipeline without them is {alone[small][first[small]]:+.2f} % "
        f"(`{first[small]}`) and {alone[large][first[large]]:+.2f} % (`{first[large]}`).",
        f"3. **Probabilities.** Making rare classes up comes with {moved[0]} and {moved[1]}, where "
        f"macro F1 goes from {f1[0]} and from {f1[1]}.\n",
    ]


def _best(found: pd.DataFrame) -> str:
    lines = [
        "## The answer for each table\n",
        "| table | rows | metric | real | best synthetic rows | gain | verdict | best without | "
        "gain | verdict | the one against the other |",
        "|---|---:|---|---:|---|---|---|---|---|---|---|",
    ]
    for row in found.itertuples():
        lines.append(
            f"| {row.table} | {row.rows} | {row.metric} | {row.real:.3f} | {row.best} | "
            f"{_gain(row.gain)} | {row.verdict} | {row.rival} | {_gain(row.rival_gain)} | "
            f"{row.rival_verdict} | {row.against} |"
        )
    return "\n".join(lines) + "\n"


def _counts(each: pd.DataFrame) -> str:
    counts = each.groupby(["pipeline", "rows"]).verdict.value_counts().unstack(fill_value=0)
    gains = each.groupby(["pipeline", "rows"]).gain.mean()
    lines = [
        "## Against the real rows as they are, each by itself\n",
        "Over the tables, and the generators where there are some.\n",
        "| pipeline | rows | better | practically equal | worse | not enough data | mean gain |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for (pipeline, size), row in counts.iterrows():
        shown = " | ".join(str(row.get(verdict, 0)) for verdict in ORDER)
        lines.append(f"| {pipeline} | {size} | {shown} | {gains[pipeline, size]:+.2f} % |")
    return "\n".join(lines) + "\n"


def _by_generator(each: pd.DataFrame) -> str:
    made = each[each.generator != ""]
    gains = made.pivot_table(index=["pipeline", "generator"], columns="rows", values="gain")
    count = made.pivot_table(
        index=["pipeline", "generator"], columns="rows", values="gain", aggfunc="count"
    )
    lines = [
        "Mean gain of each generator, with the number of tables:\n",
        f"| pipeline | generator | {' | '.join(f'{size} rows' for size in gains)} |",
        f"|---|---|{'---:|' * len(gains.columns)}",
    ]
    for name in gains.index:
        shown = [f"{gains.loc[name, k]:+.2f} % ({count.loc[name, k]:.0f})" for k in gains]
        lines.append(f"| {name[0]} | {name[1]} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def _probabilities(probable: pd.DataFrame) -> str:
    sizes = sorted({size for size, _ in probable})
    lines = [
        "## Probabilities\n",
        "Of the tables with classes: means over tables, draws, generators and predictors; of the "
        "calibration slope (best at 1) the median.\n",
        "| pipeline | rows | AUC | macro F1 | ECE | slope |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for pipeline in ("real", *(name for name in probable.index if name != "real")):
        for size in sizes:
            row = probable.loc[pipeline, size]
            names = ("auc_roc", "macro_f1", "ece", "calibration_slope")
            lines.append(
                f"| {pipeline} | {size} | {' | '.join(f'{row[name]:.3f}' for name in names)} |"
            )
    return "\n".join(lines) + "\n"


def _worth(table: pd.DataFrame) -> str:
    lines = [
        "## How many real rows are they worth?\n",
        "Real rows alone that score as the real and synthetic rows of a generator do, read off a "
        "curve through both sizes; outside them nothing is read off.\n",
        "| table | generator | pipeline | made from | worth | 95 % interval |",
        "|---|---|---|---:|---:|---|",
    ]
    for row in (
        table[table.pipeline == "traditional"].sort_values(["dataset", "n_train"]).itertuples()
    ):
        worth = row.words if pd.isna(row.equivalent) else f"{row.equivalent:.0f}"
        ends = "" if pd.isna(row.low) else f"{row.low:.0f} to {row.high:.0f}"
        lines.append(
            f"| {row.dataset} | {row.generator} | {row.arm} | {row.n_train} | {worth} | {ends} |"
        )
    return "\n".join(lines) + "\n"


def _versions(rows: pd.DataFrame) -> str:
    found = json.loads(rows.versions.iloc[-1])
    return f"Versions: {', '.join(f'{n} {found[n]}' for n in LIBRARIES if n in found)}\n"


def _gain(gain: tuple[float, float, float]) -> str:
    mean, low, high = gain
    if not math.isfinite(low):
        return f"{mean:+.2f} % (too few draws for an interval)"
    return f"{mean:+.2f} % ({low:+.2f} to {high:+.2f})"


def _counted(verdict: pd.Series, which: Verdict) -> int:
    return int((verdict == which).sum())


def _number(count: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five"}.get(count, str(count))
