"""Training rows that hold one class alone are scored as what they teach, and do not fail a job."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.notes import from_json
from tabsculpt.results import read_rows


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Rows of a sweep over synthetic rows of one class, by themselves and beside real ones."""
    folder = tmp_path_factory.mktemp("one_class")
    table = pd.DataFrame({"x": np.arange(90) % 10, "z": np.arange(90) % 7})
    table["y"] = np.where(table.x > 7, "ill", "well")
    table.to_csv(folder / "real.csv", index=False)
    table[table.y == "well"].to_csv(folder / "made.csv", index=False)
    asked = (
        *("dataset=csv", f"dataset.path={folder / 'real.csv'}", "dataset.target=y"),
        *("generator=file", f"generator.path={folder / 'made.csv'}", "pipeline=traditional"),
        *("protocol=tstr,augmentation", "~predictors.random_forest"),
        *("~predictors.lightgbm", "repeats=1", f"paths.outputs={folder / 'out'}"),
    )
    done = CliRunner().invoke(app, ["sweep", *asked])
    assert done.exit_code == 0, done.output
    return read_rows(folder / "out" / "results")


def test_a_model_of_one_class_cannot_order_rows_and_is_right_on_that_class(rows):
    alone = rows[(rows.protocol == "tstr") & rows.predictor.notna()]
    assert set(alone.status) == {"ok"}
    value = alone.groupby("metric").value.agg(["min", "max"])
    assert value.loc["auc_roc"].tolist() == [0.5, 0.5]
    assert value.loc["recall_class_well"].tolist() == [1, 1]
    assert value.loc["recall_class_ill"].tolist() == [0, 0]
    share = rows[rows.metric == "accuracy"].set_index("protocol").value["tstr"]
    assert share.iloc[0] == pytest.approx(24 / 30, abs=0.05)


def test_it_is_said_of_each_predictor_with_the_count_of_rows(rows):
    alone = rows[(rows.protocol == "tstr") & (rows.metric == "auc_roc")]
    found = {n.about: n for text in alone.notes for n in from_json(text) if n.code == "one_class"}
    assert set(found) == {"linear", "knn"}
    assert found["linear"].count == 60
    assert "hold one class only (well)" in found["linear"].text


def test_beside_real_rows_there_are_two_classes(rows):
    both = rows[(rows.protocol == "augmentation") & (rows.metric == "auc_roc")]
    assert both.value.min() > 0.9
    assert not any("one_class" in text for text in both.notes.fillna(""))
