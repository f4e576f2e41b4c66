"""Every command takes the same keys and options, and prints JSON, tables and notes alike."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.results import read_rows

QUICK = ["generator=bootstrap", "pipeline=traditional", "predictors.lightgbm=null"]
FEW = [*QUICK, "predictors.random_forest=null", "predictors.knn=null", "repeats=1"]
READERS = ["results", "report", "tests", "status", "store du", "store verify"]
PLACELESS = ["list", "doctor"]


def call(*arguments: str, **environment: str):
    return CliRunner().invoke(app, list(arguments), env=environment)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    for name in ("OUTPUTS", "DATA", "CONFIG_DIR"):
        monkeypatch.delenv(f"TABSCULPT_{name}", raising=False)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> Path:
    """Results of one pipeline and its baseline, in a folder whose name needs care."""
    folder = tmp_path_factory.mktemp("a b, c")
    done = call("sweep", "hydra/launcher=serial", *FEW, "--outputs", str(folder))
    assert done.exit_code == 0, done.output
    return folder


def in_quotes(folder: Path) -> str:
    return f'paths.outputs="{folder}"'


def answer(*arguments: str, **environment: str):
    """The JSON that a command prints, which is all that it prints to standard output."""
    done = call(*arguments, "--json", **environment)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("command", READERS)
def test_a_folder_may_be_named_in_each_way(command, outputs):
    ways = [["--outputs", str(outputs)], [in_quotes(outputs)], [f"paths.outputs={outputs}"]]
    shown = [call(*command.split(), *way) for way in ways]
    shown.append(call(*command.split(), TABSCULPT_OUTPUTS=str(outputs)))
    assert {done.exit_code for done in shown} == {0}, shown[0].output
    assert len({done.stdout for done in shown}) == 1
    assert "no results yet" not in shown[0].stdout


@pytest.mark.parametrize("command", [*READERS, *PLACELESS])
def test_what_every_command_takes_and_this_one_has_no_use_for_is_said(command, outputs):
    given = ["paths.data=somewhere", "--config-dir", "mine", "--outputs", str(outputs)]
    done = call(*command.split(), *given)
    if command == "list":
        assert "mine is not a folder" in done.stderr
        done = call("list", *given[:1], *given[3:])
    assert done.exit_code == 0, done.output
    phrase = done.stderr.splitlines()
    assert ("paths.data=somewhere has no part in this" in phrase) is (command != "doctor")
    assert ("--config-dir mine has no part" in done.stderr) is (command != "list")


def test_commands_for_settings_take_the_option_as_well(here):
    done = call("run", "--cfg", "job", "--outputs", "my ${x}, out")
    assert "outputs: my ${x}, out" in done.stdout.replace("\\", "")
    twice = call("run", *FEW, "paths.outputs=a", "--outputs", "b")
    assert twice.exit_code == 2
    assert twice.stderr == "error: the folder of results is a and b; name it once\n"


def test_an_experiment_filters_what_was_run_under_it(outputs):
    for command in ("results", "report", "tests"):
        done = call(command, "experiment=smoke", "--outputs", str(outputs))
        assert done.exit_code == 2
        assert "unknown experiment in the rows 'smoke'" in done.stderr


def test_doctor_tells_of_the_folders_that_are_named(here):
    found = {
        one["what"]: one["found"] for one in answer("doctor", "paths.outputs=x", "paths.data=.")
    }
    assert found["outputs (TABSCULPT_OUTPUTS)"] == "x (not there)"
    assert found["data (TABSCULPT_DATA)"] == ". (there)"


def test_results_as_json_are_the_rows(outputs):
    rows = read_rows(outputs / "results")
    reported = answer("results", "metric=rmse", "pipeline=real", "--outputs", str(outputs))
    kept = rows[(rows.metric == "rmse") & (rows.pipeline == "real")]
    assert [row["value"] for row in reported] == kept.value.tolist()
    assert {row["fold"] for row in reported} == {None}
    [turned] = answer(
        "results", "metric=rmse", "--pivot", "metric,pipeline", "--outputs", str(outputs)
    )
    assert turned["real"] == pytest.approx(kept.value.mean())


def test_tests_as_json_hold_every_pair(outputs):
    [reported] = answer("tests", "--outputs", str(outputs))
    assert reported["metric"] == "rmse"
    [pair] = reported["pairs"]
    assert (pair["first"], pair["second"]) == ("real", "traditional")
    means = pair["mean_first"] - pair["mean_second"]
    assert pair["difference"] == pytest.approx(means)
    assert reported["multiplicity"]["shown"] == 1


def test_a_plan_as_json_says_what_is_left(outputs):
    reported = answer("plan", *FEW, "seed=0,1", "--outputs", str(outputs))
    assert (reported["jobs"], reported["finished"], reported["to_do"]) == (4, 2, 2)
    fits = next(step for step in reported["steps"] if step["step"] == "Fit")
    assert (fits["stored"], fits["to_do"]) == (1, 1)


def test_status_and_store_as_json(outputs):
    [sweep] = answer("status", "--outputs", str(outputs))
    assert (sweep["state"], sweep["jobs"], sweep["counts"]) == ("finished", 2, {"ok": 2})
    used = {use["kind"]: use for use in answer("store", "du", "--outputs", str(outputs))}
    assert used["Fit"]["entries"] == 1
    assert used["Fit"]["bytes"] > 0
    assert answer("store", "verify", "--outputs", str(outputs)) == []
    size = ["--max-size", "1GB", "--dry-run", "--outputs", str(outputs)]
    assert answer("store", "prune", *size)["entries"] == []


def test_choices_as_json_have_their_settings(here):
    [arf] = answer("list", "generator=arf")
    assert arf["name"] == "arf"
    assert arf["settings"]["leaf_rows"] == 5
    assert arf["can"]["conditional"] is True
    groups = {one["group"]: one["choices"] for one in answer("list")}
    assert "wine" in groups["dataset"]
    sizes = {one["setting"]: one["default"] for one in answer("list", "split")}
    assert sizes["split.test_size"] == "0.33"


def test_what_looks_at_a_table_answers_in_json(here):
    frame = pd.DataFrame({"x": [i + (i > 30) for i in range(60)], "z": [i % 7 for i in range(60)]})
    frame["y"] = frame.x * 1.5 + frame.z
    frame["copy"] = frame.y * 2
    frame.loc[11, "y"] = -500.0
    frame.to_csv("größe.csv", index=False)
    data = ["dataset=csv", "dataset.path=größe.csv", "dataset.target=y"]
    findings = answer("audit", *data, "dataset.drop=[x,z]")
    assert {"one_row_decides"} <= {finding["kind"] for finding in findings}
    profiled = answer("profile", *data, "profiler=cleanlab", "--top", "2")
    assert profiled["dataset"] == "größe"
    assert sum(profiled["rows"].values()) == 60
    assert len(profiled["hardest"]) == 2
    assert profiled["hardest"][0]["row"] == 11
    few = ["profiler.flip_rates=[0.1]", "profiler.thresholds=[0.1,0.25]", "profiler.repeats=1"]
    chosen = answer("select", *data, *few)
    assert {cell["threshold"] for cell in chosen["cells"]} == {0.1, 0.25}
    assert chosen["winner"]["threshold"] in (0.1, 0.25)


def test_json_is_ascii_where_standard_output_is(outputs):
    done = CliRunner(charset="ascii").invoke(app, ["status", "--json", "--outputs", str(outputs)])
    assert done.stdout.isascii()
    assert json.loads(done.stdout)[0]["state"] == "finished"


def test_quiet_prints_errors_and_what_was_asked_for(outputs, here):
    (here / "tabsculpt.yaml").write_text("seed: 0\n")
    done = call("run", *FEW, "--outputs", str(outputs), "--quiet")
    assert (done.exit_code, done.output) == (0, "")
    wrong = call("run", "generator=arff", "-q")
    assert wrong.exit_code == 2
    assert wrong.output.startswith("error: unknown generator 'arff'; did you mean 'arf'?")
    assert answer("status", "-q", "--outputs", str(outputs))[0]["state"] == "finished"


def test_colours_may_be_left_out(outputs):
    shown = ["results", "--outputs", str(outputs)]
    coloured = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "150"}
    assert "\x1b[" in call(*shown, **coloured).stdout
    plain = call(*shown, "--no-color", **coloured).stdout
    assert "\x1b[" not in plain
    assert plain == call(*shown, **coloured, NO_COLOR="1").stdout
    assert plain.splitlines()[0].startswith("Does synthetic data help")


@pytest.mark.parametrize("command", ["results", "tests", "list generators", "doctor", "store du"])
@pytest.mark.parametrize("width", [60, 40])
def test_tables_can_be_read_on_a_narrow_terminal(command, width, outputs):
    done = call(*command.split(), "--outputs", str(outputs), COLUMNS=str(width))
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in done.stdout  # nothing is cut
    words = " ".join(done.stdout.replace("│", " ").split())
    wanted = {"results": "traditional", "tests": "not enough data", "list generators": "least rows",
              "doctor": "scikit-learn", "store du": "TrainAndPredict"}  # fmt: skip
    assert wanted[command] in words


def test_a_table_that_does_not_fit_is_a_block_for_each_row(outputs):
    wide = call("tests", "--outputs", str(outputs), COLUMNS="150").stdout
    narrow = call("tests", "--outputs", str(outputs), COLUMNS="60").stdout
    assert "┃" in wide
    assert "┃" not in narrow.partition("difference:")[0]
    pair = [line.split(maxsplit=1) for line in narrow.splitlines()]
    assert ["first", "real"] in [[word.strip() for word in words] for words in pair]
