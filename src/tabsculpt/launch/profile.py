"""Profiling as a command: scores and segments of every row of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.config.compose import load
from tabsculpt.datasets import Dataset
from tabsculpt.datasets import load as load_dataset
from tabsculpt.datasets.split import Splitting
from tabsculpt.datasets.split_steps import Rows, SplitPart
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import data_fingerprint
from tabsculpt.jobs.job import Job
from tabsculpt.launch.display import watching
from tabsculpt.launch.logs import one_failure
from tabsculpt.launch.messages import log_file
from tabsculpt.launch.refusals import check_writable
from tabsculpt.notes import Code, to_records
from tabsculpt.profilers import Profile, Segment
from tabsculpt.profilers.profile_steps import profile_rows
from tabsculpt.profilers.reasons import reasons
from tabsculpt.results import write_frame
from tabsculpt.table import FloatArray

_FIRST = {
    "row": "row: its place among the rows of the source, counted from 0",
    "line": "line: that of the file, counted from 1, the header included",
}


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

    @property
    def ranks(self) -> FloatArray:
        """Hardness as the share of the other rows that are easier, 0 (easiest) to 1 (hardest)."""
        from scipy.stats import rankdata

        order = rankdata(self.profile.hardness) - 1
        return np.asarray(order / max(len(order) - 1, 1))

    def frame(self, every: bool = False) -> pd.DataFrame:
        """The rows with what finds them again before, and what the profiler says after them.

        Args:
            every: also the columns that are neither features nor group nor name rows.

        Returns:
            ``line`` (of the file, from 1; CSV files only), ``row`` (of the source, from 0), the
            group and identifier columns, the columns of the table, then ``hardness`` (the
            profiler's own score), ``hardness_rank``, ``segment``, the scores and ``reason``.
        """
        scores = self.profile.scores
        columns: dict[str, object] = {
            "hardness": self.profile.hardness,
            "hardness_rank": self.ranks,
            "segment": self.profile.segment,
        }
        if scores.uncertainty is not None:
            columns["uncertainty"] = scores.uncertainty
        added = pd.DataFrame({**columns, **scores.details, "reason": self.reasons}, index=self.rows)
        frame = self.dataset.table.frame
        own = _apart(self._places(every), frame).join(frame)
        return own.join(_apart(added, own))

    def _places(self, every: bool) -> pd.DataFrame:
        """Where the rows of the data set came from, and what names them."""
        origin = self.dataset.origin
        if origin is None:
            return pd.DataFrame({"row": np.arange(len(self.dataset.table))})
        known = {} if origin.lines is None else {"line": origin.lines}
        names = [
            name
            for name, values in origin.beside.items()
            if every or name == origin.group or _names_rows(values)
        ]
        beside = origin.beside[names]
        return _apart(pd.DataFrame({**known, "row": origin.rows}), beside).join(beside)


def _apart(columns: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Columns of ours under other names where the table has a column of the same name."""
    return columns.rename(columns={c: f"{c}_profile" for c in columns if c in others})


def _names_rows(values: pd.Series) -> bool:
    """Whether a column that is no feature tells most rows apart: an identifier."""
    is_float = pd.api.types.is_float_dtype(values.dtype)
    return not is_float and 2 * values.nunique() > len(values)


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
    check_writable(job.outputs)
    dataset = load_dataset(job.source)
    job = job.on_its_device(len(dataset.table))
    assert job.profiler is not None
    part = SplitPart(
        data_fingerprint(dataset), "all", job.source.missing, Splitting(0.0, 0), dataset
    )
    log = log_file(job.outputs, f"profile-{job.names['profiler']}")
    with one_failure(log), watching(console, f"{dataset.name} {job.names['profiler']}") as on_step:
        runner = Runner(Store(job.outputs / "store"), on_step)
        table = runner.result(part)
        rows = Rows.of("all", table, part)
        step = profile_rows(job.profiler, rows, job.seed, job.device)
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
    for note in profile.notes:
        if note is not profile.chosen:
            colour = "red" if note.code == Code.DEGENERATE_PROFILE else "yellow"
            console.print(f"[{colour}]{escape(note.text)}[/]")
    origin = found.dataset.origin
    lines = None if origin is None else origin.lines
    rows = range(len(found.dataset.table)) if origin is None else origin.rows
    first = "row" if lines is None else "line"
    table = RichTable(title=f"the {top} hardest rows", title_justify="left")
    for header in (first, "segment", "rank", "hardness"):
        table.add_column(header, justify="right" if header != "segment" else "left", no_wrap=True)
    table.add_column("why")
    for place in np.argsort(-profile.hardness, kind="stable")[:top]:
        at = found.rows[place]
        table.add_row(
            str(rows[at] if lines is None else lines[at]),
            str(profile.segment[place]),
            f"{found.ranks[place]:.3f}",
            f"{profile.hardness[place]:.3g}",
            escape(found.reasons[place]),
        )
    table.caption = (
        f"{_FIRST[first]}; rank: the share of the other rows that are easier, 0 (easiest) to 1 "
        f"(hardest); hardness: the score of {found.profiler} itself, the higher the harder"
    )
    table.caption_justify = "left"
    console.print(table)


def profile_record(found: Profiled, top: int, every: bool = False) -> dict[str, Any]:
    """What `show_profile` prints, as values: the hardest rows as `Profiled.frame` has them.

    Args:
        found: the profile.
        top: how many rows.
        every: as for `Profiled.frame`.
    """
    profile = found.profile
    hardest = np.argsort(-profile.hardness, kind="stable")[:top]
    return {
        "dataset": found.dataset.name,
        "profiler": found.profiler,
        "chosen": profile.chosen and profile.chosen.text,
        "notes": to_records(profile.notes),
        "rows": {str(segment): profile.count(segment) for segment in Segment},
        "hardest": found.frame(every).iloc[[found.rows[place] for place in hardest]],
    }


def write_profile(found: Profiled, path: Path, every: bool = False) -> None:
    """Write the rows with their profile, whole or not at all; ``every`` as for `Profiled.frame`.

    Raises:
        UserError: the suffix is neither .csv nor .parquet.
        WriteError: the file cannot be written.
    """
    kind = path.suffix.removeprefix(".")
    if kind not in ("csv", "parquet"):
        raise UserError(f"--out {str(path)!r}: expected a name ending in .csv or .parquet")
    write_frame(found.frame(every), path, kind)
