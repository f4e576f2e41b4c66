"""How much noise there is at a time; imported where it is used: it needs torch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAST, MOST = 0.002, 80.0
"""The standard deviations of the noise at the times 0 and 1."""

_GENTLEST = 0.5
"""The least slope of a distribution function, on the scale of the logarithm of the noise."""

_RAREST = 0.02
"""Densities are kept above this where they are divided by."""


class NoiseSchedule(nn.Module):
    """Times in [0, 1] as standard deviations of noise, for each kind of column, learnt.

    How great the error at a noise is, as a share of the greatest, is taken for a distribution
    function of the noise: a logistic one of its logarithm, cut at `LEAST` and `MOST`. Its inverse
    at uniform times gives many noises where the error rises fast, which is where columns become
    known, and few where everything or nothing is.

    Source: see `tabsculpt.generators.cdtd.cdtd.CDTD`, section 3.3.

    Args:
        centres: where the error is half of the greatest at first, for each of g kinds.
    """

    def __init__(self, centres: Sequence[float]) -> None:
        super().__init__()
        self.centre = nn.Parameter(torch.tensor(centres).log())
        self.steepness = nn.Parameter(torch.full((len(centres),), math.log(math.e - 1)))
        self.height = nn.Parameter(torch.ones(len(centres)))

    def noise(self, times: Tensor) -> Tensor:
        """Standard deviations at times, shape (n,), for each kind, shape (n, g)."""
        slope = self._slope()
        low, high = self._ends(slope)
        log = self.centre + torch.logit(low + times[:, None] * (high - low)) / slope
        return log.clamp(math.log(LEAST), math.log(MOST)).exp()

    def loss(self, noise: Tensor, errors: Tensor) -> Tensor:
        """How far the distribution functions are from the errors, all noises being as likely.

        Args:
            noise: standard deviations that this schedule gave, shape (n, g).
            errors: at these, shape (n, g).
        """
        slope = self._slope()
        low, high = self._ends(slope)
        share = torch.sigmoid(slope * (noise.log() - self.centre))
        off = (self.height * (share - low) / (high - low) - errors).square()
        density = (slope * share * (1 - share)).detach().clamp(min=_RAREST)
        return (off / density).mean() / (1 / density).mean()

    def _slope(self) -> Tensor:
        return _GENTLEST + functional.softplus(self.steepness)

    def _ends(self, slope: Tensor) -> tuple[Tensor, Tensor]:
        """The distribution functions at the least and at the most noise, before the cut."""
        low, high = (slope * (math.log(end) - self.centre) for end in (LEAST, MOST))
        return torch.sigmoid(low), torch.sigmoid(high)
