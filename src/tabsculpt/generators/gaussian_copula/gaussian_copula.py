"""A Gaussian copula over the columns' distributions, by the package ``copulas`` of the SDV."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.extras import require
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.gaussian_copula.latent import latent_correlation
from tabsculpt.generators.gaussian_copula.marginal import (
    Marginal,
    fit_marginal,
    known_marginal,
    marginal_from_json,
    marginal_to_json,
)
from tabsculpt.generators.gaussian_copula.normal import draw_normal
from tabsculpt.generators.gaussian_copula.order import in_order
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import with_given
from tabsculpt.table import FloatArray, IntArray, Kind, Table, Task

_FILE = "copula.json"

_TAIL = 1e-6
"""Given numbers count as no rarer than this: further out, a marginal says next to nothing."""


@dataclass(frozen=True, eq=False)
class FittedCopula:
    """A fitted ``GaussianMultivariate`` over numbers in [0, 1], and what these mean.

    Attributes:
        model: of the package ``copulas``.
        encoding: between tables and encoded rows.
        edges: for each encoded column, the ends of the intervals of its codes, or its range.
    """

    model: Any
    encoding: Encoding
    edges: dict[str, FloatArray]

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`. Any column can be given.

        Raises:
            UserError: an unknown column, or a value that it cannot have.
        """
        given = given or {}
        points, intervals = self._scores(self.encoding.encode_given(given))
        rng = np.random.default_rng(seed)
        shares = _normal_shares(
            draw_normal(self.model.correlation.to_numpy(), points, intervals, n, rng)
        )
        drawn = {
            name: marginal.percent_point(share)
            for name, marginal, share in zip(
                self.encoding.names, self.model.univariates, shares.T, strict=True
            )
        }
        frame = _unflatten(pd.DataFrame(drawn), self.edges, self.encoding.discrete)
        return with_given(self.encoding.decode(frame), given)

    def _scores(
        self, fixed: dict[str, float]
    ) -> tuple[dict[int, float], dict[int, tuple[float, float]]]:
        """What encoded values are as normal scores, by place: a number each, or where a code is."""
        from scipy.special import ndtri

        points: dict[int, float] = {}
        intervals: dict[int, tuple[float, float]] = {}
        for name, value in fixed.items():
            place, ends = self.encoding.names.index(name), self.edges[name]
            marginal = self.model.univariates[place]
            if name not in self.encoding.discrete:
                scaled = (value - ends[0]) / (ends[1] - ends[0])
                share = marginal.cdf(np.array([scaled])).clip(_TAIL, 1 - _TAIL)
                points[place] = float(ndtri(share)[0])
                continue
            code = int(value)
            shares = marginal.cdf(ends[code : code + 2])
            # Whatever lies outside [0, 1] has the first code or the last.
            low = 0.0 if code == 0 else shares[0]
            high = 1.0 if code == len(ends) - 2 else shares[1]
            intervals[place] = (float(ndtri(low)), float(ndtri(high)))
        return points, intervals

    def save(self, folder: Path) -> None:
        """Write the parameters of the copula and the encoding as JSON into an existing folder."""
        content = {
            "correlation": self.model.correlation.to_numpy().tolist(),
            "marginals": [marginal_to_json(marginal) for marginal in self.model.univariates],
            "edges": {name: ends.tolist() for name, ends in self.edges.items()},
            "encoding": self.encoding.to_json(),
        }
        write_json(content, folder / _FILE)


