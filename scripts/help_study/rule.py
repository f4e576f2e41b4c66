"""Which way a rule would have chosen: fitted on the tables to tune on, judged on the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

from help_study.measured import (
    CONTROL,
    DEFAULT,
    NEARLY_ALL,
    PERCENT,
    Interval,
    differences,
    family,
    over_tables,
)
from help_study.numbers import CLASSES, NUMBERS, interval, kind_of
from tabsculpt.generators.auto.order import ORDER

NONE = "real rows alone"
LOGS = ("rows", "features", "imbalance")
"""Facts that are taken as logarithms."""
FACTS = (*LOGS, "numeric")
DEPTHS = (0, 1, 2)
LEAF = 8
"""Fewest tables in a leaf."""
CUT = 10.0
"""Gains are cut at so many % on both sides when a rule is fitted: one table does not decide."""


@dataclass(frozen=True, eq=False)
class Gains:
    """What each way gained on some tables.

    Attributes:
        facts: of the tables, a row for each, with the columns of `FACTS` and ``part``.
        gains: of real rows alone (all 0) and each way with synthetic rows added, in % of the real
            rows' score, shape (tables, ways).
    """

    facts: pd.DataFrame
    gains: pd.DataFrame

    def of(self, keep: pd.Series) -> Gains:
        """Those of some tables."""
        return Gains(self.facts[keep], self.gains[keep])

    @property
    def families(self) -> pd.Series:
        """What tables cut from the same data share."""
        return pd.Series(self.gains.index.map(family), index=self.gains.index)


Policy = Callable[[pd.DataFrame], list[str]]
"""The way that is chosen for each table by its facts."""


def gains_of(rows: pd.DataFrame, facts: pd.DataFrame, kind: str) -> Gains:
    """The gains of every way that `NEARLY_ALL` tables of a kind have."""
    found = differences(rows)
    mine = found[(kind_of(found.task) == kind) & (found.protocol == "augmentation")]
    mine = mine[mine.arm.str.split().str[0].isin(["traditional", "upsample"])]
    wide = mine.pivot(index="table", columns="arm", values="gain")
    wide = wide.loc[:, wide.notna().mean() >= NEARLY_ALL].dropna()
    wide.insert(0, NONE, 0.0)
    known = facts.set_index("table").loc[wide.index]
    return Gains(known, wide)


def fitted(known: Gains, depth: int) -> Policy:
    """The way with the best mean gain in the leaf of a tree; depth 0 is the same for all."""
    clipped = known.gains.clip(-CUT, CUT)
    if not depth:
        best = str(clipped.mean().idxmax())
        return lambda facts: [best] * len(facts)
    tree = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=LEAF, random_state=0)
    tree.fit(_matrix(known.facts), clipped)
    names = list(known.gains.columns)
    return lambda facts: [names[place] for place in tree.predict(_matrix(facts)).argmax(axis=1)]


def asked(known: Gains, depth: int) -> str:
    """What the tree of a depth asks first, and which ways it chooses on each side."""
    tree = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=LEAF, random_state=0)
    inner = tree.fit(_matrix(known.facts), known.gains.clip(-CUT, CUT)).tree_
    if inner.feature[0] < 0:
        return ""
    place, cut = int(inner.feature[0]), float(inner.threshold[0])
    name, cut = FACTS[place], np.exp(cut) if place < len(LOGS) else cut
    values = known.facts[name].fillna(1.0)
    chosen = pd.Series(fitted(known, depth)(known.facts), index=known.facts.index)
    below, above = (
        ", ".join(f"`{way}`" for way in sorted(set(chosen[side])))
        for side in (values <= cut, values > cut)
    )
    return f"It asks first for `{name}`: up to {cut:.3g} it takes {below}, above {above}. "


def _matrix(facts: pd.DataFrame) -> np.ndarray:
    numbers = facts[list(FACTS)].fillna(1.0)
    return numbers.assign(**{name: np.log(numbers[name]) for name in LOGS}).to_numpy()


def regrets(known: Gains, chosen: Sequence[str]) -> pd.Series:
    """How much more than the way that was chosen the best one gained on each table."""
    clipped = known.gains.clip(-CUT, CUT)
    got = [clipped.loc[table, way] for table, way in zip(clipped.index, chosen, strict=True)]
    return clipped.max(axis=1) - np.array(got)


def depth_of(known: Gains) -> tuple[int, dict[int, float]]:
    """The least depth whose regret is within a standard error of the best, families left out.

    Returns:
        The depth, and the mean regret of each.
    """
    found: dict[int, pd.Series] = {}
    for depth in DEPTHS:
        parts = []
        for name in known.families.unique():
            out = known.families == name
            policy = fitted(known.of(~out), depth)
            parts.append(regrets(known.of(out), policy(known.facts[out])))
        found[depth] = pd.concat(parts)
    means = {depth: float(values.mean()) for depth, values in found.items()}
    best = min(means, key=means.__getitem__)
    reach = means[best] + float(found[best].std() / np.sqrt(len(found[best])))
    return next(depth for depth in DEPTHS if means[depth] <= reach), means


def order_of(known: Gains) -> list[str]:
    """The ways with synthetic rows by their mean gain, the best first."""
    means = known.gains.drop(columns=NONE).clip(-CUT, CUT).mean()
    return [str(name) for name in means.sort_values(ascending=False).index]


def section(rows: pd.DataFrame, facts: pd.DataFrame) -> str:
    """The part of the page on the rule."""
    lines = [HEAD]
    for kind in (CLASSES, NUMBERS):
        known = gains_of(rows, facts, kind)
        tune, judge = (known.of(known.facts.part == part) for part in ("tune", "judge"))
        depth, means = depth_of(tune)
        shown = ", ".join(f"{mean:.2f} % at depth {d}" for d, mean in means.items())
        lines.append(
            f"\n**{kind.capitalize()} to predict.** Fitted on {len(tune.gains)} tables: mean "
            f"regret {shown}, so the depth is {depth}. {asked(tune, depth) if depth else ''}"
            f"Order by mean gain: "
            f"{', '.join(f'`{way}`' for way in order_of(tune))}. On {len(judge.gains)} tables to "
            f"judge on:\n\n{_judged(tune, judge, depth)}"
        )
    return "\n".join(lines) + "\n"


HEAD = """\
## Can a rule tell beforehand?

