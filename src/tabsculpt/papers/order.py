"""In which order the jobs of a paper are run, so that a cut leaves something to compare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tabsculpt.jobs.job import Job
from tabsculpt.jobs.size import train_size
from tabsculpt.launch.messages import JobTask
from tabsculpt.launch.work import StepFacts

LATER = ("generator",)
"""Parts that tell cells of a paper apart, unless they are what it compares."""


@dataclass(frozen=True, eq=False)
class Block:
    """All jobs of one cell of a paper on one split, with one seed.

    Attributes:
        cell: data set, protocol and what else its arms share.
        repeat: which split and seed it is of the cell, from 0.
        real: the jobs that are left to do on real rows alone, which other cells of the data set
            share; ``tasks``: the others.
        size: numbers that it learns from, see `tabsculpt.jobs.size.train_size`.
        kinds: steps of theirs of which none like them was done here yet.
        seconds: CPU time that the other steps may take.
    """

    cell: tuple[str, ...]
    repeat: int
    real: tuple[JobTask, ...]
    tasks: tuple[JobTask, ...]
    size: int
    kinds: frozenset[str]
    seconds: float


def in_order(blocks: Sequence[Block], failed: Collection[str]) -> list[JobTask]:
    """The jobs of all blocks, whole blocks one after the other.

    A block comes the sooner the less its cell has taken with it and its earlier repeats: cheap
    cells first, and one is repeated on another split before a dearer one is begun where all its
    splits so far take less than that. What was never timed comes after what was, the sooner the
    less there is to learn from. Jobs that failed before come last.

    Args:
        blocks: see `blocks_of`.
        failed: ids of the jobs that failed before.
    """

    def rank(block: Block) -> tuple[bool, float, float]:
        costs = (block.seconds, float(block.size))
        first, second = reversed(costs) if block.kinds else costs
        return bool(block.kinds), first * (block.repeat + 1), second

    order = sorted(blocks, key=rank)
    return sorted(_each_once(order), key=lambda task: task.id in failed)


def to_time(blocks: Sequence[Block]) -> list[JobTask]:
    """The jobs of the smallest blocks that between them have every kind of step never timed."""
    known: set[str] = set()
    first: list[Block] = []
    for block in sorted(blocks, key=lambda b: (b.repeat, b.size)):
        if not block.kinds <= known:
            known |= block.kinds
            first.append(block)
    return _each_once(first)


def blocks_of(
    tasks: Sequence[JobTask],
    arms: Collection[str],
    steps: Mapping[str, StepFacts],
    jobs: Iterable[Job],
) -> list[Block]:
    """The jobs by cell and split.

    Args:
        tasks: with the seconds of their steps, see `tabsculpt.launch.plan.judged`.
        arms: columns that name what is compared, so that a cell holds all of it.
        steps: of the tasks, by key.
        jobs: all that the paper's table has, those that are finished among them.
    """
    repeats = {place: number for number, place in enumerate(sorted({_place(job) for job in jobs}))}
    shared: dict[tuple[str, ...], list[JobTask]] = defaultdict(list)
    by_cell: dict[tuple[str, ...], dict[tuple[int, ...], list[JobTask]]] = defaultdict(dict)
    for task in tasks:
        if _is_baseline(task):
            shared[(*_table(task), *map(str, _place(task.job)))].append(task)
        else:
            cell = (*_table(task), *_making(task, arms))
            by_cell[cell].setdefault(_place(task.job), []).append(task)
    found = []
    beside: set[tuple[str, ...]] = set()
    for cell, places in by_cell.items():
        for place, made in places.items():
            key = (*cell[:3], *map(str, place))
            beside.add(key)
            real = shared.get(key, [])
            found.append(_block(cell, repeats[place], real, _by_step(made), steps))
    alone = {key: real for key, real in shared.items() if key not in beside}
    return [*found, *(_block(key[:3], 0, real, [], steps) for key, real in alone.items())]


def _each_once(blocks: Sequence[Block]) -> list[JobTask]:
    """The jobs of some blocks, real rows alone before the first that is set beside them."""
    tasks = (task for block in blocks for task in (*block.real, *block.tasks))
    return list({task.id: task for task in tasks}.values())


def _block(
    cell: tuple[str, ...],
    repeat: int,
    real: Sequence[JobTask],
    made: Sequence[JobTask],
    steps: Mapping[str, StepFacts],
) -> Block:
    tasks = [*real, *made]
    known: dict[str, float | None] = {}
    for task in tasks:
        known |= dict(zip(task.needs, task.seconds, strict=True))
    unknown = {steps[key] for key, seconds in known.items() if seconds is None}
    kinds = frozenset(f"{facts.kind} {' '.join(facts.parts)}" for facts in unknown)
    size = train_size(tasks[0].job, tasks[0].dataset)
    sure = sum(seconds for seconds in known.values() if seconds is not None)
    return Block(cell, repeat, tuple(real), tuple(made), size, kinds, sure)


def _is_baseline(task: JobTask) -> bool:
    """Whether a job is of real rows as they are, none of them weighed or taken away."""
    return task.job.names["pipeline"] == "real" and task.job.names["profiler"] == "none"


def _table(task: JobTask) -> tuple[str, ...]:
    job = task.job
    return (task.dataset.name, str(job.minority), str(job.split.n_train))


def _making(task: JobTask, arms: Collection[str]) -> tuple[str, ...]:
    names = task.job.names
    return (names["protocol"], *(names[part] for part in LATER if part not in arms))


def _place(job: Job) -> tuple[int, ...]:
    """Which split and seed."""
    fold = -1 if job.split.fold is None else job.split.fold
    return (job.split.seed, fold, job.seed)


def _by_step(tasks: Sequence[JobTask]) -> list[JobTask]:
    """All arms of one setting of the protocol after all arms of another."""
    order: dict[str, list[JobTask]] = defaultdict(list)
    for task in tasks:
        order[repr(task.job.protocol)].append(task)
    return [task for same in order.values() for task in same]
