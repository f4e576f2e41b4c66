"""Whether synthetic tables give away their training rows, from measurements of their quality."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from tabsculpt.table import FloatArray, IntArray

MARGINS = {
    "membership_auc": 0.05, "closer_to_train": 0.1, "exact_copies": 0.01, "singling_out": 0.1,
    "singling_out_multivariate": 0.1, "linkability": 0.1, "inference": 0.1,
}  # fmt: skip
"""How far above its reference a measurement has to be to count as a sign of risk: a convention.

Those that have an interval have to be above it with the lower end of that, too: attacks on few rows
are noisy."""

DISCLOSURE = ("singling_out", "singling_out_multivariate", "linkability", "inference")
"""Those that are a risk beyond what the same attack reaches on rows that were not learnt from."""


class Risk(StrEnum):
    """What the measurements say of privacy, in words."""

    SIGN = "risk"
    NO_SIGN = "no sign of risk"
    UNKNOWN = "not measured"


@dataclass(frozen=True)
class Sign:
    """One measurement of privacy, over several synthetic tables.

    Attributes:
        metric: its name.
        value: mean over the tables.
        reference: mean of what real rows that were not learnt have, or of a guess.
        tables: how many.
        above: whether the mean is above the reference by more than its margin, whatever the noise
            between tables: few tables are no reason to see no risk.
        attacks: how many were made, over the tables; 0 where a measurement makes none.
    """

    metric: str
    value: float
    reference: float
    tables: int
    above: bool
    attacks: int = 0


@dataclass(frozen=True)
class Privacy:
    """What there is of the measurements of privacy."""

    signs: tuple[Sign, ...]

    @property
    def risk(self) -> Risk:
        """A sign of risk from any of them."""
        if not self.signs:
            return Risk.UNKNOWN
        return Risk.SIGN if any(sign.above for sign in self.signs) else Risk.NO_SIGN


class PrivacyOf:
    """Looks up what was measured of the synthetic tables of some jobs."""

    def __init__(self, quality: pd.DataFrame) -> None:
        """Keep the measurements of privacy.

        Args:
            quality: of whole tables: ``job``, ``metric``, ``value``, ``reference``; may be empty.
        """
        found = quality[quality.metric.isin(list(MARGINS))] if len(quality) else quality
        self._metric = found.metric.to_numpy() if len(found) else np.empty(0, dtype=object)
        columns = ["value", "reference", "low", "attacks"]
        numbers = found.reindex(columns=columns).astype(float) if len(found) else np.empty((0, 4))
        self._numbers = np.asarray(numbers, dtype=np.float64)
        self._places: dict[str, IntArray] = dict(found.groupby("job").indices) if len(found) else {}

    def jobs(self, jobs: Iterable[str]) -> Privacy:
        """Of the tables of some jobs."""
        own = [self._places[job] for job in jobs if job in self._places]
        if not own:
            return Privacy(())
        places = np.concatenate(own)
        of = self._metric[places]
        signs = (_sign(metric, self._numbers[places[of == metric]]) for metric in MARGINS)
        return Privacy(tuple(sign for sign in signs if sign is not None))


def _sign(metric: str, numbers: FloatArray) -> Sign | None:
    known = numbers[~np.isnan(numbers[:, :2]).any(axis=1)]
    if not len(known):
        return None
    value, reference, low = (float(mean) for mean in known[:, :3].mean(axis=0))
    above = value - reference > MARGINS[metric] and not low <= reference
    return Sign(metric, value, reference, len(known), above, int(np.nansum(known[:, 3])))
