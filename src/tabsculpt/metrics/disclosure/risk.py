"""How much better an attack does on train than on test, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z = 1.959964
"""Normal quantile of a two-sided interval of 95 %."""


@dataclass(frozen=True)
class Risk:
    """The share of attacks that succeed beyond what succeeds without knowing train.

    (train - test) / (1 - test), of the two shares of success: 1 where each attack on train
    succeeds, 0 where they do no better than on test; below 0 it is noise.

    Source: M. Giomi, F. Boenisch, C. Wehmeyer, B. Tasnadi, "A Unified Framework for Quantifying
    Privacy Risk in Synthetic Data", Proceedings on Privacy Enhancing Technologies 2023(2), section
    4.2, https://arxiv.org/abs/2211.10459. Deviation: a negative value stays one, so that the noise
    is seen.

    Attributes:
        value: the risk; NaN where no attack could be made, or each succeeds on test.
        low: lower end of its 95 % interval.
        high: upper end.
        attacks: how many were made on train, for one interval.
    """

    value: float
    low: float
    high: float
    attacks: int


NO_RISK = Risk(math.nan, math.nan, math.nan, 0)


@dataclass(frozen=True)
class Share:
    """A share of attacks that succeed.

    Attributes:
        value: between 0 and 1.
        half_width: of its 95 % interval.
    """

    value: float
    half_width: float

    @classmethod
    def of(cls, successes: float, n: int) -> Share:
        """With Wilson's interval, of ``n`` independent attacks; a success may be a fraction."""
        spread = math.sqrt(successes * (n - successes) / n + _Z**2 / 4)
        return cls(successes / n, _Z / (n + _Z**2) * spread)


def risk_of(train: Share, test: Share, attacks: int) -> Risk:
    """The risk of two shares of success.

    Their half widths are carried through the formula as if they were standard deviations, as the
    source does.

    Args:
        train: of attacks on train.
        test: of the same attacks on test.
        attacks: how many were made on train.
    """
    left = 1 - test.value
    if left <= 0:
        return NO_RISK
    value = (train.value - test.value) / left
    half = math.hypot(train.half_width / left, test.half_width * (1 - train.value) / left**2)
    return Risk(value, value - half, min(value + half, 1.0), attacks)
