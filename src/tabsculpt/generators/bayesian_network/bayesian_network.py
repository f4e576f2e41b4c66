"""A Bayesian network over binned columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_arrays, read_json, write_arrays, write_json
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bayesian_network.climbing import climb, in_order
from tabsculpt.generators.bayesian_network.structure import (
    Parents,
    Score,
    Scorer,
    chow_liu,
    combine,
)
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.codes import pick
from tabsculpt.generators.sampling.given import with_given
from tabsculpt.generators.settings import check_positive
from tabsculpt.table import FloatArray, IntArray, Kind, Table, Task

_FILE = "network.json"
_TABLES = "tables.npz"

_DRAWS = 20_000
"""Weighted rows drawn at a time, where values are given."""

_MOST_DRAWS = 50
"""After so many times the rows drawn have to do."""


class Search(StrEnum):
    """How the network's edges are found.

    tree_search: each column depends on one other. hill_climbing: on as many as the score allows.
    """

    TREE_SEARCH = "tree_search"
    HILL_CLIMBING = "hill_climbing"


@dataclass(frozen=True, eq=False)
class FittedBayesianNetwork:
    """Who depends on whom, and how.

    Attributes:
        encoding: between tables and codes.
        parents: by encoded column.
        tables: by encoded column the probability of its codes for each combination of its
            parents' codes, shape (combinations, codes).
    """

    encoding: Encoding
    parents: Parents
    tables: list[FloatArray]

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`.

        Given values are conditioned on by their codes: rows are drawn with these in place, each
        weighted by how likely that makes it, and ``n`` of them are drawn by weight, of at least
        ``n`` effective ones where a million draws suffice for that.
        """
        rng = np.random.default_rng(seed)
        encoded = self.encoding.encode_given(given or {})
        names = self.encoding.names
        fixed = {names.index(name): int(code) for name, code in encoded.items()}
        codes = self._weighted(n, fixed, rng) if fixed else self._draw(n, {}, rng)[0]
        frame = pd.DataFrame(codes, columns=names)
        table = self.encoding.decode(frame, seed=int(rng.integers(2**31)))
        return with_given(table, given) if given else table

    def save(self, folder: Path) -> None:
        """Write edges and encoding as JSON and the tables as npz into an existing folder."""
        content = {"parents": self.parents, "encoding": self.encoding.to_json()}
        write_json(content, folder / _FILE)
        write_arrays({f"{k}": table for k, table in enumerate(self.tables)}, folder / _TABLES)

    def _draw(
        self, n: int, fixed: dict[int, int], rng: np.random.Generator
    ) -> tuple[IntArray, FloatArray]:
        """Rows of codes, shape (n, d), and in each how likely the fixed ones were, shape (n,)."""
        sizes = _sizes(self.encoding)
        codes, weights = np.zeros((n, len(sizes)), dtype=np.int64), np.ones(n)
        for column in in_order(self.parents):
            rows = combine(codes, sizes, self.parents[column])
            if column in fixed:
                codes[:, column] = fixed[column]
                weights *= self.tables[column][rows, fixed[column]]
            else:
                codes[:, column] = pick(self.tables[column], rows, rng)
        return codes, weights

    def _weighted(self, n: int, fixed: dict[int, int], rng: np.random.Generator) -> IntArray:
        """Rows of codes with the fixed ones, as likely as the network has them."""
        draws = []
        for _ in range(_MOST_DRAWS):
            draws.append(self._draw(_DRAWS, fixed, rng))
            weights = np.concatenate([weight for _, weight in draws])
            if weights.sum() ** 2 >= n * (weights**2).sum():
                break
        chosen = rng.choice(len(weights), size=n, p=weights / weights.sum())
        return np.vstack([codes for codes, _ in draws])[chosen]


