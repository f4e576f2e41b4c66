"""Metrics of whole rows: distances, neighbours, and a classifier that tells tables apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance_nd

from tabsculpt.metrics.alpha import LEVELS, alpha_precision, authenticity, beta_recall
from tabsculpt.metrics.detection import detection_auc
from tabsculpt.metrics.features import FeatureSpace, row_identities, table_identities, whole_matrix
from tabsculpt.metrics.multivariate import wasserstein_joint
from tabsculpt.metrics.pair import Cloud, Pair
from tabsculpt.metrics.prdc import prdc
from tabsculpt.table import Column, Kind, Schema, Task, conform


def pair(real, other):
    return Pair(Cloud(np.asarray(real, dtype=float)), Cloud(np.asarray(other, dtype=float)))


def normal(rows, seed, shift=0.0):
    return np.random.default_rng(seed).normal(shift, 1, size=(rows, 3))


SAME = pair(normal(150, 0), normal(150, 1))
FAR = pair(normal(150, 0), normal(150, 1, shift=50))
COPIES = pair(normal(150, 0), normal(150, 0))
CROWDED = pair(normal(150, 0), 0.01 * normal(150, 1))


def test_every_column_has_the_same_weight(draw):
    table = draw(500, 0, missing=0.05)
    points = FeatureSpace.fit(table).points(table)
    assert points.mean(axis=0) == pytest.approx(0, abs=1e-9)
    one_each, four, two = [0, 1, 2], slice(3, 7), slice(7, 9)
    variance = points.var(axis=0)
    assert variance[one_each] == pytest.approx(1)
    assert variance[four].sum() == pytest.approx(1)
    assert variance[two].sum() == pytest.approx(1)
    assert variance[-1] == pytest.approx(1)
    assert points.shape[1] == 10


def test_other_tables_are_seen_as_train_is():
    schema = Schema(
        tuple(Column(name, Kind.CONTINUOUS) for name in ("x", "e", "o", "y")), "y", Task.REGRESSION
    )
    given = {"x": [0.0, 2.0, None, 2.0], "e": [None] * 4, "o": [7.0] * 4, "y": [1.0, 1, 3, 3]}
    train = conform(pd.DataFrame(given), schema)
    other = conform(pd.DataFrame({"x": [None], "e": [5.0], "o": [9.0], "y": [5.0]}), schema)
    # x is filled with 2, its mean is 1.5 and its deviation sqrt(0.75); e is left out
    assert FeatureSpace.fit(train).points(other)[0] == pytest.approx([0.5 / 0.75**0.5, 2, 3])


def test_equal_rows_have_one_identity():
    rows = np.array([[0.0, np.nan], [-0.0, np.nan], [0.0, 1.0], [0.0, np.nan]])
    assert row_identities(rows).tolist() == [0, 0, 1, 0]


def test_rows_of_tables_are_equal_where_every_column_is(draw, classes):
    table = draw(300, 0, missing=0.3, schema=classes)
    few = conform(table.frame.assign(x=0.0, n=table.frame.n.clip(-1, 1), y=-0.0), classes)
    again = few.take(np.random.default_rng(1).integers(300, size=200))
    expected = row_identities(np.vstack([whole_matrix(few), whole_matrix(again)]))
    found = table_identities([few, again])
    assert found.tolist() == expected.tolist()
    assert 10 < found.max() + 1 < 200
    assert table_identities([draw(300, 1)]).tolist() == list(range(300))


def test_the_joint_distance_by_linear_programming():
    real, other = normal(25, 0), normal(25, 1, shift=1)
    expected = wasserstein_distance_nd(real, other)
    assert wasserstein_joint(pair(real, other)) == pytest.approx(expected)


def test_a_shift_is_at_its_own_distance():
    real = normal(60, 0)
    moved = real[::-1] + np.array([3, 4, 0])
    assert wasserstein_joint(pair(real, moved)) == pytest.approx(5)
    assert wasserstein_joint(pair(real, real[::-1])) == 0
    with pytest.raises(ValueError, match="must be equal"):
        wasserstein_joint(pair(real, moved[1:]))


def test_equal_tables_are_faithful_and_diverse_and_copied():
    assert alpha_precision(COPIES) == pytest.approx(1, abs=0.02)
    assert beta_recall(COPIES) == pytest.approx(1, abs=0.02)
    assert authenticity(COPIES) == 0
    found = prdc(COPIES)
    assert {name: found[name] for name in ("precision", "recall", "coverage")} == {
        "precision": 1, "recall": 1, "coverage": 1,
    }  # fmt: skip
    assert found["density"] == pytest.approx(6 / 5, abs=0.2)  # its own ball and about five others


def test_far_tables_are_neither():
    assert alpha_precision(FAR) == pytest.approx(0, abs=0.04)
    assert beta_recall(FAR) == pytest.approx(0, abs=0.04)
    assert authenticity(FAR) == 1
    assert prdc(FAR) == {"precision": 0, "recall": 0, "density": 0, "coverage": 0}


def test_another_sample_is_good_and_a_crowd_in_the_middle_is_not():
    assert alpha_precision(SAME) > 0.8
    assert beta_recall(SAME) > 0.85
    assert 0.35 < authenticity(SAME) < 0.7
    assert prdc(SAME)["coverage"] > 0.9
    assert prdc(CROWDED)["precision"] == 1
    assert prdc(CROWDED)["recall"] < 0.1
    assert beta_recall(CROWDED) < 0.1
    assert alpha_precision(CROWDED) < 0.1


def test_neighbours_by_brute_force():
    real, other = normal(40, 2), normal(30, 3, shift=0.7)
    between = cdist(real, other)
    r, o = (np.sort(cdist(p, p), axis=1)[:, 5] for p in (real, other))
    hits = [[between[i, j] <= r[i] for j in range(30)] for i in range(40)]
    expected = {
        "precision": np.mean([any(hits[i][j] for i in range(40)) for j in range(30)]),
        "recall": np.mean([any(between[i, j] <= o[j] for j in range(30)) for i in range(40)]),
        "density": np.sum(hits) / (5 * 30),
        "coverage": np.mean([any(row) for row in hits]),
    }
    assert prdc(pair(real, other)) == pytest.approx(expected)


def test_alpha_precision_and_authenticity_by_brute_force():
    real, other = normal(40, 2), normal(30, 3, shift=0.7)
    centre = real.mean(axis=0)
    near, far = (np.sqrt(((points - centre) ** 2).sum(axis=1)) for points in (real, other))
    gaps = [abs((far <= np.quantile(near, a)).mean() - a) for a in LEVELS]
    area = sum((a + b) / 2 / 30 for a, b in pairwise(gaps))
    assert alpha_precision(pair(real, other)) == pytest.approx(1 - 2 * area)
    within = cdist(real, real) + np.diag(np.full(40, np.inf))
    authentic = [(d := cdist(real, [row])[:, 0]).min() > within[d.argmin()].min() for row in other]
    assert authenticity(pair(real, other)) == pytest.approx(np.mean(authentic))


def test_beta_recall_by_brute_force():
    real, other = normal(40, 2), normal(30, 3, shift=0.7)
    far = np.linalg.norm(other - other.mean(axis=0), axis=1)
    between, reach = cdist(real, other), np.sort(cdist(real, real), axis=1)[:, 5]
    gaps = []
    for beta in LEVELS:
        radius = np.quantile(far, beta)
        covered = [row.min() <= reach[i] and far[row.argmin()] <= radius
                   for i, row in enumerate(between)]  # fmt: skip
        gaps.append(abs(np.mean(covered) - beta))
    area = sum((a + b) / 2 / 30 for a, b in pairwise(gaps))
    assert beta_recall(pair(real, other)) == pytest.approx(1 - 2 * area)


def test_copies_and_second_samples_are_not_detected(draw):
    real = draw(300, 0, missing=0.05)
    assert detection_auc(real, real.take(np.arange(300)[::-1]), 0) == 0.5
    assert detection_auc(real, draw(300, 1, missing=0.05), 0) == pytest.approx(0.5, abs=0.08)


def test_shifted_unlinked_and_complete_tables_are_detected(draw, unlink):
    real = draw(300, 0)
    shifted = conform(real.frame.assign(x=real.frame["x"] + 100), real.schema)
    assert detection_auc(real, shifted, 0) == 1
    assert detection_auc(real, draw(300, 1, missing=0.3), 0) > 0.85
    assert detection_auc(real, unlink(draw(300, 1), 0), 0) > 0.7


def test_detection_is_reproducible_and_follows_its_seed(draw):
    real, other = draw(120, 0), draw(120, 1)
    assert detection_auc(real, other, 3) == detection_auc(real, other, 3)
    assert detection_auc(real, other, 3) != detection_auc(real, other, 4)