A tree by rows, columns, imbalance and share of numbers (depth 0, the same way for every table, to
2), fitted on the tables whose name begins with a to m and judged on the others. The depth is the
least whose regret, families of tables left out in turn, is within a standard error of the best.
*Rank* is that of the way chosen among all and real rows alone, 1 being best; *regret* how much
more the best of them gained, in %, which no rule can bring to 0, since the best of several is
picked with its luck; *helps* the share of tables on which synthetic rows are chosen, *wrong* the
share on which these were worse than real rows alone, and by more than 1 %. Gains are cut at 10 %
on both sides.

The tool keeps the order by mean gain on the tables to tune on
(`tabsculpt.generators.auto.order`), the same for every table of a kind: `advise` tries the ways
in this order, and `generator=auto` chooses by held-out rows among the first two generators of it
that it can choose and `forest_flow`. Neither says beforehand that synthetic rows help: *wrong* is
how often each policy below would be, and `advise` measures it on each table. The tables to judge on
were looked at when 85, 114 and all of them had run, and again when `ddpm` had, not once."""


def _judged(tune: Gains, judge: Gains, depth: int) -> str:
    kind = CLASSES if "upsample smote" in tune.gains else NUMBERS
    first = " ".join(reversed(ORDER[kind][0]))
    ways = {
        f"traditional {CONTROL}": "copies",
        f"traditional {DEFAULT}": "the default",
        first: "the first of the order",
    }
    always = {
        f"always `{way}`, {why}": [way] * len(judge.gains) for way, why in reversed(ways.items())
    }
    policies: dict[str, list[str]] = {
        f"the rule (depth {depth})": fitted(tune, depth)(judge.facts),
        **({} if depth == 2 else {"a tree of depth 2": fitted(tune, 2)(judge.facts)}),
        **always,
        "never synthetic rows": [NONE] * len(judge.gains),
    }
    lines = [
        "| policy | rank | regret | helps | wrong | by more than 1 % |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {name} | {_scores(judge, ways)} |" for name, ways in policies.items()]
    return "\n".join(lines)


def _scores(judge: Gains, chosen: list[str]) -> str:
    tables = pd.Series(judge.gains.index)
    ranks = judge.gains.rank(axis=1, ascending=False)
    rank = pd.Series([ranks.loc[t, way] for t, way in zip(judge.gains.index, chosen, strict=True)])
    gain = pd.Series(
        [judge.gains.loc[t, way] for t, way in zip(judge.gains.index, chosen, strict=True)]
    )
    made = pd.Series(chosen) != NONE
    shares = [made, made & (gain < 0), made & (gain < -PERCENT)]
    return " | ".join(
        [
            _plain(over_tables(rank, tables, np.mean)),
            _plain(over_tables(regrets(judge, chosen), tables, np.mean)),
            *(interval(over_tables(s.astype(float), tables, np.mean), sign=False, scale=100)
              for s in shares),
        ]
    )  # fmt: skip


def _plain(found: Interval) -> str:
    return f"{found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f})"
