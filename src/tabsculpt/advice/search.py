"""Successive halving of the candidates on the inner splits of each outer split."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from tabsculpt.advice.candidates import Candidate, proportions_of
from tabsculpt.advice.nested import Outer
from tabsculpt.advice.scores import Arm, Goal, gains, read_jobs
from tabsculpt.jobs.job import Job
from tabsculpt.launch.timed import Clock, Engine

RUNGS = ((1, 1.0, 0.4), (3, 0.4, 0.6), (6, 0.2, 0.75))
"""Inner splits of each rung, the share of the candidates that reach it, and the share of a
repeat's time by which it is to end."""


@dataclass(frozen=True)
class Pick:
    """What was chosen for an outer split; None for real rows alone as they are.

    Attributes:
        made: the best arm with synthetic rows.
        rival: the best arm of real rows alone.
    """

    made: Arm | None = None
    rival: Arm | None = None


@dataclass
class Search:
    """Chooses for each outer split by itself; nothing of a split's choice is used for another.

    Attributes:
        candidates: in the order in which they are tried.
        goal: what is improved.
        engine: runs jobs.
        clock: the time that is left.
        outputs: the folder of inner jobs, their store and results.
        jobs: those that ended so far, by identity.
        late: candidates that did not end in time.
    """

    candidates: Sequence[Candidate]
    goal: Goal
    engine: Engine
    clock: Clock
    outputs: Path
    jobs: dict[str, bool] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)

    def choose(self, outers: Sequence[Outer], until: float, latest: float) -> dict[int, Pick]:
        """The best arms for each outer split, by its number.

        Args:
            outers: the splits of a repeat.
            until: share of the budget by which the repeat is to end, its outer jobs included.
            latest: the same of all repeats, up to which real rows and the first candidate may
                take.

        Returns:
            Empty where the time was over before real rows were done.
        """
        began = self.clock.spent / self.clock.budget
        alive = {outer.number: list(self.candidates) for outer in outers}
        scores: dict[int, dict[Arm, float]] = {}
        done = 0
        for splits, share, end in RUNGS:
            if scores:
                alive = {n: self._best(scores.get(n, {}), share) for n in alive}
            left = self.clock.left(began + (until - began) * end)
            most = max(map(len, alive.values()))
            what = f"choosing on inner splits, {most} candidates"
            if not scores:
                self._begin(outers, self.clock.left(latest * RUNGS[-1][-1]))
            ended = self._run(outers, alive, range(done, splits), left, what)
            if not scores and not (alive := self._whole(outers, alive, ended)):
                return {}
            scores = self._scores(outers, alive)
            done = splits
        return {outer.number: _pick(scores.get(outer.number, {})) for outer in outers}

    def rows(self) -> pd.DataFrame:
        """The rows of every inner job that ended."""
        return read_jobs(self.outputs, list(self.jobs), self.goal)

    def _begin(self, outers: Sequence[Outer], seconds: float) -> None:
        """Run real rows and the first candidate, without which there is nothing to say."""
        first = {outer.number: [self.candidates[0]] for outer in outers}
        what = f"real rows alone, and {self.candidates[0].name}"
        self._run(outers, first, range(1), seconds, what)

    def _run(
        self,
        outers: Sequence[Outer],
        alive: dict[int, list[Candidate]],
        numbers: Iterable[int],
        seconds: float,
        what: str,
    ) -> set[str]:
        """Run the jobs of a rung, real rows first, then candidate after candidate."""
        jobs: list[Job] = []
        for number in numbers:
            first = [outer.inner(self.candidates[0], number, self.outputs) for outer in outers]
            jobs += [job.baseline() for job in first]
            for candidate in self.candidates:
                jobs += [
                    outer.inner(candidate, number, self.outputs)
                    for outer in outers
                    if candidate in alive[outer.number]
                ]
        ended = self.engine.run(jobs, seconds, what)
        self.jobs |= ended
        return set(ended)

    def _whole(
        self, outers: Sequence[Outer], alive: dict[int, list[Candidate]], ended: set[str]
    ) -> dict[int, list[Candidate]]:
        """The candidates whose jobs of the first rung ended in every outer split."""
        if not all(_id(outer.inner(self.candidates[0], 0, self.outputs).baseline(), outer) in ended
                   for outer in outers):  # fmt: skip
            return {}
        kept = [
            candidate
            for candidate in self.candidates
            if all(_id(outer.inner(candidate, 0, self.outputs), outer) in ended for outer in outers)
        ]
        self.late |= {each.name for each in self.candidates if each not in kept}
        return {number: kept for number in alive}

    def _scores(
        self, outers: Sequence[Outer], alive: dict[int, list[Candidate]]
    ) -> dict[int, dict[Arm, float]]:
        """The gain of each arm of the candidates left, by outer split."""
        found = gains(self.rows(), self.goal)
        return {
            outer.number: {
                arm: gain
                for arm, gain in found.get(outer.learnt.data, {}).items()
                if any(arm in arms_of(candidate) for candidate in alive[outer.number])
            }
            for outer in outers
        }

    def _best(self, scores: dict[Arm, float], share: float) -> list[Candidate]:
        """The share of all candidates with the best arms; with and without synthetic rows, one."""
        count = max(1, math.ceil(share * len(self.candidates)))
        best = {
            candidate: max(scores[arm] for arm in arms_of(candidate) if arm in scores)
            for candidate in self.candidates
            if any(arm in scores for arm in arms_of(candidate))
        }
        order = sorted(best, key=lambda candidate: -best[candidate])
        firsts = {each.on_real: each for each in reversed(order)}.values()
        return [each for place, each in enumerate(order) if place < count or each in firsts]


def arms_of(candidate: Candidate) -> list[Arm]:
    """What a candidate's job tries."""
    return [
        Arm(candidate.generator, candidate.pipeline, share)
        for share in proportions_of(candidate.job)
    ]


def _pick(scores: dict[Arm, float]) -> Pick:
    made = {arm: gain for arm, gain in scores.items() if not arm.on_real}
    rivals = {arm: gain for arm, gain in scores.items() if arm.on_real}
    return Pick(_choice(made), _choice(rivals))


def _choice(scores: dict[Arm, float]) -> Arm | None:
    best = max(scores, key=lambda arm: scores[arm], default=None)
    return best if best is not None and scores[best] > 0 else None


def _id(job: Job, outer: Outer) -> str:
    return job.identity(outer.learnt.data)
