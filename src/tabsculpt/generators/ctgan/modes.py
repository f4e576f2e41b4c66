"""Encoded rows as what the networks of CTGAN and TVAE read: values within modes, and codes."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from tabsculpt.generators.ctgan.network import STEPS, Codes, Modes, Outputs
from tabsculpt.table import FloatArray, IntArray

_LEAST_WEIGHT = 0.005
"""Weight in the mixture below which a mode is not used."""

_CONCENTRATION = 1e-3
"""Prior of the mixture: the smaller, the fewer modes."""

_EDGE = 0.99
"""Values within a mode stay this far within -1 and 1."""


def learn_layout(frame: pd.DataFrame, discrete: list[str], most: int, seed: int) -> Outputs:
    """Find the modes of each number and the shares of each code.

    Numbers come first, then codes by their number, so that columns alike lie side by side.

    Source: L. Xu et al., "Modeling tabular data using conditional GAN", 2019, section 4.2
    (mode-specific normalisation), https://arxiv.org/abs/1907.00503

    Args:
        frame: encoded rows, shape (n, d).
        discrete: the columns of codes.
        most: modes of a number.
        seed: of the mixtures.
    """
    parts = [
        _codes(name, frame[name]) if name in discrete else _modes(name, frame[name], most, seed)
        for name in frame
    ]
    return tuple(sorted(parts, key=lambda part: (isinstance(part, Codes), part.width)))


def as_matrix(frame: pd.DataFrame, layout: Outputs, rng: np.random.Generator) -> FloatArray:
    """Encoded rows as a network is to give them, shape (n, width): values, and one-hot codes.

    A number belongs to a mode drawn by how probable each mode is there.
    """
    blocks = [np.empty((len(frame), 0))]
    for part in layout:
        values = frame[part.name].to_numpy()
        if isinstance(part, Codes):
            blocks.append((values[:, None] == np.array(part.codes)).astype(np.float64))
            continue
        means, deviations = np.array(part.means), np.array(part.deviations)
        mode = _modes_of(values, part, rng)
        scaled = (values - means[mode]) / (STEPS * deviations[mode])
        blocks.append(scaled.clip(-_EDGE, _EDGE)[:, None])
        if part.logits:
            blocks.append(np.eye(part.logits)[mode])
    return np.hstack(blocks)


def _codes(name: str, values: pd.Series) -> Codes:
    codes, counts = np.unique(values.to_numpy(), return_counts=True)
    return Codes(name, tuple(codes.tolist()), tuple((counts / len(values)).tolist()))


def _modes(name: str, values: pd.Series, most: int, seed: int) -> Modes:
    numbers = values.to_numpy(dtype=np.float64)
    most = min(most, len(numbers))
    if most == 1:
        return Modes(name, (float(numbers.mean()),), (float(numbers.std()) or 1.0,), (1.0,))
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import BayesianGaussianMixture

    mixture = BayesianGaussianMixture(
        n_components=most, weight_concentration_prior=_CONCENTRATION, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # any mixture is a way to scale
        mixture.fit(numbers[:, None])
    used = mixture.weights_ > _LEAST_WEIGHT
    found = (mixture.means_[:, 0], np.sqrt(mixture.covariances_[:, 0, 0]), mixture.weights_)
    means, deviations, weights = (tuple(part[used].tolist()) for part in found)
    return Modes(name, means, deviations, weights)


def _modes_of(values: FloatArray, part: Modes, rng: np.random.Generator) -> IntArray:
    """A mode for each value, shape (n,), drawn by its probability (the Gumbel-max trick)."""
    if not part.logits:
        return np.zeros(len(values), dtype=np.int64)
    means, deviations = np.array(part.means), np.array(part.deviations)
    away = (values[:, None] - means) / deviations
    logits = np.log(part.weights) - np.log(deviations) - away**2 / 2
    picked: IntArray = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
    return picked
