"""What the study found, in sentences with their figures."""

from __future__ import annotations

import pandas as pd

from help_study.measured import (
    CONTROL,
    DEFAULT,
    PERCENT,
    PREDICTORS,
    UPSAMPLED,
    Interval,
    differences,
    mean_of_generators,
    median,
    share,
)
from help_study.numbers import CLASSES, LEAST, NUMBERS, interval, kind_of

RARE = 5.0
"""Rows of the largest class for each of the smallest, from which a sentence calls a table rare."""


def findings(rows: pd.DataFrame, found: pd.DataFrame, facts: pd.DataFrame) -> str:
    """The sentences, numbered."""
    parts = (
        _added(found),
        _rare(found, facts),
        _weights(rows, facts),
        _predictors(rows),
        _claims(rows),
    )
    return "\n".join(f"{number}. {part}\n" for number, part in enumerate(parts, 1)) + "\n"


def word(found: Interval) -> str:
    """What an interval over tables says of a median gain, in plain words."""
    _, low, high = found
    if max(-low, high) <= PERCENT:
        return "changes nothing that matters"
    if low > 0:
        return "helps" if low > PERCENT else "helps somewhat"
    if high < 0:
        return "hurts" if high < -PERCENT else "hurts somewhat"
    return "cannot be told"


def phrase(mine: pd.DataFrame) -> str:
    """A median with its interval, and on which shares of tables it is better and worse."""
    if len(mine) < LEAST:
        return f"too few tables yet ({len(mine)})"
    middle = median(mine.gain, mine.table)
    return (
        f"**{word(middle)}**, {interval(middle)} in the median of {len(mine)} tables, "
        f"{_shares(mine)}"
    )


def _shares(mine: pd.DataFrame) -> str:
    better, worse = (
        interval(share(side, mine.table), sign=False, scale=100)
        for side in (mine.gain > PERCENT, mine.gain < -PERCENT)
    )
    return f"better by more than {PERCENT:g} % on {better}, worse on {worse}"


def _added(found: pd.DataFrame) -> str:
    added = found[found.protocol == "augmentation"]
    lines = []
    for kind, score in ((CLASSES, "AUC"), (NUMBERS, "RMSE")):
        of_kind = added[kind_of(added.task) == kind]
        mine = mean_of_generators(of_kind, "traditional")
        lines.append(f"{kind} to predict, by {score}, mean over generators: {phrase(mine)}")
        mine = of_kind[of_kind.arm == f"traditional {DEFAULT}"]
        lines.append(f"the same by the default, `{DEFAULT}`: {phrase(mine)}")
    for name, what in ((DEFAULT, "the default"), (CONTROL, "copies of real rows")):
        mine = added[added.arm == f"traditional {name}"]
        lines.append(
            f"whatever is predicted, `{name}`, {what}: {_shares(mine)} of {len(mine)} tables"
        )
    return _listed("As many synthetic rows as real ones, added to these", lines)


def _rare(found: pd.DataFrame, facts: pd.DataFrame) -> str:
    known = found[found.protocol == "augmentation"].merge(facts[["table", "imbalance"]], on="table")
    lines = []
    for arm in UPSAMPLED:
        mine = known[(known.arm == arm) & (known.imbalance >= RARE)]
        lines.append(f"`{arm}`: {phrase(mine)}")
    return _listed(
        f"Rare classes made up to the largest (which has {RARE:g} times the rows or more), by AUC",
        lines,
    )


def _weights(rows: pd.DataFrame, facts: pd.DataFrame) -> str:
    lines = []
    for metric, name in (("auc_roc", "AUC"), ("macro_f1", "macro F1"), ("brier", "Brier score")):
        found = differences(rows, "weighted", metric).merge(facts[["table", "imbalance"]])
        found = found[(found.protocol == "augmentation") & (found.imbalance >= RARE)]
        parts = [
            f"`{arm}` {_middle(mine)}"
            for arm in UPSAMPLED
            if len(mine := found[found.arm == arm]) >= LEAST
        ]
        lines.append(f"by {name}: {', '.join(parts)}")
    return _listed("The same against class weights (`pipeline=weighted`), medians", lines)


def _predictors(rows: pd.DataFrame) -> str:
    lines = []
    for name, members in PREDICTORS.items():
        found = differences(rows[rows.predictor.isin(members)])
        added = found[found.protocol == "augmentation"]
        parts = []
        for kind in (CLASSES, NUMBERS):
            mine = mean_of_generators(added[kind_of(added.task) == kind], "traditional")
            parts.append(f"{kind} to predict {_middle(mine)}")
        lines.append(f"{name}: {', '.join(parts)}")
    return _listed("By kind of predictor, rows added, mean over generators, medians", lines)


def _claims(rows: pd.DataFrame) -> str:
    lines = []
    for first, second, protocol in (
        ("profile2gen arf", "traditional arf", "tstr"),
        ("profile2gen arf", "traditional arf", "augmentation"),
        ("profile2gen arf", "random_drop arf", "tstr"),
    ):
        found = differences(rows, against=second)
        mine = found[(found.arm == first) & (found.protocol == protocol)]
        trained = "synthetic rows alone" if protocol == "tstr" else "real and synthetic rows"
        lines.append(f"`{first}` against `{second}` on {trained}: {phrase(mine)}")
    return _listed("What Profile2Gen and random dropping add, by AUC or RMSE", lines)


def _middle(mine: pd.DataFrame) -> str:
    if len(mine) < LEAST:
        return f"too few tables yet ({len(mine)})"
    middle = median(mine.gain, mine.table)
    return f"**{word(middle)}**, {interval(middle)}"


def _listed(title: str, lines: list[str]) -> str:
    return f"**{title}:**\n" + "\n".join(f"    - {line}" for line in lines)
