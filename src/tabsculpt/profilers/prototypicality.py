"""How far each row is from the prototype of its own kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tabsculpt.errors import UserError
from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.features import own_order, standard_features, standard_target
from tabsculpt.table import FloatArray, IntArray, Table, Task


@dataclass(frozen=True)
class Prototypicality:
    """Distance to the nearest prototype of a row's own kind; high, far from it, is hard.

    Prototypes are k-means centres of the rows of a kind, on standardised features with missing
    ones imputed by the median; with one prototype, the mean.

    - Classification: a kind is a class, and the score is the distance to the nearest prototype
      of the row's class, in standard deviations of a feature.
    - Regression: a kind is a bin between quantiles of the target. Bins, unlike classes, lie so
      close together that the distance to the own one tells little of the target. So the distance
      is taken along the target: |y - sum_b w_b m_b|, in units of the target's spread (see
      `features.standard_target`), where m_b is the median target of bin b and w_b the
      probability that the row's features are those of bin b, if each bin is normal with unit
      variance about its prototypes: w_b proportional to exp(-d_b ** 2 / 2), with d_b the distance
      to the nearest prototype of bin b.

    Source: Sorscher, Geirhos, Shekhar, Ganguli, Morcos, "Beyond neural scaling laws: beating power
    law scaling via data pruning", NeurIPS 2022, https://arxiv.org/abs/2206.14486, in the
    supervised form. Deviations: the distance is Euclidean and in the space of the features, where
    the source looks at the embedding of a trained network; the regression form is new.

    Args:
        cut: how scores become segments.
        threshold: the share of hard rows; or the distance above which a row is hard.
        prototypes: of each class or bin, at least 1; fewer where its rows are fewer.
        bins: of a numeric target, at least 1; fewer where many rows share a value.

    Raises:
        UserError: ``prototypes`` or ``bins`` is too low.
    """

    libraries: ClassVar[tuple[str, ...]] = ("numpy", "scikit-learn", "scipy")
    hard_is: ClassVar[Literal["low", "high"]] = "high"
    least_rows: ClassVar[int] = 10
    recorder: ClassVar[None] = None

    cut: SegmentRule = SegmentRule.FRACTION
    threshold: float = 0.1
    prototypes: int = 1
    bins: int = 5

    def __post_init__(self) -> None:
        for name, value in (("prototypes", self.prototypes), ("bins", self.bins)):
            if value < 1:
                raise UserError(f"prototypicality: {name} is {value}, expected at least 1")

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        order = own_order(table, seed)
        rows = table.take(order)
        regression = rows.schema.task is Task.REGRESSION
        from_kinds = self._along_target if regression else self._to_own_class
        score = np.empty(len(rows))
        score[order] = from_kinds(standard_features(rows), rows.target, seed)
        return Scores(score)

    def _to_own_class(self, features: FloatArray, target: IntArray, seed: int) -> FloatArray:
        kind = np.unique(target, return_inverse=True)[1]
        return self._distances(features, kind, seed)[np.arange(len(kind)), kind]

    def _along_target(self, features: FloatArray, target: FloatArray, seed: int) -> FloatArray:
        standard = standard_target(target)
        kind = _quantile_bins(standard, self.bins)
        squared = self._distances(features, kind, seed) ** 2
        weights = np.exp((squared.min(axis=1, keepdims=True) - squared) / 2)
        medians = [np.median(standard[kind == each]) for each in range(weights.shape[1])]
        apart: FloatArray = np.abs(standard - weights @ medians / weights.sum(axis=1))
        return apart

    def _distances(self, features: FloatArray, kind: IntArray, seed: int) -> FloatArray:
        """From each row to the nearest prototype of each kind, shape (n, kinds)."""
        from scipy.spatial.distance import cdist

        return np.column_stack(
            [
                cdist(features, _centres(features[kind == each], self.prototypes, seed)).min(axis=1)
                for each in range(kind.max() + 1)
            ]
        )


def _centres(features: FloatArray, count: int, seed: int) -> FloatArray:
    """At most ``count`` k-means centres of some rows, shape (count, d)."""
    from sklearn.cluster import KMeans

    if count == 1 or not features.shape[1]:
        mean: FloatArray = features.mean(axis=0, keepdims=True)
        return mean
    distinct = len(np.unique(features, axis=0))
    centres: FloatArray = (
        KMeans(min(count, distinct), n_init=5, random_state=seed).fit(features).cluster_centers_
    )
    return centres


def _quantile_bins(target: FloatArray, count: int) -> IntArray:
    """Which of at most ``count`` bins of about equal size each value is in, none of them empty.

    Equal values share a bin.
    """
    edges = np.quantile(target, np.arange(1, count) / count, method="inverted_cdf")
    bins: IntArray = np.unique(np.searchsorted(edges, target), return_inverse=True)[1]
    return bins
