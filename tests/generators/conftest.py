"""Tables with a known right answer, for what generators learn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segment_tables import images, notes, sequences
from tabsculpt.table import Column, Kind, Schema, Table, Task, TextUse, conform


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

    With gaps and classes; the same without gaps; with a number as the target; the second with text.
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
    text = replace(classes, columns=(Column("note", Kind.TEXT), *classes.columns), text=TextUse())
    noted = frame.assign(note=frame["kind"].map({"high": "a lot of it", "low": "hardly any"}))
    return (
        conform(gaps, classes),
        conform(frame, classes),
        conform(frame, numbers),
        conform(noted, text),
    )


@pytest.fixture(scope="session")
def skewed() -> Table:
    """A category in shares of 70, 25 and 5 %, beside a number that depends on it."""
    codes = np.repeat([0, 1, 2], [210, 75, 15])
    y = codes * 5 + np.random.default_rng(3).normal(size=300)
    frame = pd.DataFrame({"kind": np.array(["a", "b", "c"])[codes], "y": y})
    columns = (Column("kind", Kind.CATEGORICAL, ("a", "b", "c")), Column("y", Kind.CONTINUOUS))
    return conform(frame, Schema(columns, "y", Task.REGRESSION))


@pytest.fixture(scope="session")
def noted() -> Table:
    """Rows with text, for the generators that write it."""
    return notes(30)


@pytest.fixture(scope="session")
def windows() -> Table:
    """Windows of sequences, for the generators that learn nothing else."""
    return sequences(5)


@pytest.fixture(scope="session")
def lines() -> Table:
    """Images, for the generators that learn nothing else."""
    return images(30)
