"""What the same command again costs once N jobs are finished, and ``status`` and the queue of N.

    python scripts/benchmark_resume.py --outputs FOLDER [--jobs 1000 10000 100000]

One small job is run (wine, bootstrap, one predictor). Each of the others is pretended: what a job
leaves (its rows, its record) is written under its name and its completion key, and of each of its
steps the manifest in the store, all by the functions that a sweep writes them with. The folder
keeps them, and a second call writes what is missing; 100,000 jobs take about 8 GB.

Each figure is of a process of its own, in milliseconds of CPU time a job (imports excluded), and
stays the same where the cost is flat. For `status`, one job in fifty has failed.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from tabsculpt.datasets import Dataset
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import MANIFEST, Record, Store, write_manifest
from tabsculpt.jobs.completion import completion_key
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.launch.messages import Began, Ended, JobTask
from tabsculpt.launch.queue import JobQueue
from tabsculpt.launch.status import StateFile, SweepState, show_status, sweeps_to_show
from tabsculpt.launch.sweep import PreparedSweep, prepare_sweep, run_sweep
from tabsculpt.report.terminal import TABLE_METRICS, UNSEEN, show
from tabsculpt.results import Row, Status, read_rows, write_rows, write_table

GRID = ["dataset=wine", "generator=bootstrap", "pipeline=traditional", "baseline=false"]
FEW = [f"~predictors.{name}" for name in ("random_forest", "lightgbm", "knn")]
MB = 1e6 if sys.platform == "darwin" else 1e3
"""What ``ru_maxrss`` counts a megabyte in: bytes on macOS, kilobytes elsewhere."""


def opened(outputs: Path, jobs: int) -> PreparedSweep:
    """The sweep of so many jobs, looked through."""
    typed = [*GRID, *FEW, f"seed=range(0,{jobs})", "repeats=1", f"paths.outputs={outputs}"]
    return prepare_sweep(typed, None, Console(file=io.StringIO()))


class Pretender:
    """Writes what a finished job leaves, in the likeness of one that was run."""

    def __init__(self, task: JobTask) -> None:
        import pyarrow.parquet as pq

        runner = Runner(Store(task.job.outputs / "store"), lambda _step, _done: None)
        outcome = run_job(task.job, task.dataset, lambda _layout: None, lambda _step, _done: None)
        path = task.job.outputs / "jobs" / f"{task.id}.parquet"
        self._rows: list[Row] = outcome.rows
        self._record: dict[str, Any] = pq.read_table(path, partitioning=None).to_pylist()[0]
        self._runner, self._store = runner, Store(task.job.outputs / "store")

    def finish(self, name: str, job: Job, dataset: Dataset) -> None:
        """Leave the files of one job."""
        layout = build_graph(job, dataset, self._runner.result)
        for step in layout.steps().values():
            folder = self._store.folder(step)
            if step.stored and not (folder / MANIFEST).exists():
                folder.mkdir(parents=True, exist_ok=True)
                kind, inputs = type(step).__name__, [parent.key for parent in step.inputs]
                known = (step.key, kind, step.phase, step.description, inputs)
                write_manifest(Record(*known, 0.1, 0.1, 200.0, self._rows[0].ended), folder)
        rows = [replace(row, job=name, seed=job.seed) for row in self._rows]
        write_rows(rows, job.outputs / "results")
        own = {
            "job": name,
            "seed": job.seed,
            "completion": completion_key(job, dataset, layout.steps().values()),
            "settings": json.dumps(job.settings(), sort_keys=True),
            "steps": json.dumps(layout.stored()),
        }
        write_table([{**self._record, **own}], job.outputs / "jobs" / f"{name}.parquet")


def pretend(outputs: Path, jobs: int) -> None:
    """Leave the files of so many finished jobs."""
    batch = opened(outputs, jobs).batch
    if not batch.tasks:
        return
    pretender = Pretender(batch.tasks[0])
    for task in batch.tasks[1:]:
        pretender.finish(task.id, task.job, task.dataset)


def resume(outputs: Path, jobs: int) -> None:
    """The same command again, up to its closing table."""
    grid = opened(outputs, jobs)
    assert len(grid.batch.finished) == jobs, f"{len(grid.batch.tasks)} jobs would be run again"
    run_sweep(grid, Console(file=io.StringIO()))


def closing_table(outputs: Path, jobs: int) -> None:
    """What a sweep prints at its end."""
    names = sorted(path.stem for path in (outputs / "results").glob("*.parquet"))[:jobs]
    rows = read_rows(outputs / "results", names, TABLE_METRICS, UNSEEN)
    assert rows.job.nunique() == jobs
    show(rows, outputs / "store", Console(file=io.StringIO()))


def state_of(jobs: int) -> SweepState:
    """A sweep of which all but two jobs ended, one in fifty of them badly."""
    state = SweepState(jobs)
    for number in range(jobs):
        task = SimpleNamespace(id=f"{number:016x}", title=f"wine bootstrap tstr seed {number}")
        state.note(task, Began())
        if number < jobs - 2:
            bad = number % 50 == 0
            reason = "ValueError: no way" if bad else None
            state.note(task, Ended(Status.FAILED if bad else Status.OK, reason, 1.0))
    return state


def status(outputs: Path, jobs: int) -> None:
    """The state of a sweep written once, as is done every second, and shown once."""
    outputs = outputs / f"status-{jobs}"
    StateFile(outputs / "sweeps").write(state_of(jobs))
    show_status(sweeps_to_show(outputs), outputs, Console(file=io.StringIO()))


def queue(_outputs: Path, jobs: int) -> None:
    """Tasks taken one after the other by two workers, of six steps each, two of them shared."""
    order = JobQueue([_task(number) for number in range(jobs)])
    running: list[JobTask] = []
    while order.waiting or running:
        while len(running) < 2 and (task := order.next([True, True])) is not None:
            running.append(task)
        ended = running.pop(0)
        for key in ended.needs:
            order.made(key)
        order.over(ended)


def _task(number: int) -> JobTask:
    job: Any = SimpleNamespace(device="cpu")
    needs = ("train", f"fold-{number // 10}", *(f"{number}-{step}" for step in range(4)))
    return JobTask(f"{number:016x}", "", job, job, needs)


WHAT = {each.__name__: each for each in (pretend, resume, closing_table, status, queue)}


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--only", choices=WHAT, nargs="+", default=list(WHAT))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(given)
    for jobs in asked.jobs:
        for name in asked.only:
            if not asked.here:
                own = ["--only", name, "--jobs", str(jobs), "--outputs", str(asked.outputs)]
                subprocess.run([sys.executable, __file__, "--here", *own], check=True)
                continue
            began = time.process_time()
            WHAT[name](asked.outputs, jobs)
            seconds = time.process_time() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
            words = f"{1000 * seconds / jobs:.3f} ms a job, {peak:.0f} MB at most"
            print(f"{jobs} jobs, {name}: {seconds:.1f} CPU s, {words}", flush=True)


if __name__ == "__main__":
    main()
