"""Small tables of every kind that segments come in."""

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from tabsculpt.datasets.sequences import SequenceRoles, assemble_sequences
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform


def diabetes(n: int) -> Table:
    frame = datasets.load_diabetes(as_frame=True, scaled=False).frame
    frame = frame.sample(n, random_state=0)
    whole = {"age", "sex"}
    columns = [Column(c, Kind.INTEGER if c in whole else Kind.CONTINUOUS) for c in frame]
    return conform(frame, Schema(tuple(columns), "target", Task.REGRESSION))


def breast_cancer(n: int) -> Table:
    frame = datasets.load_breast_cancer(as_frame=True).frame.sample(n, random_state=0)
    features = [Column(name, Kind.CONTINUOUS) for name in list(frame)[:10]]
    target = Column("target", Kind.CATEGORICAL, ("0", "1"))
    return conform(frame, Schema((*features, target), "target", Task.BINARY))


def mixed(n: int) -> Table:
    """Every kind of column with gaps, rare categories, constants, odd names and big numbers."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "c": rng.normal(size=n) * 1e-6,
            "0": rng.lognormal(sigma=2, size=n) * 1e6,
            "0_missing": rng.integers(0, 4, size=n).astype(float),
            "is, it?": rng.random(n) < 0.3,
            "kind": np.where(np.arange(n) % 50 == 3, "rare", rng.choice(["b", "a"], size=n)),
            "constant": 3.5,
            "half constant": 7.0,
            "empty": np.nan,
        }
    ).astype({"is, it?": object, "kind": object})
    for name in ("c", "0_missing", "is, it?", "kind", "half constant"):
        frame.loc[rng.random(n) < 0.2, name] = None
    frame["id"] = 2**60 + 1
    frame["y"] = frame["kind"].map({"a": "yes", "b": "no"}).fillna("no")
    columns = (
        Column("c", Kind.CONTINUOUS),
        Column("0", Kind.CONTINUOUS),
        Column("0_missing", Kind.INTEGER),
        Column("is, it?", Kind.BOOLEAN),
        Column("kind", Kind.CATEGORICAL, ("a", "b", "never", "rare")),
        Column("constant", Kind.CONTINUOUS),
        Column("half constant", Kind.CONTINUOUS),
        Column("empty", Kind.CONTINUOUS),
        Column("id", Kind.INTEGER),
        Column("y", Kind.CATEGORICAL, ("no", "yes")),
    )
    return conform(frame, Schema(columns, "y", Task.BINARY))


def wide(n: int) -> Table:
    """Forty numbers, the later ones sums of the earlier ones, and three classes."""
    rng = np.random.default_rng(4)
    first = rng.normal(size=(n, 20))
    names = [f"x{k}" for k in range(40)]
    frame = pd.DataFrame(np.hstack([first, first.cumsum(axis=1)]), columns=names)
    frame["y"] = pd.cut(frame["x39"], [-np.inf, -2, 2, np.inf], labels=["a", "b", "c"]).astype(str)
    columns = [Column(name, Kind.CONTINUOUS) for name in names]
    target = Column("y", Kind.CATEGORICAL, ("a", "b", "c"))
    return conform(frame, Schema((*columns, target), "y", Task.MULTICLASS))


def sequences(series: int) -> Table:
    """Windows of three steps of a number, a whole number and a category, in two regimes."""
    rng = np.random.default_rng(6)
    days = 14
    steps = pd.DataFrame(
        {
            "series": np.repeat(np.arange(series), days),
            "day": np.tile(np.arange(days), series),
            "price": rng.normal(size=(series, days)).cumsum(axis=1).ravel().round(1),
            "orders": rng.poisson(20, size=series * days),
            "weather": rng.choice(["dry", "wet"], size=series * days),
            "regime": np.repeat(np.where(np.arange(series) % 2, "calm", "wild"), days),
        }
    )
    roles = SequenceRoles("price", "day", "series", "next", 3, "sequence", 0.3, [], "drop")
    return assemble_sequences(steps, "sequences", roles).table


TABLES = {
    "sequences": lambda: sequences(9),
    "diabetes": lambda: diabetes(120),
    "breast_cancer": lambda: breast_cancer(120),
    "mixed": lambda: mixed(150),
    "forty_columns": lambda: wide(60),
    "twenty_rows": lambda: mixed(20),
    "ten_rows": lambda: diabetes(10),
    "five_rows": lambda: mixed(5),
    "two_rows": lambda: diabetes(2),
    "one_row": lambda: mixed(1),
    "no_row": lambda: mixed(5).take([]),
    "same_rows": lambda: diabetes(20).take([4] * 12),
}


@pytest.fixture(scope="session", params=TABLES)
def table(request) -> Table:
    return TABLES[request.param]()


@pytest.fixture(scope="session")
def line() -> Table:
    """Two numbers that nearly determine each other (correlation -0.97), and a class from them."""
    rng = np.random.default_rng(1)
    x = rng.normal(10, 3, size=200)
    y = -2 * x + rng.normal(0, 1.5, size=200)
    kind = np.where(x > 13, "high", "low")
    columns = (
        Column("x", Kind.CONTINUOUS),
        Column("kind", Kind.CATEGORICAL, ("high", "low")),
        Column("y", Kind.CONTINUOUS),
    )
    frame = pd.DataFrame({"x": x, "kind": kind, "y": y})
    return conform(frame, Schema(columns, "y", Task.REGRESSION))


@pytest.fixture(scope="session")
def classes() -> Table:
    """Two classes in shares of 80 and 20 %, four standard deviations apart in one number."""
    rng = np.random.default_rng(5)
    kind = np.repeat(["common", "rare"], [160, 40])
    x = rng.normal(size=200) + 4 * (kind == "rare")
    frame = pd.DataFrame({"x": x, "z": rng.normal(size=200), "kind": kind})
    columns = (
        Column("x", Kind.CONTINUOUS),
        Column("z", Kind.CONTINUOUS),
        Column("kind", Kind.CATEGORICAL, ("common", "rare")),
    )
    return conform(frame, Schema(columns, "kind", Task.BINARY))


@pytest.fixture(scope="session")
def gappy() -> Table:
    """A number with 20 % missing, and another with none."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"gaps": rng.normal(size=300), "y": rng.normal(size=300)})
    frame.loc[rng.random(300) < 0.2, "gaps"] = np.nan
    columns = (Column("gaps", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS))
    return conform(frame, Schema(columns, "y", Task.REGRESSION))


