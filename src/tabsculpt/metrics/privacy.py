"""What synthetic rows give away of the rows that their generator was trained on.

The attacks hold train against test as two samples of one distribution. Where they are not, as with
a split by groups, a generator that copies nothing scores above 0.5 too, for it has learnt the
groups of train.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tabsculpt.metrics.features import FeatureSpace, table_identities
from tabsculpt.table import FloatArray, Table

MOST_QUERIES = 1000
LEAST_ROWS = 20


@dataclass(frozen=True, eq=False)
class Attacked:
    """Points for the attacks, all tables in the space of train.

    Attributes:
        members: rows of train, shape (n, d), at most 1,000.
        outsiders: as many rows of test.
        train: every row of train.
        test: every row of test.
        synthetic: every synthetic row.
    """

    members: FloatArray
    outsiders: FloatArray
    train: FloatArray
    test: FloatArray
    synthetic: FloatArray

    @classmethod
    def of(cls, train: Table, test: Table, synthetic: Table, seed: int) -> Attacked:
        """Draw equally many members and outsiders."""
        encoding, rng = FeatureSpace.fit(train), np.random.default_rng(seed)
        inside, outside = (encoding.points(table) for table in (train, test))
        size = min(len(train), len(test), MOST_QUERIES)
        members, outsiders = (
            points[rng.permutation(len(points))[:size]] for points in (inside, outside)
        )
        return cls(members, outsiders, inside, outside, encoding.points(synthetic))


def exact_copies(train: Table, other: Table) -> float:
    """The share of rows that equal a row of train in every column; in [0, 1], low is good.

    Missing equals missing. Tables of few categories hold equal rows without any copying: see what
    the test part has.
    """
    identity = table_identities([train, other])
    return float(np.isin(identity[len(train) :], identity[: len(train)]).mean())


def closer_to_train(attacked: Attacked, seed: int) -> float:
    """How often synthetic rows are closer to a row of train than to any of test; in [0, 1].

    0.5 is good: rows of the distribution that train and test are drawn from. 1: every synthetic
    row is nearer to train, as copies of train are; 0: nearer to test. Equal distances count half.
    At most 1,000 synthetic rows are looked at, drawn by the seed.

    Source: Platzer and Reutterer, "Holdout-Based Empirical Assessment of Mixed-Type Synthetic
    Data", Frontiers in Big Data 4, 2021, https://arxiv.org/abs/2104.00635. Deviation: the source
    has as many rows of train as of test. Where n of train and m of test differ, a fresh row is
    nearer to train with probability n / (n + m); that share is put at 0.5, and the shares below
    and above it are stretched to 0 and 1, so that no row of either is left out and a copy of train
    scores 1 whatever the sizes.
    """
    order = np.random.default_rng(seed).permutation(len(attacked.synthetic))[:MOST_QUERIES]
    asked = attacked.synthetic[order]
    to_train = nearest(asked, attacked.train, 1)[:, 0]
    to_test = nearest(asked, attacked.test, 1)[:, 0]
    share = float(((to_train < to_test) + (to_train == to_test) / 2).mean())
    usual = len(attacked.train) / (len(attacked.train) + len(attacked.test))
    return 0.5 * share / usual if share < usual else 1 - 0.5 * (1 - share) / (1 - usual)


def membership_attack(attacked: Attacked) -> dict[str, float]:
    """An attacker who calls real rows near a synthetic one members of train; low is good.

    The score of a row is minus its distance to the nearest synthetic row; members are rows of
    train, the others rows of test, equally many.

    Source: Chen, Yu, Zhang, Fritz, "GAN-Leaks: A Taxonomy of Membership Inference Attacks against
    Generative Models", CCS 2020, https://arxiv.org/abs/1909.03935 (the full black-box attack)

    Returns:
        ``membership_auc``: area under the ROC curve of the score, in [0, 1]; 0.5 is a guess.
        ``membership_accuracy``: see `attack_accuracy`.
    """
    from sklearn.metrics import roc_auc_score

    inside = -nearest(attacked.members, attacked.synthetic, 1)[:, 0]
    outside = -nearest(attacked.outsiders, attacked.synthetic, 1)[:, 0]
    label = np.repeat([1, 0], [len(inside), len(outside)])
    area = roc_auc_score(label, np.concatenate([inside, outside]))
    return {
        "membership_auc": float(area),
        "membership_accuracy": attack_accuracy(inside, outside),
    }


def attack_accuracy(inside: FloatArray, outside: FloatArray) -> float:
    """The share of rows whose membership is guessed by a score; in [0, 1], 0.5 is a guess.

    The attacker knows that half are members and takes those with a score above the median; a row
    at the median counts half. No threshold is fitted to the truth.

    Args:
        inside: scores of the members, shape (n,).
        outside: scores of as many others.
    """
    middle = np.median(np.concatenate([inside, outside]))
    right = np.concatenate([np.sign(inside - middle), np.sign(middle - outside)])
    return float(((right + 1) / 2).mean())


def nearest(asked: FloatArray, among: FloatArray, k: int) -> FloatArray:
    """Distances to the k nearest points, ascending, shape (n, k); in blocks.

    The neighbours are found by matrix products and their distances computed again from the
    coordinates, so that equal points are at distance 0 exactly.

    Args:
        asked: shape (n, d).
        among: shape (m, d), m at least k.
        k: how many, at least 1.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(among)
    found = search.kneighbors(asked, return_distance=False)
    return np.sort(
        np.column_stack([np.linalg.norm(asked - among[found[:, j]], axis=1) for j in range(k)]),
        axis=1,
    )
