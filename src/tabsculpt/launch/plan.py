"""What a sweep would do and may cost, judged by past steps of the same kind."""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.engine.identity import IS, as_json, hashed_list
from tabsculpt.engine.store import MANIFEST, read_manifest
from tabsculpt.jobs.crossing import crossing
from tabsculpt.launch.first_costs import expected, first_costs
from tabsculpt.launch.messages import JobTask
from tabsculpt.launch.status import duration
from tabsculpt.launch.work import StepFacts, WorkPlan
from tabsculpt.results import Status

SAMPLED = 300
"""Past steps of each class that are looked at, at most: the cost must not grow with the store."""

AGAIN = "ended before with other code or libraries and are run again"
"""What is said of `WorkPlan.outdated`."""

GROWTH = 0.5
"""The power of the size that CPU seconds are taken to grow by: much of what steps cost is fixed, or
updates of which there are as many. On the leaderboard's tables (87 to 124,000 cells) judging one
from another so errs by a factor of 1.9 in the median, and of 6.6 by the size itself
(``scripts/cost_growth.py``)."""


@dataclass(frozen=True)
class Cost:
    """Of a past step, or medians of several: CPU seconds, MB on disk, peak MB of the process.

    ``size`` is that of what they were about, see `tabsculpt.jobs.size.train_size`; None where the
    version that did them did not keep it.
    """

    seconds: float
    disk_mb: float
    peak_mb: float
    size: int | None = None


@dataclass(frozen=True)
class Estimate:
    """What the steps to do may cost.

    Attributes:
        by_kind: CPU seconds by class of step, of the known ones.
        unknown: steps to do whose kind was never done, by class.
        disk_mb: all together; ``peak_mb``: of the largest process.
    """

    by_kind: dict[str, float]
    unknown: Counter[str]
    disk_mb: float
    peak_mb: float

    @property
    def seconds(self) -> float:
        """CPU seconds of all steps that something is known of."""
        return sum(self.by_kind.values())


def estimate(batch: WorkPlan, store: Path) -> Estimate:
    """Judge the steps to do by past ones with the same settings, else of the same component.

    Of those, the ones on data nearest in size, their seconds in proportion to its square root, see
    `GROWTH`: on a much longer table what is done row by row is judged too cheap, and what takes a
    fixed number of updates too dear, until one like it was done.
    """
    seconds: dict[str, float] = defaultdict(float)
    unknown: Counter[str] = Counter()
    disk = peak = 0.0
    todo = Counter(facts for facts in batch.steps.values() if not facts.here)
    costs = _costs_of(todo, store)
    for facts, count in todo.items():
        cost = costs[facts]
        if cost is None:
            unknown[facts.kind] += count
            continue
        seconds[facts.kind] += count * cost.seconds
        disk += count * cost.disk_mb
        peak = max(peak, cost.peak_mb)
    return Estimate(dict(seconds), unknown, disk, peak)


def judged(tasks: Sequence[JobTask], steps: Mapping[str, StepFacts], store: Path) -> list[JobTask]:
    """The tasks, each with what its steps may take; see `JobTask.seconds` and `estimate`.

    Where none like a step was done, what its component expects of itself is taken, if it does.

    Args:
        tasks: to do.
        steps: of all of them, by key.
        store: the store's folder.
    """
    costs = _costs_of({steps[key] for task in tasks for key in task.needs}, store)

    def seconds(task: JobTask) -> Iterator[float | None]:
        own = expected(task.job, task.dataset)
        for facts in (steps[key] for key in task.needs):
            cost = costs[facts]
            named = ((facts.kind, part) for part in facts.parts or [""])
            yield cost.seconds if cost else next((own[n] for n in named if n in own), None)

    return [replace(task, seconds=tuple(seconds(task))) for task in tasks]


