"""Intervals of a difference of two scores on few test rows, by exchanging the two row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from tabsculpt.stats.delta_method import Difference, binary_auc_influence
from tabsculpt.table import FloatArray, IntArray

SWAPS, FEWEST_SWAPS = 1999, 199
WORK = 2e7
"""Predictions that are exchanged in all, about: of long test parts there are fewer draws."""
AT_ONCE = 2e6
"""Numbers that are held at once, about."""
LARGEST = 4e6
"""Pairs of rows of two classes whose order is looked up; of more the AUC is taken as linear."""
BoolArray = npt.NDArray[np.bool_]
Single = npt.NDArray[np.float32]
Predictions = Sequence[FloatArray]
Score = Callable[[npt.NDArray[Any], Predictions, Predictions, BoolArray], FloatArray]
"""From the truth, the predictions of two arms by unit, and for each draw which rows are exchanged,
shape (draws, n): the first arm's mean score less the second's, shape (draws,)."""


def swapped_difference(
    metric: str,
    truth: npt.NDArray[Any],
    first: Predictions,
    second: Predictions,
    groups: npt.NDArray[Any] | None = None,
    level: float = 0.95,
) -> Difference:
    """The difference of the mean scores of two arms, with the interval of a permutation test.

    Were the two alike in law, each row's predictions could as well be the other arm's. So the rows
    whose predictions are exchanged are drawn at random, and the interval reaches as far to either
    side as all but 5 % of the differences that come of it: it leaves out zero where the test
    rejects, whatever the number of rows of a class. What is ranked is exchanged as ranks among the
    test rows, so that the scale of a score does not count (Venkatraman and Begg).

    Args:
        metric: one of `SCORES`.
        truth: shape (n,), in the target's unit or as class codes.
        first: predictions of the first arm by unit (predictor, draw), each shape (n,) or
            (n, classes).
        second: those of the second arm on the same units.
        groups: the group of each row, where rows of a group are exchanged together.
        level: share of the permutations that the interval holds.

    Returns:
        The difference, without ends where a class has a single row or all rows are of one group.

    References:
        A Distribution-free Procedure for Comparing Receiver Operating Characteristic Curves from a
        Paired Experiment, Venkatraman and Begg, Biometrika 83, 1996,
        https://doi.org/10.1093/biomet/83.4.835
    """
    score, n = SCORES[metric], len(truth)
    _, unit = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)
    units = int(unit.max()) + 1
    value = float(score(truth, first, second, np.zeros((1, n), dtype=bool))[0])
    lone = first[0].ndim == 2 and np.unique(truth, return_counts=True)[1].min() < 2
    if units < 2 or lone:
        return Difference(value, -np.inf, np.inf, np.nan, n, units)
    rng = np.random.default_rng([crc32(p.tobytes()) for p in (first[0], second[0])])
    draws = int(np.clip(WORK / (n * len(first)), FEWEST_SWAPS, SWAPS))
    step = max(1, int(AT_ONCE / n))
    sizes = [min(step, draws - start) for start in range(0, draws, step)]
    swapped = (rng.random((size, units)) < 0.5 for size in sizes)
    drawn = np.concatenate([score(truth, first, second, swap[:, unit]) for swap in swapped])
    reach = float(np.quantile(np.abs(drawn), level, method="higher"))
    error = float(np.sqrt(np.mean(drawn**2)))
    if abs(abs(value) - reach) < 1e-12:  # a tie is no rejection, whatever the last digit says
        reach = abs(value)
    return Difference(value, value - reach, value + reach, error, n, units)


def _rmse(
    truth: npt.NDArray[Any], first: Predictions, second: Predictions, swap: BoolArray
) -> FloatArray:
    found = np.zeros(len(swap))
    for one, other in zip(first, second, strict=True):
        squares = [(truth - prediction) ** 2 for prediction in (one, other)]
        moved = swap @ (squares[1] - squares[0])
        sums = (float(squares[0].sum()) + moved, float(squares[1].sum()) - moved)
        found += np.subtract(*(np.sqrt(np.maximum(part, 0) / len(truth)) for part in sums))
    return found / len(first)


def _auc_roc(
    truth: npt.NDArray[Any], first: Predictions, second: Predictions, swap: BoolArray
) -> FloatArray:
    classes = _scored(truth, first[0])
    found = np.zeros(len(swap))
    for c in classes:
        positive = truth == c
        both = [[_ranks(p[:, c]) for p in arm] for arm in (first, second)]
        many = positive.sum() * (~positive).sum() > LARGEST
        found += (_linear if many else _in_order)(positive, both, swap)
    return found / len(classes)


def _in_order(positive: BoolArray, both: list[list[FloatArray]], swap: BoolArray) -> FloatArray:
    """By the share of pairs of a positive and a negative row that are in order, ties half."""
    up, down = swap[:, positive].astype(np.float32), swap[:, ~positive].astype(np.float32)

    def order(of_up: int, of_down: int) -> Single:
        total = np.zeros((up.shape[1], down.shape[1]), dtype=np.float32)
        for one, other in zip(both[of_up], both[of_down], strict=True):
            apart = one[positive][:, None] - other[~positive]
            total += (np.sign(apart) + 1) / 2
        total /= total.size * len(both[0])
        return total

    def area(up: Single, down: Single) -> Single:
        of_first = np.einsum("rm,rm->r", 1 - up, (1 - down) @ same[0].T + down @ mixed[0].T)
        of_second = np.einsum("rm,rm->r", up, (1 - down) @ mixed[1].T + down @ same[1].T)
        found: Single = of_first + of_second
        return found

    same, mixed = (order(0, 0), order(1, 1)), (order(0, 1), order(1, 0))
    return (area(up, down) - area(1 - up, 1 - down)).astype(np.float64)


def _linear(positive: BoolArray, both: list[list[FloatArray]], swap: BoolArray) -> FloatArray:
    """By what each row moves the AUC by."""
    moved = []
    for arm in both:
        areas = [_area(positive, ranks) for ranks in arm]
        parts = [binary_auc_influence(positive, ranks) for ranks in arm]
        moved.append(np.mean(parts, axis=0) + np.mean(areas))
    return (1 - 2 * swap.astype(np.float64)) @ (moved[0] - moved[1]) / len(positive)


def _area(positive: BoolArray, ranks: FloatArray) -> float:
    m = int(positive.sum())
    return float((ranks[positive].sum() - m * (m + 1) / 2) / (m * (len(ranks) - m)))


def _auc_pr(
    truth: npt.NDArray[Any], first: Predictions, second: Predictions, swap: BoolArray
) -> FloatArray:
    classes = _scored(truth, first[0])
    found = np.zeros(len(swap))
    for c in classes:
        for one, other in zip(first, second, strict=True):
            ranks = _ranks(one[:, c]), _ranks(other[:, c])
            for sign, exchanged in ((1, swap), (-1, ~swap)):
                found += sign * _precision(truth == c, np.where(exchanged, ranks[1], ranks[0]))
    return found / len(classes) / len(first)


def _precision(positive: BoolArray, scores: FloatArray) -> FloatArray:
    """Average precision of each row of scores, shape (draws, n)."""
    n = scores.shape[1]
    order = np.argsort(-scores, axis=1, kind="stable")
    ordered = np.take_along_axis(scores, order, axis=1)
    hits = np.cumsum(positive[order], axis=1)
    last = np.where(np.diff(ordered, axis=1, append=-np.inf) != 0, np.arange(n), n - 1)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]  # of rows with equal scores
    precision = np.take_along_axis(hits, last, axis=1) / (last + 1)
    found: FloatArray = (precision * positive[order]).sum(axis=1) / positive.sum()
    return found


def _macro_f1(
    truth: npt.NDArray[Any], first: Predictions, second: Predictions, swap: BoolArray
) -> FloatArray:
    found = np.zeros(len(swap))
    occurring = np.bincount(truth, minlength=first[0].shape[1])
    for one, other in zip(first, second, strict=True):
        labels = one.argmax(axis=1), other.argmax(axis=1)
        for sign, exchanged in ((1, swap), (-1, ~swap)):
            found += sign * _mean_f1(truth, occurring, *labels, exchanged)
    return found / len(first)


def _mean_f1(
    truth: IntArray, occurring: IntArray, first: IntArray, second: IntArray, swap: BoolArray
) -> FloatArray:
    """Classes as for `tabsculpt.metrics.classification.macro_f1`."""

    def counts(of: Callable[[IntArray, int], BoolArray]) -> Iterator[FloatArray]:
        for c in range(len(occurring)):
            kept, other = of(first, c), of(second, c)
            yield kept.sum() + swap @ (other.astype(np.float64) - kept)

    predicted = np.array(list(counts(lambda labels, c: labels == c)))
    hits = np.array(list(counts(lambda labels, c: (labels == c) & (truth == c))))
    either = predicted + occurring[:, None]
    f1 = np.where(either > 0, 2 * hits / np.maximum(either, 1), 0)
    mean: FloatArray = f1.sum(axis=0) / (either > 0).sum(axis=0)
    return mean


def _scored(truth: npt.NDArray[Any], prediction: FloatArray) -> list[int]:
    return [1] if prediction.shape[1] == 2 else [int(c) for c in np.unique(truth)]


def _ranks(scores: FloatArray) -> FloatArray:
    from scipy.stats import rankdata

    ranks: FloatArray = rankdata(scores)
    return ranks


SCORES: dict[str, Score] = {
    "rmse": _rmse,
    "auc_roc": _auc_roc,
    "auc_pr": _auc_pr,
    "macro_f1": _macro_f1,
}
