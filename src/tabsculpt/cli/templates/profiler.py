"""A profiler of one's own: leverage, the pull of a row on a linear model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Gt

from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.features import standard_features
from tabsculpt.table import Table


@dataclass(frozen=True)
class Template:
    """Leverage x (X'X + n ridge I)^-1 x' of each row on standardised features; high is hard.

    It looks at the features alone: rows far from the others pull most.

    Source: Hoaglin, Welsch, "The Hat Matrix in Regression and ANOVA", The American Statistician
    32, 1978, https://doi.org/10.1080/00031305.1978.10479237; the ridge is added.

    Args:
        cut: how scores become segments: threshold, or fraction.
        threshold: the share of hard rows (fraction), or the leverage above which a row is hard.
        ridge: of the features' covariance, above 0, which keeps it invertible.
    """

    libraries: ClassVar[tuple[str, ...]] = ("numpy",)
    hard_is: ClassVar[Literal["low", "high"]] = "high"
    least_rows: ClassVar[int] = 10
    recorder: ClassVar[None] = None

    cut: SegmentRule = SegmentRule.FRACTION
    threshold: float = 0.1
    ridge: Annotated[float, Gt(0)] = 0.1

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `tabsculpt.profilers.Profiler.score`."""
        features = standard_features(table)
        n, d = features.shape
        solved = np.linalg.solve(features.T @ features + n * self.ridge * np.eye(d), features.T)
        return Scores(np.einsum("ij,ji->i", features, solved))
