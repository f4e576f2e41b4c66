"""Scores by subgroup, beside scikit-learn on the same rows and rates counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, root_mean_squared_error
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.datasets.subgroups import Levels
from tabsculpt.metrics import metrics_for
from tabsculpt.metrics.subgroups import subgroup_counts, subgroup_scores
from tabsculpt.table import Column, Kind, Schema, Task

NUMBER = Schema((Column("y", Kind.CONTINUOUS),), "y", Task.REGRESSION)
BINARY = Schema((Column("y", Kind.CATEGORICAL, ("no", "yes")),), "y", Task.BINARY)
THREE = Schema((Column("y", Kind.CATEGORICAL, ("a", "b", "c")),), "y", Task.MULTICLASS)


def scored(schema, truth, prediction, **columns):
    found = subgroup_scores(schema, metrics_for(schema.task), truth, prediction, columns)
    return {score.metric: score for score in found}


def levels(*counts):
    names = tuple("FMX"[: len(counts)])
    return Levels(names, np.repeat(np.arange(len(counts)), counts))


def test_each_level_has_the_score_of_its_rows():
    rng = np.random.default_rng(0)
    truth, prediction = rng.normal(size=60), rng.normal(size=60)
    found = scored(NUMBER, truth, prediction, sex=levels(40, 15, 5))
    by_hand = [root_mean_squared_error(truth[a:b], prediction[a:b]) for a, b in [(0, 40), (40, 55)]]
    assert found["rmse_subgroup_sex=F"].value == pytest.approx(by_hand[0])
    assert found["rmse_subgroup_sex=M"].value == pytest.approx(by_hand[1])
    assert found["rmse_gap_subgroup_sex"].value == pytest.approx(abs(by_hand[0] - by_hand[1]))
    worst = found["rmse_worst_subgroup_sex"]
    assert (worst.value, worst.remark) == (max(by_hand), "FM"[int(np.argmax(by_hand))])
    few = found["rmse_subgroup_sex=X"]
    assert math.isnan(few.value)
    assert few.remark == "5 test rows, fewer than 10: not scored"
    assert "equalised_odds_gap_subgroup_sex" not in found


def test_equalised_odds_by_hand():
    # F: 8 of 10 positives and 1 of 10 others are called positive; M: 5 of 10 and 4 of 10
    truth = np.tile(np.repeat([1, 0], 10), 2)
    phrase = np.concatenate(
        [[1] * 8 + [0] * 2, [1] + [0] * 9, [1] * 5 + [0] * 5, [1] * 4 + [0] * 6]
    )
    prediction = np.column_stack([1 - phrase, phrase]) * 0.8 + 0.1
    found = scored(BINARY, truth, prediction, sex=levels(20, 20))
    value = {name: score.value for name, score in found.items()}
    assert value["tpr_subgroup_sex=F"] == pytest.approx(0.8)
    assert value["fpr_subgroup_sex=M"] == pytest.approx(0.4)
    assert value["tpr_gap_subgroup_sex"] == pytest.approx(0.3)
    assert value["fpr_gap_subgroup_sex"] == pytest.approx(0.3)
    assert value["equalised_odds_gap_subgroup_sex"] == pytest.approx(0.3)
    assert found["tpr_worst_subgroup_sex"].remark == "M"
    assert found["fpr_worst_subgroup_sex"].remark == "M"


def test_the_odds_of_several_classes_by_confusion_matrices():
    rng = np.random.default_rng(1)
    truth, prediction = rng.integers(3, size=200), rng.dirichlet(np.ones(3), size=200)
    columns = levels(120, 80)
    found = scored(THREE, truth, prediction, site=columns)
    gaps = []
    for code, name in enumerate("abc"):
        rates = []
        for part in columns.parts().values():
            (tn, fp), (fn, tp) = confusion_matrix(
                truth[part] == code, prediction[part].argmax(axis=1) == code
            )
            rates.append((tp / (tp + fn), fp / (fp + tn)))
        assert found[f"tpr_class_{name}_subgroup_site=F"].value == pytest.approx(rates[0][0])
        assert found[f"fpr_class_{name}_subgroup_site=M"].value == pytest.approx(rates[1][1])
        gaps += np.abs(np.subtract(*rates)).tolist()
    assert found["equalised_odds_gap_subgroup_site"].value == pytest.approx(max(gaps))


def test_a_rate_over_few_rows_of_a_class_is_not_given():
    truth = np.concatenate([np.repeat([0, 1], [16, 4]), np.repeat([0, 1], 10)])
    prediction = np.full((40, 2), 0.5)
    found = scored(BINARY, truth, prediction, sex=levels(20, 20))
    assert found["tpr_subgroup_sex=F"].remark == "4 such test rows, fewer than 5: not scored"
    assert math.isnan(found["equalised_odds_gap_subgroup_sex"].value)
    assert found["accuracy_subgroup_sex=F"].value == pytest.approx(16 / 20)


def test_a_level_without_a_test_row_is_counted_and_said():
    columns = {"sex": Levels(("F", "M", "other"), np.array([0] * 12 + [1] * 12))}
    assert subgroup_counts(columns)["rows_subgroup_sex=other"] == 0
    found = scored(NUMBER, np.arange(24.0), np.zeros(24), **columns)
    assert found["rmse_subgroup_sex=other"].remark.startswith("0 test rows")


def test_a_run_writes_them_and_a_column_named_later_trains_nothing_again(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(20, 90, 120), "x": rng.normal(size=120)})
    frame = frame.assign(sex=np.where(rng.random(120) < 0.5, "F", "M"))
    frame = frame.assign(y=np.where(frame.x + rng.normal(size=120) > 0, "ill", "well"))
    frame.to_csv(tmp_path / "clinic.csv", index=False)
    words = ["run", "dataset=csv", f"dataset.path={tmp_path}/clinic.csv", "dataset.target=y",
             "pipeline=real", "~predictors.lightgbm", "~predictors.random_forest",
             "~predictors.knn", f"paths.outputs={tmp_path}/out"]  # fmt: skip
    assert CliRunner().invoke(app, words).exit_code == 0
    trained = sorted((tmp_path / "out/store/TrainAndPredict").rglob("*.npz"))
    again = CliRunner().invoke(app, [*words, "dataset.subgroups=[sex,{age:[40,65]}]"])
    assert again.exit_code == 0, again.output
    assert sorted((tmp_path / "out/store/TrainAndPredict").rglob("*.npz")) == trained
    rows = pd.read_parquet(tmp_path / "out/results").set_index("metric")
    counts = [rows.value[f"rows_subgroup_sex={level}"] for level in "FM"]
    assert sum(counts) == rows.n_test.iloc[0]
    both = [rows.value[f"accuracy_subgroup_sex={level}"] for level in "FM"]
    assert np.average(both, weights=counts) == pytest.approx(rows.value["accuracy"])
    wrong = CliRunner().invoke(app, [*words, "dataset.subgroups=[sexx]"])
    assert wrong.exit_code == 2
    assert "did you mean 'sex'" in wrong.output