def _costs_of(todo: Iterable[StepFacts], store: Path) -> dict[StepFacts, Cost | None]:
    """What steps may cost, None where none like them was done."""
    missing = list(todo)
    past = {kind: _past(store / kind) for kind in {facts.kind for facts in missing}}
    like = {
        facts: next(
            (past[facts.kind][name] for name in _names(facts.parts) if name in past[facts.kind]),
            None,
        )
        for facts in missing
    }
    return {facts: of_size(costs, facts.size) if costs else None for facts, costs in like.items()}


def show_short(batch: WorkPlan, store: Path, slots: int | None, console: Console) -> None:
    """A line before a sweep, and what is known of its costs and devices."""
    found = estimate(batch, store)
    todo = sum(not facts.here for facts in batch.steps.values())
    line = f"{len(batch.titles)} jobs, {len(batch.finished)} finished before"
    if batch.outdated:
        line += f", {len(batch.outdated)} {AGAIN}"
    if batch.tasks:
        line += f"; {todo} of {len(batch.steps)} steps to do{_costs(found, slots)}"
    console.print(line)
    for each in [*first_costs(batch, found.unknown), *_devices(batch)]:
        console.print(each, markup=False)


def show_plan(batch: WorkPlan, store: Path, slots: int | None, console: Console) -> None:
    """Everything that is known before a sweep.

    Args:
        batch: what is left to do.
        store: the store's folder.
        slots: jobs at a time, None where nobody knows.
        console: where to.
    """
    found = estimate(batch, store)
    table = RichTable(title="steps by kind", title_justify="left", title_style="bold")
    for name in ("step", "distinct", "stored", "to do", "CPU time"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for kind, (here, todo) in _by_kind(batch).items():
        cost = _cost(found, kind) if todo else ""
        table.add_row(kind, str(here + todo), str(here), str(todo), cost)
    console.print(
        f"{batch.cells} cells of the grid, {len(batch.titles)} distinct jobs: "
        f"{len(batch.finished)} finished, {len(batch.tasks)} to do"
        + (f", of which {len(batch.outdated)} {AGAIN}" if batch.outdated else "")
    )
    console.print(table)
    for line in _devices(batch):
        console.print(line, markup=False)
    for why, count in Counter(batch.impossible.values()).items():
        console.print(f"[yellow]{count} jobs cannot work[/]: {escape(why)}")
    bad = [(f.status, f.reason) for f in batch.finished.values() if f.status != Status.OK]
    for (status, reason), count in Counter(bad).items():
        console.print(
            f"[yellow]{count} jobs {status} before, not run again[/]: {escape(str(reason))}"
        )
    if batch.tasks:
        console.print(f"{len(batch.tasks)} jobs{_costs(found, slots)}")
    for line in first_costs(batch, found.unknown):
        console.print(line, markup=False)


def plan_record(batch: WorkPlan, store: Path, slots: int | None) -> dict[str, Any]:
    """What `show_plan` prints, as values; arguments as there."""
    found = estimate(batch, store)
    bad = [(f.status, f.reason) for f in batch.finished.values() if f.status != Status.OK]
    return {
        "cells": batch.cells,
        "jobs": len(batch.titles),
        "finished": len(batch.finished),
        "to_do": len(batch.tasks),
        "workers": slots,
        "steps": [
            {
                "step": kind,
                "stored": here,
                "to_do": todo,
                "cpu_seconds": found.by_kind.get(kind),
                "of_unknown_cost": found.unknown[kind],
            }
            for kind, (here, todo) in _by_kind(batch).items()
        ],
        "cpu_seconds": found.seconds if found.by_kind else None,
        "disk_mb": found.disk_mb if found.by_kind else None,
        "peak_mb": found.peak_mb if found.by_kind else None,
        "devices": [
            {"jobs": count, "generator": name, "device": device, "from_rows": rows}
            for (device, name, rows, _), count in _placed(batch).items()
        ],
        "impossible": [
            {"jobs": count, "reason": why}
            for why, count in Counter(batch.impossible.values()).items()
        ],
        "not_run_again": [
            {"jobs": count, "status": status, "reason": reason}
            for (status, reason), count in Counter(bad).items()
        ],
    }


def _placed(batch: WorkPlan) -> Counter[tuple[str, str, int | None, str]]:
    """Jobs to do whose device was left open: by device, generator, its crossing and its source."""
    jobs = (task.job for task in batch.tasks if task.job.device_is_open)
    found: Counter[tuple[str, str, int | None, str]] = Counter()
    for job in jobs:
        known = crossing(job.generator, job.profiler)
        found[job.device, job.names["generator"], known.rows, known.source] += 1
    return found


def _devices(batch: WorkPlan) -> Iterator[str]:
    """Which jobs go to the GPU and which stay on the CPU, where nobody asked for either."""
    for (device, name, rows, source), count in _placed(batch).items():
        jobs = f"{count} jobs{'' if name == 'none' else f' of {name}'}"
        side = "on the GPU" if device == "cuda" else "on the CPU"
        why = source if rows is None else f"the GPU is used from {rows:,} rows on ({source})"
        yield f"{jobs} {side}: {why}"


def _costs(found: Estimate, slots: int | None) -> str:
    parts = []
    if found.by_kind:
        parts = [
            f"about {duration(found.seconds)} of CPU time",
            *([f"{duration(found.seconds / slots)} on {slots} workers"] if slots else []),
            f"{found.disk_mb:.0f} MB of disk",
            f"up to {found.peak_mb:.0f} MB of memory per job",
        ]
    if found.unknown:
        parts.append(f"unknown for {found.unknown.total()} steps, none like them was done here yet")
    return f": {', '.join(parts)}" if parts else ""


def _cost(found: Estimate, kind: str) -> str:
    known = [duration(found.by_kind[kind])] if kind in found.by_kind else []
    unknown = [f"unknown for {found.unknown[kind]}"] if found.unknown[kind] else []
    return " + ".join(known + unknown)


def _by_kind(batch: WorkPlan) -> dict[str, tuple[int, int]]:
    """How many distinct steps of each class are stored, and how many are to do."""
    kinds: dict[str, tuple[int, int]] = {}
    for facts, count in Counter(batch.steps.values()).items():
        here, todo = kinds.get(facts.kind, (0, 0))
        kinds[facts.kind] = (here + count, todo) if facts.here else (here, todo + count)
    return kinds


def _past(folder: Path) -> dict[str, list[Cost]]:
    """Costs of the stored steps of a class, by each of their names."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    for path in islice(folder.glob(f"*/*/{MANIFEST}"), SAMPLED):
        try:
            record = read_manifest(path.parent)
            size = sum(file.stat().st_size for file in path.parent.rglob("*") if file.is_file())
        except (OSError, ValueError):
            continue  # removed meanwhile, or damaged
        cost = Cost(record.cpu_seconds, size / 1e6, record.peak_mb, record.size)
        parts = [p for p in record.description.values() if isinstance(p, dict) and IS in p]
        for name in _names([as_json(part) for part in parts]):
            costs[name].append(cost)
    return costs


def of_size(costs: Sequence[Cost], size: int) -> Cost:
    """What a step on data of a size may cost, by past ones like it; see `estimate`.

    Args:
        costs: of the past ones, one at least.
        size: of the data.
    """
    sizes = {cost.size for cost in costs if cost.size}
    if not sizes or not size:
        return _median(costs)
    nearest = min(sizes, key=lambda one: abs(math.log(one / size)))
    found = _median([cost for cost in costs if cost.size == nearest])
    return replace(found, seconds=found.seconds * (size / nearest) ** GROWTH, size=size)


def _median(costs: Sequence[Cost]) -> Cost:
    columns = zip(*((c.seconds, c.disk_mb, c.peak_mb) for c in costs), strict=True)
    return Cost(*map(statistics.median, columns))


def _names(parts: Sequence[str]) -> list[str]:
    """What a step is like: its components with the same settings, or their classes alone."""
    if not parts:
        return [""]
    return [hashed_list(parts), ",".join(json.loads(part)[IS] for part in parts)]
