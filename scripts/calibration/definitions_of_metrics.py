"""Measures of synthetic rows and samplers, each beside an independent computation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KDTree

from calibration.definitions import Case
from tabsculpt import Upsampler
from tabsculpt.datasets.bundled import Bundled
from tabsculpt.metrics.detection import detection_auc
from tabsculpt.metrics.features import FeatureSpace, whole_matrix
from tabsculpt.metrics.privacy import Attacked, closer_to_train
from tabsculpt.table import Column, Kind, Schema, Table, Task, concat, conform

PEER = "scikit-learn, boosted trees in five plain folds"


def collapse() -> Iterator[Case]:
    """Copies of one row against real rows."""
    table = Bundled("diabetes", "diabetes").load().table
    real = table.take(np.arange(150))
    for rows, before in ((1, "0.5 (the best)"), (2, "0.05 to 0.92"), (5, "below 0.5")):
        other = table.take(200 + np.arange(150) % rows)
        yield Case(f"4 detection of 150 rows of which {rows} distinct", before,
                   detection_auc(real, other, 0), _plain(real, other), PEER, 0.02)  # fmt: skip


def reversed_association() -> Iterator[Case]:
    """Four binary columns, one association turned round."""
    real, turned = _flags(0, turn=False), _flags(1, turn=True)
    found = [detection_auc(real, turned, seed) for seed in range(5)]
    reference = _plain(real, turned)
    for name, value in (("least", min(found)), ("most", max(found))):
        yield Case(f"4 detection of a reversed association, {name} of five seeds", "0.41 to 0.82",
                   value, reference, PEER, 0.05)  # fmt: skip


def nearer_to_train() -> Iterator[Case]:
    """Copies of train, and rows of train and test in equal measure."""
    table = Bundled("diabetes", "diabetes").load().table
    train, test = table.take(np.arange(296)), table.take(np.arange(296, 442))
    copied = closer_to_train(Attacked.of(train, test, train, 0), 0)
    yield Case("5 closer_to_train of a copy of 296 rows, 146 of test", "0.74", copied, 1,
               "every row is at distance 0 of train")  # fmt: skip
    fresh = test.take(np.arange(0, 146, 2))
    held = test.take(np.arange(1, 146, 2))
    made = concat([fresh.take(np.arange(50)), train.take(np.arange(50))])
    found = closer_to_train(Attacked.of(train, held, made, 0), 0)
    yield Case("5 closer_to_train, half copies and half fresh", "not comparable", found,
               _stretched(train, held, made), "scikit-learn, by a tree of neighbours")  # fmt: skip


def column_names() -> Iterator[Case]:
    """Rows drawn from a frame, one with other names, and an array."""
    from imblearn.utils.estimator_checks import check_samplers_pandas

    frame = Bundled("breast_cancer", "breast_cancer").load().table.frame
    y = (frame.iloc[:, -1].astype(str) == str(frame.iloc[0, -1])).astype(int)
    x = frame.iloc[:, :5].astype(float)
    renamed = x.set_axis([f"other {name}" for name in range(5)], axis=1)
    given = (x, renamed, x.to_numpy())
    drawn = [np.asarray(Upsampler("naive").fit_resample(one, y)[0], float) for one in given]
    for place, name in ((1, "columns renamed"), (2, "an array for a frame")):
        same = 100 * float(np.mean(drawn[0] == drawn[place]))
        yield Case(f"11 values drawn alike, {name}, %", "other rows", same, 100,
                   "seeded by place and values")  # fmt: skip
    check_samplers_pandas("Upsampler", Upsampler("naive"))
    yield Case("11 check_samplers_pandas of imbalanced-learn holds", "left out", 1, 1,
               "imbalanced-learn")  # fmt: skip


def _plain(real: Table, other: Table) -> float:
    rows = np.vstack([whole_matrix(real), whole_matrix(other)])
    label = np.repeat([0, 1], [len(real), len(other)])
    model = HistGradientBoostingClassifier(max_iter=50, max_leaf_nodes=15, min_samples_leaf=5)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return float(cross_val_score(model, rows, label, cv=folds, scoring="roc_auc").mean())


def _flags(seed: int, turn: bool) -> Table:
    columns = tuple(Column(name, Kind.BOOLEAN) for name in "abc")
    schema = Schema((*columns, Column("y", Kind.CATEGORICAL, ("n", "p"))), "y", Task.BINARY)
    rng = np.random.default_rng(seed)
    a, c = rng.random((2, 200)) < 0.5
    b = (rng.random(200) < 0.9) == (~a if turn else a)
    y = np.where(rng.random(200) < 0.5, "p", "n")
    return conform(pd.DataFrame({"a": a, "b": b, "c": c, "y": y}), schema)


def _stretched(train: Table, test: Table, made: Table) -> float:
    points = [FeatureSpace.fit(train).points(table) for table in (train, test, made)]
    near, far = (KDTree(side).query(points[2])[0][:, 0] for side in points[:2])
    share = float(((near < far) + (near == far) / 2).mean())
    usual = len(train) / (len(train) + len(test))
    return 0.5 * share / usual if share < usual else 1 - 0.5 * (1 - share) / (1 - usual)
