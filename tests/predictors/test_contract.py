"""What holds for every predictor of every suite in conf/predictors."""

import dataclasses
import importlib
from pathlib import Path

import numpy as np
import pytest
import yaml

import tiny_weights
from needs import extras_of
from tabsculpt.errors import UserError
from tabsculpt.predictors.holdout import holdout
from tabsculpt.table import Kind, Table, Task, concat, conform

CONF = Path(__file__).parents[2] / "conf" / "predictors"
SUITES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(CONF.glob("*.yaml"))}
ENTRIES = {
    f"{suite}:{name}": node for suite, nodes in SUITES.items() for name, node in nodes.items()
}
TRAIN = {Task.REGRESSION: 200, Task.BINARY: 80, Task.MULTICLASS: 80}


def component_class(node):
    module, _, name = node["_target_"].rpartition(".")
    return getattr(importlib.import_module(module), name)


def component(node):
    settings = {key: value for key, value in node.items() if key != "_target_"}
    return component_class(node)(**settings | tiny_weights.settings(component_class(node)))


OF_IMAGES = "images:cnn"
"""It refuses tables that are none; see test_cnn."""
PREDICTORS = {
    key: component(node) for key, node in ENTRIES.items() if "size" not in node and key != OF_IMAGES
}


def case(key, *rest):
    return pytest.param(key, *rest, marks=extras_of(PREDICTORS[key]))


def for_each_that(does):
    """The predictors that do one of some tasks."""
    keys = [key for key, predictor in PREDICTORS.items() if predictor.tasks & does]
    return pytest.mark.parametrize("key", [case(key) for key in keys])


for_each = for_each_that({*Task})
for_each_task = pytest.mark.parametrize(
    ("key", "task"),
    [
        case(key, task)
        for key, predictor in PREDICTORS.items()
        for task in sorted(predictor.tasks)
        if not tiny_weights.settings(type(predictor))  # weights of random numbers know nothing
    ],
)


def fit(predictor, table: Table, seed: int = 0):
    if not predictor.uses_validation:
        return predictor.fit(table, None, seed)
    train, validation = holdout(table, 0)
    return predictor.fit(table.take(train), table.take(validation), seed)


