"""An experiment that `tabsculpt new` writes is run as it is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.results import read_rows

FILE = Path("mine/experiment/first.yaml")
FEW = ["predictors.lightgbm=null", "predictors.random_forest=null", "predictors.knn=null"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    for name in ("OUTPUTS", "DATA", "CONFIG_DIR"):
        monkeypatch.delenv(f"TABSCULPT_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str, typed: str = ""):
    return CliRunner().invoke(app, list(arguments), input=typed)


def asked(monkeypatch, typed: str, *arguments: str):
    """As `call`, on a terminal."""
    monkeypatch.setattr("tabsculpt.cli.experiment.on_terminal", lambda: True)
    return call("new", "experiment", *arguments, typed=typed)


def test_what_is_typed_is_run(here):
    given = ["dataset=wine", "generator=bootstrap,marginal", "pipeline=traditional", "repeats=1"]
    made = call("new", "experiment", "first", *given, "split.test_size=0.5", *FEW[:2])
    assert made.exit_code == 0, made.output
    assert "tabsculpt sweep experiment=first --config-dir mine" in made.stdout
    node = yaml.safe_load(FILE.read_text())
    assert node["split"] == {"test_size": 0.5}
    assert node["hydra"]["sweeper"]["params"]["generator"] == "bootstrap,marginal"
    assert all("#" in line for line in FILE.read_text().splitlines() if "generator:" in line)
    command = ["sweep", "experiment=first", "--config-dir", "mine", "hydra/launcher=serial"]
    done = call(*command, FEW[2])
    assert done.exit_code == 0, done.output
    rows = read_rows(Path("outputs/results"))
    assert set(rows.dataset) == {"wine"}
    assert set(rows.generator) == {"none", "bootstrap", "marginal"}
    assert set(rows.pipeline) == {"real", "traditional"}
    assert set(rows.protocol.dropna()) <= {"tstr", "trtr"}
    assert set(rows.predictor.dropna()) == {"linear"}
    assert set(rows.experiment) == {"first"}
    assert set(rows.n_test) == {89}


def test_five_questions_are_asked_on_a_terminal(monkeypatch, here):
    frame = pd.DataFrame({"x": range(50), "true": [i % 3 for i in range(50)]})
    frame.to_csv("mine.csv", index=False)
    answers = "mine.csv\ntrue\narf, ddpm\n\naugmentation\ntwo\n2\n"
    made = asked(monkeypatch, answers, "first")
    assert made.exit_code == 0, made.output
    for word in ("Data set", "Generators", "Pipelines", "beside real ones", "Splits"):
        assert word in made.stderr
    assert "repeats is 'two'; expected a whole number" in made.stderr
    node = yaml.safe_load(FILE.read_text())
    assert node["defaults"] == [{"override /dataset": "csv"}]
    assert node["dataset"] == {"path": "mine.csv", "target": "true"}
    assert node["repeats"] == 2
    params = {"generator": "arf,ddpm", "pipeline": "traditional,profile2gen"}
    assert node["hydra"]["sweeper"]["params"] == {**params, "protocol": "augmentation"}
    planned = call("plan", "experiment=first", "--config-dir", "mine", "--json")
    assert planned.exit_code == 0, planned.output


def test_a_wrong_answer_is_told_and_asked_again(monkeypatch, here):
    made = asked(monkeypatch, "first\nwien\nwine\n\n\n\n\n")
    assert made.exit_code == 0, made.output
    assert "unknown dataset 'wien'; did you mean 'wine'?" in made.stderr
    assert yaml.safe_load(FILE.read_text())["defaults"] == [{"override /dataset": "wine"}]


def test_several_data_sets_and_seeds_are_swept_over(here):
    call("new", "experiment", "first", "dataset=wine,heart", "split.seed=0,1", "seed=3")
    node = yaml.safe_load(FILE.read_text())
    params = node["hydra"]["sweeper"]["params"]
    assert (params["dataset"], params["split.seed"], node["seed"]) == ("wine,heart", "0,1", 3)
    assert "defaults" not in node


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("first generator=arff", "did you mean 'arf'"),
        ("first split.test_sze=1", "did you mean 'test_size'"),
        ("first seed=x", "seed"),
        ("first wine", "expected key=value"),
        ("smoke", "packaged experiment"),
        ("First", "small letters"),
        ("dataset=wine", "NAME is missing"),
        ("", "NAME is missing"),
    ],
)
def test_what_cannot_be_run_is_not_written(typed, words, here):
    done = call("new", "experiment", *typed.split())
    assert done.exit_code == 2, done.output
    [line] = done.stderr.splitlines()
    assert words in line
    assert not Path("mine").exists()


def test_an_experiment_is_not_written_over(here):
    assert call("new", "experiment", "first").exit_code == 0
    before = FILE.read_text()
    again = call("new", "experiment", "first", "dataset=wine")
    assert "is there already" in again.stderr
    assert FILE.read_text() == before
