"""A sweep from what was typed to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from tabsculpt.config.components import instantiate
from tabsculpt.config.overrides import readable
from tabsculpt.config.sweep import open_sweep
from tabsculpt.engine.store import Store, read_manifest
from tabsculpt.engine.writing import WriteError, remove_drafts
from tabsculpt.errors import UserError, unknown
from tabsculpt.jobs.completion import Retry
from tabsculpt.jobs.graph import data_fingerprint
from tabsculpt.jobs.job import Job
from tabsculpt.launch.baselines import missing_baselines
from tabsculpt.launch.display import SweepView
from tabsculpt.launch.globs import without_globs
from tabsculpt.launch.messages import JobTask, Launcher, Tell, log_file
from tabsculpt.launch.plan import judged, show_short
from tabsculpt.launch.refusals import refuse
from tabsculpt.launch.repeats import ONE, Repeats, affordable, repeat, repeatable, requested
from tabsculpt.launch.status import Bad, StateFile, SweepState
from tabsculpt.launch.unused_settings import tell_unused
from tabsculpt.launch.work import Loaded, WorkPlan, prepare
from tabsculpt.results import add_experiments

LISTED = 5
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
        trial: what is left to do of one repeat, by whose time the number of repeats is decided;
            None where it is settled.
        repeats: of each job, at most.
        places: which split and which seed each job is, both from 0, by id; empty without a trial.
    """

    batch: WorkPlan
    launcher: Launcher
    outputs: Path
    force: bool
    trial: WorkPlan | None = None
    repeats: Repeats = ONE
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def slots(self) -> int | None:
        """Jobs at a time; None where the launcher cannot know, one where it does not say."""
        found: int | None = getattr(self.launcher, "slots", 1)
        return found

    def launch(self, tasks: Sequence[JobTask], tell: Tell) -> None:
        """Have the launcher do tasks, with the time that each may take."""
        if hasattr(self.launcher, "batch"):
            tasks = judged(tasks, self.batch.steps, self.outputs / "store")
        self.launcher.launch(tasks, tell)

    def left(self, repeats: Repeats) -> list[JobTask]:
        """What is to be done after the trial for so many repeats."""
        assert self.trial is not None
        return [
            task
            for task in self.batch.tasks
            if task.id not in self.trial.titles
            and self.places[task.id][0] < repeats.splits
            and self.places[task.id][1] < repeats.seeds
        ]


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
        asked = [(job, one.config) for one in sweep for job in Job.each(one, made, gpu)]
    outputs = {job.outputs for job, _ in asked}
    if len(outputs) > 1:
        raise UserError("paths.outputs has several values; a sweep has one folder")
    typed = readable(spread, config_dir)
    tell_unused(typed, [job for job, _ in asked], console)
    if not asked:
        raise UserError("the settings name no job: a range without a value, as in seed=range(3,1)")
    want = requested(typed, {config.repeats for _, config in asked}, config_dir)
    load = Loaded()
    repeated = {
        place: [job.on_its_device(len(load(job.source).table)) for job in of]
        for place, of in _repeated(
            [(job, config.baseline) for job, config in asked], want.repeats, load
        ).items()
    }
    jobs = [job for of in repeated.values() for job in of]
    refuse(jobs, load, console)
    added = len(repeated[0, 0]) - len(asked)
    if added:
        console.print(
            f"real rows alone ({added} jobs{' a repeat' * (len(repeated) > 1)}) are run beside the "
            "others, as the baseline; baseline=false leaves them out"
        )
    done = partial(prepare, load=load, retry=Retry(retry), force=force)
    grid = PreparedSweep(done(jobs), launcher, jobs[0].outputs, force)
    if want.asked or len(repeated) == 1:
        return grid
    places = {
        job.identity(data_fingerprint(load(job.source))): place
        for place, of in reversed(repeated.items())
        for job in of
    }
    return replace(grid, trial=done(repeated[0, 0]), repeats=want.repeats, places=places)


def _repeated(
    asked: Sequence[tuple[Job, bool]], repeats: Repeats, load: Loaded
) -> dict[tuple[int, int], list[Job]]:
    """The jobs of each repeat, by split and seed from 0, with the baselines that they lack.

    Args:
        asked: jobs, and whether they are to have a baseline.
        repeats: of those of which there can be some.
        load: gets data sets.
    """
    found: dict[tuple[int, int], list[Job]] = {}
    there: list[Job] = []
    for place in repeats.places:
        mine = [
            (repeat(job, place), baseline)
            for job, baseline in asked
            if place == (0, 0) or repeatable(job, load)
        ]
        jobs = [job for job, _ in mine]
        added = missing_baselines([*there, *jobs], [job for job, baseline in mine if baseline])
        if jobs:
            found[place] = [*added, *jobs]
            there += found[place]
    return found


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
        for folder in grid.outputs.glob("*/"):
            remove_drafts(folder)
        for job in batch.finished:
            add_experiments(grid.outputs / "results", job, batch.experiments[job])
        if not batch.tasks:
            return state.bad
        for key, facts in batch.steps.items() if grid.force else ():
            if not facts.here:
                store.remove(facts.kind, key)
        with SweepView(console, state, StateFile(grid.outputs / "sweeps")) as view:
            done = _launch(grid, state, view, console)
        for task in done:
            add_experiments(grid.outputs / "results", task.id, batch.experiments[task.id])
    except WriteError as error:
        raise error.after(state.cached + state.ended, state.jobs) from error
    return state.bad


def _launch(
    grid: PreparedSweep, state: SweepState, view: SweepView, console: Console
) -> Sequence[JobTask]:
    """Have the launcher do what is to be done; returns it."""
    if grid.trial is None or not grid.left(grid.repeats):
        grid.launch(grid.batch.tasks, view)
        return grid.batch.tasks
    if grid.trial.tasks:
        grid.launch(grid.trial.tasks, view)
    seconds = max(state.cpu_seconds, spent(grid.trial, Store(grid.outputs / "store")))
    of_a_job = seconds / len(grid.trial.titles) / (grid.slots or 1)
    designs = (grid.repeats, Repeats(grid.repeats.splits, 1))
    chosen, line = affordable(
        grid.repeats, {each: len(grid.left(each)) * of_a_job for each in designs}
    )
    console.print(line)
    left = grid.left(chosen)
    state.jobs = state.cached + len(grid.trial.tasks) + len(left)
    if left:
        grid.launch(left, view)
    return [*grid.trial.tasks, *left]


def spent(plan: WorkPlan, store: Store) -> float:
    """CPU seconds of the stored steps of some jobs."""
    seconds = 0.0
    for key, facts in plan.steps.items():
        with suppress(OSError, ValueError):  # none: it failed, or was removed
            seconds += read_manifest(store.place(facts.kind, key)).cpu_seconds
    return seconds


def show_bad(bad: Sequence[Bad], outputs: Path, console: Console) -> None:
    """Print the last lines of the logs of the jobs that failed or died."""
    logged = [(each, log_file(outputs, each.job)) for each in bad]
    logged = [(each, log) for each, log in logged if log.exists() and log.stat().st_size]
    for each, log in logged[:LISTED]:
        console.print(f"[red]{each.status}[/] {escape(each.title)}, the end of {escape(str(log))}:")
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[-TAIL:]:
            console.print(f"    {line}", markup=False)
    if len(logged) > LISTED:
        console.print(f"{len(logged) - LISTED} more logs in {outputs / 'logs'}", markup=False)
