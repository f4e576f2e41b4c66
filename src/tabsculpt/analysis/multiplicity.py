"""How many comparisons are shown, and how many verdicts hold when all of them count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.stats.resampled import SURE, Verdict
from tabsculpt.table import FloatArray


@dataclass(frozen=True)
class Multiplicity:
    """Comparisons of a table, together.

    Attributes:
        shown: how many; ``judged``: of these, how many have splits enough for a verdict.
        called: how many have the verdict better or worse.
        by_chance: how many would at most, on average, if nothing differed.
        holding: how many of those called so are below 0.05 after Holm's correction over all.
    """

    shown: int
    judged: int
    called: int
    by_chance: float
    holding: int

    @property
    def sentence(self) -> str:
        """In a sentence."""
        text = f"{self.shown} comparison{'s' * (self.shown != 1)}"
        if not self.judged:
            return f"{text}, none of them with splits enough for a verdict"
        return (
            f"{text}, {self.judged} with splits enough for a verdict: were there no difference "
            f"anywhere, up to {self.by_chance:.1f} would be called better or worse by chance; "
            f"{self.called} {'is' if self.called == 1 else 'are'}, {self.holding} of them also "
            "after Holm's correction over all that are shown"
        )


def multiplicity(tests: pd.DataFrame) -> Multiplicity:
    """Count the comparisons of a table.

    Args:
        tests: what `comparisons.compare_cells` gives.
    """
    judged = tests.p.notna()
    called = tests.verdict.isin([Verdict.BETTER, Verdict.WORSE])
    return Multiplicity(
        shown=len(tests),
        judged=int(judged.sum()),
        called=int(called.sum()),
        by_chance=2 * (1 - SURE) * int(judged.sum()),
        holding=int((called & (tests.p_holm_all < 2 * (1 - SURE))).sum()),
    )


def holm_corrected(p: Sequence[float]) -> FloatArray:
    """Each p times the number of those that are no smaller, never below that of a smaller p.

    NaN, of a pair that no test was done of, stays so and does not count.

    References:
        A Simple Sequentially Rejective Multiple Test Procedure, Holm, 1979,
        https://www.jstor.org/stable/4615733
    """
    every = np.asarray(p, dtype=np.float64)
    corrected = np.full(len(every), np.nan)
    known = np.flatnonzero(~np.isnan(every))
    order = known[np.argsort(every[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(every[order] * factors))
    return corrected
