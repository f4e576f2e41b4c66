"""The privacy budget: zero-concentrated differential privacy, and what each look at the rows costs.

Two tables are neighbours where one has a row more than the other.

Source: M. Bun, T. Steinke, "Concentrated differential privacy: simplifications, extensions, and
lower bounds", 2016, https://arxiv.org/abs/1605.02065 (Propositions 1.4 and 1.6 and Lemma 1.7);
C. Canonne, G. Kamath, T. Steinke, "The discrete Gaussian for differential privacy", 2020,
https://arxiv.org/abs/2004.00010 (Corollary 13).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


def delta_of(rho: float, epsilon: float) -> float:
    """The delta at which a rho-zCDP mechanism is (epsilon, delta)-differentially private.

    The least over a > 1 of exp((a - 1) (a rho - epsilon)) / (a - 1) (1 - 1 / a)^a.
    """
    low, high = 1.0 + 1e-6, (epsilon + 1) / (2 * rho) + 2
    for _ in range(200):  # the derivative of its logarithm rises: bisection
        order = (low + high) / 2
        if (2 * order - 1) * rho - epsilon + math.log1p(-1 / order) < 0:
            low = order
        else:
            high = order
    log = (order - 1) * (order * rho - epsilon) + order * math.log1p(-1 / order)
    return min(1.0, math.exp(log) / (order - 1))


def rho_of(epsilon: float, delta: float) -> float:
    """The greatest rho that keeps (epsilon, delta), from below.

    Args:
        epsilon: above 0.
        delta: in (0, 1).
    """
    low, high = 0.0, epsilon + 1
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(middle, epsilon) <= delta else (low, middle)
    return low


@dataclass(frozen=True)
class Budget:
    """What each of three phases may cost, a third of rho each, all of it for one column.

    Attributes:
        rho: of the whole fit.
        columns: that are counted, at least 1.
    """

    rho: float
    columns: int

    @property
    def one_way(self) -> float:
        """Standard deviation of the noise on each count of one column."""
        share = self.rho / 3 if self.columns > 1 else self.rho
        return math.sqrt(self.columns / (2 * share))

    @property
    def choice(self) -> float:
        """The epsilon of each exponential mechanism that picks a pair of columns; needs two."""
        return math.sqrt(8 * self.rho / 3 / (self.columns - 1))

    @property
    def two_way(self) -> float:
        """Standard deviation of the noise on each count of a pair of columns; needs two."""
        return math.sqrt((self.columns - 1) / (2 * self.rho / 3))
