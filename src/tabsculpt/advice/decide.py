"""From a table to a recommendation: repeats of nested splits until the time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.advice.advice import Recommendation, best_arm, recommend
from tabsculpt.advice.candidates import Candidate
from tabsculpt.advice.nested import FITS, Outer, outer_splits
from tabsculpt.advice.scores import Arm, Goal, ranking, read_jobs, verdict
from tabsculpt.advice.search import Pick, Search, arms_of
from tabsculpt.analysis.columns import HEADLINE
from tabsculpt.datasets import Dataset
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError, unknown
from tabsculpt.jobs.job import Job
from tabsculpt.launch.timed import Clock, Engine
from tabsculpt.metrics import metrics_for
from tabsculpt.table import Task
from tabsculpt.table.subsample import at_most

MOST_REPEATS = 4
"""Cross-validations at most; how many there are depends on the time alone, never on a result."""
MEASURED = 0.8
"""Share of the budget for splits; the rest is for the fit on all rows, its card and the report."""
FIRST = 0.4
"""Share of it that the first repeat may take. Candidates that this is too little for are left out:
twice or three times the splits tell more than one more candidate."""
AUTO = "auto"
ANEW = 1.1
"""Time of a further repeat by that of the last one, as it is reckoned with."""


@dataclass(frozen=True, eq=False)
class Decided:
    """What was found on a table.

    Attributes:
        recommendation: see `Recommendation`.
        table: see `scores.ranking`, with ``note`` for what could not be tried.
        candidate: the one that is recommended, or would be; None where nothing helps.
    """

    recommendation: Recommendation
    table: pd.DataFrame
    candidate: Candidate | None


def goal_of(metric: str, rope: float, task: Task) -> Goal:
    """What is improved; "auto" is the metric that the task is judged by.

    Raises:
        UserError: no such metric of this task, or a rope out of range.
    """
    known = {each.name: each for each in metrics_for(task)}
    name = HEADLINE[task] if metric == AUTO else metric
    if name not in known:
        raise unknown(f"metric of {task}", metric, [AUTO, *known])
    if not 0 <= rope < 1:
        raise UserError(f"rope is {rope:g}; expected a share of the metric, such as 0.01")
    return Goal(name, known[name].direction, rope, task)


def decide(
    dataset: Dataset,
    tried: Sequence[Candidate],
    cannot: dict[str, str],
    goal: Goal,
    engine: Engine,
    clock: Clock,
    experiment: str,
) -> Decided:
    """Choose on inner splits, judge on outer ones, and say what to do.

    Args:
        dataset: all rows.
        tried: candidates, in the order in which they are tried.
        cannot: why others cannot work, by name.
        goal: what is improved.
        engine: runs jobs.
        clock: the time.
        experiment: label of the outer jobs.

    Raises:
        UserError: the table has too few rows.
    """
    base = tried[0].job
    inner, outputs = base.outputs / "advice" / "inner", base.outputs
    search = Search(tried, goal, engine, clock, inner)
    chosen, rivals = dict[str, Arm | None](), dict[str, Arm | None]()
    picks: dict[int, Pick] = {}
    outer_of: dict[str, int] = {}
    ended: dict[str, bool] = {}
    took = 0.0  # seconds of an outer split of the last repeat
    for repeat in range(MOST_REPEATS):
        began = clock.spent
        outers = outer_splits(dataset, base.source.missing, repeat, base.seed)
        if repeat:
            outers = outers[: splits_in(clock.left(MEASURED), took)]
            search.candidates = [one for one in search.candidates if one.name not in search.late]
        if not outers:
            break
        outer_of |= {outer.learnt.data: outer.number for outer in outers}
        picked = search.choose(outers, MEASURED if repeat else FIRST * MEASURED, MEASURED)
        if not picked:
            break
        by_arm = {arm: each for each in tried for arm in arms_of(each)}
        made = {number: pick.made for number, pick in picked.items()}
        now, jobs = _outer_jobs(outers, made, by_arm, outputs, experiment)
        if any(each.on_real for each in tried):
            without = {number: pick.rival for number, pick in picked.items()}
            own, more = _outer_jobs(outers, without, by_arm, outputs, experiment)
            rivals |= own
            jobs = _once([*jobs, *more], outers[0].whole.data)
        ended |= engine.run(jobs, clock.left(MEASURED), "judging on outer splits")
        chosen |= now
        took = (clock.spent - began) / len(outers)
        picks |= picked
    return _decided(tried, cannot, search, chosen, rivals, picks, outer_of, ended, goal, outputs)


def splits_in(seconds: float, took: float) -> int:
    """How many further outer splits there is time for, where one took so many seconds."""
    return max(0, int(seconds / max(ANEW * took, 1e-9)))


def _once(jobs: Sequence[Job], data: str) -> list[Job]:
    """Jobs in their order, each once."""
    return list({job.identity(data): job for job in jobs}.values())


def _outer_jobs(
    outers: Sequence[Outer],
    picked: dict[int, Arm | None],
    by_arm: dict[Arm, Candidate],
    outputs: Path,
    experiment: str,
) -> tuple[dict[str, Arm | None], list[Job]]:
    """The arm of each outer split by the job that judges it, and these jobs with real rows."""
    any_candidate = next(iter(by_arm.values()))
    now: dict[str, Arm | None] = {}
    jobs: list[Job] = []
    for fit, outer in product(range(FITS), outers):
        arm = picked[outer.number]
        candidate = any_candidate if arm is None else by_arm[arm]
        job = outer.outer(candidate, fit, outputs, experiment)
        baseline = job.baseline()
        judged = baseline if arm is None else job
        now[judged.identity(outer.whole.data)] = arm
        jobs += [baseline] if arm is None else [baseline, job]
    return now, jobs


def _decided(
    tried: Sequence[Candidate],
    cannot: dict[str, str],
    search: Search,
    chosen: dict[str, Arm | None],
    rivals: dict[str, Arm | None],
    picks: dict[int, Pick],
    outer_of: dict[str, int],
    ended: dict[str, bool],
    goal: Goal,
    outputs: Path,
) -> Decided:
    ranked = ranking(search.rows(), outer_of, goal)
    done = {job: arm for job, arm in chosen.items() if job in ended}
    rows = read_jobs(outputs, list(ended), goal)
    found = verdict(rows, done, goal) if done else {}
    counts = Counter("real" if p.made is None else p.made.words for p in picks.values())
    arm = best_arm(ranked)
    advice = recommend(found, ranked, dict(counts.most_common()), _cost(search.rows(), arm), goal)
    without = {job: arm for job, arm in rivals.items() if job in ended}
    if found and rivals:
        rival = verdict(rows, without, goal) if without else {}
        over = verdict(rows, done, goal, without) if without else {}
        advice = advice.beside(best_arm(ranked, on_real=True), rival, over)
    candidate = next((each for each in tried if arm in arms_of(each)), None)
    notes = {**{name: "not done in time" for name in search.late}, **cannot}
    return Decided(advice, _with_notes(ranked, notes), candidate)


def _cost(rows: pd.DataFrame, arm: Arm | None) -> tuple[float, float]:
    """Seconds of a fit with its samples, median, and its peak MB."""
    nothing = float("nan"), float("nan")
    if arm is None:
        return nothing
    mine = rows[(rows.generator == arm.generator) & (rows.pipeline == arm.pipeline)]
    if mine.empty:
        return nothing
    return float(mine.seconds_generate.median()), float(mine.peak_mb_generate.max())


def _with_notes(ranked: pd.DataFrame, notes: dict[str, str]) -> pd.DataFrame:
    """The ranking with what could not be tried, or not in time, at the end."""
    added: list[dict[str, Any]] = []
    for name, why in notes.items():
        generator, _, pipeline = name.partition(" ")
        there = (ranked.generator == generator) & (ranked.pipeline == pipeline)
        if not there.any():
            added.append({"generator": generator, "pipeline": pipeline, "note": why})
    table = ranked.assign(note="")
    if not added:
        return table
    return pd.concat([table, pd.DataFrame(added, columns=table.columns)], ignore_index=True)


def smaller(dataset: Dataset, seed: int, most: int) -> tuple[Dataset, str]:
    """A data set of at most so many rows, drawn at random, and a note on it."""
    n = len(dataset.table)
    if n <= most:
        return dataset, ""
    table = at_most(dataset.table, most, derive_seed("advise", seed))
    remark = f"splits are of {most:,} rows drawn of {n:,}; the file is learnt from all"
    return replace(dataset, table=table, test_rows=None, origin=None), remark
