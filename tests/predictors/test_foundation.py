"""Pretrained networks that read rows as context: their weights, their limits, and no network."""

import os
import pickle
import shutil
import socket

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tiny_weights
from tabsculpt.cli.main import app
from tabsculpt.engine.identity import describe
from tabsculpt.errors import UserError
from tabsculpt.extras import check_component
from tabsculpt.predictors.matrix import encoded_target, plain_features, present_classes
from tabsculpt.predictors.tabicl import TabICL
from tabsculpt.predictors.tabpfn import TabPFN
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

pytestmark = pytest.mark.extra("foundation")


def tabpfn(**settings) -> TabPFN:
    return TabPFN(path=str(tiny_weights.tabpfn()), **settings)


def tabicl(**settings) -> TabICL:
    return TabICL(path=str(tiny_weights.tabicl()), **settings)


def numbered(classes: int, rows: int, columns: int = 2) -> Table:
    """Rows of so many classes in turn, with numbers that tell them apart."""
    codes = np.arange(rows) % classes
    draws = np.random.default_rng(0).normal(codes[:, None], 0.1, (rows, columns))
    frame = pd.DataFrame(draws, columns=[f"x{place}" for place in range(columns)])
    names = tuple(f"{code:02}" for code in range(classes))
    schema = Schema(
        (*(Column(name, Kind.CONTINUOUS) for name in frame), Column("y", Kind.CATEGORICAL, names)),
        "y",
        Task.BINARY if classes == 2 else Task.MULTICLASS,
    )
    return conform(frame.assign(y=np.array(names)[codes]), schema)


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.filterwarnings("ignore")
def test_predictions_are_those_of_the_packages_own_estimators(task, mixed):
    import tabicl as other
    import tabpfn as package

    train, test = mixed(task, 40), mixed(task, 15, seed=1)
    X, y = (
        plain_features(train.features, train.schema),
        encoded_target(train, present_classes(train)),
    )
    asked = plain_features(test.features, test.schema)
    regression = task is Task.REGRESSION
    kind = package.TabPFNRegressor if regression else package.TabPFNClassifier
    theirs = kind(
        model_path=tiny_weights.tabpfn(), device="cpu", n_estimators=3, random_state=7
    ).fit(X, y)
    expected = theirs.predict(asked) if regression else theirs.predict_proba(asked)
    ours = tabpfn(estimators=3).fit(train, None, 7).predict(test.features)
    assert ours == pytest.approx(expected, abs=1e-5)
    kind = other.TabICLRegressor if regression else other.TabICLClassifier
    role = "regressor" if regression else "classifier"
    file = tiny_weights.tabicl() / f"tabicl-{role}-v2-20260212.ckpt"
    theirs = kind(model_path=file, device="cpu", n_estimators=3, random_state=7).fit(X, y)
    expected = theirs.predict(asked) if regression else theirs.predict_proba(asked)
    ours = tabicl(estimators=3).fit(train, None, 7).predict(test.features)
    assert ours == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("predictor", [tabpfn, tabicl])
