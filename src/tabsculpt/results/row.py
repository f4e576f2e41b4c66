"""One row of the results, and its columns in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from tabsculpt.notes import Note, to_json

if TYPE_CHECKING:
    import pyarrow as pa

SUBGROUP = "_subgroup_"
"""Between the name of a metric and the subgroup of test rows that it is of."""
PHASES = ("data", "profile", "generate", "refine", "score")
BY_PHASE = ("seconds", "cpu_seconds", "peak_mb")
"""What a row has a column of for each phase."""


class Status(StrEnum):
    """How a cell of the results ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"


@dataclass(frozen=True)
class Row:
    """One row of the results.

    Attributes:
        job: hash of what the job was asked to do; the name of its file.
        dataset, profiler, generator, pipeline, protocol: as chosen; "none" where not used.
        task: regression, binary or multiclass.
        split_seed: which split; ``fold``: which part of a cross-validation, null without one.
        profiler_settings, generator_settings, pipeline_settings, protocol_settings: those that
            differ from their defaults, as ``name=value``.
        evaluation: what must agree for rows to be compared: test size, missing values, settings
            of predictors.
        threshold: the profiler's cut.
        proportion: synthetic rows added, as a share of the real ones; rows made hard (protocol
            hardness) or taken away (protocol removal); null where none of these.
        minority: share of the train rows that the rarest class was cut to; null where it was not.
        seed: of everything but the split.
        sample_seed: of the drawing of the synthetic rows that are added.
        round: how often the hard synthetic rows had been dropped again (protocol iterative).
        predictor: null for a metric of the synthetic table itself.
        metric, value, direction: name, number in the target's own unit where it has one, and
            "min" or "max" for which is better.
        n_train: real training rows; ``n_test``: real test rows.
        n_synthetic: synthetic rows used; ``n_dropped``: rows generated and not used.
        segments: JSON, rows per segment: real, generated, kept.
        seconds: wall clock by phase of the steps behind the row, when they were computed.
        cpu_seconds: CPU time by phase of the same steps, of all threads of the job's process.
        peak_mb: highest resident memory by phase.
        device: cpu or cuda.
        status, phase, reason: how it ended and, if not ok, where and why.
        experiment: names of the experiments under which the job was asked for, with commas between
            them; they are no part of what it was asked to do.
        notes: what the reader should know (degenerate profile, merged segments, ...); in the file
            JSON, a list of objects, see `tabsculpt.notes.to_records`.
        keys: step keys by role, JSON.
        data: fingerprint of the data set.
        versions: library versions, JSON.
        started, ended: ISO time, UTC.
        extra fields are in the order of the columns of the file.
    """

    job: str
    dataset: str
    task: str
    split_seed: int
    profiler: str
    generator: str
    pipeline: str
    protocol: str
    seed: int
    device: str
    data: str
    started: str
    predictors: str
    evaluation: str
    profiler_settings: str = ""
    generator_settings: str = ""
    pipeline_settings: str = ""
    protocol_settings: str = ""
    threshold: float | None = None
    proportion: float | None = None
    sample_seed: int | None = None
    fold: int | None = None
    minority: float | None = None
    round: int | None = None
    predictor: str | None = None
    metric: str | None = None
    value: float | None = None
    direction: str | None = None
    n_train: int | None = None
    n_test: int | None = None
    n_synthetic: int | None = None
    n_dropped: int | None = None
    segments: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    status: str = Status.OK
    phase: str | None = None
    reason: str | None = None
    experiment: str = ""
    notes: tuple[Note, ...] = ()
    keys: str = "{}"
    versions: str = "{}"
    ended: str = ""


@cache
def schema() -> pa.Schema:
    """The columns of a result file; the phase dictionaries become one column per phase."""
    import pyarrow as pa

    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), Note: pa.string()}
    columns = []
    for name, hint in get_type_hints(Row).items():
        if get_origin(hint) is dict:
            columns += [pa.field(f"{name}_{phase}", pa.float64()) for phase in PHASES]
        else:
            [kind] = kinds.keys() & {hint, *get_args(hint)}
            columns.append(pa.field(name, kinds[kind]))
    return pa.schema(columns)


def as_record(row: Row) -> dict[str, Any]:
    """A row as the file has it: a value for each column of `schema`."""
    record = {**vars(row), "notes": to_json(row.notes)}
    for name in BY_PHASE:
        by_phase = record.pop(name)
        record |= {f"{name}_{phase}": by_phase.get(phase) for phase in PHASES}
    return record
