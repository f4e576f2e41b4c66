"""Weights of an ensemble, against answers known by hand and a search of its own."""

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.config.compose import conf_folder
from tabsculpt.errors import UserError
from tabsculpt.predictors.ensemble import WeightedEnsemble
from tabsculpt.results import read_rows
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

pytestmark = pytest.mark.extra("autogluon")


def regression(target) -> Table:
    schema = Schema((Column("y", Kind.CONTINUOUS),), "y", Task.REGRESSION)
    return conform(pd.DataFrame({"y": target}), schema)


def classification(codes, classes) -> Table:
    names = tuple("abc"[:classes])
    task = Task.BINARY if classes == 2 else Task.MULTICLASS
    schema = Schema((Column("y", Kind.CATEGORICAL, names),), "y", task)
    return conform(pd.DataFrame({"y": [names[code] for code in codes]}), schema)


def test_opposite_errors_cancel_out():
    truth = np.array([1.0, 2.0, 3.0, 4.0])
    error = np.array([0.5, -0.5, 1.0, 2.0])
    weights = WeightedEnsemble().combine(
        {"over": truth + error, "under": truth - error, "far": truth + 30}, regression(truth)
    )
    assert weights == {"over": 0.5, "under": 0.5, "far": 0.0}


def test_a_perfect_member_stands_alone():
    truth = np.array([1.0, 2.0, 3.0])
    weights = WeightedEnsemble().combine(
        {"bad": truth[::-1].copy(), "perfect": truth.copy()}, regression(truth)
    )
    assert weights == {"bad": 0.0, "perfect": 1.0}


def greedy(members, truth, size):
    """Ensemble selection as Caruana et al. state it: with replacement, the best prefix kept."""
    names, total, chosen, errors = list(members), np.zeros(len(truth)), [], []
    for step in range(1, size + 1):
        after = {n: np.sqrt((((total + members[n]) / step - truth) ** 2).mean()) for n in names}
        chosen.append(min(after, key=after.get))
        total = total + members[chosen[-1]]
        errors.append(after[chosen[-1]])
    best = chosen[: int(np.argmin(errors)) + 1]
    return {n: best.count(n) / len(best) for n in names}


@pytest.mark.parametrize("seed", range(5))
def test_the_weights_are_those_of_a_greedy_search(seed):
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, 10, size=40)
    members = {f"m{i}": truth + rng.normal(0, 3 + i, size=40) for i in range(5)}
    weights = WeightedEnsemble(size=12).combine(members, regression(truth))
    assert weights == pytest.approx(greedy(members, truth, 12))


def test_only_the_best_of_a_family_takes_part_in_small_tables():
    truth = np.array([1.0, 2.0, 3.0, 4.0])
    error = np.array([0.5, -0.5, 1.0, 2.0])
    members = {"over": truth + 1.1 * error, "under": truth - error, "far": truth + 30}
    families = {"over": "trees", "under": "trees"}
    weights = WeightedEnsemble(families=families).combine(members, regression(truth))
    assert weights["over"] == 0
    assert weights["under"] > 0.9
    many = np.tile(truth, 250)
    repeated = {name: np.tile(values, 250) for name, values in members.items()}
    weights = WeightedEnsemble(families=families).combine(repeated, regression(many))
    assert weights["over"] > 0.3


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_are_weighed_by_accuracy(classes):
    codes = np.arange(12) % classes
    right = np.full((12, classes), 0.2 / (classes - 1))
    right[np.arange(12), codes] = 0.8
    wrong = np.roll(right, 1, axis=1)
    weights = WeightedEnsemble().combine(
        {"wrong": wrong, "right": right}, classification(codes, classes)
    )
    assert weights == {"wrong": 0.0, "right": 1.0}


def test_ties_fall_the_same_way_each_time():
    truth = np.array([1.0, 2.0, 3.0])
    members = {name: truth + 1 for name in "pqr"}
    first, again = (WeightedEnsemble().combine(members, regression(truth)) for _ in range(2))
    assert first == again
    assert sum(first.values()) == pytest.approx(1)


def test_what_cannot_be_weighed_is_refused():
    truth = np.array([1.0, 2.0, 3.0])
    table = regression(truth)
    with pytest.raises(ValueError, match="at least one member"):
        WeightedEnsemble().combine({}, table)
    with pytest.raises(ValueError, match=r"short predicted shape \(2,\), expected \(3,\)"):
        WeightedEnsemble().combine({"short": truth[:2]}, table)
    with pytest.raises(ValueError, match="broken predicted values that are not finite"):
        WeightedEnsemble().combine({"broken": np.array([1, np.nan, 2])}, table)
    with pytest.raises(UserError, match="size is 0"):
        WeightedEnsemble(size=0)


def test_an_ensemble_goes_on_without_a_member_that_can_use_no_feature(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({name: rng.random(90) < 0.5 for name in "abc"})
    rows["y"] = 3.0 * rows.a - rows.b + rng.normal(0, 0.3, 90)
    rows.to_csv(tmp_path / "flags.csv", index=False)
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "outputs"))
    asked = ["KNeighborsUnif", "RandomForestMSE", "XGBoost", "WeightedEnsemble_L2"]
    without = [f"~predictors.{name}" for name in choices_of("autogluon") if name not in asked]
    table = ["dataset=csv", f"dataset.path={tmp_path / 'flags.csv'}", "dataset.target=y"]
    done = CliRunner().invoke(
        app, ["run", *table, "pipeline=real", "predictors=autogluon", *without]
    )
    assert done.exit_code == 1, done.output  # as a row is not ok
    rows = read_rows(tmp_path / "outputs" / "results", metrics=["rmse"])
    found = rows[rows.metric == "rmse"].set_index("predictor")
    assert found.status.to_dict() == dict.fromkeys(asked, "ok") | {"KNeighborsUnif": "skipped"}
    assert "KNN can use none of the features" in found.reason["KNeighborsUnif"]
    best = found.value[["RandomForestMSE", "XGBoost"]].min()
    assert found.value["WeightedEnsemble_L2"] == pytest.approx(best, rel=0.2)


def choices_of(suite: str) -> list[str]:
    return list(yaml.safe_load((conf_folder() / "predictors" / f"{suite}.yaml").read_text()))
