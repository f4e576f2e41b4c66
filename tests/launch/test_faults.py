"""The system refuses to write, at every place in turn: a line, no traceback, nothing half believed.

Each place fails once. The same command is given again and again, as a user does who makes room:
every time it gets as far as the next place, until it goes through.
"""

from __future__ import annotations

import builtins
import errno
import io
import logging
import os
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from slowstep import SlowStep
from tabsculpt.analysis.comparisons import write_tests
from tabsculpt.cli.main import app
from tabsculpt.cli.shell import errors
from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.engine.upkeep import entries, faults
from tabsculpt.engine.writing import FULL, WriteError
from tabsculpt.jobs.job import Job
from tabsculpt.launch.logs import kept_log
from tabsculpt.launch.refusals import refuse
from tabsculpt.launch.serial import Serial
from tabsculpt.launch.sweep import PreparedSweep, run_sweep
from tabsculpt.launch.work import Loaded, prepare
from tabsculpt.report.command import report
from tabsculpt.results import read_rows, write_frame

NUMBERS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS)
CODES = {errno.ENOSPC: 1, errno.EIO: 1, errno.EACCES: 2, errno.EROFS: 2}
FEW = [f"~predictors.{name}" for name in ("random_forest", "lightgbm", "knn")]
CONSTANTS = re.compile(r"\.?\d+-[0-9a-f]{8}|[0-9a-f]{8,}|\d{8}T\d{6}-[0-9a-f]{6}")


