"""How far two sets of rows are apart as a whole."""

from __future__ import annotations

from tabsculpt.metrics.pair import Pair

MOST_ROWS = 1000


def wasserstein_joint(pair: Pair) -> float:
    """Wasserstein-1 distance of two equally large sets of points; at least 0, low is good.

    The mean Euclidean distance of the one-to-one assignment of rows that makes it smallest, which
    is the exact distance of sets of equal size. At most the first 1,000 points of each are taken,
    as the cost grows with their cube. It falls with the number of rows, for equal distributions
    too, so that only values at the same number compare.

    Source: Peyré and Cuturi, "Computational Optimal Transport", 2019, Proposition 2.1,
    https://arxiv.org/abs/1803.00567

    Args:
        pair: as many real points as others, in random order.

    Raises:
        ValueError: the numbers of points differ.
    """
    from scipy.optimize import linear_sum_assignment

    if len(pair.real) != len(pair.other):
        raise ValueError(f"{len(pair.real)} real points and {len(pair.other)} others must be equal")
    cost = pair.between[:MOST_ROWS, :MOST_ROWS]
    return float(cost[linear_sum_assignment(cost)].mean())
