"""A learning curve through the errors at several numbers of rows, and the rows for an error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tabsculpt.table import FloatArray

POWERS = np.geomspace(0.05, 3, 120)
HALF = np.array([0.5])
"""Of two sizes the power cannot be fitted: that of a mean's error is taken."""


@dataclass(frozen=True)
class LearningCurve:
    """error(n) = a + b n^-c with b of 0 or more.

    Attributes:
        a: the error that no number of rows falls below; ``b``, ``c``: how fast it is neared.
    """

    a: float
    b: float
    c: float

    def error(self, n: FloatArray) -> FloatArray:
        """At some numbers of rows."""
        found: FloatArray = self.a + self.b * n**-self.c
        return found

    def rows(self, error: float) -> float:
        """The number of rows of an error; infinite where none reaches it, NaN on a flat curve."""
        if self.b == 0:
            return float("nan")
        if error <= self.a:
            return float("inf")
        return float((self.b / (error - self.a)) ** (1 / self.c))


def fit_curve(sizes: FloatArray, errors: FloatArray) -> LearningCurve:
    """Fit an inverse power law by least squares: on a grid of powers, a and b in closed form.

    Args:
        sizes: numbers of rows, at least two different ones, shape (k,).
        errors: low is good, shape (k,).

    References:
        Predicting sample size required for classification performance, Figueroa, Zeng-Treitler,
        Kandula, Ngo, BMC Medical Informatics and Decision Making 12, 2012,
        https://doi.org/10.1186/1472-6947-12-8; The Shape of Learning Curves: a Review, Viering and
        Loog, 2021, https://arxiv.org/abs/2103.10948
    """
    best, least = LearningCurve(float(errors.mean()), 0.0, 0.5), float(errors.var()) * len(errors)
    for c in POWERS if len(np.unique(sizes)) > 2 else HALF:
        x = sizes**-c
        spread = x - x.mean()
        b = float(spread @ errors / (spread @ spread))
        curve = LearningCurve(float(errors.mean() - b * x.mean()), b, float(c))
        left = float(((errors - curve.error(sizes)) ** 2).sum())
        if b > 0 and left < least - 1e-15:
            best, least = curve, left
    return best
