"""Small tables of every kind that segments come in."""

import numpy as np
import pandas as pd
from sklearn import datasets

from tabsculpt.datasets.images import assemble_images
from tabsculpt.datasets.sequences import SequenceRoles, assemble_sequences
from tabsculpt.table import Column, Kind, Schema, Table, Task, TextUse, conform
from tabsculpt.table.pixels import Pixels


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


def notes(n: int) -> Table:
    """Two columns of text, one with gaps and one of few words, beside numbers and a class."""
    rng = np.random.default_rng(8)
    ill = rng.random(n) < 0.5
    verbs = np.where(ill, "cannot", "can")
    days = rng.integers(1, 30, size=n)
    frame = pd.DataFrame(
        {
            "pressure": rng.normal(120, 10, size=n).round(),
            "note": [f"Patient {v} walk, day {d}. Été!" for v, d in zip(verbs, days, strict=True)],
            "smokes": rng.random(n) < 0.3,
            "remark": rng.choice(["well", "not so well", "see the note"], size=n),
            "ill": np.where(ill, "yes", "no"),
        }
    )
    frame.loc[rng.random(n) < 0.2, ["pressure", "remark"]] = None
    columns = (
        Column("pressure", Kind.CONTINUOUS),
        Column("note", Kind.TEXT),
        Column("smokes", Kind.BOOLEAN),
        Column("remark", Kind.TEXT),
        Column("ill", Kind.CATEGORICAL, ("no", "yes")),
    )
    return conform(frame, Schema(columns, "ill", Task.BINARY, text=TextUse()))


def images(n: int) -> Table:
    """Images of 5 lines of 4 pixels in grey: a light line in one of three places, and a corner.

    The corner is always dark; the place of the line is the class.
    """
    rng = np.random.default_rng(8)
    place = np.arange(n) % 3
    shades = rng.integers(0, 5, size=(n, 5, 4, 1))
    shades[np.arange(n), 1 + place] += 11
    shades[:, 0, 0] = 0
    labels = np.array(["low", "middle", "top"])[place]
    return assemble_images(shades, labels, "lines", Pixels(5, 4, 1, 0, 16)).table


TABLES = {
    "notes": lambda: notes(60),
    "three_notes": lambda: notes(3),
    "images": lambda: images(48),
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
