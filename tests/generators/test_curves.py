"""Generators that declare that they follow curves, on one: y = sin 2x, two periods of it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score

from needs import extras_of
from tabsculpt.config.choices import choices
from tabsculpt.config.compose import load
from tabsculpt.errors import UserError
from tabsculpt.jobs.job import Job
from tabsculpt.table import Column, Kind, Schema, Task, conform

SHORTER = {
    "ddpm": {"steps": 800, "timesteps": 50, "widths": [96, 96], "learning_rate": 0.008},
    "cdtd": {"steps": 600, "widths": [96, 96], "learning_rate": 0.008, "sampling_steps": 30},
    "tvae": {"steps": 300},
    "nflow": {"steps": 600},
    "tabformer": {"steps": 400},
}
"""The smallest trainings that show it: a second or two each."""


def follows_curves(name):
    try:
        generator = Job.of(load([f"generator={name}", "pipeline=traditional"])).generator
    except UserError:  # one that has a setting without a default
        return None
    return generator if getattr(type(generator), "follows_curves", False) else None


NAMES = [name for name in choices("generator") if not name.endswith("_paper")]
FOUND = {name: found for name in NAMES if (found := follows_curves(name)) is not None}


def test_those_that_networks_and_trees_can_do_declare_it():
    assert {"cdtd", "ddpm", "tvae", "nflow", "tabformer", "arf", "bayesian_network"} <= set(FOUND)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=extras_of(found)) for name, found in FOUND.items()]
)
def test_its_rows_teach_where_a_number_goes_along_a_curve(name):
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, 400)
    frame = pd.DataFrame({"x": x, "y": np.sin(2 * x) + 0.05 * rng.normal(size=400)})
    columns = Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    generator = dataclasses.replace(FOUND[name], **SHORTER.get(name, {}))
    made = generator.fit(table, 0, "cpu").sample(400, 0)
    forest = RandomForestRegressor(50, random_state=0).fit(made.matrix(), made.target)
    fresh = rng.uniform(-3, 3, 1000)
    assert r2_score(np.sin(2 * fresh), forest.predict(fresh[:, None])) > 0.8
