"""AutoGluon's models: the same predictions as TabularPredictor, and nothing left behind."""

import subprocess
import sys
import tempfile

import numpy as np
import pytest

from tabsculpt.errors import TooFewRowsError, UserError
from tabsculpt.predictors.autogluon import AutoGluon
from tabsculpt.predictors.ensemble import WeightedEnsemble
from tabsculpt.predictors.holdout import holdout
from tabsculpt.table import Task

pytestmark = pytest.mark.extra("autogluon")

# Without the networks and CatBoost, to be quick; in the order in which AutoGluon trains them.
MEMBERS = {
    "KNeighborsUnif": AutoGluon("KNN", hyperparameters={"weights": "uniform"}),
    "KNeighborsDist": AutoGluon("KNN", hyperparameters={"weights": "distance"}),
    "LightGBMXT": AutoGluon("GBM", hyperparameters={"extra_trees": True}),
    "LightGBM": AutoGluon("GBM"),
    "RandomForestMSE": AutoGluon("RF", hyperparameters={"criterion": "squared_error"}),
    "ExtraTreesMSE": AutoGluon("XT", hyperparameters={"criterion": "squared_error"}),
    "XGBoost": AutoGluon("XGB"),
}
SUFFIXES = {"KNeighborsUnif": "Unif", "KNeighborsDist": "Dist", "LightGBMXT": "XT"}
SUFFIXES |= {"RandomForestMSE": "MSE", "ExtraTreesMSE": "MSE"}


@pytest.fixture
def parts(bundled):
    table = bundled[Task.REGRESSION].take(range(150))
    train, validation = holdout(table, 0)
    return table.take(train), table.take(validation)


def predictor_of_autogluon(table, folder):
    hyperparameters: dict[str, list[dict]] = {}
    for name, member in MEMBERS.items():
        settings = {**member.hyperparameters, "ag_args": {"name_suffix": SUFFIXES.get(name, "")}}
        hyperparameters.setdefault(member.model, []).append(settings)
    from autogluon.tabular import TabularPredictor

    predictor = TabularPredictor("target", path=str(folder), verbosity=0)
    return predictor.fit(table.frame, hyperparameters=hyperparameters, num_cpus=1, num_gpus=0)


@pytest.mark.filterwarnings("ignore")
def test_models_and_ensemble_are_those_of_tabular_predictor(bundled, parts, tmp_path):
    table = bundled[Task.REGRESSION]
    test = table.take(range(200, 260))
    theirs = predictor_of_autogluon(table.take(range(150)), tmp_path)
    models = {name: member.fit(*parts, seed=0) for name, member in MEMBERS.items()}
    ours = {name: model.predict(test.features) for name, model in models.items()}
    for name, prediction in ours.items():
        expected = theirs.predict(test.features, model=name).to_numpy()
        assert prediction == pytest.approx(expected, abs=1e-4), name
    held = {name: model.predict(parts[1].features) for name, model in models.items()}
    families = {name: member.model for name, member in MEMBERS.items()}
    weights = WeightedEnsemble(families=families).combine(held, parts[1])
    combined = sum(weight * ours[name] for name, weight in weights.items())
    expected = theirs.predict(test.features, model="WeightedEnsemble_L2").to_numpy()
    assert combined == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("task", list(Task))
def test_the_torch_network_is_autogluons_own(task, bundled, monkeypatch):
    table = bundled[task].take(range(0, 150))
    train, validation = (table.take(part) for part in holdout(table, 0))
    test = bundled[task].take(range(20, 60)).features
    predictor = AutoGluon("NN_TORCH", hyperparameters={"num_epochs": 12})
    ours = predictor.fit(train, validation, seed=3)
    from autogluon.tabular.registry import ag_model_registry

    theirs = ag_model_registry.key_to_cls("NN_TORCH")
    monkeypatch.setattr("tabsculpt.predictors.autogluon._model_class", lambda key: theirs)
    expected = predictor.fit(train, validation, seed=3)
    assert type(expected.inner) is theirs
    assert type(ours.inner) is not theirs
    # The same draws; rounding differs, and grows with the epochs.
    assert ours.predict(test) == pytest.approx(expected.predict(test), rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("hyperparameters", [{}, {"num_epochs": "many"}])
def test_no_file_and_no_word_is_left(hyperparameters, parts, tmp_path, monkeypatch, capfd):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(tempfile, "tempdir", str(work))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "torch"))
    settings = {"num_epochs": 3, **hyperparameters}
    predictor = AutoGluon("NN_TORCH", hyperparameters=settings)
    if hyperparameters:
        with pytest.raises(TypeError):
            predictor.fit(*parts, seed=0)
    else:
        predictor.fit(*parts, seed=0).predict(parts[1].features)
    assert list(work.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_early_stopping_looks_at_the_validation_rows(parts):
    train, validation = parts
    shuffled = validation.frame.assign(target=validation.frame["target"].to_numpy()[::-1])
    other = type(validation)(shuffled, validation.schema)
    first, second = (AutoGluon("GBM").fit(train, part, 0) for part in (validation, other))
    assert first.inner.params_trained != second.inner.params_trained


def test_forests_keep_all_their_trees_and_their_seed(parts):
    first, other = (AutoGluon("RF").fit(*parts, seed=seed) for seed in (0, 1))
    assert first.inner.params_trained["n_estimators"] == 300
    features = parts[1].features
    assert np.abs(first.predict(features) - other.predict(features)).max() > 0.1


def test_what_cannot_be_trained_is_refused(parts):
    train, validation = parts
    with pytest.raises(UserError, match=r"unknown AutoGluon model 'XGBOOST'.*XGB"):
        AutoGluon("XGBOOST").fit(train, validation, 0)
    with pytest.raises(UserError, match=r"unknown task 'ranking'.*regression"):
        AutoGluon("XGB", tasks_only=["ranking"]).tasks  # noqa: B018
    with pytest.raises(ValueError, match="no validation row"):
        AutoGluon("XGB").fit(train, None, 0)
    with pytest.raises(TooFewRowsError, match="1 training rows"):
        AutoGluon("XGB").fit(train.take([0]), validation, 0)
    constant = {name: 1.0 for name in train.features}
    same = [type(part)(part.frame.assign(**constant), part.schema) for part in parts]
    with pytest.raises(UserError, match="XGB can use none of the features"):
        AutoGluon("XGB").fit(*same, seed=0)


def test_importing_the_predictors_imports_no_model_library():
    modules = ["autogluon", "ensemble", "holdout", "knn", "lightgbm", "linear", "xgboost"]
    imports = "; ".join(f"import tabsculpt.predictors.{module}" for module in modules)
    heavy = "{'sklearn', 'torch', 'lightgbm', 'xgboost', 'autogluon', 'scipy'}"
    code = f"{imports}; import sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
