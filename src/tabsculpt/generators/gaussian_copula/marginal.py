"""The distribution of one column, by the package ``copulas`` of the SDV."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.extras import require

_ABSURD = 0.01
"""A marginal that puts the median row beyond this quantile (from either end) is not believed."""


class Marginal(StrEnum):
    """A family of distributions for the columns: by the SDV's names, or that of the rows."""

    BETA = "beta"
    NORM = "norm"
    TRUNCNORM = "truncnorm"
    GAMMA = "gamma"
    UNIFORM = "uniform"
    GAUSSIAN_KDE = "gaussian_kde"
    EMPIRICAL = "empirical"


_CLASSES = {
    Marginal.BETA: "BetaUnivariate",
    Marginal.NORM: "GaussianUnivariate",
    Marginal.TRUNCNORM: "TruncatedGaussian",
    Marginal.GAMMA: "GammaUnivariate",
    Marginal.UNIFORM: "UniformUnivariate",
    Marginal.GAUSSIAN_KDE: "GaussianKDE",
}


def fit_marginal(family: Marginal, values: pd.Series) -> Any:
    """The column's distribution: of the family, or normal where that fit fails or is absurd.

    A maximum-likelihood fit of a beta can end at a spike far from the data without an error.
    """
    marginal = _marginal_class(family)()
    try:
        marginal.fit(values)
        centre = marginal.cdf(np.array([values.median()]))[0]
        if _ABSURD < centre < 1 - _ABSURD:
            return marginal
    except (ValueError, RuntimeError):
        pass
    normal = _marginal_class(Marginal.NORM)()
    normal.fit(values)
    return normal


def _marginal_class(marginal: Marginal) -> Any:
    univariate = require("sdv", "copulas.univariate", "gaussian_copula")
    return getattr(univariate, _CLASSES[marginal])


def marginal_to_json(univariate: Any) -> dict[str, Any]:
    """A fitted marginal as its family and parameters (never as the name of a class to import)."""
    parameters = univariate.to_dict()
    name = parameters.pop("type").rpartition(".")[2]
    family = next(marginal for marginal, known in _CLASSES.items() if known == name)
    plain = {key: np.asarray(value).tolist() for key, value in parameters.items()}
    return {"family": family, "parameters": plain}


def marginal_from_json(content: dict[str, Any]) -> Any:
    """The inverse of `marginal_to_json`."""
    marginal = _marginal_class(Marginal(content["family"]))
    parameters = {"type": f"{marginal.__module__}.{marginal.__name__}", **content["parameters"]}
    return marginal.from_dict(parameters)


def known_marginal(discrete: bool) -> Any:
    """The distribution of a column that is uniform in [0, 1] (codes), or standard normal."""
    family = Marginal.UNIFORM if discrete else Marginal.NORM
    return marginal_from_json({"family": family, "parameters": {"loc": 0.0, "scale": 1.0}})