def test_more_classes_than_the_weights_know(predictor):
    table = numbered(12, 60)
    model = predictor(estimators=1).fit(table, None, 0)
    found = model.predict(table.features)
    assert found.shape == (60, 12)
    assert found.min() > 0
    assert found.sum(axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    one_against_rest = "asks for each of 12 classes against the rest, as its weights know 10"
    assert (one_against_rest in map(str, model.notes)) == (predictor is tabpfn)


@pytest.mark.parametrize("predictor", [tabpfn, tabicl])
def test_rows_that_are_left_out_of_the_context_are_said(predictor):
    table = numbered(2, 130)
    model = predictor(max_rows=100, estimators=1).fit(table, None, 0)
    assert "reads 100 of 130 training rows as context, drawn" in map(str, model.notes)
    whole = predictor(max_rows=130, estimators=1).fit(table, None, 0)
    assert whole.notes == (model.notes[0],)
    assert not np.array_equal(model.predict(table.features), whole.predict(table.features))


@pytest.mark.parametrize("predictor", [tabpfn, tabicl])
def test_no_connection_is_opened(predictor, mixed, monkeypatch):
    def refuse(*_args, **_settings):
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    table = mixed(Task.BINARY, 20)
    assert len(predictor(estimators=1).fit(table, None, 0).predict(table.features)) == 20


@pytest.mark.parametrize("kind", [TabPFN, TabICL])
def test_without_weights_it_is_refused_in_one_line(kind, tmp_path):
    name = kind.__name__.lower()
    empty = kind(path=str(tmp_path))
    with pytest.raises(
        UserError, match=rf"^{name} needs its weights, and {tmp_path} has none"
    ) as at:
        check_component(empty)
    phrase = str(at.value)
    assert "\n" not in phrase
    assert all(part in phrase for part in ("nothing is downloaded", "on Hugging Face", "path"))
    with pytest.raises(UserError, match=f"^{name}: no file '/nowhere'"):
        kind(path="/nowhere")
    assert list(tmp_path.iterdir()) == []


def test_the_cache_of_the_package_is_looked_into_newest_first(tmp_path, monkeypatch):
    monkeypatch.setenv("TABPFN_MODEL_CACHE_DIR", str(tmp_path))
    with pytest.raises(UserError, match="the cache of its package has none"):
        check_component(TabPFN())
    old = tmp_path / "tabpfn-v2-regressor.ckpt"
    shutil.copy(tiny_weights.tabpfn("tabpfn_v2", "regression"), old)
    check_component(TabPFN())
    table = numbered(2, 20)
    with pytest.raises(UserError, match="needs the weights of a classifier"):
        TabPFN().fit(table, None, 0)
    shutil.copy(tiny_weights.tabpfn(), tmp_path / "tabpfn-v3.5-20260909.safetensors")
    model = TabPFN(estimators=1).fit(table, None, 0)
    assert [*map(str, model.notes)] == ["has the weights of tabpfn-v3.5-20260909.safetensors"]


def test_results_are_kept_under_the_weights_and_not_under_their_place(tmp_path):
    first = tmp_path / "first.safetensors"
    shutil.copy(tiny_weights.tabpfn(), first)
    assert describe(TabPFN(path=str(first))) == describe(tabpfn())
    other = TabPFN(path=str(tiny_weights.tabpfn("tabpfn_v2")))
    assert describe(other) != describe(tabpfn())


class Malicious:
    """Reading it would make a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


@pytest.mark.parametrize("kind", [TabPFN, TabICL])
def test_a_file_that_would_run_code_is_refused(kind, tmp_path, monkeypatch, mixed):
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    path, made = tmp_path / "weights.ckpt", tmp_path / "made"
    path.write_bytes(pickle.dumps({"state_dict": Malicious(str(made)), "config": {}}, protocol=2))
    with pytest.raises(UserError, match=r"weights.ckpt' has no weights of a classifier"):
        kind(path=str(path)).fit(mixed(Task.BINARY, 20), None, 0)
    assert not made.exists()
    assert os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] == "1"


def test_weights_of_the_other_task_are_refused(mixed):
    table = mixed(Task.REGRESSION, 20)
    for wrong in (
        TabPFN(path=str(tiny_weights.tabpfn("tabpfn_v2"))),
        TabICL(path=str(tiny_weights.tabicl() / "tabicl-classifier-v2-20260212.ckpt")),
    ):
        with pytest.raises(UserError, match="has no weights of a regressor") as at:
            wrong.fit(table, None, 0)
        assert "\n" not in str(at.value)


def test_more_features_than_the_weights_are_for_are_refused():
    with pytest.raises(UserError, match="tabpfn: 501 features; its weights are for 500 at most"):
        TabPFN(path=str(tiny_weights.tabpfn("tabpfn_v2"))).fit(numbered(2, 10, 501), None, 0)


def test_plan_says_what_they_may_take_before_any_was_asked(tmp_path):
    settings = ["dataset=wine", "pipeline=real", f"paths.outputs={tmp_path}"]
    weights = tiny_weights.typed("predictors", "foundation")
    done = CliRunner().invoke(app, ["plan", *settings, "predictors=foundation", *weights])
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    seconds = tabpfn().expected_seconds(119, 59, 14)
    assert f"tabpfn (predictor): about {seconds:.0f} s of CPU time each time it is asked" in text
    assert "119 train rows, 59 more, 14 columns" in text
    assert tabpfn().expected_seconds(10**6, 36, 14) == tabpfn().expected_seconds(1000, 36, 14)
