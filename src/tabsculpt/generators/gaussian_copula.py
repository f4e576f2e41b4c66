"""A Gaussian copula over parametric marginals, by the package ``copulas`` of the SDV."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.artifacts import read_json, write_json
from tabsculpt.extras import require
from tabsculpt.generators._encoding import Encoding, require_rows
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.seeds import derive_seed, seeded_globals
from tabsculpt.table import FloatArray, IntArray, Table

_FILE = "copula.json"


class Marginal(StrEnum):
    """A family of distributions for the columns, by the SDV's names."""

    BETA = "beta"
    NORM = "norm"
    TRUNCNORM = "truncnorm"
    GAMMA = "gamma"
    UNIFORM = "uniform"
    GAUSSIAN_KDE = "gaussian_kde"


_CLASSES = {
    Marginal.BETA: "BetaUnivariate",
    Marginal.NORM: "GaussianUnivariate",
    Marginal.TRUNCNORM: "TruncatedGaussian",
    Marginal.GAMMA: "GammaUnivariate",
    Marginal.UNIFORM: "UniformUnivariate",
    Marginal.GAUSSIAN_KDE: "GaussianKDE",
}


@dataclass(frozen=True, eq=False)
class FittedCopula:
    """A fitted ``GaussianMultivariate`` and the shares of the codes of each discrete column."""

    model: Any
    encoding: Encoding
    shares: dict[str, list[float]]

    def sample(self, n: int, seed: int) -> Table:
        """Draw ``n`` rows; see `FittedGenerator.sample`."""
        with seeded_globals(seed):
            drawn = self.model.sample(n)
        columns: dict[str, FloatArray | IntArray] = {}
        for name in self.encoding.names:
            values = drawn[name].to_numpy(dtype=np.float64)
            columns[name] = _to_codes(values, self.shares[name]) if name in self.shares else values
        return self.encoding.decode(pd.DataFrame(columns, index=range(n)))

    def save(self, folder: Path) -> None:
        """Write the parameters of the copula and the encoding as JSON into an existing folder."""
        content = {
            "correlation": self.model.correlation.to_numpy().tolist(),
            "marginals": [_to_json(marginal) for marginal in self.model.univariates],
            "shares": self.shares,
            "encoding": self.encoding.to_json(),
        }
        write_json(content, folder / _FILE)


@dataclass(frozen=True)
class GaussianCopula:
    """Fits each column's distribution, and the correlations of the columns made normal by it.

    This is the model of SDV's ``GaussianCopulaSynthesizer``, fitted by the same library with the
    same marginals. Discrete columns become uniform numbers in the interval of their code, whose
    length is the code's share of the rows, as SDV does it. Deviations: gaps in numeric columns are
    described by a column of their own, where SDV by default leaves them out independently of all
    else; the values drawn are not rounded to the decimals seen in training; and the random numbers
    come from the seed that `sample` is given.

    Source: N. Patki, R. Wedge, K. Veeramachaneni, "The Synthetic Data Vault", 2016,
    https://doi.org/10.1109/DSAA.2016.49

    Attributes:
        marginal: family of every column's distribution; a column that it cannot be fitted to
            falls back to the normal distribution, as in the library.
    """

    libraries: ClassVar[tuple[str, ...]] = ("copulas", "scipy")
    least_rows: ClassVar[int] = 3
    accepts_missing: ClassVar[bool] = True
    extra: ClassVar[str | None] = "sdv"

    marginal: Marginal = Marginal.BETA

    def fit(self, table: Table, seed: int, device: str) -> FittedCopula | FittedBootstrap:
        """Fit on the CPU, whatever the device; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the extra is not installed.
        """
        require_rows("gaussian_copula", self.least_rows, table)
        multivariate = require("sdv", "copulas.multivariate", "gaussian_copula")
        encoding = Encoding.learn(table)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, seed)
        rng = np.random.default_rng(derive_seed("uniform", seed))
        shares = {}
        for name in encoding.discrete:
            codes = frame[name].to_numpy()
            shares[name] = (np.bincount(codes) / len(codes)).tolist()
            frame[name] = _to_uniform(codes, shares[name], rng)
        model = multivariate.GaussianMultivariate(distribution=_marginal_class(self.marginal))
        with seeded_globals(seed), warnings.catch_warnings():
            # The search for a marginal's parameters passes through impossible ones on its way.
            warnings.simplefilter("ignore", RuntimeWarning)
            model.fit(frame)
        return FittedCopula(model, encoding, shares)

    def load(self, folder: Path) -> FittedCopula | FittedBootstrap:
        """Read what `FittedCopula.save` wrote.

        Raises:
            UserError: the extra is not installed.
        """
        if holds_rows(folder):
            return Bootstrap().load(folder)
        multivariate = require("sdv", "copulas.multivariate", "gaussian_copula")
        content = read_json(folder / _FILE)
        encoding = Encoding.from_json(content["encoding"])
        model = multivariate.GaussianMultivariate()
        model.columns = encoding.names
        model.univariates = [_from_json(marginal) for marginal in content["marginals"]]
        model.correlation = pd.DataFrame(content["correlation"], encoding.names, encoding.names)
        model.fitted = True
        return FittedCopula(model, encoding, content["shares"])


def _marginal_class(marginal: Marginal) -> Any:
    univariate = require("sdv", "copulas.univariate", "gaussian_copula")
    return getattr(univariate, _CLASSES[marginal])


def _to_json(univariate: Any) -> dict[str, Any]:
    """A fitted marginal as its family and parameters (never as the name of a class to import)."""
    parameters = univariate.to_dict()
    name = parameters.pop("type").rpartition(".")[2]
    family = next(marginal for marginal, known in _CLASSES.items() if known == name)
    plain = {key: np.asarray(value).tolist() for key, value in parameters.items()}
    return {"family": family, "parameters": plain}


def _from_json(content: dict[str, Any]) -> Any:
    marginal = _marginal_class(Marginal(content["family"]))
    parameters = {"type": f"{marginal.__module__}.{marginal.__name__}", **content["parameters"]}
    return marginal.from_dict(parameters)


def _to_uniform(codes: IntArray, shares: list[float], rng: np.random.Generator) -> FloatArray:
    """Numbers drawn uniformly from each code's interval of [0, 1], shape (n,)."""
    edges = np.concatenate([[0.0], np.cumsum(shares)])
    return rng.uniform(edges[codes], edges[codes + 1])


def _to_codes(numbers: FloatArray, shares: list[float]) -> IntArray:
    """The code in whose interval each number lies; numbers outside [0, 1] go to the nearest."""
    return np.searchsorted(np.cumsum(shares)[:-1], numbers, side="right")
