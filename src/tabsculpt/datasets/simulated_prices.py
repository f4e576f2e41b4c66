"""Simulated price series that revert to a mean, calm or volatile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.sequences import Predict, SequenceRoles, assemble_sequences
from tabsculpt.errors import UserError

_MEAN = np.log(50.0)
_MEMORY = 0.9
_CALM, _VOLATILE = 0.04, 0.08


@dataclass(frozen=True)
class SimulatedPrices:
    """Series of daily prices whose logarithm is autoregressive, in two regimes.

    The one-factor model of E. Schwartz, "The Stochastic Behavior of Commodity Prices", 1997,
    https://doi.org/10.1111/j.1540-6261.1997.tb02721.x, in steps of a day: the log price is
    log 50 plus 0.9 times yesterday's distance from it plus normal noise, of deviation 0.04 in calm
    series and 0.08 in volatile ones; every other series is volatile, and each starts from the
    stationary distribution. The best prediction of a log price so explains 0.81 of its variance.
    The numbers are ours; the paper whose task this is has the S&P 500, which is not bundled here
    (``dataset=sequence_csv`` reads it).

    Attributes:
        name: what results call the set.
        series: number of series, at least 4.
        days: prices in each, at least 10.
        predict: ``next`` (tomorrow's price) or ``label`` (the regime of the series).
        window: prices in a row; None for 5 (next) or all (label).
        split: ``sequence`` (tested on other series) or ``time`` (on the end of each).
        test_size: share of each series, its end, that is tested on where ``split`` is ``time``.
        seed: of the draw, in [0, 2**31); it is not the seed of the run.
        missing: ``drop``, ``impute`` or ``keep`` (no value is missing).
    """

    name: str = "simulated_prices"
    series: int = 60
    days: int = 40
    predict: str = "next"
    window: int | None = None
    split: str = "sequence"
    test_size: float = 0.33
    seed: int = 0
    missing: str = "drop"

    def load(self) -> Dataset:
        """Draw the series and make windows of them.

        Raises:
            UserError: too few series or days, a negative seed, or a setting that does not fit.
        """
        if self.series < 4 or self.days < 10 or self.seed < 0:
            raise UserError(
                "dataset.series must be at least 4, dataset.days at least 10 and dataset.seed at "
                "least 0"
            )
        target = "regime" if self.predict == Predict.LABEL else "price"
        roles = SequenceRoles(
            target, "day", "series", self.predict, self.window, self.split, self.test_size, [],
            self.missing,
        )  # fmt: skip
        return assemble_sequences(self._draw(), self.name, roles)

    def _draw(self) -> pd.DataFrame:
        rng = np.random.default_rng(self.seed)
        volatile = np.arange(self.series) % 2 == 1
        noise = rng.standard_normal((self.days, self.series))
        noise *= np.where(volatile, _VOLATILE, _CALM)
        noise[0] /= np.sqrt(1 - _MEMORY**2)
        for day in range(1, self.days):
            noise[day] += _MEMORY * noise[day - 1]
        return pd.DataFrame(
            {
                "series": np.repeat(np.arange(self.series), self.days),
                "day": np.tile(np.arange(self.days), self.series),
                "price": np.exp(_MEAN + noise).T.ravel(),
                "regime": np.repeat(np.where(volatile, "volatile", "calm"), self.days),
            }
        )
