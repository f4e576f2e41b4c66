"""Nothing that is typed does nothing: it acts, or it is refused with what to use instead."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.cli.shell import shown_in
from tabsculpt.config.compose import load
from tabsculpt.config.sweep import expand
from tabsculpt.errors import UserError
from tabsculpt.jobs.job import Job
from tabsculpt.results import read_rows

QUICK = ["generator=bootstrap", *(f"predictors.{name}=null" for name in ("random_forest", "knn"))]
FAST = [*QUICK, "predictors.lightgbm=null", "pipeline=traditional"]


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("TABSCULPT_OUTPUTS", raising=False)
    monkeypatch.delenv("TABSCULPT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> Path:
    """Results of a sweep over one pipeline, and so its baseline."""
    folder = tmp_path_factory.mktemp("out")
    few = ["predictors.knn=null", "pipeline=traditional"]  # two are left, which have a spread
    done = call("sweep", "hydra/launcher=serial", *QUICK, *few, f"paths.outputs={folder}")
    assert done.exit_code == 0, done.output
    return folder


def assert_refused(result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    [line] = result.stderr.strip().splitlines()
    assert line.startswith("error: ")
    for each in words:
        assert each in line
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("results metric=auc", "Choices: mae"),
        ("results dataset=clinik", "Choices: sklearn_diabetes"),
        ("results generator=bootstrap,tvea", "'tvea'"),
        ("results --parquet -", "--csv -"),
        ("results --json --csv -", "choose one"),
        ("results --csv=", "cannot write"),
        ("report dataset=zzz", "Choices: sklearn_diabetes"),
        ("report experiment=smok", "unknown experiment"),
        ("tests metric=auc", "unknown metric"),
        ("status experiment=smoke", "unknown experiment"),
        ("status generator=arf", "paths.outputs=VALUE"),
        ("store du generator=arf", "paths.outputs=VALUE"),
    ],
)
def test_what_reads_results_refuses_what_they_do_not_have(typed, words, outputs):
    assert_refused(call(*typed.split(), "--outputs", str(outputs)), words)
    assert_refused(call(*typed.split(), f"paths.outputs={outputs}"), words)


@pytest.mark.parametrize("command", ["results", "report", "tests", "status", "store du"])
def test_a_folder_of_results_that_is_not_there_is_refused(command, here):
    assert_refused(call(*command.split(), "--outputs", "nope"), "no folder 'nope'")
    assert_refused(call(*command.split(), "paths.outputs=nope"), "no folder 'nope'")
    assert not (here / "nope").exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("run hydra.run.dir=x", "paths.outputs=FOLDER"),
        ("sweep hydra.sweep.dir=x", "paths.outputs=FOLDER"),
        ("run hydra.verbose=true", "OUTPUTS/logs"),
        ("run hydra.mode=MULTIRUN", "tabsculpt sweep"),
        ("run hydra/sweeper=basic", "tabsculpt sweep"),
        ("run hydra.searchpath=[x]", "--config-dir"),
        ("run +hydra.foo=1", "hydra.launcher"),
        ("run -m", "tabsculpt sweep"),
        ("sweep --multirun", "tabsculpt sweep"),
        ("run -cn mine", "experiment=NAME"),
        ("run --config-name=mine", "experiment=NAME"),
        ("plan --cfg job", "tabsculpt run ... --cfg job"),
        ("run --cfg all", "Choices: job"),
        ("run --seed 3", "seed=VALUE"),
        ("run --test-size=0.2", "split.test_size=VALUE"),
        ("run --nonsense", "unknown option of run"),
        ("runn", "did you mean 'run'"),
        ("store duu", "did you mean 'du'"),
        ("profile --top 0", "--top"),
        ("run split=quarter", "tabsculpt list split"),
        ("run test_size=0.2", "did you mean split.test_size?"),
        ("run target=y", "did you mean dataset.target"),
        ("run jobs=2", "did you mean hydra.launcher.jobs?"),
        ("run generator=null", "generator cannot be null"),
        ("run +generator=arf", "leave the + before it out"),
        ("run =3", "key=value"),
        ("run predictors.linear=3", "predictors.linear is 3"),
        ("run experiment=smoke", "varies dataset, generator, pipeline, protocol"),
        ("audit experiment=smoke", "dataset=sklearn_diabetes"),
        ("run dataset.path=a,b.csv dataset=csv", '"a,b.csv"'),
        ("run paths.outputs=a${x}b", "\\${x}"),
        ("run paths.outputs=a${x", "cannot read"),
        ("list splits", "did you mean 'split'"),
    ],
)
def test_what_would_do_nothing_is_refused_with_what_to_use_instead(typed, words, here):
    assert_refused(call(*typed.split()), words)
    assert list(here.iterdir()) == []


def test_no_predictor_may_be_left_and_one_that_is_null_is_left_out(outputs):
    every = [f"predictors.{name}=null" for name in ("linear", "random_forest", "lightgbm", "knn")]
    assert_refused(call("run", *every), "keep at least one")
    assert set(read_rows(outputs / "results").predictor.dropna()) == {"linear", "lightgbm"}


def test_a_sweep_has_its_baseline_unless_it_is_left_out(outputs, here):
    assert set(read_rows(outputs / "results").pipeline) == {"real", "traditional"}
    counted = call("plan", *FAST, "seed=0,1", "split.seed=0,1", "pipeline=traditional,preprocess")
    assert "real rows alone (4 jobs)" in counted.output
    assert "12 distinct jobs" in counted.output
    named = call("plan", *FAST, "pipeline=real,traditional")
    assert "real rows alone" not in named.output
    assert "2 distinct jobs" in named.output
    without = call("plan", *FAST, "baseline=false")
    assert "1 distinct jobs" in without.output


def test_results_go_to_standard_output_and_nothing_else_does(outputs):
    typed = ["metric=rmse,r2", "pipeline=real", f"paths.outputs={outputs}"]
    done = call("results", *typed, "--csv", "-")
    assert done.exit_code == 0, done.output
    table = pd.read_csv(io.StringIO(done.stdout))
    assert set(table.metric) == {"rmse", "r2"}
    assert set(table.pipeline) == {"real"}
    turned = call("results", *typed, "--pivot", "predictor,metric", "--csv", "-")
    wide = pd.read_csv(io.StringIO(turned.stdout))
    assert list(wide.columns) == ["predictor", "r2", "rmse"]
    assert wide.rmse[0] == pytest.approx(table[table.metric == "rmse"].value.iloc[0])


def test_the_configuration_is_printed_as_it_would_be_composed():
    done = call("run", "--cfg", "job", "generator=arf", "split.test_size=0.2")
    assert done.exit_code == 0
    assert "tabsculpt.generators.arf.arf." in done.stdout
    assert "test_size: 0.2" in done.stdout


def test_the_version_is_told():
    assert call("--version").stdout.startswith("tabsculpt 0.")


def test_split_is_listed_like_the_groups():
    assert "split.test_size" in call("list").output
    shown = call("list", "split").output
    assert "0.33" in shown
    assert "share of the rows that are tested on" in shown


@pytest.mark.parametrize("name", ["1e3", "true", "null", "007", "1_000", "3.10"])
def test_names_of_columns_are_text_whatever_they_look_like(name, here):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=40), name: rng.normal(size=40), "z": range(40)})
    frame.to_csv(here / "t.csv", index=False)
    data = ["dataset=csv", "dataset.path=t.csv"]
    job = Job.of(load([*data, f"dataset.target={name}", "dataset.drop=[z]"]))
    assert job.source.load().table.schema.target == name
    job = Job.of(load([*data, "dataset.target=x", f"dataset.drop=[{name},z]"]))
    assert job.source.drop == [name, "z"]
    swept = expand([*data, f"dataset.target=x,{name}"])
    assert [one.config.dataset.target for one in swept] == ["x", name]


def test_null_stays_nothing_where_a_setting_may_have_none():
    data = ["dataset=csv", "dataset.path=t.csv", "dataset.target=y"]
    assert load([*data, "dataset.group=null"]).config.dataset.group is None
    assert load([*data, "dataset.group=true"]).config.dataset.group == "true"
    assert load([*data, "generator=arf", "generator.trees=3"]).config.generator.trees == 3


@pytest.mark.parametrize("typed", ["a\\${x}b", "'a\\${x}b'"])
def test_a_folder_may_hold_what_looks_like_a_reference(typed, monkeypatch):
    assert load([f"paths.outputs={typed}"]).config.paths.outputs == "a${x}b"
    assert load(["paths.outputs=out/${device}"]).config.paths.outputs == "out/auto"
    monkeypatch.setenv("TABSCULPT_DATA", "c${y}d")
    config = load(["dataset=titanic"]).config
    assert (config.paths.data, config.dataset.data) == ("c${y}d", "c${y}d")


def own(folder: Path, name: str, text: str = "_target_: mine.Mine\n") -> Path:
    path = folder / "mine" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("config.yaml", "tabsculpt.yaml"),
        ("generators/mine.yaml", "name the folder generator"),
        ("generator/mine.yml", "name it mine.yaml"),
        ("generator/tvae.yaml", "the name of a packaged choice"),
        ("notes.txt", "holds no choice"),
    ],
)
def test_what_would_not_be_read_of_a_folder_of_ones_own_is_refused(name, words, here):
    own(here, name)
    assert_refused(call("plan", "--config-dir", "mine"), words)


def test_an_experiment_may_not_set_what_does_nothing(here):
    own(here, "experiment/e.yaml", "# @package _global_\nhydra:\n  run:\n    dir: x\n")
    assert_refused(call("plan", "experiment=e", "--config-dir", "mine"), "hydra.run")


def test_a_pattern_leaves_out_what_cannot_be_used(here):
    done = call("plan", "generator=glob([b*,fi*])", *FAST[1:], "baseline=false")
    assert done.exit_code == 0, done.output
    assert "glob([b*,fi*]) leaves out file: generator.path has no value" in done.output
    assert "3 distinct jobs" in done.output  # bootstrap, bayesian_network and its paper's settings
    assert_refused(call("plan", "generator=glob(x*)"), "Choices: adasyn")
    assert_refused(call("plan", "generator=glob(*)", "seed=one"), "seed")


def test_defaults_for_good_hold_beside_what_is_typed(here):
    (here / "tabsculpt.yaml").write_text(
        "generator: arf\ngenerator.trees: 5\nsplit: {test_size: 0.25}\npaths.outputs: mine/out\n"
    )
    done = call("run", "--cfg", "job")
    phrase = "defaults of tabsculpt.yaml: generator=arf generator.trees=5 split.test_size=0.25 "
    assert done.stderr == f"{phrase}paths.outputs=mine/out\n"
    assert "test_size: 0.25" in done.stdout
    assert "trees: 5" in done.stdout
    other = call("run", "--cfg", "job", "generator=marginal", "split.test_size=0.5")
    assert other.exit_code == 0, other.output
    assert other.stderr == "defaults of tabsculpt.yaml: paths.outputs=mine/out\n"
    smoke = call("plan", "experiment=smoke", "dataset=wine", "pipeline=real", "protocol=trtr")
    assert (
        "defaults of tabsculpt.yaml: split.test_size=0.25 paths.outputs=mine/out\n" in smoke.stderr
    )
    assert "no results yet in mine/out" in call("results").output
    assert "generator=arf generator.trees=5" in call("doctor", "--json").output


def test_defaults_may_stand_in_the_projects_file(here, monkeypatch):
    (here / "pyproject.toml").write_text('[tool.tabsculpt]\nseed = 3\n"split.folds" = 5\n')
    done = call("run", "--cfg", "job")
    assert done.stderr == "defaults of [tool.tabsculpt] of pyproject.toml: seed=3 split.folds=5\n"
    assert "seed: 3" in done.stdout
    (here / "tabsculpt.yaml").write_text("seed: 1\n")
    assert_refused(call("plan"), "keep one of them")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("generatr: arf", "tabsculpt.yaml: unknown setting 'generatr'"),
        ("generator: tvea", "tabsculpt.yaml: unknown generator 'tvea'; did you mean 'tvae'"),
        ("split.test_siz: 0.2", "tabsculpt.yaml: unknown setting of split"),
        ("seed: one", "tabsculpt.yaml: seed"),
        ("seed: 0,1", "several values"),
        ("- seed", "expected lines"),
        ("a: [", "cannot be read"),
        ("experiment: smoke", "no default"),
        ("hydra.run.dir: x", "does nothing here"),
    ],
)
def test_wrong_defaults_are_refused_in_one_line(text, words, here):
    (here / "tabsculpt.yaml").write_text(text + "\n")
    assert_refused(call("plan"), words)


def test_what_has_no_part_is_said(outputs):
    typed = ["dataset=wine", "generator=arf", f"paths.outputs={outputs}"]
    assert "generator=arf has no part in this" in call("audit", *typed).stderr
    done = call("plan", "pipeline=real", *typed)
    assert "generator=arf has no part in this: real by trtr" in done.output
    folded = call("plan", "pipeline=real", "split.folds=3", "split.test_size=0.2", *typed[::2])
    assert "split.test_size=0.2 has no part in this: split.folds is set" in folded.output


def test_a_folder_too_long_for_the_names_below_it_is_refused(here):
    deep = here / Path(*["b" * 200] * 19)
    deep = deep / ("c" * (3990 - len(str(deep))))
    assert_refused(call("run", f"paths.outputs={deep}", *FAST), "File name too long")


def test_a_report_of_many_filters_has_a_name_that_fits(outputs):
    many = ",".join(["rmse"] * 100)
    done = call("report", f"metric={many}", f"paths.outputs={outputs}")
    assert done.exit_code == 0, done.output
    [folder] = (outputs / "reports").iterdir()
    assert len(folder.name) == 120


def test_tables_are_shown_where_output_is_ascii(outputs):
    command = [sys.executable, "-m", "tabsculpt", "results", f"paths.outputs={outputs}"]
    source = str(Path(__file__).parents[1] / "src")
    ascii_ = {"PYTHONIOENCODING": "ascii", "PYTHONPATH": source, "PATH": ""}
    done = subprocess.run(command, env=ascii_, capture_output=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode("ascii").splitlines()
    table = [line for line in lines if line.startswith(("|", "+"))]
    assert any("+-" in line and line.startswith("| traditional") for line in table)
    assert len({len(line) for line in table}) == 1


def test_signs_that_an_encoding_lacks_are_shown_by_others():
    assert shown_in("ascii", "1 ± 2, größe") == "1 +- 2, gr\\xf6\\xdfe"
    assert shown_in("latin-1", "1 ± 2 …") == "1 +- 2 ..."
    assert shown_in("utf-8", "1 ± 2") == "1 ± 2"


def test_text_of_no_locale_is_refused_in_one_line():
    with pytest.raises(UserError, match="PYTHONUTF8=1"):
        load(["dataset.path=gr\udcc3"])
