from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

from curves import SHAPES, as_tables, measure
from tabsculpt.table import Task

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", SHAPES)
def test_rows_of_a_shape_lie_on_its_law_and_rows_put_together_at_random_do_not(name):
    shape = SHAPES[name]
    table = shape.table(2000, 0)
    rng = np.random.default_rng(0)
    mixed = table.frame.apply(lambda values: rng.permutation(values.to_numpy()))
    assert 0.5 < shape.off(table.frame).mean() < 1.5
    assert shape.off(mixed).mean() > 3
    if table.schema.task is Task.REGRESSION:
        assert table.target.std() > 0.2


def test_the_mean_of_the_sine_is_the_one_that_its_rows_have():
    frame = SHAPES["sine"].table(3000, 1).frame
    assert r2_score(frame["y"], np.sin(2 * frame["x"])) > 0.99


def test_copies_are_as_good_as_real_rows_and_independent_columns_teach_nothing():
    rows = pd.DataFrame(
        [
            row
            for name in ("bootstrap", "marginal")
            for row in measure(name, [], ["product", "moons"], [0])
        ]
    )
    share = (rows["score"] / rows["real"]).to_numpy()
    assert share[:2] == pytest.approx(1, abs=0.08)
    assert (share[2:] < 0.2).all()
    assert (rows["off"] / rows["real_off"])[2:].min() > 3


def test_the_page_has_the_tables_of_the_measurements_that_are_kept():
    stored = pd.read_csv(ROOT / "scripts" / "results" / "curves.csv")
    page = (ROOT / "docs" / "curves.md").read_text(encoding="utf-8")
    for table in as_tables(stored):
        assert table in page
