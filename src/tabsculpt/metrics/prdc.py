"""Precision, recall, density and coverage by nearest neighbours."""

from __future__ import annotations

import numpy as np

from tabsculpt.metrics.pair import MOST_NEIGHBOURS, Pair


def prdc(pair: Pair) -> dict[str, float]:
    """Fidelity (precision, density) and diversity (recall, coverage); high is good.

    Around each point lies the ball that reaches to its 5th nearest neighbour in its own table.

    Source: Kynkaanniemi, Karras, Laine, Lehtinen, Aila, "Improved Precision and Recall Metric for
    Assessing Generative Models", NeurIPS 2019, https://arxiv.org/abs/1904.06991 (precision,
    recall); Naeem, Oh, Uh, Choi, Yoo, "Reliable Fidelity and Diversity Metrics for Generative
    Models", ICML 2020, https://arxiv.org/abs/2002.09797 (density, coverage). Points are rows, not
    embeddings. A point on the rim is inside, so that tables with many equal rows are sound.

    Args:
        pair: at least 6 real points and 6 others.

    Returns:
        ``precision``: share of others in a real ball, in [0, 1]. ``recall``: share of real points
        in a ball of the others, in [0, 1]. ``density``: mean number of real balls around another
        point, over 5; near 1 for equal distributions, not bounded by it. ``coverage``: share of
        real balls with another point inside, in [0, 1]; 0.97 is expected of a second real sample
        of the same size.
    """
    inside = pair.between <= pair.real.radius(MOST_NEIGHBOURS)[:, None]
    reached = pair.between <= pair.other.radius(MOST_NEIGHBOURS)
    return {
        "precision": float(inside.any(axis=0).mean()),
        "recall": float(reached.any(axis=1).mean()),
        "density": float(np.mean(inside.sum(axis=0)) / MOST_NEIGHBOURS),
        "coverage": float(inside.any(axis=1).mean()),
    }