@dataclass(frozen=True)
class GaussianCopula:
    """Fits each column's distribution, and the correlations of the columns made normal by it.

    A correlation says of two columns whether one rises with the other, and nothing else: rows of
    y = sin 2x, of y = ab, or of a relation that turns with a category come out as if the columns
    were independent, however many rows it is fitted on.

    This is the model of SDV's ``GaussianCopulaSynthesizer``, of the same library: discrete columns
    become uniform numbers in the interval of their code, whose length is the code's share of the
    rows. Deviations: numbers have the distribution of the rows unless a family is asked for (SDV: a
    beta); where within its interval a code lies is drawn given the rest of the row
    (`tabsculpt.generators.gaussian_copula.latent.latent_correlation`; SDV draws it blindly, which
    weakens what is learnt of categories and classes); categories are in the order of the target's
    mean (SDV: of how frequent they are); missing values in numeric columns are described by a
    column of their own, where SDV draws them independently of all else; random numbers come from
    the seed that `sample` is given; and given values are conditioned on, exactly for numbers and
    one category beside them (SDV draws until rows fit).

    Sources: N. Patki, R. Wedge, K. Veeramachaneni, "The Synthetic Data Vault", 2016,
    https://doi.org/10.1109/DSAA.2016.49; H. Liu, J. Lafferty, L. Wasserman, "The nonparanormal",
    2009, https://jmlr.org/papers/v10/liu09a.html (the distribution of the rows)

    Attributes:
        marginal: of every number: ``empirical``, that of the rows, or a family. A column to which
            a family cannot be fitted falls back to the normal distribution, as in the library; so
            does one whose fit ends far from the data, as that of a beta can.
        extrapolate: whether numbers may leave the range of the training rows, as far as the
            marginal reaches; uniform does not.
    """

    libraries: ClassVar[tuple[str, ...]] = ("copulas", "scipy")
    least_rows: ClassVar[int] = 3
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = "sdv"

    marginal: Marginal = Marginal.EMPIRICAL
    extrapolate: bool = False

    def fit(self, table: Table, seed: int, device: str) -> FittedCopula | FittedBootstrap:
        """Fit on the CPU, whatever the device; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the extra is not installed.
        """
        check_table("gaussian_copula", self, table)
        require("sdv", "copulas", "gaussian_copula")
        empirical = self.marginal == Marginal.EMPIRICAL
        numbers = Numbers.NORMAL if empirical else Numbers.STANDARD
        encoding = in_order(Encoding.learn(table, numbers, self.extrapolate), table, seed)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame, discrete = encoding.encode(table, seed), encoding.discrete
        edges = {name: _edges(frame[name], name in discrete, empirical) for name in frame}
        flat = _flatten(frame, edges, discrete, seed)
        with seeded_globals(seed), warnings.catch_warnings():
            # The search for a marginal's parameters passes through impossible ones on its way.
            warnings.simplefilter("ignore", RuntimeWarning)
            marginals = [
                known_marginal(name in discrete)
                if empirical or name in discrete
                else fit_marginal(self.marginal, flat[name])
                for name in flat
            ]
        model = _copula(encoding.names, marginals)
        scores = _scores_of(flat, marginals)
        intervals = {
            place: _normal_ends(edges[name], frame[name].to_numpy())
            for place, name in enumerate(encoding.names)
            if name in discrete
        }
        rng = np.random.default_rng(derive_seed("latent", seed))
        found = latent_correlation(scores, intervals, rng)
        model.correlation = pd.DataFrame(found, encoding.names, encoding.names)
        return FittedCopula(model, encoding, edges)

    def load(self, folder: Path) -> FittedCopula | FittedBootstrap:
        """Read what `FittedCopula.save` wrote.

        Raises:
            UserError: the extra is not installed.
        """
        if holds_rows(folder):
            return Bootstrap().load(folder)
        content = read_json(folder / _FILE)
        encoding = Encoding.from_json(content["encoding"])
        model = _copula(encoding.names, [marginal_from_json(one) for one in content["marginals"]])
        model.correlation = pd.DataFrame(content["correlation"], encoding.names, encoding.names)
        edges = {name: np.array(ends) for name, ends in content["edges"].items()}
        return FittedCopula(model, encoding, edges)


def _copula(names: list[str], marginals: list[Any]) -> Any:
    """A copula that lacks nothing but its correlations."""
    multivariate = require("sdv", "copulas.multivariate", "gaussian_copula")
    model = multivariate.GaussianMultivariate()
    model.columns = names
    model.univariates = marginals
    model.fitted = True
    return model


def _normal_shares(scores: FloatArray) -> FloatArray:
    """The distribution function of the standard normal."""
    from scipy.special import ndtr

    shares: FloatArray = ndtr(scores)
    return shares


def _scores_of(flat: pd.DataFrame, marginals: list[Any]) -> FloatArray:
    """What numbers in [0, 1] are as normal scores, shape (n, d)."""
    from scipy.special import ndtri

    pairs = zip(flat, marginals, strict=True)
    shares = np.column_stack([marginal.cdf(flat[name].to_numpy()) for name, marginal in pairs])
    found: FloatArray = ndtri(shares.clip(_TAIL, 1 - _TAIL))
    return found


def _normal_ends(edges: FloatArray, codes: IntArray) -> FloatArray:
    """The normal numbers between which the code of each row lies, shape (2, n)."""
    from scipy.special import ndtri

    ends = ndtri(edges.clip(0, 1))
    ends[0], ends[-1] = -np.inf, np.inf
    return np.vstack([ends[codes], ends[codes + 1]])


def _edges(values: pd.Series, discrete: bool, scored: bool) -> FloatArray:
    """Where the intervals of a column's codes in [0, 1] begin and end; else the column's range.

    Numbers that are normal scores stay as they are.
    """
    if discrete:
        return np.cumsum(np.concatenate([[0.0], np.bincount(values) / len(values)]))
    if scored:
        return np.array([0.0, 1.0])
    return np.array([values.min(), values.max()])


def _flatten(
    frame: pd.DataFrame, edges: dict[str, FloatArray], discrete: list[str], seed: int
) -> pd.DataFrame:
    """The encoded rows as numbers in [0, 1]: codes anywhere in their interval, numbers scaled."""
    rng = np.random.default_rng(derive_seed("uniform", seed))
    columns = {}
    for name, ends in edges.items():
        values = frame[name].to_numpy()
        if name in discrete:
            columns[name] = rng.uniform(ends[values], ends[values + 1])
        else:
            columns[name] = (values - ends[0]) / (ends[1] - ends[0])
    return pd.DataFrame(columns)


def _unflatten(
    frame: pd.DataFrame, edges: dict[str, FloatArray], discrete: list[str]
) -> pd.DataFrame:
    """The inverse of `_flatten`; a number outside [0, 1] gets the nearest code."""
    columns: dict[str, FloatArray | IntArray] = {}
    for name, ends in edges.items():
        values = frame[name].to_numpy(dtype=np.float64)
        if name in discrete:
            columns[name] = np.searchsorted(ends[1:-1], values, side="right")
        else:
            columns[name] = ends[0] + values * (ends[1] - ends[0])
    return pd.DataFrame(columns, index=range(len(frame)))