def check_predictions(predictions, table, classes):
    assert predictions.dtype == np.float64
    assert predictions.shape == ((len(table), len(classes)) if classes else (len(table),))
    assert np.isfinite(predictions).all()
    if classes:
        assert predictions.min() >= 0
        assert np.allclose(predictions.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("key", ENTRIES)
def test_the_file_names_every_setting_with_its_default_or_its_own_value(key):
    node = ENTRIES[key]
    fields = {field.name for field in dataclasses.fields(component_class(node)) if field.init}
    assert set(node) - {"_target_"} == fields


def test_twelve_of_autogluon_for_each_task():
    suite = {name: component(node) for name, node in SUITES["autogluon"].items()}
    always = {
        *("KNeighborsUnif", "KNeighborsDist", "LightGBMXT", "LightGBM", "LightGBMLarge"),
        *("CatBoost", "XGBoost", "NeuralNetFastAI", "NeuralNetTorch", "WeightedEnsemble_L2"),
    }
    forests = {
        Task.REGRESSION: {"RandomForestMSE", "ExtraTreesMSE"},
        Task.BINARY: {"RandomForestGini", "ExtraTreesGini"},
        Task.MULTICLASS: {"RandomForestGini", "ExtraTreesGini"},
    }
    for task in Task:
        running = {name for name, part in suite.items() if task in part.tasks}
        assert running == always | forests[task]


@for_each_task
def test_it_beats_the_mean_or_the_majority(key, task, bundled):
    table = bundled[task]
    train, test = table.take(range(TRAIN[task])), table.take(range(len(table) - 60, len(table)))
    predictions = fit(PREDICTORS[key], train).predict(test.features)
    check_predictions(predictions, test, table.schema.classes)
    if task is Task.REGRESSION:
        constant = np.abs(test.target - train.target.mean()).mean()
        assert np.abs(test.target - predictions).mean() < 0.9 * constant
    else:
        majority = np.mean(test.target == np.bincount(train.target).argmax())
        assert np.mean(test.target == predictions.argmax(axis=1)) > majority + 0.1


@for_each
def test_the_seed_alone_decides(key, mixed):
    predictor = PREDICTORS[key]
    table = mixed(sorted(predictor.tasks)[-1], 40)
    state = np.random.get_state()[1].copy()
    first = fit(predictor, table, 1).predict(table.features)
    assert (np.random.get_state()[1] == state).all()
    np.random.random(7)
    other = fit(predictor, table, 2).predict(table.features)
    again = fit(predictor, table, 1).predict(table.features)
    assert np.array_equal(first, again)
    assert predictor.stochastic or np.array_equal(first, other)


@for_each
def test_rows_are_predicted_one_by_one_as_together(key, mixed):
    predictor = PREDICTORS[key]
    task = sorted(predictor.tasks)[0]
    table, unseen = mixed(task, 40), mixed(task, 6, seed=1)
    never = conform(unseen.frame.assign(kind="never"), unseen.schema)
    unseen = concat([unseen, never])
    model = fit(predictor, table)
    together = model.predict(unseen.features)
    check_predictions(together, unseen, table.schema.classes)
    alone = model.predict(unseen.take([3]).features)
    assert alone == pytest.approx(together[3:4], abs=1e-5)


@for_each
def test_five_rows_are_enough(key, mixed):
    predictor = PREDICTORS[key]
    task = Task.REGRESSION if Task.REGRESSION in predictor.tasks else Task.BINARY
    table = mixed(task, 5, seed=3)
    test = mixed(task, 10, seed=2)
    predictions = fit(predictor, table).predict(test.features)
    check_predictions(predictions, test, table.schema.classes)
    if task is Task.REGRESSION:
        span = np.ptp(table.target)
        assert predictions.min() > table.target.min() - 3 * span
        assert predictions.max() < table.target.max() + 3 * span


@pytest.mark.parametrize(
    "key", [case(key) for key in PREDICTORS if not key.startswith("autogluon")]
)
def test_one_row_predicts_its_own_target(key, mixed):
    table = mixed(Task.REGRESSION, 30)
    one = table.take([4])
    predictions = fit(PREDICTORS[key], one).predict(table.features)
    assert predictions == pytest.approx(np.full(30, one.target[0]), rel=1e-5)


@for_each_that({Task.REGRESSION})
def test_a_constant_target_is_predicted(key, mixed):
    predictor = PREDICTORS[key]
    table = mixed(Task.REGRESSION, 30)
    constant = Table(table.frame.assign(target=3.25), table.schema)
    if key == "autogluon:CatBoost":
        with pytest.raises(Exception, match="All train targets are equal"):
            fit(predictor, constant)
    else:
        predictions = fit(predictor, constant).predict(table.features)
        assert predictions == pytest.approx(np.full(30, 3.25), abs=0.01)


@for_each_that({Task.MULTICLASS})
def test_a_class_that_training_lacks_has_probability_zero(key, mixed):
    predictor = PREDICTORS[key]
    table = mixed(Task.MULTICLASS, 36)
    predictions = fit(predictor, table.take(table.target != 1)).predict(table.features)
    check_predictions(predictions, table, table.schema.classes)
    assert (predictions[:, 1] == 0).all()
    assert 0.3 < predictions[:, 2].mean() < 0.7


@for_each_that({Task.BINARY})
def test_one_class_is_refused(key, mixed):
    predictor = PREDICTORS[key]
    table = mixed(Task.BINARY, 30)
    with pytest.raises(ValueError, match=r"at least two classes, got only \['yes'\]"):
        fit(predictor, table.take(table.target == 1))


@for_each
def test_categories_alone_are_features_enough(key, mixed):
    predictor = PREDICTORS[key]
    table = mixed(sorted(predictor.tasks)[0], 30)
    columns = tuple(c for c in table.schema.columns if c.kind is Kind.CATEGORICAL)
    if table.schema.target_column not in columns:
        columns += (table.schema.target_column,)
    names = [column.name for column in columns]
    schema = dataclasses.replace(table.schema, columns=columns)
    table = Table(table.frame[names], schema)
    if ENTRIES[key].get("model") == "KNN":
        with pytest.raises(UserError, match="KNN can use none of the features"):
            fit(predictor, table)
    else:
        check_predictions(fit(predictor, table).predict(table.features), table, schema.classes)
