"""Which jobs of a paper were run, which failed, and which were left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from tabsculpt.analysis.costs import cost_table
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.nothing_added import nothing_added
from tabsculpt.launch.sweep import PreparedSweep
from tabsculpt.papers.too_long import Tried
from tabsculpt.results import Status, not_ok

OUT_OF_BUDGET = "the budget was over"
OUTDATED = "they ended with other code or libraries, and there was no time to run them again"
STATES = ("run", "failed", "impossible", "left_out", "too_long", "outdated")


@dataclass(frozen=True)
class Counts:
    """Jobs of one data set and generator (or profiler).

    Attributes:
        data, part: their names.
        asked: jobs that the paper's table has.
        run: that ended well; ``failed``: that did not; ``impossible``: that cannot work on this
            table, which was found out without running them; ``left_out``: not run, as the budget
            was over; ``too_long``: nor finished, as they take longer than one job is given;
            ``outdated``: nor run again, see `tabsculpt.launch.work.WorkPlan`.
        cpu_seconds: of the jobs that were run, when their steps were computed; steps that several
            jobs share count for each.
    """

    data: str
    part: str
    asked: int
    run: int
    failed: int
    impossible: int
    left_out: int
    too_long: int
    outdated: int
    cpu_seconds: float


@dataclass(frozen=True, eq=False)
class Tally:
    """What became of the jobs.

    Attributes:
        by_part: see `Counts`.
        reasons: why jobs failed, cannot work or take too long, with how many and one of them in
            words.
        cpu_seconds: of all that was computed, each step once.
        empty: jobs that ended well without a synthetic row, see `nothing_added`.
        given: seconds that the jobs had that take too long.
    """

    by_part: list[Counts]
    reasons: list[tuple[int, str, str]]
    cpu_seconds: float
    empty: pd.DataFrame
    given: list[float]

    def total(self, name: str) -> int:
        """Of a column of `Counts`."""
        return sum(getattr(one, name) for one in self.by_part)

    def words(self) -> str:
        """How many, in a sentence."""
        each = "it takes" if self.total("too_long") == 1 else "each takes"
        limits = " or ".join(f"{seconds:g} s" for seconds in sorted(set(self.given)))
        names = (("run", "ended well"), ("failed", "failed"), ("impossible", "cannot work"),
                 ("left_out", f"left out, as {OUT_OF_BUDGET}"),
                 ("too_long", f"left out, as {each} longer than a quarter of the budget "
                  f"({limits})"), ("outdated", f"left out, as {OUTDATED}"))  # fmt: skip
        counted = [f"{self.total(name)} {word}" for name, word in names if self.total(name)]
        return f"Of {self.total('asked')} jobs {', '.join(counted)}."

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        names = ("asked", *STATES)
        return {
            **{name: self.total(name) for name in names},
            "cpu_seconds": self.cpu_seconds,
            "by_part": [asdict(one) for one in self.by_part],
            "reasons": [
                {"jobs": jobs, "reason": reason, "such_as": title}
                for jobs, reason, title in self.reasons
            ],
            "nothing_added": self.empty.to_dict("records"),
        }


def tally(
    grid: PreparedSweep,
    ended: Mapping[str, bool],
    too_long: Mapping[str, Tried],
    rows: pd.DataFrame,
    cpu_seconds: float,
) -> Tally:
    """Count the jobs of a sweep.

    Args:
        grid: looked through before anything of it was run.
        ended: jobs that were run, by id, and whether they ended well.
        too_long: jobs that were begun and left out, by id; those of ``ended`` are of no account.
        rows: their results.
        cpu_seconds: see `Tally`.
    """
    costs = cost_table(Measurements.of(rows).rows) if len(rows) else pd.DataFrame()
    seconds = dict(zip(costs.job, costs.cpu_seconds.fillna(0), strict=True)) if len(costs) else {}
    table = pd.DataFrame(
        {
            "id": name,
            "data": dataset.name,
            "part": _part(job.names),
            "state": _state(name, grid, ended, too_long),
            "cpu_seconds": seconds.get(name, 0.0),
        }
        for name, (job, dataset) in grid.batch.jobs.items()
    )
    counted = []
    for (data, part), mine in table.groupby(["data", "part"], sort=False):
        states = {state: int((mine.state == state).sum()) for state in STATES}
        seconds_of = float(mine.cpu_seconds.sum())
        counted.append(Counts(str(data), str(part), len(mine), **states, cpu_seconds=seconds_of))
    stuck = {name: too_long[name] for name in table.id[table.state == "too_long"]}
    given = [tried.seconds for tried in stuck.values()]
    empty = nothing_added(rows) if len(rows) else pd.DataFrame()
    return Tally(counted, _reasons(table, grid, stuck, rows), cpu_seconds, empty, given)


def _state(
    name: str, grid: PreparedSweep, ended: Mapping[str, bool], too_long: Mapping[str, Tried]
) -> str:
    if grid.batch.titles[name] in grid.batch.impossible:
        return "impossible"
    if name in ended:
        return "run" if ended[name] else "failed"
    if name in too_long:
        return "too_long"
    return "outdated" if name in grid.batch.outdated else "left_out"


def _part(names: Mapping[str, str]) -> str:
    """The generator, else the profiler, else the pipeline of real rows."""
    for group in ("generator", "profiler"):
        if names[group] != "none":
            return names[group]
    return f"{names['pipeline']} rows alone" if names["pipeline"] == "real" else names["pipeline"]


def _reasons(
    table: pd.DataFrame, grid: PreparedSweep, stuck: Mapping[str, Tried], rows: pd.DataFrame
) -> list[tuple[int, str, str]]:
    """Why jobs failed, cannot work or take too long, the most frequent first."""
    titles = grid.batch.titles
    known: dict[str, list[str]] = {}
    for title, why in grid.batch.impossible.items():
        known.setdefault(f"cannot work: {why}", []).append(title)
    for name, tried in stuck.items():
        known.setdefault(f"left out: {tried.reason}", []).append(titles[name])
    failed = set(table.id[table.state == "failed"])
    bad = rows[rows.job.isin(failed) & not_ok(rows)] if len(rows) else rows
    for job, mine in bad.groupby("job", sort=False) if len(bad) else ():
        first = mine[mine.status != Status.SKIPPED].head(1)
        one = (first if len(first) else mine).iloc[0]
        known.setdefault(f"{one.status}: {one.reason}", []).append(titles[str(job)])
    order = sorted(known.items(), key=lambda item: -len(item[1]))
    return [(len(which), why, which[0]) for why, which in order]
