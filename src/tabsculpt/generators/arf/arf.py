"""Adversarial random forests."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.engine.artifacts import read_arrays, read_json, write_arrays, write_json
from tabsculpt.engine.identity import LATER
from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.arf.leaves import Leaves, Tree, leaf_bounds
from tabsculpt.generators.arf.normals import (
    SingleArray,
    densities,
    quantiles,
    ranks_in,
    root_of,
)
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.codes import pick
from tabsculpt.generators.sampling.given import with_given
from tabsculpt.notes import Code, Note
from tabsculpt.table import FloatArray, Kind, Table, Task

_FILE = "encoding.json"
_LEAVES = "leaves.npz"

_UNHEARD = 1e-9
"""The likelihood of a given value in a leaf where it cannot be: so that some leaf always fits."""

_NARROW = 1e-6
"""The least deviation in a leaf, of scores whose own is 1."""


@dataclass(frozen=True, eq=False)
class FittedForest:
    """The leaves of a forest, and what their rows are like.

    Attributes:
        encoding: between tables and numbers.
        coverage: the share of the rows in each leaf, shape (leaves,).
        normals: by column of numbers the mean, deviation, least and greatest value in each leaf,
            shape (4, leaves).
        shares: by column of codes their shares in each leaf, shape (leaves, codes).
        root: of the numbers' correlations within leaves, in their order: a matrix whose product
            with its transpose they are, shape (numbers, numbers).
        notes: what the reader of a result should know; not saved.
    """

    encoding: Encoding
    coverage: FloatArray
    normals: dict[str, SingleArray]
    shares: dict[str, SingleArray]
    root: FloatArray
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`.

        A leaf is drawn by its share of the rows times the likelihood in it of the given values.
        Within it, numbers go with given numbers.
        """
        rng = np.random.default_rng(seed)
        fixed = self.encoding.encode_given(given or {})
        weights = self._weights(fixed)
        leaves = rng.choice(len(weights), size=n, p=weights / weights.sum())
        ranks = iter(self._ranks(leaves, fixed, rng).T)
        columns: dict[str, Any] = {}
        for name in self.encoding.names:
            if name in self.normals:
                columns[name] = quantiles(self.normals[name][:, leaves], next(ranks))
            else:
                columns[name] = pick(self.shares[name], leaves, rng)
        table = self.encoding.decode(pd.DataFrame(columns, index=range(n)))
        return with_given(table, given) if given else table

    def save(self, folder: Path) -> None:
        """Write the encoding as JSON and the leaves as npz into an existing folder."""
        write_json(self.encoding.to_json(), folder / _FILE)
        normals = {f"normal {name}": values for name, values in self.normals.items()}
        shares = {f"shares {name}": values for name, values in self.shares.items()}
        rest = {"coverage": self.coverage, "root": self.root}
        write_arrays({**rest, **normals, **shares}, folder / _LEAVES)

    def _ranks(
        self, leaves: npt.NDArray[Any], fixed: dict[str, float], rng: np.random.Generator
    ) -> FloatArray:
        """Ranks of the numbers within leaves, shape (n, numbers), correlated by ``root``.

        Given values have the rank that is theirs, and the others move with them: normal scores are
        drawn as if nothing was given, then moved by their regression on how far those of the given
        numbers are off.
        """
        from scipy.special import ndtr, ndtri

        scores = rng.standard_normal((len(leaves), len(self.normals))) @ self.root.T
        known = [place for place, name in enumerate(self.normals) if name in fixed]
        if known:
            names = list(self.normals)
            wanted = np.column_stack(
                [ranks_in(fixed[names[k]], self.normals[names[k]][:, leaves]) for k in known]
            )
            correlations = self.root @ self.root.T
            slopes = np.linalg.pinv(correlations[np.ix_(known, known)]) @ correlations[known]
            scores = scores + (ndtri(wanted) - scores[:, known]) @ slopes
        found: FloatArray = ndtr(scores)
        return found

    def _weights(self, fixed: dict[str, float]) -> FloatArray:
        """How likely each leaf is where encoded columns have these values, shape (leaves,)."""
        logs = np.log(self.coverage)
        for name, value in fixed.items():
            if name in self.normals:
                likelihood = densities(value, self.normals[name])
            else:
                likelihood = self.shares[name][:, int(value)].astype(np.float64)
            logs += np.log(np.maximum(likelihood, _UNHEARD))
        weights: FloatArray = np.exp(logs - logs.max())
        return weights


