"""Profiling as a command: scores and segments of every row of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.config import load
from tabsculpt.datasets import Dataset
from tabsculpt.datasets import load as load_dataset
from tabsculpt.datasets.split import Splitting
from tabsculpt.datasets.steps import Part, Rows
from tabsculpt.errors import UserError
from tabsculpt.job import Job
from tabsculpt.launch.progress import JobProgress
from tabsculpt.launch.run import check_writable
from tabsculpt.layout import data_fingerprint
from tabsculpt.profilers import Profile, Segment
from tabsculpt.profilers.reasons import reasons
from tabsculpt.profilers.steps import profile_rows
from tabsculpt.runner import Runner, refusals
from tabsculpt.store import Store


@dataclass(frozen=True, eq=False)
class Profiled:
    """A data set with its profile.

    Attributes:
        dataset: all rows.
        profiler: its name.
        profile: scores and segments of the rows that were profiled.
        reasons: one line for each of these.
        rows: their positions in the data set: all, unless rows with missing values are dropped.
    """

    dataset: Dataset
    profiler: str
    profile: Profile
    reasons: list[str]
    rows: list[int]

    def frame(self) -> pd.DataFrame:
        """The rows with ``hardness``, ``segment``, the scores and ``reason`` beside them."""
        scores = self.profile.scores
        columns: dict[str, object] = {
            "hardness": self.profile.hardness,
            "segment": self.profile.segment,
        }
        if scores.uncertainty is not None:
            columns["uncertainty"] = scores.uncertainty
        added = pd.DataFrame({**columns, **scores.details, "reason": self.reasons}, index=self.rows)
        return self.dataset.table.frame.join(added, rsuffix="_profile")


def profile_dataset(
    overrides: Sequence[str], config_dir: Path | None, console: Console
) -> Profiled:
    """Profile every row of a data set; nothing is held out, as nothing is evaluated.

    Args:
        overrides: as typed.
        config_dir: the user's own configuration files.
        console: for progress.

    Raises:
        UserError: a setting is wrong, or the data are unusable.
    """
    job = Job.of(load([*overrides, "pipeline=preprocess"], config_dir))
    assert job.profiler is not None
    check_writable(job.outputs)
    dataset = load_dataset(job.source)
    part = Part(data_fingerprint(dataset), "all", job.source.missing, Splitting(0.0, 0), dataset)
    with JobProgress(console, 1) as progress, refusals():
        progress.job(f"{dataset.name} {job.names['profiler']}")
        runner = Runner(Store(job.outputs / "store"), progress.step)
        table = runner.result(part)
        rows = Rows("all", table.fingerprint(), part)
        step = profile_rows(job.profiler, rows, job.seed, job.device)
        progress.steps(step.ancestry())
        profile = runner.result(step)
    complete = dataset.table.features.notna().all(axis=1).to_numpy()
    dropped = len(table) < len(dataset.table)
    places = np.flatnonzero(complete) if dropped else np.arange(len(table))
    words = reasons(table, job.seed)
    return Profiled(dataset, job.names["profiler"], profile, words, places.tolist())


def show_profile(found: Profiled, top: int, console: Console) -> None:
    """Print the segments and the hardest rows.

    Args:
        found: the profile.
        top: how many rows.
        console: where to.
    """
    profile = found.profile
    counts = ", ".join(f"{profile.count(segment)} {segment}" for segment in Segment)
    chosen = f" ({profile.chosen})" if profile.chosen else ""
    console.print(f"{found.dataset.name}: {counts}; profiler {found.profiler}{chosen}")
    if said := profile.degenerate():
        console.print(f"[red]{escape(said)}[/]")
    table = RichTable(title=f"the {top} hardest rows", title_justify="left")
    for header in ("row", "segment", "hardness"):
        table.add_column(header, justify="right" if header != "segment" else "left", no_wrap=True)
    table.add_column("why")
    for place in np.argsort(-profile.hardness, kind="stable")[:top]:
        table.add_row(
            str(found.rows[place]),
            str(profile.segment[place]),
            f"{profile.hardness[place]:.3f}",
            escape(found.reasons[place]),
        )
    console.print(table)


def write_profile(found: Profiled, path: Path) -> None:
    """Write the rows with their profile.

    Raises:
        UserError: the suffix is neither .csv nor .parquet, or the file cannot be written.
    """
    frame = found.frame()
    try:
        if path.suffix == ".csv":
            frame.to_csv(path, index=False)
        elif path.suffix == ".parquet":
            frame.to_parquet(path, index=False)
        else:
            raise UserError(f"--out {str(path)!r}: expected a name ending in .csv or .parquet")
    except OSError as error:
        raise UserError(f"cannot write {str(path)!r}: {error.strerror}") from error
