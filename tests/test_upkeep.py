"""Upkeep of the store: what is damaged is named, and what finished jobs rest on stays."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest
from filelock import FileLock
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.engine.store import MANIFEST, Record, write_manifest
from tabsculpt.engine.upkeep import entries, faults, prune, references, usage
from tabsculpt.results import read_rows

QUICK = ["generator=bootstrap", "predictors=quick", "~predictors.random_forest"]
QUICK += ["~predictors.lightgbm", "~predictors.knn"]


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def outputs(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "out"))
    monkeypatch.delenv("TABSCULPT_DATA", raising=False)
    return tmp_path / "out"


def keys(outputs: Path) -> set[str]:
    return {entry.key for entry in entries(outputs / "store")}


def age(outputs: Path, days: float) -> None:
    then = time.time() - 86400 * days
    for path in (outputs / "store").glob(f"*/*/*/{MANIFEST}"):
        os.utime(path, (then, then))


def test_every_way_to_be_damaged_is_named_and_a_damaged_result_is_made_anew(outputs):
    grid = ["run", "pipeline=profile2gen", *QUICK]
    assert call(*grid).exit_code == 0
    assert call("store", "verify").output == "0 results not whole\n"
    before = read_rows(outputs / "results").value
    fits, parts = (
        [e for e in entries(outputs / "store") if e.kind == k] for k in ("Fit", "SplitPart")
    )
    schema = parts[0].folder / "schema.json"
    schema.write_text(schema.read_text().replace("age", "ago"))
    (parts[1].folder / "rows.parquet").unlink()
    (fits[0].folder / "stray.pkl").write_bytes(b"")
    (fits[1].folder / MANIFEST).write_text('{"key": ')
    fits[2].folder.rename(fits[2].folder.with_name("ab" * 16))
    wrong = {entry.key: what for entry, what in faults(outputs / "store")}
    assert wrong == {
        parts[0].key: "schema.json is not as it was written",
        parts[1].key: "rows.parquet is missing",
        fits[0].key: "stray.pkl does not belong there",
        fits[1].key: "its manifest cannot be read",
        "ab" * 16: f"it is the result of another step, Fit {fits[2].key}",
    }
    found = call("store", "verify")
    assert found.exit_code == 1
    assert "5 results not whole" in found.output
    assert f"{parts[1].folder}: rows.parquet is missing" in found.output
    assert call("store", "verify", "--remove").exit_code == 0
    assert call("store", "verify").output == "0 results not whole\n"
    assert call("sweep", *grid[1:], "--force").exit_code == 0
    made = read_rows(outputs / "results").query("pipeline == 'profile2gen'").value
    assert set(made.dropna()) <= set(before.dropna())


def test_pruning_leaves_what_finished_jobs_rest_on(outputs):
    assert call("run", "pipeline=profile2gen", *QUICK).exit_code == 0
    referred = references(outputs)
    kinds = {entry.kind for entry in entries(outputs / "store") if entry.key in referred}
    assert kinds >= {"SplitPart", "Fit", "Sample", "ScoreRows", "TrainAndPredict", "MeasureQuality"}
    assert call("run", "pipeline=preprocess", "seed=1", *QUICK).exit_code == 0
    rows = read_rows(outputs / "results")
    for job in set(rows[rows.seed == 1].job):  # somebody throws these results away
        (outputs / "results" / f"{job}.parquet").unlink()
    before, referred = keys(outputs), references(outputs)
    extra = before - referred
    assert extra
    age(outputs, 10)
    assert call("store", "prune", "--older-than", "11d").output.startswith("0 results")
    dry = call("store", "prune", "--older-than", "9d", "--dry-run")
    assert re.search(rf"{len(extra)} results, .* would go", dry.output)
    assert keys(outputs) == before
    done = call("store", "prune", "--older-than", "9d")
    assert re.search(rf"{len(extra)} results, .* removed", done.output)
    assert keys(outputs) == before & referred
    assert "2 finished before" in call("sweep", "pipeline=real,profile2gen", *QUICK).output


def orphans(root: Path, count: int) -> list[Path]:
    """Results of a kind of step, none of which anything rests on, each older than the next."""
    made = []
    for number in range(count):
        key = f"{number:032x}"
        folder = root / "store" / "Thing" / key[:2] / key
        folder.mkdir(parents=True)
        (folder / "a.npz").write_bytes(b"x" * 1000)
        record = Record(key, "Thing", "data", {}, [], 2.0, 2.0, 1.0, "", {"a.npz": "0"})
        write_manifest(record, folder)
        then = time.time() - 1000 + number
        os.utime(folder / MANIFEST, (then, then))
        made.append(folder)
    return made


def test_the_oldest_go_until_the_store_is_small_enough_but_none_at_work(tmp_path):
    folders = orphans(tmp_path, 10)
    [use] = usage(tmp_path / "store")
    assert (use.kind, use.entries, use.cpu_seconds) == ("Thing", 10, 20.0)
    each = use.bytes / 10
    locks = tmp_path / "store" / "locks"
    locks.mkdir()
    (locks / f"{folders[1].name}.lock").touch()  # of a process that was killed
    with FileLock(locks / f"{folders[0].name}.lock"):
        found = prune(tmp_path, None, 6 * each, dry_run=False)
    assert [path.exists() for path in folders] == [True, *[False] * 4, *[True] * 5]
    assert (found.bytes, found.left, found.referred) == (4 * each, 6 * each, 0)


def test_drafts_of_killed_processes_go_with_time(tmp_path):
    orphans(tmp_path, 1)
    drafts = tmp_path / "store" / "drafts"
    for name, days in {"old": 2, "new": 0}.items():
        (drafts / name).mkdir(parents=True)
        os.utime(drafts / name, (time.time() - 86400 * days,) * 2)
    assert prune(tmp_path, 1e9, None, dry_run=True).drafts == 1
    assert prune(tmp_path, 1e9, None, dry_run=False).drafts == 1
    assert [path.name for path in drafts.iterdir()] == ["new"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["prune"], "say what may go"),
        (["prune", "--older-than", "soon"], "expected a span of time, as in 30d"),
        (["prune", "--max-size", "2"], "expected an amount, as in 500MB"),
        (["verify", "--outputs", "nowhere"], "there is no folder 'nowhere'"),
        (["verify", "--outputs", "."], "there is no store in '.'"),
        (["du", "--outputs", "s3://bucket/x"], "object stores lack"),
    ],
)
def test_bad_input_is_one_line(arguments, words, outputs, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    done = call("store", *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_nothing_is_pruned_under_a_running_sweep(outputs):
    orphans(outputs, 1)
    (outputs / "sweeps").mkdir()
    state = {"jobs": 1, "updated": time.time(), "state": "running", "host": "elsewhere"}
    state |= {"running": {}, "bad": []}
    path = outputs / "sweeps" / "now.json"
    path.write_text(json.dumps(state))
    done = call("store", "prune", "--older-than", "0s")
    assert done.exit_code == 2
    assert "a sweep is running" in done.stderr
    assert call("store", "prune", "--older-than", "0s", "--dry-run").exit_code == 0
    path.write_text(json.dumps({**state, "updated": time.time() - 100}))  # it was killed
    assert call("store", "prune", "--older-than", "0s").exit_code == 0
    assert keys(outputs) == set()
