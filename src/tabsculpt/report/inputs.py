"""The tables that a report is made of, read from an output folder and filtered alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.analysis.columns import HEADLINES
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.errors import UserError, unknown
from tabsculpt.report.classification import CLASS_METRICS
from tabsculpt.report.filters import keep
from tabsculpt.results import SUBGROUP, read_rows, schema

REPORT_METRICS = {*HEADLINES, "wasserstein", "auprc", "auprc_published", *CLASS_METRICS}
"""What is reported on; rows of other metrics are read only where they are not ok."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """What is reported on.

    Attributes:
        found: the measurements.
        outputs: the folder, for the tables beside the results.
    """

    found: Measurements
    outputs: Path

    @property
    def rows(self) -> pd.DataFrame:
        """Those of the measurements."""
        return self.found.rows

    @cached_property
    def quality(self) -> pd.DataFrame:
        """Measurements of synthetic tables of the jobs reported on."""
        return _tables(self.outputs / "quality", self.rows.job.unique(), of_columns=False)

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """What each job was asked to do."""
        return _tables(self.outputs / "jobs", self.rows.job.unique())

    @cached_property
    def versions(self) -> pd.DataFrame:
        """Of each library, by job: a row for each job, a column for each library."""
        folder = self.outputs / "results"
        leave = set(schema().names) - {"job", "metric", "status", "versions"}
        rows = read_rows(folder, jobs=self.rows.job.unique(), leave=leave).drop_duplicates("job")
        return pd.DataFrame([json.loads(text) for text in rows.versions], index=rows.job)

    @cached_property
    def selection(self) -> pd.DataFrame:
        """Label-flip searches on the data sets reported on."""
        paths = sorted((self.outputs / "selection").glob("*.parquet"))
        found = _tables(self.outputs / "selection", [path.stem for path in paths])
        return found[found.dataset.isin(self.rows.dataset)] if len(found) else found

    def distributions(self, jobs: Sequence[str]) -> pd.DataFrame:
        """The columns of the tables of some jobs."""
        return _tables(self.outputs / "distributions", jobs)

    def images(self, jobs: Sequence[str]) -> pd.DataFrame:
        """Some of the images of the tables of some jobs; empty where rows are no images."""
        return _tables(self.outputs / "images", jobs)

    def texts(self, jobs: Sequence[str]) -> pd.DataFrame:
        """Some of the texts of the tables of some jobs; empty where no column is text."""
        return _tables(self.outputs / "texts", jobs)

    def profile(self, keys: str) -> pd.DataFrame:
        """The profile of the real rows behind a result row; empty where there is none."""
        key = json.loads(keys).get("profile_real")
        return _tables(self.outputs / "profiles", [key] if key else [])


def read_inputs(
    outputs: Path, filters: Sequence[str], experiment: str | None, versions: bool = False
) -> Inputs:
    """Read what is to be reported on.

    Args:
        outputs: the output folder.
        filters: ``column=value``, see `filters.keep`; the real baseline stays.
        experiment: keep the jobs that were run under it.
        versions: read the versions of libraries, too.

    Raises:
        UserError: a filter cannot be read, or no row is of that experiment.
    """
    unused = {"versions", "segments"} - {text.partition("=")[0] for text in filters}
    unused -= {"versions"} if versions else set()
    rows = read_rows(outputs / "results", metrics=REPORT_METRICS, leave=unused, containing=SUBGROUP)
    rows = keep(rows, filters, with_baseline=True)
    if experiment is not None:
        labels = rows.experiment.fillna("").str.split(",")
        known = sorted({name for names in labels for name in names} - {""})
        if not known:
            raise UserError(f"no result in {str(outputs)!r} was run under an experiment")
        if experiment not in known:
            raise unknown("experiment with results", experiment, known)
        rows = rows[[experiment in names for names in labels]]
    return Inputs(Measurements.of(rows), outputs)


def read_before(outputs: Path, folder: Path, filters: Sequence[str]) -> Inputs:
    """Read the results that others are set against.

    Args:
        outputs: the output folder of the others.
        folder: the output folder of these.
        filters: as of `read_inputs`.

    Raises:
        UserError: it has no results, is the same folder, or has no row that a filter asks for.
    """
    if not any((folder / "results").glob("*.parquet")):
        raise UserError(
            f"no results in --against {str(folder)!r}; expected an output folder, as in "
            "paths.outputs"
        )
    if folder.resolve() == outputs.resolve():
        raise UserError(
            f"--against {str(folder)!r} is the folder reported on; expected another one, such as "
            "a copy from before the change"
        )
    try:
        return read_inputs(folder, filters, None, versions=True)
    except UserError as error:
        raise UserError(f"--against {str(folder)!r}: {error}") from error


def _tables(folder: Path, names: Any, of_columns: bool = True) -> pd.DataFrame:
    """Files as one table; with or without the rows on single columns of a data set."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    for path in (folder / f"{name}.parquet" for name in names):
        if path.exists():
            with pq.ParquetFile(path) as file:
                table = file.read(use_threads=False)
            tables.append(table if of_columns else table.filter(table["column"].is_null()))
    if not tables:
        return pd.DataFrame()
    return pa.concat_tables(tables, promote_options="permissive").to_pandas()
