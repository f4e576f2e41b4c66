"""The page of the documentation that shows what the study found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from help_study.claims import against_weights, claims
from help_study.findings import findings
from help_study.measured import (
    PERCENT,
    PREDICTORS,
    differences,
    mean_of_generators,
    median,
    share,
)
from help_study.numbers import CLASSES, LEAST, NUMBERS, in_order, interval, kind_of
from help_study.words import HEAD, LIMITS

LIBRARIES = ("tabsculpt", "numpy", "pandas", "scikit-learn", "lightgbm")
BY_KIND = ((CLASSES, "traditional"), (CLASSES, "upsample"), (NUMBERS, "traditional"))


def page(rows: pd.DataFrame, facts: pd.DataFrame, run: Mapping[str, Any], rule: str) -> str:
    """The page, from the rows that are kept.

    Args:
        rows: of the study.
        facts: what is known of each table.
        run: commit and number of tables planned.
        rule: the section on the rule that the tool uses.
    """
    found = differences(rows)
    parts = [
        _head(rows, facts, run),
        "## What came out\n",
        findings(rows, found, facts),
        "![Gain of each way of training over the real rows as they are](when-it-helps.svg)\n",
        _ways(found),
        _other_metric(rows),
        _failed(rows),
        _by_facts(found, facts, rows),
        _by_predictor(rows),
        against_weights(rows, facts),
        claims(rows),
        rule,
        LIMITS,
        _versions(rows, run),
    ]
    return "\n".join(parts)


def _head(rows: pd.DataFrame, facts: pd.DataFrame, run: Mapping[str, Any]) -> str:
    tables = rows.dataset.nunique()
    known = facts[facts.table.isin(rows.dataset)]
    of_r = known.table.str.contains("/") & ~known.table.str.contains("balanced/")
    segments = rows[(rows.pipeline == "profile2gen")].dataset.nunique()
    return HEAD.format(
        tables=tables,
        planned=run["planned"],
        keel=int((~of_r).sum()),
        imbalanced=int((known.group == "imbalanced").sum()),
        others=int(of_r.sum()),
        segments=segments,
        jobs=f"{rows.job.nunique():,}",
        rope=f"{PERCENT:g}",
    )


def _ways(found: pd.DataFrame) -> str:
    lines = ["## Each way against the real rows as they are\n", WAYS]
    for kind, score in ((CLASSES, "area under the ROC curve"), (NUMBERS, "RMSE")):
        mine = found[kind_of(found.task) == kind]
        lines.append(f"\nTables with {kind} to predict, by {score}:\n\n{_table(mine)}")
    return "\n".join(lines) + "\n"


WAYS = """\
*Better*, *equal* and *worse* are shares of tables by the mean of the three repeats, beyond or
within 1 % of the real rows' score; *sure* is how many tables the tool's own verdict calls better
/ practically equal / worse by itself, with three repeats: on all others it cannot tell. Medians
and shares have 95 % intervals over tables, of which whole families (all cuts of *ecoli*, say) are
drawn anew."""


def _failed(rows: pd.DataFrame) -> str:
    """How many jobs failed, by way, and why; their repeats are in no mean."""
    failed = rows[rows.status == "failed"]
    names = ["pipeline", "generator", "protocol"]
    lines = [
        "## What failed\n",
        f"{failed.job.nunique()} of {rows.job.nunique():,} jobs left no score. Their repeats are "
        "in no mean above: a table is there by the repeats that are left, or not at all, which "
        "favours a way that fails. Since then rows of one class are scored as the model that they "
        "make, which predicts that class for all.\n",
        "| way | rows trained on | failed jobs | of | tables | why |",
        "|---|---|---:|---:|---:|---|",
    ]
    every = rows.groupby(names).job.nunique()
    for way, mine in failed.groupby(names):
        why = mine.reason.str.replace(r"\d+ ", "", regex=True).unique()
        made = "synthetic" if way[2] == "tstr" else "real and synthetic"
        lines.append(
            f"| {way[0]} {way[1]} | {made} | {mine.job.nunique()} | {every[way]} | "
            f"{mine.dataset.nunique()} | {'; '.join(why)} |"
        )
    return "\n".join(lines) + "\n"


def _table(found: pd.DataFrame) -> str:
    lines = [
        "| rows trained on | way | tables | better | equal | worse | median gain | sure |",
        "|---|---|---:|---|---|---|---|---|",
    ]
    for (protocol, arm), mine in in_order(found):
        if len(mine) < LEAST:
            continue
        shares = [
            interval(share(side, mine.table), sign=False, scale=100)
            for side in (
                mine.gain > PERCENT,
                mine.gain.abs() <= PERCENT,
                mine.gain < -PERCENT,
            )
        ]
        sure = " / ".join(
            str(int((mine.verdict == verdict).sum()))
            for verdict in ("better", "practically equal", "worse")
        )
        rows = {"augmentation": "real and synthetic", "tstr": "synthetic", "trtr": "real"}
        lines.append(
            f"| {rows[protocol]} | {arm} | {len(mine)} | {' | '.join(shares)} | "
            f"{interval(median(mine.gain, mine.table))} | {sure} |"
        )
    return "\n".join(lines)


def _other_metric(rows: pd.DataFrame) -> str:
    found = differences(rows, metric="macro_f1")
    found = found[found.protocol != "tstr"]
    return (
        "The same tables with classes by macro F1, which sees the predicted class and so what "
        f"weights and thresholds change:\n\n{_table(found)}\n"
    )


def _by_facts(found: pd.DataFrame, facts: pd.DataFrame, rows: pd.DataFrame) -> str:
    known = facts.merge(_skill(rows), on="table")
    known["r2"] = 1 - (known.rmse / known.spread) ** 2
    lines = [
        "## On which tables\n",
        "Median gain over tables of `traditional` and, where there are classes, `upsample`, each "
        "the mean over its generators without the control, added to the real rows. *Skill* is "
        "what the real rows alone reach: AUC, or 1 - (RMSE / standard deviation of the target)².\n",
        "| tables | | traditional: tables | median gain | upsample: tables | median gain |",
        "|---|---|---:|---|---:|---|",
    ]
    added = found[found.protocol == "augmentation"]
    both = {
        pipeline: mean_of_generators(added, pipeline).merge(known, on="table")
        for pipeline in ("traditional", "upsample")
    }
    for name, parts in PARTS.items():
        for low, high in parts:
            cells = []
            for mine in both.values():
                part = mine[(mine[name] >= low) & (mine[name] < high)]
                cells.append(str(len(part)))
                enough = len(part) >= LEAST
                cells.append(interval(median(part.gain, part.table)) if enough else "")
            lines.append(f"| {NAMES[name]} | {_range(low, high)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


INF = float("inf")
PARTS: dict[str, tuple[tuple[float, float], ...]] = {
    "rows": ((60, 150), (150, 300), (300, 600), (600, INF)),
    "features": ((2, 6), (6, 10), (10, INF)),
    "imbalance": ((1, 1.5), (1.5, 5), (5, 15), (15, INF)),
    "numeric": ((0, 0.5), (0.5, 1), (1, INF)),
    "auc": ((0, 0.7), (0.7, 0.9), (0.9, INF)),
    "r2": ((-INF, 0.2), (0.2, 0.7), (0.7, INF)),
}
NAMES = {
    "rows": "rows", "features": "columns beside the target", "imbalance": "rows of the largest "
    "class for each of the smallest", "numeric": "share of columns that are numbers",
    "auc": "skill, classes", "r2": "skill, numbers",
}  # fmt: skip


def _range(low: float, high: float) -> str:
    if low == -INF:
        return f"below {high:g}"
    return f"{low:g} or more" if high == INF else f"{low:g} to below {high:g}"


def _skill(rows: pd.DataFrame) -> pd.DataFrame:
    """What the real rows alone reach on each table, the mean over predictors and repeats."""
    real = rows[rows.pipeline == "real"]
    means = real[real.metric.isin(["auc_roc", "rmse"])].groupby(["dataset", "metric"]).value.mean()
    wide = means.unstack().reindex(columns=["auc_roc", "rmse"]).reset_index()
    return wide.rename(columns={"dataset": "table", "auc_roc": "auc"})


def _by_predictor(rows: pd.DataFrame) -> str:
    lines = [
        "## Trees against linear models\n",
        "Median gain of each kind of predictor by itself, means over the generators without the "
        "control, added to the real rows.\n",
        "| predictor | classes: traditional | classes: upsample | numbers: traditional |",
        "|---|---|---|---|",
    ]
    for name, members in PREDICTORS.items():
        found = differences(rows[rows.predictor.isin(members)])
        added = found[found.protocol == "augmentation"]
        cells = []
        for kind, pipeline in BY_KIND:
            mine = mean_of_generators(added[kind_of(added.task) == kind], pipeline)
            cells.append(interval(median(mine.gain, mine.table)) if len(mine) >= LEAST else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _versions(rows: pd.DataFrame, run: Mapping[str, Any]) -> str:
    found = json.loads(rows.versions.iloc[-1])
    named = ", ".join(f"{name} {found[name]}" for name in LIBRARIES if name in found)
    return f"Rows of commit {', '.join(run['commits'])}; versions: {named}\n"
