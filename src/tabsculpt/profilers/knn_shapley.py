"""What each row is worth to a nearest-neighbour model: exact Shapley values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from tabsculpt.errors import UserError
from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.features import own_order, standard_features, standard_target
from tabsculpt.profilers.folds import folds
from tabsculpt.profilers.placement import Device, torch_device
from tabsculpt.table import FloatArray, Table, Task, concat

_CPU_BLOCK = 2**18
_CUDA_BLOCK = 2**25
"""Distances held at once: what stays in a core's cache, and 256 MiB."""


@dataclass(frozen=True)
class KNNShapley:
    """The Shapley value of each row for a K-nearest-neighbour model; low, and below 0, is hard.

    Values are for the rows that are set aside for it (``split.valuation``). Where none are, they
    are cross-fitted: each fold in turn is the validation part of the rows outside it, and a row's
    value is the mean over the validation rows of all folds but its own. `knn_shapley_values` has
    the formulas. A value is of the order of 1/n; rows below 0 do harm, so that 0 is the natural
    threshold.

    Features are standardised, missing ones imputed by the median. The target of a regression is
    centred at its median in units of its spread, which makes the values free of its unit, and the
    prediction without neighbours the median. Rows that are equally far are taken in an order drawn
    from the seed, and so are the folds; the order of the table does not matter.

    Source: Jia, Dao, Wang, Hubis, Gurel, Li, Zhang, Spanos, Song, "Efficient Task-Specific Data
    Valuation for Nearest Neighbor Algorithms", VLDB 2019, https://arxiv.org/abs/1908.08619; as a
    measure of hardness: Ferracci, Goldmann, Hinel, Sanna Passino, "Targeted synthetic data
    generation for tabular data via hardness characterization", 2024,
    https://arxiv.org/abs/2410.00759, sections 2.2 and 3.

    Args:
        cut: how scores become segments.
        threshold: the share of hard rows; or the value below which a row is hard.
        k: neighbours, at least 1.
        folds: of the cross-fitting, at least 2.
        device: where the neighbours are sorted: auto (the job's device), cpu or cuda.

    Raises:
        UserError: ``k`` or ``folds`` is too low.
    """

    libraries: ClassVar[tuple[str, ...]] = ("numpy", "scikit-learn", "scipy")
    hard_is: ClassVar[Literal["low", "high"]] = "low"
    least_rows: ClassVar[int] = 10
    recorder: ClassVar[None] = None

    cut: SegmentRule = SegmentRule.FRACTION
    threshold: float = 0.1
    k: int = 5
    folds: int = 5
    device: Device = Device.AUTO

    def __post_init__(self) -> None:
        _require_neighbours(self.k)
        if self.folds < 2:
            raise UserError(f"knn_shapley: folds is {self.folds}, expected at least 2")

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        order = own_order(table, seed)
        rows = table.take(order)
        features, target, task = standard_features(rows), rows.target, rows.schema.task
        if task is Task.REGRESSION:
            target = standard_target(target)
        total, count = np.zeros(len(rows)), np.zeros(len(rows))
        for fit, held in folds(rows, self.folds, seed):
            values = knn_shapley_values(
                features[fit], target[fit], features[held], target[held],
                k=self.k, task=task, device=self.device,
            )  # fmt: skip
            total[fit] += len(held) * values
            count[fit] += len(held)
        score = np.empty(len(rows))
        score[order] = total / count
        return Scores(score)

    def value(self, table: Table, validation: Table, seed: int) -> Scores:
        """See `Valuer.value`; features, and numeric targets, are put on one scale together."""
        order, n = own_order(table, seed), len(table)
        both = concat([table.take(order), validation])
        features, target, task = standard_features(both), both.target, both.schema.task
        if task is Task.REGRESSION:
            target = standard_target(target)
        score = np.empty(n)
        score[order] = knn_shapley_values(
            features[:n], target[:n], features[n:], target[n:],
            k=self.k, task=task, device=self.device,
        )  # fmt: skip
        return Scores(score)


