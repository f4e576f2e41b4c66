"""A graph of columns without cycles, found by hill climbing."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import combinations

import numpy as np
import numpy.typing as npt

from tabsculpt.generators.bayesian_network.structure import Parents, Scorer, mutual_information
from tabsculpt.table import FloatArray, IntArray

MOST_PAIRS = 20_000
"""Pairs of parents are looked at where all columns together have no more of them: up to 35 columns.

Each costs as much as any score of a column, about 0.1 ms on 400 rows.
"""

ALL_COLUMNS = 64
"""Up to so many columns, each may depend on each."""

CANDIDATES = 30
"""With more columns, each may depend on so many others: those that say most about it."""

_GAIN = 1e-9
"""A step of the search raises the score by more than this, or is none."""

BoolArray = npt.NDArray[np.bool_]
Step = tuple[float, int, int, str]
"""What an edge more, less or turned round gains, its parent, its child, and which it is."""


def climb(scorer: Scorer, most: int) -> Parents:
    """The graph without cycles whose score no single edge more, less or turned round raises.

    Nor two more edges into one column at once: of two columns that say something about a third
    together and nothing alone, as in an exclusive or, neither edge raises the score by itself.
    With more than 64 columns each may depend on the 30 that share most information with it, as in
    the first round of the sparse candidate algorithm.

    Sources: D. Koller, N. Friedman, "Probabilistic graphical models", 2009, section 18.4.3;
    N. Friedman, I. Nachman, D. Pe'er, "Learning Bayesian network structure from massive datasets:
    the sparse candidate algorithm", 1999, https://arxiv.org/abs/1301.6696

    Args:
        scorer: of the columns.
        most: parents of a column.
    """
    search = _Search(scorer, most, candidates(scorer))
    while search.step():
        pass
    return [
        tuple(sorted(mine, key=lambda parent: (-scorer(child, {parent}), parent)))
        for child, mine in enumerate(search.parents)
    ]


def candidates(scorer: Scorer) -> IntArray:
    """The columns, ascending, that each column may depend on, shape (d, k)."""
    d = len(scorer.sizes)
    if d <= ALL_COLUMNS:
        every = np.tile(np.arange(d), (d, 1))
        return every[~np.eye(d, dtype=bool)].reshape(d, d - 1)
    shared = mutual_information(scorer.codes, scorer.sizes)
    np.fill_diagonal(shared, -1)
    return np.sort(np.argsort(-shared, axis=1, kind="stable")[:, :CANDIDATES], axis=1)


def in_order(parents: Parents) -> list[int]:
    """The columns, each after its parents."""
    led = _led([set(one) for one in parents])
    return [int(column) for column in np.argsort(led.sum(axis=1), kind="stable")]


@dataclass
class _Search:
    """A graph, and what each step would gain; only what a step changes is scored again.

    Attributes:
        scorer, most: see `climb`.
        others: see `candidates`.
        parents: of each column.
        gains: of one more parent among the candidates, shape (d, k); minus infinity where the edge
            is there, or the column has as many parents as it may.
        changes: of each edge, by parent and child, what leaving it out gains, and what its way back
            then would; None where there is none, as the parent has as many as it may.
        led: whether a path leads to a column from another, shape (d, d).
    """

    scorer: Scorer
    most: int
    others: IntArray
    parents: list[set[int]] = field(init=False)
    gains: FloatArray = field(init=False)
    changes: dict[tuple[int, int], tuple[float, float | None]] = field(default_factory=dict)
    led: BoolArray = field(init=False)

    def __post_init__(self) -> None:
        d = len(self.others)
        self.parents = [set() for _ in range(d)]
        self.gains = np.full(self.others.shape, -np.inf)
        self.led = np.zeros((d, d), dtype=bool)
        for child in range(d):
            self._score(child)

    def step(self) -> bool:
        """Take the best step; false where none raises the score."""
        gain, parent, child, kind = max(self._add(), self._change())
        if gain <= _GAIN:
            return self._add_pair()
        if kind == "add":
            self.parents[child].add(parent)
        else:
            self.parents[child].remove(parent)
            del self.changes[parent, child]
        if kind == "turn":
            self.parents[parent].add(child)
        self._follow(child, parent)
        return True

    def _follow(self, *changed: int) -> None:
        """Bring what is kept up to date after the parents of some columns changed."""
        self.led = _led(self.parents)
        for column in changed:
            self._score(column)
        touched = [pair for pair in self.changes if not set(changed).isdisjoint(pair)]
        for pair in {*touched, *((p, c) for c in changed for p in self.parents[c])}:
            self.changes[pair] = self._gains_of(*pair)

    def _score(self, child: int) -> None:
        """Score what one more parent of a column gains."""
        mine = self.parents[child]
        self.gains[child] = -np.inf
        if len(mine) >= self.most:
            return
        now = self.scorer(child, mine)
        for place, parent in enumerate(self.others[child].tolist()):
            if parent not in mine:
                self.gains[child, place] = self.scorer(child, mine | {parent}) - now

    def _gains_of(self, parent: int, child: int) -> tuple[float, float | None]:
        """See ``changes``."""
        scorer, mine, others = self.scorer, self.parents[child], self.parents[parent]
        drop = scorer(child, mine - {parent}) - scorer(child, mine)
        if len(others) >= self.most:
            return drop, None
        return drop, scorer(parent, others | {child}) - scorer(parent, others)

    def _add(self) -> Step:
        """The best edge more that closes no circle; of several, the last parent's last."""
        closes = self.led[self.others, np.arange(len(self.others))[:, None]]
        free = np.where(closes, -np.inf, self.gains)
        best = free.max(initial=-np.inf)
        ways = [(int(self.others[at]), at[0]) for at in map(tuple, np.argwhere(free == best))]
        parent, child = max(ways, default=(0, 0))
        return float(best), parent, int(child), "add"

    def _change(self) -> Step:
        """The best of leaving an edge out or turning it round."""
        best: Step = (0.0, 0, 0, "")
        for (parent, child), (drop, back) in self.changes.items():
            if drop + max(back or 0.0, 0.0) < best[0]:
                continue
            circle = any(self.led[other, parent] for other in self.parents[child] - {parent})
            turns = back is not None and back > 0 and not circle
            gain = drop + back if turns and back is not None else drop
            best = max(best, (gain, parent, child, "turn" if turns else "drop"))
        return best

    def _add_pair(self) -> bool:
        """Give the column whose score two more parents raise most these; false where none do."""
        d = len(self.parents)
        if d * (d - 1) * (d - 2) // 2 > MOST_PAIRS:
            return False
        best, chosen = _GAIN, (0, set[int]())
        for child, mine in enumerate(self.parents):
            if len(mine) + 2 > self.most:
                continue
            free = [p for p in range(d) if p != child and p not in mine and not self.led[p, child]]
            for pair in combinations(free, 2):
                gain = self.scorer(child, mine | set(pair)) - self.scorer(child, mine)
                if gain > best:
                    best, chosen = gain, (child, set(pair))
        child, pair_of = chosen
        if pair_of:
            self.parents[child] |= pair_of
            self._follow(child)
        return bool(pair_of)


def _led(parents: list[set[int]]) -> BoolArray:
    """Whether a path leads to a column, by row, from another, shape (d, d)."""
    led = np.zeros((len(parents), len(parents)), dtype=bool)
    for child in TopologicalSorter(dict(enumerate(parents))).static_order():
        mine = list(parents[child])
        if mine:
            led[child] = led[mine].any(axis=0)
            led[child, mine] = True
    return led
