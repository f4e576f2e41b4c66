"""What is finished is not done again, as long as it would come out the same."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pandas as pd
import psutil
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.engine import modules
from tabsculpt.engine.fingerprints import FINGERPRINTS
from tabsculpt.launch.status import read_states
from tabsculpt.notes import from_json
from tabsculpt.results import read_rows

FEW = [f"~predictors.{name}" for name in ("random_forest", "lightgbm", "knn")]
GRID = ["generator=bootstrap", "pipeline=real,traditional", *FEW]


def call(*arguments: str):
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code in (0, 1), done.output
    return done


def runs(outputs: Path) -> dict[str, str]:
    """When each job was started last."""
    return read_rows(outputs / "results").groupby("job").started.first().to_dict()


def test_a_finished_sweep_runs_no_job_and_more_seeds_run_their_own(outputs):
    call("sweep", *GRID)
    before = runs(outputs)
    again = call("sweep", *GRID)
    assert again.exit_code == 0
    assert "2 jobs, 2 finished before" in again.output
    assert "sklearn_diabetes: regression" in again.output  # the results are shown all the same
    assert runs(outputs) == before
    call("sweep", *GRID, "seed=0,1")
    after = runs(outputs)
    assert {job: after[job] for job in before} == before
    assert len(after) == 4


def test_what_a_killed_process_had_begun_to_write_is_taken_away(outputs):
    call("sweep", *GRID)
    host, gone = socket.gethostname(), max(psutil.pids()) + 100_000
    left = outputs / "results" / f".{host}-{gone}-0123abcd.part"
    others = [
        outputs / "results" / f".{host}-{os.getpid()}-0123abcd.part",  # at work
        outputs / "jobs" / f".another-{gone}-0123abcd.part",  # nobody here knows
    ]
    for path in (left, *others):
        path.write_text("half")
    call("sweep", *GRID)
    assert not left.exists()
    assert all(path.exists() for path in others)


def test_a_finished_job_with_notes_is_known_again(outputs, tmp_path):
    frame = pd.DataFrame({"x": [*range(60)], "y": [i % 7 for i in range(60)]}).astype(str)
    frame.loc[:3, "x"] = "?"
    frame.to_csv(tmp_path / "mine.csv", index=False)
    asked = ["dataset=csv", f"dataset.path={tmp_path / 'mine.csv'}", "dataset.target=y"]
    call("sweep", *asked, "dataset.task=regression", "pipeline=real", *FEW)
    [notes] = {from_json(text) for text in read_rows(outputs / "results").notes}
    assert ("read_as_missing", 4, {"x": 4}) in [(n.code, n.count, n.columns) for n in notes]
    again = call("sweep", *asked, "dataset.task=regression", "pipeline=real", *FEW)
    assert "1 jobs, 1 finished before" in again.output


def test_a_job_whose_result_is_gone_runs_again(outputs):
    call("sweep", *GRID)
    before = runs(outputs)
    gone, kept = sorted(before)
    (outputs / "results" / f"{gone}.parquet").unlink()
    call("sweep", *GRID)
    after = runs(outputs)
    assert after[gone] > before[gone]
    assert after[kept] == before[kept]


def test_a_finished_job_takes_the_label_of_another_experiment(outputs, tmp_path):
    folder = tmp_path / "conf" / "experiment"
    folder.mkdir(parents=True)
    for name in ("first", "second"):
        (folder / f"{name}.yaml").write_text("# @package _global_\nseed: 0\n")
    own = [*GRID, "--config-dir", str(tmp_path / "conf")]
    call("sweep", "experiment=first", *own)
    before = runs(outputs)
    call("sweep", "experiment=second", *own)
    assert runs(outputs) == before
    assert set(read_rows(outputs / "results").experiment) == {"first,second"}
    call("sweep", "experiment=first,second", *own, "seed=1")  # one job for both
    assert set(read_rows(outputs / "results").experiment) == {"first,second"}
    assert len(runs(outputs)) == 4


@pytest.mark.parametrize("damage", [b"", b"PAR1 nonsense"])
def test_a_job_whose_record_is_damaged_runs_again(outputs, damage):
    call("sweep", *GRID)
    before = runs(outputs)
    first = min(before)
    (outputs / "jobs" / f"{first}.parquet").write_bytes(damage)
    call("sweep", *GRID)
    changed = {job for job, when in runs(outputs).items() if when != before[job]}
    assert changed == {first}


def test_changed_code_or_data_runs_a_job_again(outputs, tmp_path):
    module = (
        "from dataclasses import dataclass\n"
        "from tabsculpt.generators.bootstrap import Bootstrap\n"
        "@dataclass(frozen=True)\n"
        "class Own(Bootstrap):\n"
        '    """Own."""\n'
    )
    folder = tmp_path / "conf" / "generator"
    folder.mkdir(parents=True)
    code = tmp_path / "conf" / "tabsculpt_own.py"
    code.write_text(module)
    (folder / "own.yaml").write_text("_target_: tabsculpt_own.Own\n")
    rows = pd.DataFrame({"x": range(60), "y": [value % 7 for value in range(60)]})
    rows.to_csv(tmp_path / "t.csv", index=False)
    data = ["dataset=csv", f"dataset.path={tmp_path / 't.csv'}", "dataset.target=y"]
    grid = [*data, "generator=own", "pipeline=traditional", "baseline=false", *FEW]
    own = ["--config-dir", str(tmp_path / "conf")]
    call("sweep", *grid, *own)
    [(job, before)] = runs(outputs).items()
    fresh_code()
    call("sweep", *grid, *own)
    assert runs(outputs) == {job: before}
    code.write_text(module + "    least_rows = 3\n")
    fresh_code()
    said = "1 ended before with other code or libraries and are run again"
    assert said in " ".join(call("plan", *grid, *own).output.split())
    assert said in " ".join(call("sweep", *grid, *own).output.split())
    [(same, after)] = runs(outputs).items()
    assert same == job
    assert after > before
    rows.loc[0, "x"] = 1000
    rows.to_csv(tmp_path / "t.csv", index=False)
    call("sweep", *grid, *own)
    assert len(runs(outputs)) == 2


def fresh_code() -> None:
    """Forget what was read of modules, as another process would not know it."""
    FINGERPRINTS.clear()
    modules.forget()


def test_failed_jobs_are_tried_again_and_skipped_ones_are_not(outputs, awkward):
    alone = ["pipeline=traditional", "baseline=false"]
    grid = ["generator=raises,smote,bootstrap", *alone, *FEW, *awkward]
    assert call("sweep", *grid).exit_code == 1
    names = read_rows(outputs / "results").groupby("generator").job.first()

    def ran_again(*options: str) -> set[str]:
        before = runs(outputs)
        done = call("sweep", *grid, *options)
        assert done.exit_code == 1  # some job is not well, run again or not
        assert "no way" in done.output
        after = runs(outputs)
        return {name for name, job in names.items() if after[job] != before[job]}

    assert ran_again() == {"raises"}
    assert ran_again("--retry", "none") == set()
    assert ran_again("--retry", "all") == {"raises", "smote"}
    assert ran_again("--force") == {"raises", "smote", "bootstrap"}
    refused = CliRunner().invoke(app, ["sweep", *grid, "--retry", "some"])
    assert refused.exit_code == 2
    assert "Choices: all, failed, none" in refused.output


def test_force_computes_the_steps_anew_and_gives_the_same(outputs, values):
    call("sweep", *GRID)
    before, rows = stored(outputs), values(outputs)
    call("sweep", *GRID, "--force")
    after = stored(outputs)
    assert set(after) == set(before)
    assert {kind for (kind, key), when in after.items() if when == before[kind, key]} <= {
        "SplitPart",
        "Audit",
    }
    pd.testing.assert_frame_equal(values(outputs), rows)


def stored(outputs: Path) -> dict[tuple[str, str], int]:
    manifests = (outputs / "store").glob("*/*/*/manifest.json")
    return {(path.parts[-4], path.parts[-2]): path.stat().st_mtime_ns for path in manifests}


def test_a_plan_counts_and_does_nothing(outputs):
    grid = ["generator=bootstrap,smote", "pipeline=real,traditional", *FEW]
    shown = call("plan", *grid)
    assert "4 cells of the grid, 3 distinct jobs: 0 finished, 3 to do" in shown.output
    assert "1 jobs cannot work: smote does not do regression" in shown.output
    assert "none like them was done here yet" in shown.output
    assert not (outputs / "results").exists()
    call("sweep", "generator=bootstrap", "pipeline=real,traditional", *FEW)
    shown = call("sweep", *grid, "seed=0,1", "--dry-run")
    assert "8 cells of the grid, 6 distinct jobs: 2 finished, 4 to do" in shown.output
    table = {
        cells[1]: [int(cell) for cell in cells[2:5]]
        for line in shown.output.splitlines()
        if line.startswith("│") and (cells := [cell.strip() for cell in line.split("│")])
    }
    assert table["SplitPart"] == [2, 2, 0]
    assert table["Fit"] == [4, 1, 3]
    assert table["Sample"] == [4, 1, 3]
    assert table["TrainAndPredict"] == [5, 2, 3]  # linear draws nothing: real is one for all seeds
    assert "about" in shown.output
    assert "of CPU time" in shown.output
    assert len(runs(outputs)) == 2


def test_a_plan_scales_what_past_steps_took_by_the_size_of_the_table(outputs):
    """Of two sizes that were done, the nearer one says what a step takes, by the square root."""
    alone = ["generator=bootstrap", "pipeline=traditional", "baseline=false", *FEW]

    def seconds(rows: int) -> float:
        table = ["dataset=simulated", f"dataset.rows={rows}", "dataset.seed=1"]
        planned = json.loads(call("plan", *table, *alone, "seed=7", "--json").stdout)
        [fit] = [step for step in planned["steps"] if step["step"] == "Fit"]
        assert (fit["to_do"], fit["of_unknown_cost"]) == (1, 0)
        return fit["cpu_seconds"]

    call("sweep", "dataset=simulated", "dataset.rows=300", *alone)
    one = seconds(300)
    assert seconds(30000) == pytest.approx(one * 10)
    call("sweep", "dataset=simulated", "dataset.rows=6000", *alone)
    large = seconds(6000)
    assert seconds(30000) == pytest.approx(large * 5**0.5)
    assert seconds(300) == pytest.approx(one)
    assert seconds(1500) == pytest.approx(large / 2)


def test_status_says_how_the_last_sweep_ended(outputs, awkward):
    assert "no sweep yet" in call("status").output
    alone = ["pipeline=traditional", "baseline=false"]
    call("sweep", "generator=raises,bootstrap", *alone, *FEW, *awkward)
    [state] = read_states(outputs)
    assert state.counts == {"ok": 1, "failed": 1}
    assert [(bad.status, bad.reason) for bad in state.bad] == [("failed", "ValueError: no way")]
    shown = call("status").output
    assert "finished: 2/2 jobs" in shown
    assert "ValueError: no way" in shown
