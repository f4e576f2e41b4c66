"""Runs the study, table after table, in this process."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from help_study.kept import keep
from help_study.tables import Chosen
from tabsculpt.config.sweep import open_sweep
from tabsculpt.jobs.job import Job
from tabsculpt.launch.messages import work
from tabsculpt.launch.work import Loaded, prepare
from tabsculpt.protocols.tstr import TrainSyntheticTestReal
from tabsculpt.results import read_rows

REPEATS = 3
"""Each with a split, a fit and a sample of its own."""
PROFILED = ("arf", "bayesian_network")
"""Generators that are fitted by segments as well: profiling takes most of the time."""
BY_SEGMENT = ("profile2gen", "random_drop")
IN_PLACE = ("traditional", *BY_SEGMENT)
"""Pipelines whose rows are trained on in place of the real ones as well."""


def arms(outputs: Path) -> list[Job]:
    """The ways of training that are compared, as jobs on one table and one repeat."""
    with open_sweep(["experiment=when_it_helps", f"paths.outputs={outputs}"], None) as sweep:
        asked = [Job.of(one, {}) for one in sweep]
    found = [asked[0].baseline()]
    for job in asked:
        if job.names["pipeline"] in BY_SEGMENT and job.names["generator"] not in PROFILED:
            continue
        if job.settings() in [known.settings() for known in found]:
            continue  # of real rows alone, whatever the generator
        found.append(job)
        if job.names["pipeline"] in IN_PLACE:
            names = {**job.names, "protocol": "tstr"}
            found.append(replace(job, names=names, protocol=TrainSyntheticTestReal()))
    return [replace(job, scores_only=True) for job in found]


def run(tables: Sequence[Chosen], outputs: Path) -> None:
    """Run every table that has no rows yet; what was cut short goes on where it was."""
    ways = arms(outputs)
    for number, table in enumerate(tables, 1):
        if not rows_of(table, outputs).exists():
            began, folder = time.process_time(), outputs / "tables" / _file(table)
            _run_table(table, ways, folder)
            keep(read_rows(folder / "results"), rows_of(table, outputs))
            shutil.rmtree(folder)
            spent = time.process_time() - began
            print(f"{number}/{len(tables)} {_file(table)}: {spent:.1f} CPU s", flush=True)


def rows_of(table: Chosen, outputs: Path) -> Path:
    """The file with the rows of a table."""
    return outputs / "rows" / f"{_file(table)}.parquet"


def _file(table: Chosen) -> str:
    return f"{table.package} {table.name}".replace("/", "+")


def _run_table(table: Chosen, ways: Sequence[Job], outputs: Path) -> None:
    """Run all repeats of a table, but for what is finished."""
    load = Loaded()
    numeric = all(column.is_numeric for column in load(table.source).table.schema.features)
    jobs = []
    for way in ways:
        names = {**way.names, "dataset": table.package}
        one = replace(way, source=table.source, names=names, outputs=outputs)
        same = numeric and names["generator"] == "smotenc"  # as smote, where all are numbers
        if load.impossible(one) is None and not same:
            jobs += [
                replace(one, seed=repeat, split=replace(one.split, seed=repeat))
                for repeat in range(REPEATS)
            ]
    for task in prepare(jobs, load).tasks:
        work(task, lambda _event: None)
