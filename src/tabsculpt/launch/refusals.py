"""Refuses what cannot work before any of it is done, and shows what the data hold."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.audit import Finding
from tabsculpt.datasets.describe import held_out, table_lines
from tabsculpt.datasets.split import Splitting
from tabsculpt.datasets.split_steps import Audit
from tabsculpt.engine.runner import Runner, refusals
from tabsculpt.engine.store import Store
from tabsculpt.engine.writing import writing
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import data_fingerprint, split_parts
from tabsculpt.jobs.job import Job
from tabsculpt.launch.work import Loaded, can_be_impossible

LONGEST = Path(*["x" * 100] * 2)
"""As long as any name that is derived below the folder of results, drafts included."""


def refuse(jobs: Sequence[Job], load: Loaded, console: Console) -> None:
    """Refuse what can be refused before any work, and print what the audit of the data finds.

    Raises:
        UserError: some data set is unusable, or no generator can learn any.
        WriteError: an output folder cannot be written to.
    """
    for folder in {job.outputs for job in jobs}:
        check_writable(folder)
    for job in jobs:
        load(job.source)
    _refuse_impossible(jobs, load)
    _show_audits(jobs, load, console)


def _refuse_impossible(jobs: Sequence[Job], load: Loaded) -> None:
    """Refuse a run of which nothing can work on its table; a sweep goes on with others."""
    reasons = [load.impossible(job) for job in jobs if can_be_impossible(job)]
    if reasons and reasons[0] is not None and all(reasons):
        raise UserError(reasons[0])


def check_writable(folder: Path) -> None:
    """Refuse an output folder that cannot be written to, before any work.

    Raises:
        WriteError: naming the folder.
    """
    probe = folder / f".probe-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
        with suppress(FileNotFoundError):
            (folder / LONGEST).stat()


def show_audit(job: Job, console: Console) -> list[Finding]:
    """Print what a job's data set holds, and what its audit finds; gives the findings."""
    check_writable(job.outputs)
    found = _show_audits([job], Loaded(), console)
    if not found:
        console.print("audit: nothing found")
    return found


def _show_audits(jobs: Sequence[Job], load: Loaded, console: Console) -> list[Finding]:
    """Show each data set, make and audit its parts once, and show each finding once."""
    steps = {}
    for job in jobs:
        dataset = load(job.source)
        data = data_fingerprint(dataset)
        if (data, job.split, job.source.missing) not in steps:
            step = Audit(data, job.split, dataset)
            steps[data, job.split, job.source.missing] = (step, job)
    _show_tables([(step.dataset, step.split) for step, _ in steps.values()], console)
    found: dict[str, Finding] = {}
    for step, job in steps.values():
        for finding in _audit(step, job):
            found[f"{step.dataset.name}: {finding.message}"] = finding
    for line in found:
        console.print(f"[yellow]audit[/] {escape(line)}")
    return list(found.values())


def _show_tables(of: Sequence[tuple[Dataset, Splitting]], console: Console) -> None:
    """Print what each data set holds, and how many of its rows are tested on."""
    splittings: dict[int, list[Splitting]] = {}
    for dataset, splitting in of:
        known = splittings.setdefault(id(dataset), [])
        if splitting not in known:
            known.append(splitting)
    for dataset in {id(dataset): dataset for dataset, _ in of}.values():
        tested, warning = held_out(dataset, splittings[id(dataset)])
        first, *rest = table_lines(dataset)
        console.print(f"[bold]{escape(dataset.name)}[/]: {escape(first)}", soft_wrap=True)
        for line in [*rest[:1], tested, *rest[1:]]:
            console.print(f"  {escape(line)}", soft_wrap=True, highlight=False)
        if warning:
            console.print(f"[yellow]few rows[/] {escape(dataset.name)}: {escape(warning)}")


def _audit(step: Audit, job: Job) -> list[Finding]:
    runner = Runner(Store(job.outputs / "store"), lambda _step, _done: None)
    with refusals():
        split_parts(job, step.dataset, runner.result)
        return runner.result(step)
