"""Small tables that the tests of predictors train on."""

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

SOURCES = {
    Task.REGRESSION: datasets.load_diabetes,
    Task.BINARY: datasets.load_breast_cancer,
    Task.MULTICLASS: datasets.load_wine,
}
CLASSES = {Task.REGRESSION: (), Task.BINARY: ("no", "yes"), Task.MULTICLASS: ("p", "q", "r")}


def bundled(task: Task) -> Table:
    """One of scikit-learn's sets, its rows in random order."""
    frame = SOURCES[task](as_frame=True).frame.sample(frac=1, random_state=0)
    columns = [Column(name, Kind.CONTINUOUS) for name in frame.columns if name != "target"]
    if task is Task.REGRESSION:
        target = Column("target", Kind.CONTINUOUS)
    else:
        classes = tuple(str(code) for code in sorted(frame["target"].unique()))
        target = Column("target", Kind.CATEGORICAL, classes)
    return conform(frame, Schema((*columns, target), "target", task))


def mixed(task: Task, n: int, seed: int = 0) -> Table:
    """Every kind of column with holes, a constant, an empty and a rare category; awkward names."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "c": rng.normal(size=n),
            "[count] <1>": rng.integers(0, 9, size=n).astype(float),
            "is, it?": rng.random(n) < 0.5,
            "kind": np.where(np.arange(n) == n - 1, "rare", rng.choice(["a", "b"], size=n)),
            "constant": 1.0,
            "empty": np.nan,
        }
    ).astype({"is, it?": object, "kind": object})
    for name in list(frame)[:4]:
        frame.loc[rng.random(n) < 0.15, name] = None
    classes = CLASSES[task]
    signal = frame["c"].fillna(0) + 0.1 * rng.normal(size=n)
    frame["target"] = np.array(classes)[np.arange(n) % len(classes)] if classes else signal
    columns = (
        Column("c", Kind.CONTINUOUS),
        Column("[count] <1>", Kind.INTEGER),
        Column("is, it?", Kind.BOOLEAN),
        Column("kind", Kind.CATEGORICAL, ("a", "b", "never", "rare")),
        Column("constant", Kind.CONTINUOUS),
        Column("empty", Kind.CONTINUOUS),
        Column("target", Kind.CATEGORICAL if classes else Kind.CONTINUOUS, classes),
    )
    return conform(frame, Schema(columns, "target", task))


@pytest.fixture(scope="session", name="bundled")
def bundled_fixture():
    """From a task to one of scikit-learn's sets."""
    return {task: bundled(task) for task in Task}


@pytest.fixture(scope="session", name="mixed")
def mixed_fixture():
    """A function of task, number of rows and seed."""
    return mixed
