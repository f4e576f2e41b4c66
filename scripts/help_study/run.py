"""Runs the study, table after table, in this process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from help_study.kept import keep
from help_study.tables import Chosen
from tabsculpt.config.sweep import open_sweep
from tabsculpt.datasets import load
from tabsculpt.engine.runner import Runner
from tabsculpt.jobs.collect import Collector
from tabsculpt.jobs.graph import build_graph, data_fingerprint
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.rows import base_row
from tabsculpt.protocols.tstr import TrainSyntheticTestReal
from tabsculpt.results import Row
from tabsculpt.results.row import as_record

REPEATS = 3
"""Each with a split, a fit and a sample of its own."""
IN_PLACE = ("traditional", "profile2gen", "random_drop")
"""Pipelines whose rows are trained on in place of the real ones as well."""
FIRST = {
    "traditional": (
        "bootstrap", "smote", "smotenc", "smoter", "cart", "arf", "bayesian_network",
    ),
    "upsample": ("bootstrap", "smote", "smotenc", "arf"),
    "real": ("none",),
    "weighted": ("none",),
    "threshold": ("none",),
}  # fmt: skip
"""Generators by pipeline, added to the real rows: what runs on every table before all else."""
NETWORKS = ("ddpm",)
"""Generators that take most of the time, which run last."""
PROFILED = ("arf", "bayesian_network")
"""Generators that are fitted by segments as well: profiling takes most of the time."""


def arms(outputs: Path) -> list[list[Job]]:
    """The ways of training that are compared, as jobs on one table and one repeat, by pass.

    The first pass adds synthetic rows to the real ones, the second is of arf by segments and in
    place of the real ones, the third is all else but networks, which are the fourth.
    """
    with open_sweep(["experiment=when_it_helps", f"paths.outputs={outputs}"], None) as sweep:
        asked = [Job.of(one, {}) for one in sweep]
    found: dict[str, Job] = {}
    for job in (asked[0].baseline(), *asked):
        by_segment = job.names["pipeline"] in IN_PLACE[1:]
        if by_segment and job.names["generator"] not in PROFILED:
            continue
        found.setdefault(_way(job), job)  # of real rows alone, whatever the generator
        if job.names["pipeline"] in IN_PLACE:
            names = {**job.names, "protocol": "tstr"}
            twin = replace(job, names=names, protocol=TrainSyntheticTestReal())
            found.setdefault(_way(twin), twin)
    passes: list[list[Job]] = [[], [], [], []]
    for job in found.values():
        passes[_pass(job)].append(replace(job, scores_only=True))
    return passes


def _way(job: Job) -> str:
    return " ".join(job.names[group] for group in ("generator", "pipeline", "protocol"))


def _pass(job: Job) -> int:
    if job.names["generator"] in NETWORKS:
        return 3
    first = job.names["generator"] in FIRST.get(job.names["pipeline"], ())
    if first and job.names["protocol"] != "tstr":
        return 0
    return 1 if job.names["generator"] == "arf" else 2


def run(tables: Sequence[Chosen], outputs: Path, passes: Sequence[int]) -> None:
    """Run some passes over all tables, one after the other; what has rows is left as it is."""
    every = arms(outputs)
    for turn in passes:
        ways = every[turn - 1]
        for number, table in enumerate(tables, 1):
            path = _rows_of(outputs, turn, table)
            if not path.exists():
                began = time.process_time()
                keep(table_rows(table, ways), path)
                spent = time.process_time() - began
                print(f"{turn}: {number}/{len(tables)} {path.stem}: {spent:.1f} CPU s", flush=True)


def restore(rows: pd.DataFrame, tables: Sequence[Chosen], outputs: Path) -> None:
    """Put kept rows where `run` looks for them, so that it goes on after them."""
    way = rows.generator + " " + rows.pipeline + " " + rows.protocol
    for turn, ways in enumerate(arms(outputs), 1):
        of_pass = rows[way.isin({_way(job) for job in ways})]
        for table in tables:
            mine, path = of_pass[of_pass.dataset == table.name], _rows_of(outputs, turn, table)
            if len(mine) and not path.exists():
                keep(mine, path)


def _rows_of(outputs: Path, turn: int, table: Chosen) -> Path:
    return outputs / "rows" / f"{turn} {table.package} {table.name.replace('/', '+')}.parquet"


def table_rows(table: Chosen, ways: Sequence[Job]) -> pd.DataFrame:
    """The rows of all repeats of a table; steps that ways share are computed once, in memory."""
    dataset = load(table.source)
    data = data_fingerprint(dataset)
    numeric = all(column.is_numeric for column in dataset.table.schema.features)
    found: list[Row] = []
    for repeat in range(REPEATS):
        runner = Runner(None, lambda _step, _done: None)
        for way in ways:
            job = replace(
                way,
                source=table.source,
                names={**way.names, "dataset": table.package},
                seed=repeat,
                split=replace(way.split, seed=repeat),
            )
            same = numeric and job.names["generator"] == "smotenc"  # as smote, of numbers alone
            if same or job.impossible(dataset) is not None:
                continue
            layout = build_graph(job, dataset, runner.result)
            sizes = [len(runner.result(part)) for part in (layout.train, layout.test)]
            base = replace(base_row(job, dataset, data), n_train=sizes[0], n_test=sizes[1])
            found += Collector(job, dataset, layout, runner, base).collect().rows
    return pd.DataFrame(map(as_record, found))
