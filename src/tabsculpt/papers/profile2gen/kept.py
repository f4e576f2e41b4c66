"""Result rows read for the comparison, and kept in a form small enough to commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.papers.profile2gen.figures import ARMS, CONTROL, SETS
from tabsculpt.results import read_rows, schema

METRICS = ("rmse", "r2", "wasserstein")
FOLDERS = re.compile(r"(?<![\w.])(?:/[\w.+@~-]+)+/")
COLUMNS = [
    "job", "dataset", "task", "data", "split_seed", "fold", "seed", "sample_seed", "predictors",
    "evaluation", "device", "profiler", "profiler_settings", "generator", "generator_settings",
    "pipeline", "pipeline_settings", "protocol", "protocol_settings", "proportion", "round",
    "predictor", "metric", "value", "direction", "n_train", "n_test", "n_synthetic", "n_dropped",
    "status", "phase", "reason", "notes", "versions", "started",
]  # fmt: skip


def read_results(folders: Sequence[Path]) -> pd.DataFrame:
    """The rows of the six sets, as the authors have them and corrected.

    Args:
        folders: output folders, or folders with what `save_rows` wrote; a job that is in several
            is read from the last one.

    Returns:
        The columns of `COLUMNS`, folders cut out of the reasons, as they are those of the machine
        that failed; besides ``base``, the set's name without ``_published``, and ``variant``,
        published or corrected.

    Raises:
        UserError: a folder has no result, or none of the six sets.
    """
    by_job: dict[str, pd.DataFrame] = {}
    for folder in folders:
        rows = _rows(folder)
        if rows.job.dropna().empty:
            raise UserError(f"no result in {str(folder)!r}: name an output folder, or kept rows")
        by_job |= {str(job): mine for job, mine in rows.groupby("job", sort=False)}
    return of_the_sets(pd.concat(by_job.values(), ignore_index=True))


def of_the_sets(both: pd.DataFrame) -> pd.DataFrame:
    """The rows of the six sets; see `read_results`.

    Args:
        both: result rows of any data sets.

    Raises:
        UserError: none is of the six sets.
    """
    base = both.dataset.str.removesuffix("_published")
    wanted = base.isin(SETS) & both.pipeline.isin([*ARMS, CONTROL])
    wanted &= both.metric.isin(METRICS) | (both.status != "ok")
    if not wanted.any():
        raise UserError(f"no result of the sets of Profile2Gen ({', '.join(SETS)}, NAME_published)")
    variant = both.dataset.str.endswith("_published").map({True: "published", False: "corrected"})
    reason = both.reason.map(lambda text: FOLDERS.sub("", text), "ignore")
    named = both[COLUMNS].assign(base=base, variant=variant, reason=reason)
    return named[wanted].reset_index(drop=True)


def _rows(folder: Path) -> pd.DataFrame:
    import pyarrow as pa

    results = folder / "results"
    try:
        return read_rows(results if results.is_dir() else folder)
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{str(folder)!r} has files that are no result rows ({reason})") from error


def save_rows(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """Write rows so that `read_results` gives them back.

    Args:
        rows: see `read_results`.
        folder: gets a parquet file for each data set.

    Raises:
        UserError: the folder cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = pa.schema([schema().field(name) for name in COLUMNS])
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for dataset, mine in rows.groupby("dataset"):
            table = pa.Table.from_pandas(mine[COLUMNS], schema=columns, preserve_index=False)
            paths.append(folder / f"{dataset}.parquet")
            pq.write_table(table, paths[-1], compression="zstd")
    except OSError as error:
        raise UserError(f"cannot write to {str(folder)!r} ({error.strerror})") from error
    return paths
