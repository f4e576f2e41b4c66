"""The label-flip search as a command: which profiler, at which threshold, on this data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rich.console import Console

from tabsculpt.config.compose import load
from tabsculpt.datasets import load as load_dataset
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import data_fingerprint, split_parts
from tabsculpt.jobs.job import Job
from tabsculpt.launch.display import watching
from tabsculpt.launch.logs import one_failure
from tabsculpt.launch.messages import log_file
from tabsculpt.launch.refusals import check_writable
from tabsculpt.profilers.auto import Auto
from tabsculpt.profilers.profile_steps import search_profilers
from tabsculpt.profilers.selection import Winner, choose
from tabsculpt.results import write_table


@dataclass(frozen=True)
class Selection:
    """What a search found.

    Attributes:
        dataset: its name.
        cells: see `selection.search_cells`.
        winner: of the rule asked for.
        rule: its name.
        path: the parquet file with the cells.
    """

    dataset: str
    cells: pd.DataFrame
    winner: Winner
    rule: str
    path: Path


def select(overrides: Sequence[str], config_dir: Path | None, console: Console) -> Selection:
    """Search on the train part of a data set, and write ``<outputs>/selection/<job>.parquet``.

    Args:
        overrides: as typed; the profiler is "auto" where none is named.
        config_dir: the user's own configuration files.
        console: for progress.

    Raises:
        UserError: a setting is wrong, the data are unusable, or the profiler is not "auto".
    """
    named = any(text.startswith("profiler=") for text in overrides)
    asked = [*overrides, *([] if named else ["profiler=auto"]), "pipeline=preprocess"]
    job = Job.of(load(asked, config_dir))
    auto = job.profiler
    if not isinstance(auto, Auto):
        raise UserError(f"select searches with profiler=auto, not {job.names['profiler']}")
    check_writable(job.outputs)
    dataset = load_dataset(job.source)
    log = log_file(job.outputs, "select")
    with one_failure(log), watching(console, f"{dataset.name} select") as on_step:
        runner = Runner(Store(job.outputs / "store"), on_step)
        train, _ = split_parts(job, dataset, runner.result)
        step = search_profilers(auto, train, job.seed)
        cells = runner.result(step)
    name = f"{job.identity(data_fingerprint(dataset))}.parquet"
    path = job.outputs / "selection" / name
    common = {
        "dataset": dataset.name,
        "flip": str(auto.flip),
        "distance": auto.distance,
        "seed": job.seed,
        "split_seed": job.split.seed,
    }
    write_table([{**common, **row} for row in cells.to_dict("records")], path)
    return Selection(dataset.name, cells, choose(cells, auto.rule), str(auto.rule), path)
