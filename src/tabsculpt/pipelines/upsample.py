"""Upsample: synthetic rows of the rare classes beside the real rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, cast

import numpy as np
from annotated_types import Ge, Gt

from tabsculpt.engine.identity import LATER
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import UserError
from tabsculpt.generators import ConditionalGenerator
from tabsculpt.generators.fit_steps import Fitted
from tabsculpt.metrics.class_balance import TargetParts
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import fit_rows
from tabsculpt.pipelines.class_deficits import sample_classes, sample_until, synthetic_of
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.table import Schema, Table, Task
from tabsculpt.table.files import read_table, write_table


@dataclass(frozen=True)
class RareClassRows(Step[Table]):
    """The synthetic rows that bring each class near the most frequent one.

    Attributes:
        fit: the generator, fitted on all real rows.
        rows: the real rows.
        ratio: rows of a class, real and synthetic, for each of the most frequent one.
        conditional: whether the generator is asked for the class.
        most_draws: rows drawn at most for each one to add, where it is not.
        seed: the user's seed.
    """

    phase: ClassVar[str] = "generate"

    fit: Step[Fitted]
    rows: Step[Table]
    ratio: float
    conditional: bool
    most_draws: float
    seed: int

    @property
    def label(self) -> str:
        return "sample rare classes"

    def compute(self, fetch: Fetch) -> Table:
        real = fetch(self.rows)
        if why := _without_classes(real.schema):
            raise UserError(f"upsample {why}")
        parts = TargetParts.of(real)
        sizes = parts.sizes(real)
        missing = np.where(sizes > 0, np.round(self.ratio * sizes.max()) - sizes, 0).astype(int)
        counts = {
            name: int(count) for name, count in zip(parts.names, missing, strict=True) if count > 0
        }
        if not counts:
            return real.take([])
        model = fetch(self.fit).model
        if self.conditional:
            asked = cast(ConditionalGenerator, model)
            tables = sample_classes(asked, real.schema.target, counts, self.random_seed)
        else:
            tables = sample_until(model, parts, counts, self.most_draws, self.random_seed)
        return synthetic_of(tables, real, parts, ()).table

    def write(self, result: Table, folder: Path) -> None:
        write_table(result, folder)

    def read(self, folder: Path) -> Table:
        return read_table(folder)


@dataclass(frozen=True)
class RareClasses(Step[Synthetic]):
    """The synthetic rows of rare classes, each from its class."""

    phase: ClassVar[str] = "generate"
    stored: ClassVar[bool] = False

    made: Step[Table]
    fit: Step[Fitted]
    rows: Step[Table]

    def compute(self, fetch: Fetch) -> Synthetic:
        real, made = fetch(self.rows), fetch(self.made)
        notes = fetch(self.fit).notes
        if not len(made):
            text = "the classes are as even as asked for: no row was made"
            notes = (*notes, Note(Code.NOTHING_TO_MAKE, text))
        return synthetic_of([made], real, TargetParts.of(real), notes)


@dataclass(frozen=True)
class Upsample:
    """Rows of rare classes are made until they are as many as those of the most frequent one.

    The generator learns all real rows, so that a rare class may borrow from a frequent one. Only
    rows of classes that lack some are made, and all of them are added to the real ones (protocol
    augmentation). ``split.minority`` cuts the rarest class of the train part first, for this as
    for every other pipeline; ``pipeline=real`` is then the source's "no upsampling".

    Deviations from the source: it is about two classes, here each class is brought to the most
    frequent one's number; and every generator can take TabularARGN's place.

    Source: Krchova, Platzer, Tiwald, "Improving Predictions on Highly Unbalanced Data Using Open
    Source Synthetic Data Upsampling", 2025, https://arxiv.org/abs/2507.16419

    Args:
        ratio: rows of a class, real and synthetic, for each of the most frequent one; 1 is 50:50.
        conditional: ask the generator for the class; False: sample at large and keep the rows of
            the class; None: ask where the generator can be asked.
        most_draws: rows drawn at most for each row to add, where they are sampled at large.
        correct_prior: bring the probabilities of predictors back to the real shares of the
            classes, see `tabsculpt.predictors.prior_shift.prior_ratio`.
    """

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = True
    adds_to_real: ClassVar[bool] = True

    ratio: Annotated[float, Gt(0)] = 1.0
    conditional: bool | None = None
    most_draws: Annotated[float, Ge(1)] = 200.0
    correct_prior: bool = field(default=False, metadata=LATER)

    def impossible(self, schema: Schema) -> str | None:
        """See `tabsculpt.pipelines.obstacle`."""
        return _without_classes(schema)

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`.

        Raises:
            UserError: the generator is to be asked for a class and cannot.
        """
        assert given.generator is not None
        can = type(given.generator).conditional
        if self.conditional and not can:
            raise UserError(
                "pipeline.conditional=true, but this generator cannot be asked for a class; "
                "leave it null"
            )
        asked = can if self.conditional is None else self.conditional
        fit = fit_rows(given, given.train)
        made = RareClassRows(fit, given.train, self.ratio, asked, self.most_draws, given.seed)
        table = RareClasses(made, fit, given.train)
        prior = given.train if self.correct_prior else None
        return PipelineSteps(table, table, {}, like=given.train, prior=prior)


def _without_classes(schema: Schema) -> str | None:
    """Why there is nothing to bring to the same number; None where there is."""
    if schema.task is not Task.REGRESSION:
        return None
    return (
        f"needs classes, and {schema.target!r} is a number; pipeline=adaptive and generator=smoter "
        "make rows where a number is badly predicted or rare"
    )
