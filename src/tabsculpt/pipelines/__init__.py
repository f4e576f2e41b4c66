"""Pipelines: how the synthetic table is made from the train part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from tabsculpt.generators import Generator
from tabsculpt.pipelines.steps import Synthetic
from tabsculpt.predictors.suite import Suite
from tabsculpt.profilers import Profile, Profiler
from tabsculpt.profilers.auto import Auto
from tabsculpt.step import Step
from tabsculpt.table import Table


@dataclass(frozen=True)
class Ingredients:
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
    """

    train: Step[Table]
    profiler: Profiler | Auto | None
    generator: Generator | None
    seed: int
    device: str
    valuation: Step[Table] | None = None
    selection: Step[Table] | None = None
    suite: Suite = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """The steps of a pipeline that a job reports on.

    Attributes:
        synthetic: the table that comes out.
        generated: the table before rows were dropped (the same step where none are).
        profiles: each profile made, by what it was made of ("real", "synthetic").
    """

    synthetic: Step[Synthetic]
    generated: Step[Synthetic]
    profiles: dict[str, Step[Profile]]


class Pipeline(Protocol):
    """A frozen dataclass of settings (its fields), with what it uses as class variables."""

    uses_profiler: ClassVar[bool]
    uses_generator: ClassVar[bool]

    def build(self, given: Ingredients) -> Recipe | None:
        """Lay out the steps, None where there are none; computes nothing."""
        ...
