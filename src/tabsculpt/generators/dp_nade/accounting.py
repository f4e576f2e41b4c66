"""How much noise epsilon and delta ask for, by the accountant of opacus.

A fit is one count of all columns and many steps on batches to which each row belongs or not by
chance (Poisson sampling), all with normal noise. Two tables are neighbours where one has a row more
than the other.

Source: I. Mironov, K. Talwar, L. Zhang, "Rényi differential privacy of the sampled Gaussian
mechanism", 2019, https://arxiv.org/abs/1908.10530.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

from tabsculpt.errors import UserError
from tabsculpt.extras import require
from tabsculpt.generators.mst.accounting import rho_of

ORDERS = (
    *(1 + tenth / 10 for tenth in range(1, 100)),
    *range(11, 64),
    *(64, 80, 96, 128, 160, 192, 256, 384, 512, 768, 1000),
)
"""Of Rényi's divergence, at each of which the accountant has a bound; the least one counts."""

_COUNTED = 0.2
"""The share of the budget, as zero-concentrated privacy, that the count of the columns takes."""

_EXACT = 1.001
"""The noise is found to within this factor, from above."""

_FURTHEST = 1000.0
"""No more than so many times the noise that steps on all rows would ask for is tried."""


@dataclass(frozen=True)
class Noise:
    """Standard deviations of noise over how much one row can move what it is added to.

    Attributes:
        counts: of the count of all columns, once.
        steps: of each step of the training.
    """

    counts: float
    steps: float


def accountant() -> Any:
    """An empty `opacus.accountants.RDPAccountant`.

    Raises:
        UserError: opacus is not installed.
    """
    return require("dp", "opacus.accountants", "dp_nade").RDPAccountant()


def spent(accountant: Any, delta: float) -> float:
    """The epsilon at ``delta`` of all that an accountant of opacus was told of."""
    with warnings.catch_warnings():  # that the best order is the last one makes no bound wrong
        warnings.simplefilter("ignore")
        return float(accountant.get_epsilon(delta, alphas=list(ORDERS)))


@cache
def noise_for(epsilon: float, delta: float, sample_rate: float, steps: int) -> Noise:
    """The least noise that keeps (epsilon, delta), from above.

    Args:
        epsilon: above 0.
        delta: in (0, 1).
        sample_rate: the chance of each row to be in a batch, in (0, 1].
        steps: how many batches there are.

    Raises:
        UserError: opacus is not installed, or cannot tell so small an epsilon.
    """
    rho = rho_of(epsilon, delta)
    counts = 1 / math.sqrt(2 * _COUNTED * rho)
    books = accountant()

    def keeps(noise: float) -> bool:
        books.history = [(counts, 1.0, 1), (noise, sample_rate, steps)]
        try:
            return spent(books, delta) <= epsilon
        except ValueError:  # opacus: the noise is so great that rounding is all that is left
            return False

    # With all rows in each step it would be this much; that only some are is worth a factor of
    # the sample rate at best.
    on_all = math.sqrt(steps / (2 * (1 - _COUNTED) * rho))
    low, high = on_all * sample_rate / 2, on_all * 1.1
    while not keeps(high):
        low, high = high, 2 * high
        if high > _FURTHEST * on_all:
            raise UserError(
                f"dp_nade: epsilon={epsilon:g} at delta={delta:g} is less than opacus can account "
                "for; ask for more, or use generator=mst"
            )
    while high / low > _EXACT:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return Noise(counts, high)
