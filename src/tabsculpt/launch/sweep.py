"""A sweep from what was typed to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from tabsculpt.config.components import instantiate
from tabsculpt.config.overrides import readable
from tabsculpt.config.sweep import open_sweep
from tabsculpt.engine.store import Store
from tabsculpt.engine.writing import WriteError
from tabsculpt.errors import UserError, unknown
from tabsculpt.jobs.completion import Retry
from tabsculpt.jobs.job import Job
from tabsculpt.launch.baselines import missing_baselines
from tabsculpt.launch.globs import without_globs
from tabsculpt.launch.in_process import refuse
from tabsculpt.launch.messages import Launcher, log_file
from tabsculpt.launch.plan import show_short
from tabsculpt.launch.status import Bad, StateFile, SweepState
from tabsculpt.launch.sweep_display import SweepView
from tabsculpt.launch.unused_settings import tell_unused
from tabsculpt.launch.work import Loaded, WorkPlan, prepare
from tabsculpt.results import add_experiments

TOLD = 5
"""Logs whose last lines are shown."""
TAIL = 8
"""Lines shown of each."""


@dataclass(frozen=True)
class PreparedSweep:
    """A sweep that was looked through and not refused.

    Attributes:
        batch: what is left to do.
        launcher: does it.
        outputs: the folder of its results.
        force: whether stored results of steps are to be forgotten first.
    """

    batch: WorkPlan
    launcher: Launcher
    outputs: Path
    force: bool

    @property
    def slots(self) -> int | None:
        """Jobs at a time; None where the launcher cannot know, one where it does not say."""
        found: int | None = getattr(self.launcher, "slots", 1)
        return found


def prepare_sweep(
    overrides: Sequence[str],
    config_dir: Path | None,
    console: Console,
    retry: str = Retry.FAILED,
    force: bool = False,
) -> PreparedSweep:
    """Look a sweep through: compose it, load its data, and work out what is left to do.

    Args:
        overrides: as typed.
        config_dir: the user's own configuration files.
        console: for what the audit of the data finds.
        retry: see `Retry`.
        force: run all again, from the data on.

    Raises:
        UserError: anything in it is wrong.
    """
    if retry not in tuple(Retry):
        raise unknown("value of --retry", retry, [each.value for each in Retry])
    spread = without_globs(overrides, config_dir, console)
    with open_sweep(spread, config_dir) as sweep:
        launcher = instantiate(sweep.launcher, "hydra.launcher")
        made: dict[str, Any] = {}
        gpu: bool | None = getattr(launcher, "gives_gpu", None)  # of launchers for other machines
        asked = [(job, one.config.baseline) for one in sweep for job in Job.each(one, made, gpu)]
    jobs = [job for job, _ in asked]
    tell_unused(readable(spread, config_dir), jobs, console)
    added = missing_baselines(jobs, [job for job, baseline in asked if baseline])
    if added:
        console.print(
            f"real rows alone ({len(added)} jobs) are run beside the others, as the baseline; "
            "baseline=false leaves them out"
        )
    jobs = [*added, *jobs]
    outputs = {job.outputs for job in jobs}
    if len(outputs) > 1:
        raise UserError("paths.outputs has several values; a sweep has one folder")
    load = Loaded()
    refuse(jobs, load, console)
    return PreparedSweep(prepare(jobs, load, Retry(retry), force), launcher, jobs[0].outputs, force)


def run_sweep(grid: PreparedSweep, console: Console) -> list[Bad]:
    """Get a sweep done.

    Returns:
        The jobs that did not end well, those finished before included.

    Raises:
        WriteError: the system refuses to write; the same command goes on where it was.
    """
    batch, store = grid.batch, Store(grid.outputs / "store")
    show_short(batch, grid.outputs / "store", grid.slots, console)
    experiments = sorted(set().union(*batch.experiments.values()))
    state = SweepState(len(batch.titles), experiments=experiments)
    for job, found in batch.finished.items():
        state.add_finished(job, batch.titles[job], found)
    try:
        for job in batch.finished:
            add_experiments(grid.outputs / "results", job, batch.experiments[job])
        if not batch.tasks:
            return state.bad
        for key, facts in batch.steps.items() if grid.force else ():
            if not facts.here:
                store.remove(facts.kind, key)
        with SweepView(console, state, StateFile(grid.outputs / "sweeps")) as view:
            grid.launcher.launch(batch.tasks, view)
        for task in batch.tasks:
            add_experiments(grid.outputs / "results", task.id, batch.experiments[task.id])
    except WriteError as error:
        raise error.after(state.cached + state.ended, state.jobs) from error
    return state.bad


def show_bad(bad: Sequence[Bad], outputs: Path, console: Console) -> None:
    """Print the last lines of the logs of the jobs that failed or died."""
    told = [(each, log_file(outputs, each.job)) for each in bad]
    told = [(each, log) for each, log in told if log.exists() and log.stat().st_size]
    for each, log in told[:TOLD]:
        console.print(f"[red]{each.status}[/] {escape(each.title)}, the end of {escape(str(log))}:")
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[-TAIL:]:
            console.print(f"    {line}", markup=False)
    if len(told) > TOLD:
        console.print(f"{len(told) - TOLD} more logs in {outputs / 'logs'}", markup=False)