def knn_shapley_values(
    features: FloatArray,
    target: npt.NDArray[Any],
    validation_features: FloatArray,
    validation_target: npt.NDArray[Any],
    *,
    k: int,
    task: Task,
    device: str = "cpu",
) -> FloatArray:
    r"""Exact Shapley values of training rows, averaged over validation rows.

    With N training rows a_1, ..., a_N in order of their distance to a validation row of target y,
    and top(S) the min(K, |S|) nearest rows of a set S, the utility of S is

    - classification: U(S) = 1/K sum_{j in top(S)} m_j, where m_j = 1[y_j = y];
    - regression: U(S) = -(1/K sum_{j in top(S)} y_j - y)^2.

    Both divide by K also where S has fewer rows, so that U of no rows is 0 and -y^2: centre the
    target of a regression. With c_i = min(K, i) / (i K),

    - classification: s_N = m_N c_N and s_i = s_{i+1} + (m_i - m_{i+1}) c_i, which by summation by
      parts is s_i = m_i c_i - sum_{j > max(i, K)} m_j / (j (j - 1));
    - regression: s_i = s_{i+1} + (y_{i+1} - y_i) [c_i ((y_i + y_{i+1}) / K - 2 y)
      + (q_i sum_{j < i} y_j + sum_{j > i+1} q_{j-1} y_j) / K^2], where q_1 = 0 and
      q_t = min(K - 1, t - 1) min(K, t) / (t (t - 1)), and s_{N+1} = y_{N+1} = 0 start it.

    Deviation: the source's s_N = m_N / N is right where N >= K only; c_N is 1/K below. The
    regression form is derived anew. Shapley's weights are those of a random set S that holds
    each row with probability p, p uniform in (0, 1), and s_i - s_{i+1} is the mean over S of the
    other rows of U(S + a_i) - U(S + a_{i+1}). That is 0 unless S has fewer than K rows nearer
    than a_i (probability K c_i), and else linear in the K - 1 nearest rows of S; a row is one of
    them with probability q_t / 2, that of being in S with fewer than K - 1 of t - 2 others, where
    t = i for rows nearer than a_i and j - 1 for a farther a_j.

    Each validation row costs a sort and two or three running sums. Squared distances are summed
    in float64; those that agree to 12 digits (N = 1,000; to 10 at 100,000) count as equal, and
    equal ones are taken by position in ``features``.

    Args:
        features: shape (N, d), on one scale, finite.
        target: shape (N,), class codes or numbers.
        validation_features: shape (V, d).
        validation_target: shape (V,).
        k: K, at least 1.
        task: of the target.
        device: "cpu", which is NumPy's, or a device of torch ("cuda"), which rounds differently.

    Returns:
        Shape (N,); the sum is the mean of U(all rows) - U(no rows).

    Raises:
        UserError: ``k`` is too low, or there is no such device.
        ValueError: no rows, or values that are not finite.
    """
    _require_neighbours(k)
    for values in (features, target, validation_features, validation_target):
        if not len(values) or not np.isfinite(values).all():
            raise ValueError("nearest neighbours need at least one row, and finite values")
    if task is Task.REGRESSION:
        target, validation_target = target.astype(float), validation_target.astype(float)
    rows = features, target, validation_features, validation_target
    where = torch_device(device)
    total = _sums(*rows, k, task) if where == "cpu" else _sums_by_torch(*rows, k, task, where)
    return total / len(validation_target)


def _require_neighbours(k: int) -> None:
    if k < 1:
        raise UserError(f"knn_shapley: k is {k}, expected at least 1 neighbour")


def _sums(
    features: FloatArray,
    target: npt.NDArray[Any],
    validation_features: FloatArray,
    validation_target: npt.NDArray[Any],
    k: int,
    task: Task,
) -> FloatArray:
    """The sum over validation rows of the values of N training rows, shape (N,)."""
    from scipy.spatial.distance import cdist

    n = len(features)
    total, weights, low = np.zeros(n), _weights(n, k, task), _low_bits(n)
    position = np.arange(n)
    for block in _blocks(len(validation_features), n, _CPU_BLOCK):
        keys = cdist(validation_features[block], features, "sqeuclidean").view(np.int64)
        _pack(keys, position, low)
        keys.sort(axis=1)
        keys &= low
        values = _by_rank(target[keys], validation_target[block, None], k, task, weights)
        for order, row in zip(keys, values, strict=True):
            total[order] += row
    return total