@dataclass(frozen=True)
class ARF:
    """Splits the rows by a forest until the columns are independent within its leaves.

    A forest learns to tell the rows from rows whose columns are independent. New rows are made by
    drawing each column independently within the leaves of that forest, another forest learns to
    tell these from the real ones, and so on until it does no better than chance on the rows that
    its trees were not grown on, or than the one before. What is left are leaves with a share of
    the rows each, a normal distribution between the leaf's bounds for each number, and shares for
    each code; a row is drawn from one leaf.

    Leaves of few rows cannot be so small that columns which nearly determine each other are
    independent within them. So the numbers of a row are drawn with the correlations that they have
    within leaves, on average over all leaves, by a Gaussian copula.

    Source: D. S. Watson, K. Blesch, J. Kapar, M. N. Wright, "Adversarial random forests for
    density estimation and generative modeling", 2023, https://arxiv.org/abs/2205.09435.
    Deviations: correlations within leaves, where the source draws the columns independently;
    numbers are normal scores of their ranks, so that a truncated normal distribution is near the
    truth also for skewed columns, and repeated values come back; categories are split in sorted
    order; a leaf at the edge ends at the range of the rows, unless ``extrapolate``; more trees,
    and more rows in a leaf, than the authors' package has; a tree of a long table draws some of
    its rows, and what its leaves are like is learnt from all of them.

    Attributes:
        trees: in each forest.
        leaf_rows: fewest real rows in a leaf.
        rounds: most forests.
        delta: by how much the accuracy may exceed one half in the end.
        extrapolate: whether numbers may leave the range of the training rows.
        max_rows: training rows that a tree draws, and as many made ones, at least 1,000; None for
            as many as there are.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    trees: int = 30
    leaf_rows: int = 5
    rounds: int = 10
    delta: float = 0.0
    extrapolate: bool = False
    max_rows: int | None = field(default=30_000, metadata=LATER)

    def __post_init__(self) -> None:
        for name, least in {"trees": 10, "leaf_rows": 2, "rounds": 1, "max_rows": 1000}.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise UserError(f"arf: {name} is {value}, expected at least {least}")
        if not 0 <= self.delta < 0.5:
            raise UserError(f"arf: delta is {self.delta}, expected 0 up to 0.5")

    def fit(self, table: Table, seed: int, device: str) -> FittedForest | FittedBootstrap:
        """Learn on the CPU, whatever the device; rows that are all the same are repeated.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
        """
        check_table("arf", self, table)
        encoding = Encoding.learn(table, Numbers.NORMAL, self.extrapolate)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        rows = encoding.encode(table, seed).to_numpy(dtype=np.float64)
        fitted = _describe(encoding, rows, self._grow(rows, seed))
        return replace(fitted, notes=self._notes(len(rows)))

    def load(self, folder: Path) -> FittedForest | FittedBootstrap:
        """Read what `FittedForest.save` wrote."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        arrays = read_arrays(folder / _LEAVES)
        normals, shares = (
            {key.removeprefix(kind): values for key, values in arrays.items() if kind in key}
            for kind in ("normal ", "shares ")
        )
        encoding = Encoding.from_json(read_json(folder / _FILE))
        return FittedForest(encoding, arrays["coverage"], normals, shares, arrays["root"])

    def _fewer(self, rows: int) -> int | None:
        """How many rows a tree draws, real and made; None for all."""
        return 2 * self.max_rows if self.max_rows is not None and self.max_rows < rows else None

    def _notes(self, rows: int) -> tuple[Note, ...]:
        if not self._fewer(rows):
            return ()
        text = f"arf grows each tree on {self.max_rows:,} of {rows:,} training rows, drawn"
        return (Note(Code.ROWS_DRAWN, text, self.max_rows),)

    def _grow(self, rows: FloatArray, seed: int) -> list[Tree]:
        """The trees whose leaves the columns are independent in."""
        rng = np.random.default_rng(derive_seed("rows", seed))
        made = rng.permuted(rows, axis=0)
        before: list[Tree] = []
        best = 1.0
        for turn in range(self.rounds):
            forest, accuracy = self._tell(rows, made, derive_seed("forest", turn, seed))
            report_progress(turn + 1, self.rounds, accuracy)
            if before and (accuracy <= 0.5 + self.delta or accuracy >= best):
                return before
            best = accuracy
            before = [Tree.prune(tree, rows, self.leaf_rows) for tree in forest.estimators_]
            if accuracy <= 0.5 + self.delta:
                return before
            made = Leaves.of(before, rows)[0].scramble(rows, len(rows), rng)
        return before

    def _tell(self, rows: FloatArray, made: FloatArray, seed: int) -> tuple[Any, float]:
        """A forest that tells rows from made ones, and its accuracy out of the bag."""
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(
            n_estimators=self.trees,
            max_samples=self._fewer(len(rows)),
            oob_score=True,
            random_state=seed,
            n_jobs=1,
        )
        with warnings.catch_warnings():
            # A row that by chance is in the bag of every tree counts as taken for a real one.
            warnings.filterwarnings("ignore", "Some inputs do not have OOB scores")
            warnings.filterwarnings("ignore", "invalid value", RuntimeWarning)
            forest.fit(np.vstack([rows, made]), np.repeat([0, 1], len(rows)))
        return forest, float(forest.oob_score_)


def _describe(encoding: Encoding, rows: FloatArray, trees: list[Tree]) -> FittedForest:
    """What each leaf's rows are like, column by column."""
    leaves, nodes = Leaves.of(trees, rows)
    low, high = rows.min(axis=0), rows.max(axis=0)
    if encoding.extrapolate:
        low, high = np.full_like(low, -np.inf), np.full_like(high, np.inf)
    lows, highs = leaf_bounds(trees, nodes, low, high)
    means, deviations = leaves.moments(rows)
    normals, shares = {}, {}
    for place, name in enumerate(encoding.names):
        if size := encoding.sizes[name]:
            shares[name] = leaves.shares(rows[:, place], size).astype(np.float32)
        else:
            parts = means, np.maximum(deviations, _NARROW), lows, highs
            normals[name] = np.stack([part[:, place] for part in parts]).astype(np.float32)
    places = [place for place, name in enumerate(encoding.names) if name in normals]
    root = root_of(leaves.correlations(rows[:, places]))
    return FittedForest(encoding, leaves.counts / leaves.counts.sum(), normals, shares, root)