class Disk:
    """Makes calls fail that write below a folder; what they had begun to write stays.

    Attributes:
        struck: the places that failed so far, as operation and path without what varies.
        raised: the numbers of the errors since the list was emptied.
    """

    def __init__(self, root: Path, shift: int) -> None:
        self.root, self.shift = root, shift
        self.struck: list[str] = []
        self.raised: list[int] = []

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("mkdir", "rename", "replace", "unlink"):
            patch.setattr(os, name, self._refusing(name, getattr(os, name)))
        patch.setattr(os, "open", self._refusing("open", os.open, lambda flags, *_: flags & 3))
        opening = self._refusing("open", io.open, lambda mode="r", *_: set(mode) & set("wax+"))
        patch.setattr(io, "open", opening)
        patch.setattr(builtins, "open", opening)
        patch.setattr(pq, "write_table", self._half_writing(pq.write_table))

    def _strikes(self, operation: str, path: Any) -> OSError | None:
        """The error for a place that has not failed yet; tidying up does not fail."""
        if not isinstance(path, (str, Path)) or not Path(path).is_relative_to(self.root):
            return None
        place = CONSTANTS.sub("#", Path(path).relative_to(self.root).as_posix())
        place = f"{operation} {re.sub(r'^store/[A-Z][A-Za-z]+(/..)?', 'store/KIND', place)}"
        if place in self.struck or (operation == "unlink" and place.endswith("part")):
            return None
        number = NUMBERS[(len(self.struck) + self.shift) % len(NUMBERS)]
        self.raised.append(number)
        self.struck.append(place)
        return OSError(number, os.strerror(number), str(path))

    def _refusing(
        self, operation: str, call: Any, writes: Callable[..., Any] = lambda *_: True
    ) -> Any:
        def refusing(path: Any, *arguments: Any, **named: Any) -> Any:
            mode = [named["mode"]] if "mode" in named else arguments
            error = self._strikes(operation, path) if writes(*mode) else None
            if error is not None:
                raise error
            return call(path, *arguments, **named)

        return refusing

    def _half_writing(self, call: Any) -> Any:
        def half_writing(table: Any, where: Any, *arguments: Any, **named: Any) -> Any:
            call(table, where, *arguments, **named)
            path = Path(getattr(where, "name", where))
            if (error := self._strikes("write", path)) is not None:
                os.truncate(path, path.stat().st_size // 2)
                raise error

        return half_writing


@pytest.fixture
def table(tmp_path) -> list[str]:
    """The arguments for a table of 60 rows."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(60, 3)), columns=list("abc"))
    frame["y"] = frame.a + random.normal(size=60) / 5
    frame.to_csv(tmp_path / "t.csv", index=False)
    return ["dataset=csv", f"dataset.path={tmp_path / 't.csv'}", "dataset.target=y"]


def insist(disk: Disk, command: Callable[[], object], capsys: pytest.CaptureFixture[str]) -> None:
    """Give a command until it goes through."""
    for _ in range(100):
        disk.raised = []
        try:
            with errors():
                command()
        except typer.Exit as end:
            code = end.exit_code
        else:
            return
        place = disk.struck[-1]
        assert disk.raised, capsys.readouterr()
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith("error: cannot write '"), place
        assert "run the same command again" in line
        [number] = [n for n in NUMBERS if f"({FULL.get(n, os.strerror(n))}); " in line]
        assert number in disk.raised
        assert code == CODES[number], place
        assert not list(faults(disk.root / "store")), place
        assert not list(disk.root.rglob("*.part")), place
    raise AssertionError(f"never through: {disk.struck}")


def sweep(jobs: list[Job]) -> None:
    load, console = Loaded(), Console(file=io.StringIO())
    refuse(jobs, load, console)
    bad = run_sweep(PreparedSweep(prepare(jobs, load), Serial(), jobs[0].outputs, False), console)
    assert not bad


@pytest.mark.parametrize("shift", [0, 1])
def test_a_job_goes_on_after_each_refusal_and_gives_the_same(
    shift, table, tmp_path, monkeypatch, values, capsys
):
    job = Job.of(load([*table, "generator=marginal", "pipeline=traditional", *FEW]))
    calm, outputs = (replace(job, outputs=tmp_path / name) for name in ("calm", "out"))
    sweep([calm])
    disk = Disk(outputs.outputs, shift)
    with monkeypatch.context() as patch:
        disk.install(patch)
        insist(disk, lambda: sweep([outputs]), capsys)
    folders = [tmp_path / "out", tmp_path / "calm"]
    pd.testing.assert_frame_equal(*map(values, folders), check_exact=True)
    there, wanted = ({(e.kind, e.key) for e in entries(f / "store")} for f in folders)
    assert there == wanted
    for name in ("quality", "distributions", "jobs"):
        made, wished = ({path.name for path in (f / name).glob("*")} for f in folders)
        assert made == wished
    named = {place.split()[1].split("/")[0] for place in disk.struck}
    assert named >= {"store", "results", "jobs", "quality", "distributions", "logs", "sweeps"}
    assert {"open store/locks/#.lock", "rename store/drafts/#-#"} <= set(disk.struck)


def test_a_traceback_that_cannot_be_kept_ends_the_run(tmp_path, monkeypatch, capsys):
    path, log = tmp_path / "logs" / "job.log", logging.getLogger("tabsculpt.engine.runner")

    def fail() -> None:
        with kept_log(path):
            try:
                raise ValueError("no way")
            except ValueError:
                log.info("fit failed", exc_info=True)

    disk = Disk(tmp_path, 0)
    with monkeypatch.context() as patch:
        disk.install(patch)
        insist(disk, fail, capsys)
    assert disk.struck == ["unlink logs/job.log", "mkdir logs", "open logs/job.log"]
    assert path.read_text().count("ValueError: no way") == 1


def test_files_for_a_person_are_written_whole_or_not_at_all(table, tmp_path, monkeypatch, capsys):
    outputs = tmp_path / "out"
    sweep([replace(Job.of(load([*table, "generator=marginal", *FEW])), outputs=outputs)])
    found, quiet = read_rows(outputs / "results"), Console(file=io.StringIO())
    two = pd.concat([found, found.assign(pipeline="another")])
    commands: dict[str, Callable[[], object]] = {
        "csv": lambda: write_frame(found, outputs / "rows.csv", "csv"),
        "parquet": lambda: write_frame(found, outputs / "rows.parquet", "parquet"),
        "tests": lambda: write_tests(two, outputs / "t"),
        "report": lambda: report(outputs, [], None, outputs / "r", None, None, quiet),
    }
    for shift, command in enumerate(commands.values()):
        disk = Disk(outputs, shift)
        with monkeypatch.context() as patch:
            disk.install(patch)
            insist(disk, command, capsys)
        assert disk.struck
    assert len(pd.read_csv(outputs / "rows.csv")) == len(found)
    assert len(pd.read_parquet(outputs / "rows.parquet")) == len(found)
    assert (outputs / "r" / "report.html").read_text().rstrip().endswith("</html>")


def test_what_was_there_stays_where_it_cannot_be_replaced(tmp_path, monkeypatch):
    path = tmp_path / "rows.csv"
    frame = pd.DataFrame({"a": [1, 2]})
    write_frame(frame, path, "csv")
    disk = Disk(tmp_path, 0)
    with monkeypatch.context() as patch:
        disk.install(patch)
        with pytest.raises(WriteError, match=r"rows\.csv"):
            write_frame(frame * 10, path, "csv")
    assert pd.read_csv(path).a.tolist() == [1, 2]
    assert [each.name for each in tmp_path.iterdir()] == ["rows.csv"]


def test_a_link_stays_and_what_is_no_file_is_written_to(tmp_path):
    frame = pd.DataFrame({"a": [1, 2]})
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write_frame(frame, tmp_path / "link.csv", "csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert pd.read_csv(tmp_path / "real.csv").a.tolist() == [1, 2]
    write_frame(frame, Path("/dev/null"), "csv")
    assert Path("/dev/null").is_char_device()


def test_processes_that_cannot_write_end_the_sweep_with_one_line(table, tmp_path):
    outputs = tmp_path / "out"
    outputs.mkdir()
    (outputs / "logs").write_text("in the way")
    grid = ["sweep", *table, "pipeline=real", *FEW, f"paths.outputs={outputs}"]
    done = CliRunner().invoke(app, grid)
    assert done.exit_code == 2
    [line] = done.stderr.splitlines()
    assert re.search(r"cannot write '.*/logs/.*\.log' \(.*\); .* 0 of 1 jobs are done", line)
    (outputs / "logs").unlink()
    assert CliRunner().invoke(app, grid).exit_code == 0
    assert set(read_rows(outputs / "results").status) == {"ok"}


def test_a_full_disk_in_words_of_a_library_in_rust(tmp_path):
    class Rust(SlowStep):
        def write(self, result, folder):
            raise RuntimeError("I/O error: No space left on device (os error 28)")

    runner = Runner(Store(tmp_path / "store"), lambda _step, _done: None)
    with pytest.raises(WriteError, match="the disk is full") as caught:
        runner.result(Rust(str(tmp_path / "log"), 0.0))
    assert caught.value.code == 1
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args