def _sums_by_torch(
    features: FloatArray,
    target: npt.NDArray[Any],
    validation_features: FloatArray,
    validation_target: npt.NDArray[Any],
    k: int,
    task: Task,
    device: str,
) -> FloatArray:
    """`_sums` on a device of torch."""
    import torch

    n, low = len(features), _low_bits(len(features))
    weights = [torch.as_tensor(w, device=device) for w in _weights(n, k, task)]
    x, y, x_held, y_held = (
        torch.as_tensor(np.ascontiguousarray(values), device=device)
        for values in (features, target, validation_features, validation_target)
    )
    total, position = torch.zeros(n, dtype=torch.float64, device=device), torch.arange(n).to(device)
    for block in _blocks(len(x_held), n, _CUDA_BLOCK):
        apart = torch.cdist(x_held[block], x, compute_mode="donot_use_mm_for_euclid_dist")
        keys = apart.square_().view(torch.int64)
        _pack(keys, position, low)
        keys = keys.sort(dim=1).values
        keys &= low
        values = _by_rank(y[keys], y_held[block, None], k, task, weights)
        total += torch.zeros_like(values).scatter_(1, keys, values).sum(dim=0)
    summed: FloatArray = total.cpu().numpy()
    return summed


def _blocks(rows: int, n: int, most: int) -> Iterator[slice]:
    """Slices of the validation rows, each with at most ``most`` distances (or one row)."""
    step = max(1, most // n)
    return (slice(start, start + step) for start in range(0, rows, step))


def _low_bits(n: int) -> int:
    """A mask of the bits that a position among n takes."""
    return (1 << max(1, (n - 1).bit_length())) - 1


def _pack(bits: Any, position: Any, low: int) -> None:
    """Round squared distances, given as their bits, and put the row's position in the low bits.

    The bits of floats that are not negative are in the order of the floats. Sorting such keys is
    a stable sort, with the positions at hand after it, and cheaper than to sort positions.
    """
    bits += low // 2 + 1
    bits &= ~low
    bits |= position


def _weights(n: int, k: int, task: Task) -> list[FloatArray]:
    """What depends on the rank i = 1..n alone: c_i, and the weights inside the running sums."""
    rank = np.arange(1.0, n + 1)
    share = np.minimum(k, rank) / (k * rank)
    before = np.maximum(rank - 1, 1)
    if task is not Task.REGRESSION:
        return [share, np.where(rank > k, 1 / (rank * before), 0.0)]
    pair = np.minimum(k - 1, rank - 1) * np.minimum(k, rank) / (rank * before * k**2)
    return [share, pair, np.concatenate([[0.0], pair[:-1]])]


def _by_rank(y: Any, truth: Any, k: int, task: Task, weights: list[Any]) -> Any:
    """Values of rows in the order of their distance, for arrays of NumPy and of torch alike.

    Args:
        y: shape (b, N), targets of the training rows, nearest first.
        truth: shape (b, 1), targets of the validation rows.
        k: neighbours.
        task: of the target.
        weights: of `_weights`.

    Returns:
        Shape (b, N).
    """
    if task is not Task.REGRESSION:
        share, drop = weights
        match = y == truth
        passed = (match * drop).cumsum(-1)
        return match * share + (passed - passed[:, -1:])
    share, pair, pair_before = weights
    following = 0 * y
    following[:, :-1] = y[:, 1:]
    farther = (y * pair_before).cumsum(-1)
    beyond = 0 * y
    beyond[:, :-1] = farther[:, -1:] - farther[:, 1:]
    nearer = y.cumsum(-1) - y
    step = (following - y) * (share * ((y + following) / k - 2 * truth) + pair * nearer + beyond)
    summed = step.cumsum(-1)
    return step + (summed[:, -1:] - summed)
