"""Generation from Python: a frame in, a frame of synthetic rows out, in its own dtypes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.runner import Runner
from tabsculpt.errors import UserError, unknown
from tabsculpt.samplers.frames import Given
from tabsculpt.samplers.resample import job_of, value_errors
from tabsculpt.synthesis.command import keeping_gaps, real_rows
from tabsculpt.synthesis.rows import RowRequest, make_rows
from tabsculpt.table import Kind, Schema, Table


def generate(
    frame: pd.DataFrame,
    target: Any,
    *,
    generator: Any = "ddpm",
    pipeline: str = "traditional",
    profiler: Any = "dataiq",
    rows: int | None = None,
    given: Mapping[Any, Any] | None = None,
    task: str = "auto",
    seed: int = 0,
    device: str = "auto",
) -> pd.DataFrame:
    """Synthetic rows of a frame, as ``tabsculpt generate`` writes them.

    Args:
        frame: shape (n, d), values may be missing, but none of the target.
        target: the name of the column that is predicted.
        generator: a name of ``tabsculpt list generators``, or an instance.
        pipeline: a name of ``tabsculpt list pipelines``, with its default settings.
        profiler: a name or an instance, for pipelines that profile.
        rows: how many; None for as many as the pipeline makes.
        given: values that every row is to have, by column.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        seed: of every draw.
        device: ``auto``, ``cpu`` or ``cuda``.

    Returns:
        Shape (rows, d): the columns of ``frame`` in its order and dtypes, a new index. Values are
        missing where the generator learns missing values; where it cannot, they were filled first.

    Raises:
        ValueError: the input, a setting, or their combination cannot work; one line says why.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from tabsculpt import generate
        >>> iris = load_iris(as_frame=True).frame
        >>> more = generate(iris, "target", generator="bayesian_network", rows=20)
        >>> more.shape, bool((more.dtypes == iris.dtypes).all())
        ((20, 5), True)
    """
    with value_errors():
        check_frame(frame, target)
        read = Given.of(frame.drop(columns=target), frame[target], task, seed)
        parts = {"generator": generator, "profiler": profiler, "predictors": "quick"}
        job = job_of(read.dataset, "impute", pipeline, {}, parts, seed, device)
        job = keeping_gaps(job, read.dataset)
        runner = Runner(None, lambda _step, _done: None)
        real = real_rows(job, read.dataset, False, runner)
        request = RowRequest(rows, _given(given or {}, read.dataset.table.schema))
        made = make_rows(job, real, request, runner).table
        if not len(made):
            raise UserError(f"pipeline={pipeline} made no row of these")
        return as_given(made, read, frame, target)


def check_frame(frame: Any, target: Any) -> None:
    """Refuse what is no frame, or lacks the target.

    Raises:
        UserError: it is.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UserError(f"frame is a {type(frame).__name__}; expected a pandas DataFrame")
    if target not in frame.columns:
        raise unknown("target", str(target), map(str, frame.columns))
    if frame[target].isna().any():
        count = int(frame[target].isna().sum())
        raise UserError(f"the target {target!r} is missing in {count} rows; leave them out first")


def _given(given: Mapping[Any, Any], schema: Schema) -> dict[str, Any]:
    """Values in the types that a table has; a category by its text."""
    kinds = {column.name: column.kind for column in schema.columns}
    plain = {
        str(name): value.item() if isinstance(value, np.generic) else value
        for name, value in given.items()
    }
    return {
        name: str(value) if kinds.get(name) is Kind.CATEGORICAL else value
        for name, value in plain.items()
    }


def as_given(made: Table, read: Given, frame: pd.DataFrame, target: Any) -> pd.DataFrame:
    """Rows of the data set that was read of a frame, in its columns, order and dtypes."""
    whole = read.features(made)
    whole[target] = read.target(made)
    return whole[list(frame.columns)]
