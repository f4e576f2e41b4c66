"""Loads a job's data, audits it, and runs jobs one after the other."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from tabsculpt.collect import Outcome
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.audit import Finding
from tabsculpt.datasets.steps import Audit
from tabsculpt.errors import UserError
from tabsculpt.execute import run_job
from tabsculpt.job import Job
from tabsculpt.launch.batch import Loaded
from tabsculpt.launch.progress import JobProgress
from tabsculpt.layout import data_fingerprint, lay_out_parts
from tabsculpt.runner import Runner, refusals
from tabsculpt.step import describe, hashed
from tabsculpt.store import Store

LONGEST = Path(*["x" * 100] * 2)
"""As long as any name that is derived below the folder of results, drafts included."""


def run_jobs(jobs: Sequence[Job], console: Console) -> list[Outcome]:
    """Run jobs in order; everything that can be refused is refused before the first one starts.

    Args:
        jobs: what is to be done; jobs that ask for the same are run once.
        console: for progress and audit findings.

    Returns:
        An outcome per distinct job.

    Raises:
        UserError: some data set is unusable, no generator can learn any, or the output folder
            cannot be written.
    """
    load = Loaded()
    refuse(jobs, load, console)
    distinct = {hashed([job.settings(), describe(job.source)]): job for job in jobs}
    with JobProgress(console, len(distinct)) as progress:
        outcomes = []
        for job in distinct.values():
            dataset = load(job.source)
            progress.job(_title(job, dataset))
            outcomes.append(
                run_job(
                    job,
                    dataset,
                    lambda layout: progress.steps(layout.steps()),
                    progress.step,
                )
            )
    return outcomes


def refuse(jobs: Sequence[Job], load: Loaded, console: Console) -> None:
    """Refuse what can be refused before any work, and print what the audit of the data finds.

    Raises:
        UserError: see `run_jobs`.
    """
    for folder in {job.outputs for job in jobs}:
        check_writable(folder)
    for job in jobs:
        load(job.source)
    _refuse_impossible(jobs, load)
    _show_audits(jobs, load, console)


def _refuse_impossible(jobs: Sequence[Job], load: Loaded) -> None:
    """Refuse a run that has no generator that can learn its table; a sweep goes on with others."""
    reasons = [job.impossible(load(job.source)) for job in jobs if job.generator is not None]
    if reasons and reasons[0] is not None and all(reasons):
        raise UserError(reasons[0])


def check_writable(folder: Path) -> None:
    """Refuse an output folder that cannot be written to, before any work.

    Raises:
        UserError: naming the folder.
    """
    probe = folder / f".probe-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
        with suppress(FileNotFoundError):
            (folder / LONGEST).stat()
    except OSError as error:
        raise UserError(
            f"cannot write to {str(folder)!r} ({error.strerror}); set paths.outputs or "
            "TABSCULPT_OUTPUTS to a folder that you may write to"
        ) from error


def _title(job: Job, dataset: Dataset) -> str:
    names = [job.names[group] for group in ("generator", "profiler", "pipeline")]
    return " ".join([dataset.name, *(name for name in names if name != "none")])


def show_audit(job: Job, console: Console) -> None:
    """Print what the audit of a job's data set finds."""
    check_writable(job.outputs)
    if not _show_audits([job], Loaded(), console):
        console.print("audit: nothing found")


def _show_audits(jobs: Sequence[Job], load: Loaded, console: Console) -> bool:
    """Make and audit both parts of each data set and split once; tell whether any was found."""
    steps = {}
    for job in jobs:
        dataset = load(job.source)
        data = data_fingerprint(dataset)
        if (data, job.split, job.source.missing) not in steps:
            step = Audit(data, job.split, dataset)
            steps[data, job.split, job.source.missing] = (step, job)
    lines: dict[str, None] = {}
    for step, job in steps.values():
        for finding in _audit(step, job):
            lines[f"{step.dataset.name}: {finding.message}"] = None
    for line in lines:
        console.print(f"[yellow]audit[/] {escape(line)}")
    return bool(lines)


def _audit(step: Audit, job: Job) -> list[Finding]:
    runner = Runner(Store(job.outputs / "store"), lambda _step, _done: None)
    with refusals():
        lay_out_parts(job, step.dataset, runner.result)
        return runner.result(step)
