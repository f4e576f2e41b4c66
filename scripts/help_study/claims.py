"""What the study says of claims that are often made: class weights, Profile2Gen, SMOTE."""

from __future__ import annotations

import pandas as pd

from help_study.measured import PERCENT, UPSAMPLED, differences, median, share
from help_study.numbers import CLASSES, LEAST, interval, kind_of

PAIRS = (
    ("profile2gen arf", "traditional arf"),
    ("profile2gen arf", "random_drop arf"),
    ("profile2gen bayesian_network", "traditional bayesian_network"),
    ("profile2gen bayesian_network", "random_drop bayesian_network"),
    ("traditional ddpm", "traditional bootstrap"),
    ("traditional ddpm", "traditional smote"),
    ("traditional smote", "traditional arf"),
    ("traditional smote", "traditional cart"),
    ("traditional smote", "traditional bayesian_network"),
    ("upsample ddpm", "upsample smote"),
    ("upsample ddpm", "upsample bootstrap"),
    ("upsample smote", "upsample arf"),
    ("upsample smote", "upsample bootstrap"),
    ("upsample arf", "upsample bootstrap"),
)
"""The first is set against the second."""
BALANCE = ((1, 1.5), (1.5, 5), (5, 15), (15, float("inf")))


def claims(rows: pd.DataFrame) -> str:
    """The pairs of `PAIRS`, over tables."""
    lines = [
        "## What survives of what papers say\n",
        "The first way against the second on the same splits: share of tables on which it is "
        f"better or worse by more than {PERCENT:g} % of the real rows' score, and the median "
        "difference, by AUC or RMSE.\n",
        "| first | second | to predict | rows trained on | tables | better | worse | median |",
        "|---|---|---|---|---:|---|---|---|",
    ]
    for first, second in PAIRS:
        found = differences(rows, against=second)
        found = found[found.arm == first]
        for (kind, protocol), mine in found.groupby([kind_of(found.task), "protocol"]):
            if len(mine) >= LEAST:
                trained = "synthetic" if protocol == "tstr" else "real and synthetic"
                lines.append(f"| {first} | {second} | {kind} | {trained} | {_cells(mine)} |")
    return "\n".join(lines) + "\n"


def against_weights(rows: pd.DataFrame, facts: pd.DataFrame) -> str:
    """Upsampling against class weights, by metric and imbalance."""
    lines = [
        "## Upsampling against class weights\n",
        "Most papers on oversampling leave out the way that needs no rows: weights of the classes "
        "(`pipeline=weighted`). Upsampling less weights, on the predictors that take weights:\n",
        "| metric | largest class for each of the smallest | upsampled by | tables | better | "
        "worse | median |",
        "|---|---|---|---:|---|---|---|",
    ]
    for metric, name in (("auc_roc", "AUC"), ("macro_f1", "macro F1"), ("brier", "Brier score")):
        found = differences(rows, "weighted", metric).merge(facts[["table", "imbalance"]])
        found = found[(found.protocol == "augmentation") & (kind_of(found.task) == CLASSES)]
        for arm in reversed(UPSAMPLED):
            for low, high in BALANCE:
                mine = found[(found.arm == arm) & found.imbalance.between(low, high, "left")]
                if len(mine) >= LEAST:
                    part = f"{low:g} or more" if high == float("inf") else f"{low:g} to {high:g}"
                    made = arm.partition(" ")[2]
                    lines.append(f"| {name} | {part} | {made} | {_cells(mine)} |")
    return "\n".join(lines) + "\n"


def _cells(mine: pd.DataFrame) -> str:
    better, worse = (
        interval(share(side, mine.table), sign=False, scale=100)
        for side in (mine.gain > PERCENT, mine.gain < -PERCENT)
    )
    middle = interval(median(mine.gain, mine.table))
    return f"{len(mine)} | {better} | {worse} | {middle}"
