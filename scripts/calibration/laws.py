"""Worlds of numbers alone: scores by a law of crossed effects."""

from __future__ import annotations

import numpy as np

from calibration.rows import Draws
from tabsculpt.table import FloatArray

Shape = tuple[int, int]
LAWS = {
    "splits decide": (2.0, 0.5, 0.2, 0.2),
    "fits decide": (0.3, 2.0, 0.5, 0.5),
    "draws of rows decide": (0.3, 0.3, 2.0, 0.5),
    "predictors decide": (0.3, 0.3, 0.3, 2.0),
}
"""Standard deviations of what differs between two pipelines with the split, the fit, the draw of
synthetic rows, and the predictor in a split; the mean of the real rows is 100."""
SAMPLES, PREDICTORS = 4, 4
TEST_SHARE = 1 / 3


def crossed(law: tuple[float, ...], draws: int, shape: Shape, shift: float = 0.0) -> Draws:
    """Scores by a law of crossed effects; splits of two thirds of a table share a third of theirs.

    Args:
        law: one of `LAWS`.
        draws: how many results.
        shape: splits and fits.
        shift: true difference of the second pipeline.
    """
    rng = np.random.default_rng([draws, *shape, round(100 * shift), *(round(100 * x) for x in law)])
    splits, fits = shape
    whole = (draws, 2, splits, fits, SAMPLES, PREDICTORS)

    def effect(deviation: float, *kept: int) -> FloatArray:
        size = tuple(n if axis in kept else 1 for axis, n in enumerate(whole))
        return rng.normal(0, deviation, size)

    split, fit, sample, predictor = law
    own = effect(split, 0, 1) * TEST_SHARE**0.5 + effect(split, 0, 1, 2) * (1 - TEST_SHARE) ** 0.5
    shared = 100 + effect(5, 0, 2) + effect(5, 0, 5)
    made = shared + own + effect(fit, 0, 1, 2, 3) + effect(sample, 0, 1, 2, 3, 4)
    made = made + effect(predictor, 0, 1, 2, 5) + effect(0.3, 0, 1, 2, 3, 4, 5)
    made[:, 1] += shift
    real = np.broadcast_to(shared[:, 0, :, :, 0], (draws, splits, fits, PREDICTORS))
    return Draws(real, np.ascontiguousarray(made), 200, 100, "min")