@pytest.fixture(scope="session")
def measured() -> tuple[Table, ...]:
    """Measurements in steps of 0.01, 0.5, 5 and 1000 (from 500 on), and a number without steps.

    With gaps and classes; the same without gaps; with a number as the target.
    """
    rng = np.random.default_rng(7)
    x = rng.normal(size=150)
    frame = pd.DataFrame(
        {
            "hundredths": (x / 4).round(2),
            "halves": (4 * x + rng.normal(size=150)).round() / 2,
            "free": np.exp(x),
            "fives": 5 * rng.integers(1, 40, size=150),
            "thousands": 500 + 1000 * rng.poisson(20, size=150),
            "kind": np.where(x + rng.normal(size=150) > 0.5, "high", "low"),
        }
    )
    columns = [Column(name, Kind.CONTINUOUS) for name in ("hundredths", "halves", "free")]
    columns += [Column(name, Kind.INTEGER) for name in ("fives", "thousands")]
    kind = Column("kind", Kind.CATEGORICAL, ("high", "low"))
    classes = Schema((*columns, kind), "kind", Task.BINARY)
    numbers = Schema(tuple(columns), "hundredths", Task.REGRESSION)
    gaps = frame.mask(np.arange(150)[:, None] % 7 == [9, 3, 9, 9, 9, 9])
    return conform(gaps, classes), conform(frame, classes), conform(frame, numbers)


@pytest.fixture(scope="session")
def skewed() -> Table:
    """A category in shares of 70, 25 and 5 %, beside a number that depends on it."""
    codes = np.repeat([0, 1, 2], [210, 75, 15])
    y = codes * 5 + np.random.default_rng(3).normal(size=300)
    frame = pd.DataFrame({"kind": np.array(["a", "b", "c"])[codes], "y": y})
    columns = (Column("kind", Kind.CATEGORICAL, ("a", "b", "c")), Column("y", Kind.CONTINUOUS))
    return conform(frame, Schema(columns, "y", Task.REGRESSION))


@pytest.fixture(scope="session")
def windows() -> Table:
    """Windows of sequences, for the generators that learn nothing else."""
    return sequences(5)
