"""Simulate a sweep of a million jobs on a thousand workers, from the costs of a small real one.

    python scripts/simulate_sweep.py [--jobs 1000000] [--workers 1000] [--slower 30]
    python scripts/simulate_sweep.py --measure OUTPUTS     # the costs anew, from a finished sweep

A discrete-event simulation: a worker starts (Python and its imports), takes a batch and does its
jobs one after the other until ten minutes are over. Jobs come in groups that share a step: the
first makes it behind a lock, whoever comes meanwhile waits. A worker dies now and then and loses
the job that it was at; the rest of its batch waits anew. A few jobs hang until their time limit.
All operations go to one file server, which does so many a second; beyond that everybody waits.

What is measured is in ``scripts/results/sweep_costs.json``, with where it was read; what is assumed
are the options. Printed are makespan, operations, sizes and the costs of the one process that
launches, and which of them are beyond what is bearable.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COSTS = Path(__file__).parent / "results" / "sweep_costs.json"
SHARED = ("Fit", "Sample", "Strata", "SplitPart", "Audit")
"""Steps that jobs may share, in `measure`: a group of jobs has one of each."""
MOST_GB, MOST_MINUTES, MOST_FILES = 8, 10, 200_000
"""What can be borne: memory of a login node, waiting, files that a folder is listed with."""
BESIDE_STEPS = 0.3
"""CPU seconds of a job beside its steps: a process is forked, rows are written."""


@dataclass(frozen=True)
class Costs:
    """What was measured of small jobs; see `measure`.

    Attributes:
        own, shared: seconds of the steps of one job that are its own and that it shares, a value
            a job.
        operations: of the file system, a job (strace -e trace=file).
        result_bytes, store_bytes, store_files: a job leaves, and ``rows`` of results.
        start: seconds until a batch begins its first job.
        resume_ms, table_ms, launcher_kb: CPU time of the same command again and of its closing
            table, and memory of the process that launches, a job.
        source: how the figures that are not read by `measure` were had.
    """

    own: list[float]
    shared: list[float]
    operations: float
    result_bytes: float
    store_bytes: float
    store_files: float
    rows: float
    start: float
    resume_ms: float
    table_ms: float
    launcher_kb: float
    source: str


@dataclass
class Simulated:
    """What came out.

    Attributes:
        end: seconds until the last job ended.
        busy: seconds that workers spent on jobs; ``waited``: on locks; ``stalled``: on the server.
        lost: jobs that died with their worker; ``hung``: that took their time limit.
        operations: of the file server, by minute.
        batches: that were started.
    """

    end: float = 0.0
    busy: float = 0.0
    waited: float = 0.0
    stalled: float = 0.0
    lost: int = 0
    hung: int = 0
    batches: int = 0
    operations: Counter[int] = field(default_factory=Counter)


def simulate(costs: Costs, given: argparse.Namespace) -> Simulated:
    """Run the sweep, an event a job."""
    draw, found = random.Random(given.seed), Simulated()
    made: dict[int, float] = {}  # when the shared step of a group is at hand
    served, waiting, following = 0.0, list[int](), 0
    ends: list[tuple[float, int, float | None]]
    ends = [(0.0, worker, None) for worker in range(given.workers)]  # free, and since when at work
    while ends:
        now, worker, since = heapq.heappop(ends)
        if not waiting and following >= given.jobs:
            continue
        if since is None or now - since > given.batch:
            found.batches += 1
            since = now
            now += costs.start
        job = waiting.pop() if waiting else following
        following += job == following
        group = job // given.group
        began = now
        if group not in made:
            made[group] = now = now + given.slower * draw.choice(costs.shared)
        elif made[group] > now:
            found.waited += made[group] - now
            now = made[group]
        seconds = given.slower * draw.choice(costs.own) + BESIDE_STEPS
        if draw.random() < given.hanging:
            found.hung += 1
            seconds = given.timeout
        now += seconds
        if draw.random() < given.deaths * (now - began) / 3600:
            found.lost += 1
            waiting.append(job)
            heapq.heappush(ends, (now, worker, None))
            continue
        served = max(served, began) + costs.operations / given.metadata
        found.stalled += max(0.0, served - now)
        found.busy += now - began
        now = max(now, served)
        found.operations[int(now // 60)] += round(costs.operations)
        found.end = max(found.end, now)
        heapq.heappush(ends, (now, worker, since))
    return found


def report(costs: Costs, given: argparse.Namespace, found: Simulated) -> list[str]:
    """What came out, a line each."""
    n, hours = given.jobs, found.end / 3600
    ideal = found.busy / given.workers / 3600
    peak = max(found.operations.values()) / 60
    mean = n * costs.operations / found.end
    files = n * costs.store_files
    return [
        f"{n:,} jobs on {given.workers:,} workers, {given.slower:g} times the measured seconds",
        f"makespan {hours:.2f} h, 99.9 % of the jobs after {_nearly_all(found) / 60:.2f} h; "
        f"workers computed for {100 * ideal / hours:.0f} % of it; {found.batches:,} batches",
        f"{found.lost:,} jobs lost with their worker and done again, {found.hung:,} hung; waits "
        f"for locks {found.waited / 3600:.0f} h of {given.workers * hours:.0f} h, for the file "
        f"server {found.stalled / 3600:.0f} h",
        f"file system: {mean:,.0f} operations a second, {peak:,.0f} in the busiest minute, of "
        f"{given.metadata:,} that the server does",
        f"store: {files / 1e6:.1f} million files, {n * costs.store_bytes / 1e9:.0f} GB; result "
        f"tables: {n * costs.result_bytes / 1e9:.0f} GB, {n * costs.rows / 1e6:.0f} million rows "
        f"in {n:,} files of one folder",
        f"the process that launches: {n * costs.launcher_kb / 1e6:.1f} GB of memory; the same "
        f"command again {n * costs.resume_ms / 6e4:.0f} min of CPU time, its closing table "
        f"{n * costs.table_ms / 6e4:.0f} min",
    ]


def _nearly_all(found: Simulated) -> int:
    """The minute in which 99.9 % of the jobs had ended."""
    left = 0.999 * found.operations.total()
    for minute in sorted(found.operations):
        left -= found.operations[minute]
        if left <= 0:
            return minute + 1
    return 0


def beyond(costs: Costs, given: argparse.Namespace, found: Simulated) -> list[str]:
    """What is more than can be borne, a line each."""
    n = given.jobs
    figures = {
        "GB of memory where the sweep is launched": (n * costs.launcher_kb / 1e6, MOST_GB),
        "minutes before the same command again does anything": (
            n * costs.resume_ms / 6e4,
            MOST_MINUTES,
        ),
        "minutes for the table at the end": (n * costs.table_ms / 6e4, MOST_MINUTES),
        "operations a second of the file server": (
            max(found.operations.values()) / 60,
            0.8 * given.metadata,
        ),
        "files in one folder of results": (n, MOST_FILES),
    }
    return [
        f"breaks: {value:,.0f} {name}, where {most:,.0f} can be borne"
        for name, (value, most) in figures.items()
        if value > most
    ]


def measure(outputs: Path, known: dict[str, Any]) -> dict[str, Any]:
    """Read the costs of a finished sweep of jobs that are alike and share no fit.

    Args:
        outputs: its folder.
        known: what cannot be read there, and stays.
    """
    records = [
        json.loads(path.read_text()) for path in (outputs / "store").glob("*/*/*/manifest.json")
    ]
    jobs = len(list((outputs / "jobs").glob("*.parquet")))
    own = sum(r["cpu_seconds"] for r in records if r["step"] not in SHARED) / jobs
    shared: dict[str, list[float]] = {}
    for record in records:
        if record["step"] in SHARED:
            shared.setdefault(record["step"], []).append(record["cpu_seconds"])
    of_kind = [r["cpu_seconds"] for r in records if r["step"] == "MeasureQuality"]
    typical = sum(of_kind) / len(of_kind)
    store = [path.stat().st_size for path in (outputs / "store").rglob("*") if path.is_file()]
    tables = ("results", "jobs", "quality", "distributions", "rounds")
    result = [path.stat().st_size for name in tables for path in (outputs / name).glob("*.parquet")]
    return {
        **known,
        "own": [round(own * each / typical, 3) for each in of_kind],
        "shared": [round(sum(sum(each) / len(each) for each in shared.values()), 3)],
        "result_bytes": round(sum(result) / jobs),
        "store_bytes": round(sum(store) / jobs),
        "store_files": round(len(store) / jobs, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--measure", type=Path, metavar="OUTPUTS")
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--slower", type=float, default=1.0, help="than the jobs measured")
    parser.add_argument("--group", type=int, default=4, help="jobs that share a step")
    parser.add_argument(
        "--batch", type=float, default=600.0, help="seconds, as hydra.launcher.batch"
    )
    parser.add_argument("--timeout", type=float, default=14400.0, help="seconds that one may hang")
    parser.add_argument("--hanging", type=float, default=1e-5, help="share of jobs that hang")
    parser.add_argument("--deaths", type=float, default=0.01, help="of a worker, an hour")
    parser.add_argument("--metadata", type=int, default=10_000, help="operations a second at most")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.measure:
        known = measure(given.measure, json.loads(COSTS.read_text()))
        COSTS.write_text(json.dumps(known, indent=1) + "\n")
    costs = Costs(**json.loads(COSTS.read_text()))
    found = simulate(costs, given)
    for line in [*report(costs, given, found), *beyond(costs, given, found)]:
        print(line)


if __name__ == "__main__":
    main()
