"""Scores of simulated results as rows of results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.results import Row
from tabsculpt.table import FloatArray


@dataclass(frozen=True, eq=False)
class Draws:
    """Scores of real rows and of two pipelines, a and b, in a number of draws.

    Attributes:
        real: shape (draws, splits, fits, predictors).
        made: shape (draws, 2, splits, fits, samples, predictors).
        n_train, n_test: rows of a split.
        direction: "min" or "max".
    """

    real: FloatArray
    made: FloatArray
    n_train: int
    n_test: int
    direction: str


def as_rows(found: Draws) -> pd.DataFrame:
    """The rows that a sweep would have left, each draw as a data set of its own."""
    common = vars(Row(
        job="j", dataset="", task="regression", split_seed=0, profiler="none", generator="none",
        pipeline="real", protocol="trtr", seed=0, device="cpu", data="", started="",
        predictors="simulated", evaluation="simulated", metric="rmse", direction=found.direction,
        n_train=found.n_train, n_test=found.n_test,
    ))  # fmt: skip
    common = {
        name: value for name, value in common.items() if name not in ("seconds", "peak_mb", "notes")
    }
    real = _places(found.real, "draw split_seed seed predictor").assign(pipeline="real")
    axes = "draw pipeline split_seed seed sample_seed predictor"
    made = _places(found.made, axes)
    made["pipeline"] = made.pipeline.map(dict(enumerate("ab")))
    rows = pd.concat([made, real], ignore_index=True)
    arms = rows.pipeline != "real"
    return pd.DataFrame({**common, **rows.drop(columns="draw")}).assign(
        dataset=rows.draw.map("draw {:04d}".format), data=rows.draw.map("{:04d}".format),
        predictor=rows.predictor.map("predictor {}".format),
        generator=np.where(arms, "simulated", "none"),
        protocol=np.where(arms, "augmentation", "trtr"), proportion=np.where(arms, 1.0, np.nan),
    )  # fmt: skip


def _places(values: FloatArray, axes: str) -> pd.DataFrame:
    """A row for each value, with its place on each axis."""
    places = (axis.ravel() for axis in np.indices(values.shape))
    return pd.DataFrame({**dict(zip(axes.split(), places, strict=True)), "value": values.ravel()})