@dataclass(frozen=True)
class BayesianNetwork:
    """Cuts numbers into bins and learns on which other columns each column depends, and how.

    A column's probabilities for a combination of its parents are those in the rows that have it,
    beside ``prior`` rows distributed as they are without the weakest parent, and so on down to the
    column's shares in all rows, beside as many rows of uniform codes: a combination that few rows
    have does not just repeat these rows. Hill climbing also tries two parents at once in tables of
    up to 35 columns, as some say something together only; in tables of more than 64 columns it
    looks for the parents of each among the 30 that say most about it (`climb`). A number is drawn
    from its bin by the distribution function of the column. No column has parents with more
    combinations than half of the rows.

    Source: J. Young, P. Graham, R. Penny, "Using Bayesian networks to create synthetic data",
    2009, Journal of Official Statistics 25(4); for K2, G. F. Cooper, E. Herskovits, "A Bayesian
    method for the induction of probabilistic networks from data", 1992,
    https://doi.org/10.1007/BF00994110. Deviation: K2 is the score only; the order of the columns,
    which that paper's search is given, is found by hill climbing.

    Attributes:
        search: how the edges are found.
        score: what hill climbing raises; a tree search maximises the likelihood.
        max_parents: on how many others a column depends at most, in hill climbing.
        bins: most bins of a column of numbers; None for 1.5 times the cube root of the rows, 2 to
            20, and no more than half of the rows.
        prior: rows that the distribution with a parent less counts for.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scipy",)
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    search: Search = Search.HILL_CLIMBING
    score: Score = Score.K2
    max_parents: int = 2
    bins: int | None = None
    prior: float = 0.5

    def __post_init__(self) -> None:
        least = {"max_parents": 1, "bins": 2}
        for name, bound in least.items():
            value = getattr(self, name)
            if value is not None and value < bound:
                raise UserError(f"bayesian_network: {name} is {value}, expected at least {bound}")
        check_positive("bayesian_network", prior=self.prior)

    def fit(self, table: Table, seed: int, device: str) -> FittedBayesianNetwork | FittedBootstrap:
        """Learn on the CPU, whatever the device; rows that are all the same are repeated.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
        """
        check_table("bayesian_network", self, table)
        n = len(table)
        bins = self.bins or max(2, min(20, n // 2, round(1.5 * n ** (1 / 3))))
        encoding = Encoding.learn(table, Numbers.BINS, bins=bins)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        codes = encoding.encode(table, seed).to_numpy(dtype=np.int64)
        sizes = _sizes(encoding)
        if self.search is Search.TREE_SEARCH:
            parents = chow_liu(codes, sizes)
        else:
            parents = climb(Scorer(codes, sizes, self.score), self.max_parents)
        tables = [
            _table(codes, sizes, column, mine, self.prior) for column, mine in enumerate(parents)
        ]
        return FittedBayesianNetwork(encoding, parents, tables)

    def load(self, folder: Path) -> FittedBayesianNetwork | FittedBootstrap:
        """Read what `FittedBayesianNetwork.save` wrote."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        content, tables = read_json(folder / _FILE), read_arrays(folder / _TABLES)
        return FittedBayesianNetwork(
            Encoding.from_json(content["encoding"]),
            [tuple(mine) for mine in content["parents"]],
            [tables[f"{k}"] for k in range(len(tables))],
        )


def _sizes(encoding: Encoding) -> IntArray:
    return np.array(list(encoding.sizes.values()), dtype=np.int64)


def _table(
    codes: IntArray, sizes: IntArray, column: int, parents: tuple[int, ...], prior: float
) -> FloatArray:
    """The probabilities of a column's codes, shape (combinations of the parents, codes)."""
    size = int(sizes[column])
    shares = np.full((1, size), 1 / size)
    for count in range(len(parents) + 1):
        if count:
            shares = np.repeat(shares, sizes[parents[count - 1]], axis=0)
        rows = combine(codes, sizes, parents[:count])
        cells = np.bincount(rows * size + codes[:, column], minlength=shares.size)
        seen = cells.reshape(shares.shape)
        shares = (seen + prior * shares) / (seen.sum(axis=1, keepdims=True) + prior)
    return shares
