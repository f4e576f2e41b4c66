"""Synthetic rows in the number and with the values asked for, from the steps of a job."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.engine.runner import Runner, refusals
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.engine.step import Step
from tabsculpt.errors import UserError
from tabsculpt.generators import Given
from tabsculpt.generators.bootstrap import matches
from tabsculpt.generators.fit_steps import Sample
from tabsculpt.generators.requirements import check_given
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.jobs.graph import pipeline_inputs
from tabsculpt.jobs.job import Job
from tabsculpt.notes import Note
from tabsculpt.pipelines import PipelineSteps, adds_to_real
from tabsculpt.pipelines.synthetic_steps import Synthetic, Whole
from tabsculpt.table import Kind, Schema, Table, concat

BATCH = 50_000
"""Rows that are sampled at once, at most (or as many as there are real rows): memory is bounded."""
MOST_DRAWS = 200
"""Rows made at most for each one requested, where those with given values are picked out."""
LEAST_TRIED = 20_000
"""Rows made at least before a search for given values is given up."""


@dataclass(frozen=True)
class RowRequest:
    """What is asked for besides a job.

    Attributes:
        rows: how many; None for as many as the pipeline makes.
        given: values that every row is to have, by column.
    """

    rows: int | None = None
    given: Given = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Made:
    """Synthetic rows.

    Attributes:
        table: the rows.
        notes: what the reader should know.
        native: whether the generator was asked for the given values; None where none are given.
        drawn: rows that were made, of which the table may be a part.
    """

    table: Table
    notes: tuple[Note, ...]
    native: bool | None
    drawn: int


def make_rows(job: Job, real: Step[Table], request: RowRequest, runner: Runner) -> Made:
    """Do the steps of a job up to the synthetic rows, again and again until there are enough.

    The first batch is what a job with the same settings makes of the same rows. More rows are
    further draws from the same fits; what a pipeline does to its rows (profile them, drop the hard
    ones) it does to each batch.

    Args:
        job: with a pipeline that makes rows.
        real: the rows that it learns from.
        request: how many rows, and with which values.
        runner: gets the results of steps.

    Raises:
        UserError: no row can have the given values, next to none has, or the pipeline decides
            itself how many rows it makes.
        StepError: a step failed.
    """
    check_request(job, runner.result(real).schema, request)
    native = bool(request.given) and _asks(job)
    picked = bool(request.given) and not native
    given = pipeline_inputs(job, real)
    size = len(runner.result(given.train))
    n = size if request.rows is None and picked else request.rows
    kept: list[Table] = []
    notes: dict[Note, None] = {}
    found = drawn = 0
    with refusals():
        while n is None or found < n:
            share = (found + 1) / (drawn + 1) if picked and kept else 1.0
            times = 1 if n is None else _times((n - found) / share, size)
            pipeline_steps = job.pipeline.build(replace(given, times=times, batch=len(kept)))
            assert pipeline_steps is not None
            made = runner.result(
                _asking(pipeline_steps, request.given) if native else pipeline_steps.synthetic
            )
            drawn += len(made.table)
            notes |= dict.fromkeys(made.notes)
            table = made.table.take(has_given(made.table, request.given)) if picked else made.table
            kept.append(table if n is None else _some(table, n - found, job.seed))
            found += len(kept[-1])
            if n is None:
                break
            _check_worth(n, found, drawn)
    return Made(concat(kept), tuple(notes), native if request.given else None, drawn)


def check_request(job: Job, schema: Schema, request: RowRequest) -> None:
    """Refuse what cannot be asked of a job, before any work.

    Raises:
        UserError: see `make_rows`.
    """
    if not job.pipeline.uses_generator:
        raise UserError(
            f"pipeline={job.names['pipeline']} makes no rows; expected one that does, such as "
            "pipeline=traditional"
        )
    if request.rows is not None and request.rows < 1:
        raise UserError(f"rows is {request.rows}; expected a whole number of at least 1")
    if adds_to_real(job.pipeline) and (request.rows is not None or request.given):
        raise UserError(
            f"pipeline={job.names['pipeline']} decides itself how many rows it makes and of which "
            "kind: leave out rows and given, or use pipeline=traditional"
        )
    check_given(request.given, schema)
    numbers = [
        c.name for c in schema.columns if c.kind is Kind.CONTINUOUS and c.name in request.given
    ]
    if numbers and not _asks(job):
        raise UserError(
            f"given: {numbers[0]!r} is a number, which rows have by chance never; ask for it with "
            "generator=gaussian_copula pipeline=traditional"
        )


def parse_given(texts: Mapping[str, str], schema: Schema) -> dict[str, Any]:
    """Given values as typed, in the types of their columns.

    Args:
        texts: by column.
        schema: of the table.

    Raises:
        UserError: a text is no number, or neither true nor false, where its column holds those.
    """
    kinds = {column.name: column.kind for column in schema.columns}
    return {name: _typed(name, text, kinds.get(name)) for name, text in texts.items()}


def has_given(table: Table, given: Given) -> npt.NDArray[np.bool_]:
    """Which rows have the given values, shape (n,)."""
    found = np.ones(len(table), dtype=bool)
    for name, value in given.items():
        found &= matches(table.frame[name], value)
    return found


def _asks(job: Job) -> bool:
    """Whether all rows come straight from one generator that can be asked for values."""
    can = getattr(type(job.generator), "conditional", False) and not isinstance(
        job.generator, Tuned
    )
    return bool(can) and job.names["pipeline"] == "traditional"


def _times(rows: float, size: int) -> int:
    """Rows to sample for each real one, so that there are enough, or a batch of the largest."""
    return max(1, min(math.ceil(rows / size), BATCH // size))


def _asking(pipeline_steps: PipelineSteps, given: Given) -> Step[Synthetic]:
    """The synthetic table with its generator asked for values."""
    whole = pipeline_steps.synthetic
    assert isinstance(whole, Whole)
    assert isinstance(whole.sample, Sample)
    return replace(whole, sample=replace(whole.sample, given=tuple(given.items())))


def _some(table: Table, count: int, seed: int) -> Table:
    """That many of the rows, drawn at random and left in their order; all where there are fewer."""
    if len(table) <= count:
        return table
    rng = np.random.default_rng(derive_seed(seed, "rows", count))
    return table.take(np.sort(rng.choice(len(table), count, replace=False)))


def _check_worth(n: int, found: int, drawn: int) -> None:
    """Give up where rows with the given values are too rare.

    Raises:
        UserError: they are.
    """
    if found < n and drawn >= LEAST_TRIED and found * MOST_DRAWS < drawn:
        raise UserError(
            f"given: {found} of {drawn} rows made have these values, fewer than one in "
            f"{MOST_DRAWS}, which is the limit; ask for more common values, or use "
            "pipeline=traditional with a generator that can be asked for them"
        )


def _typed(name: str, text: str, kind: Kind | None) -> Any:
    if kind is Kind.BOOLEAN and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind in (Kind.INTEGER, Kind.CONTINUOUS):
        try:
            return float(text) if kind is Kind.CONTINUOUS else int(text)
        except ValueError:
            what = "a number" if kind is Kind.CONTINUOUS else "a whole number"
            raise UserError(f"given.{name} is {text!r}; expected {what}") from None
    return text
