"""Pipelines: how the synthetic table is made from the train part, or how that is trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from tabsculpt.engine.step import Step
from tabsculpt.generators import Generator
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.predictors.suite import Suite
from tabsculpt.profilers import Profile, Profiler
from tabsculpt.profilers.auto import Auto
from tabsculpt.table import Schema, Table


@dataclass(frozen=True)
class PipelineInputs:
    """What a pipeline works with; the test part is not among it.

    Attributes:
        train: the real rows.
        profiler: tells hard rows from others; None for pipelines that do not use one.
        generator: makes rows; None for the pipeline that does not use one.
        seed: the user's seed.
        device: "cpu" or "cuda".
        valuation: rows of the train side that are set aside to value rows on; None where none are.
        selection: rows of the train side that are set aside to choose by; None where none are.
        suite: the predictors of the job, where a choice is to be made by them.
        times: synthetic rows sampled for each real one; a job has one.
        batch: which draw of synthetic rows from the same fits; a job has the first.
    """

    train: Step[Table]
    profiler: Profiler | Auto | None
    generator: Generator | Tuned | None
    seed: int
    device: str
    valuation: Step[Table] | None = None
    selection: Step[Table] | None = None
    suite: Suite = field(default_factory=dict)
    times: int = 1
    batch: int = 0


@dataclass(frozen=True)
class PipelineSteps:
    """The steps of a pipeline that a job reports on.

    Attributes:
        synthetic: the table that comes out.
        generated: the table before rows were dropped (the same step where none are).
        profiles: each profile made, by what it was made of ("real", "synthetic").
        like: where the mix of the target is changed on purpose, the real rows that the generator
            learnt from: quality is then measured against real rows in the synthetic table's mix.
        rounds: the table after each round of a loop, whose quality is measured as well.
        log: what each round of a loop did, records for a table beside the results.
        prior: real rows whose class shares the probabilities of predictors are corrected to.
    """

    synthetic: Step[Synthetic]
    generated: Step[Synthetic]
    profiles: dict[str, Step[Profile]]
    like: Step[Table] | None = None
    rounds: tuple[Step[Synthetic], ...] = ()
    log: Step[list[dict[str, Any]]] | None = None
    prior: Step[Table] | None = None


class Pipeline(Protocol):
    """A frozen dataclass of settings (its fields), with what it uses as class variables.

    Two more members are for pipelines that need them: ``adds_to_real``, true for one that decides
    itself how many rows stand beside the real ones (see `adds_to_real`), and ``impossible``, from
    the schema to the reason why there is nothing for it to do (see `obstacle`). One that makes no
    table but trains otherwise on the real rows has those of `tabsculpt.pipelines.real_rows`.
    """

    uses_profiler: ClassVar[bool]
    uses_generator: ClassVar[bool]

    def build(self, given: PipelineInputs) -> PipelineSteps | None:
        """Lay out the steps, None where there are none; computes nothing."""
        ...


def adds_to_real(pipeline: Pipeline) -> bool:
    """Whether all rows that a pipeline makes are there to be added to the real ones."""
    return getattr(type(pipeline), "adds_to_real", False)


def obstacle(pipeline: Pipeline, schema: Schema) -> str | None:
    """Why a pipeline cannot work on tables of a schema; None if it can."""
    impossible: Callable[[Schema], str | None] | None = getattr(pipeline, "impossible", None)
    return impossible(schema) if impossible is not None else None
