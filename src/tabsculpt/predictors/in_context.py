"""What predictors that read the training rows as context share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.notes import Code, Note
from tabsculpt.predictors.matrix import at_least, plain_features, present_classes, spread
from tabsculpt.pretrained.checkpoints import Pretrained
from tabsculpt.table import FloatArray, IntArray, Schema, Table, Task
from tabsculpt.table.subsample import places_of


@dataclass(frozen=True)
class InContext(Pretrained):
    """A pretrained network that reads the training rows along with those that it predicts.

    More copies of rows teach it nothing.

    Attributes:
        estimators: passes of the network, each over features transformed and ordered otherwise.
        max_rows: training rows that are read as context, at least 100; None for as many as there
            are, or as the weights are for.
    """

    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = True
    uses_validation: ClassVar[bool] = False

    estimators: int = 8
    max_rows: int | None = 1000

    def __post_init__(self) -> None:
        at_least(1, estimators=self.estimators)
        at_least(100, max_rows=100 if self.max_rows is None else self.max_rows)
        super().__post_init__()

    def expected_seconds(self, rows: int, asked: int, columns: int) -> float:
        """See `tabsculpt.launch.first_costs`; of as many training rows, and as many to predict."""
        context = min(rows, self.max_rows or rows)
        return self.published.seconds(context, asked, columns, self.estimators)


@dataclass(frozen=True, eq=False)
class ContextModel:
    """Training rows that a pretrained network reads along with the rows that it predicts.

    Attributes:
        schema: the training table's.
        present: the class codes that occur among the rows, ascending; empty for a regression.
        function: from features as `plain_features` gives them, n rows, to predictions, shape (n,),
            or to probabilities of the present classes, shape (n, present).
        notes: what was left out, and with which weights.
    """

    schema: Schema
    present: IntArray
    function: Callable[[pd.DataFrame], FloatArray]
    notes: tuple[Note, ...] = ()

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """See `tabsculpt.predictors.Model.predict`; absent classes have probability zero."""
        raw = np.asarray(self.function(plain_features(features, self.schema)), dtype=np.float64)
        if self.schema.task is Task.REGRESSION:
            return raw
        return spread(raw, self.present, len(self.schema.classes))


@dataclass(frozen=True, eq=False)
class Context:
    """The rows that are read as context.

    Attributes:
        rows: of the training table.
        present: see `ContextModel`.
        notes: what was left out.
    """

    rows: Table
    present: IntArray
    notes: tuple[Note, ...]


def context(train: Table, most: int | None, seed: int) -> Context:
    """At most so many of the training rows, drawn, and a note where there are more.

    Raises:
        ValueError: a classification with rows of one class only.
    """
    rows = train.take(places_of(train, most, seed))
    text = f"reads {len(rows):,} of {len(train):,} training rows as context, drawn"
    cut = Note(Code.ROWS_DRAWN, text, len(rows))
    return Context(rows, present_classes(rows), (cut,) if len(rows) < len(train) else ())


def constant(seen: Context) -> ContextModel | None:
    """The model of a number that is the same in every row, which no network is asked for."""
    target = seen.rows.target
    if seen.present.size or np.ptp(target) > 0:
        return None
    value = float(target[0])
    return ContextModel(
        seen.rows.schema, seen.present, lambda rows: np.full(len(rows), value), seen.notes
    )


def check_features(name: str, table: Table, most: int) -> None:
    """Refuse a table of more features than a network was trained for.

    Raises:
        UserError: it has more.
    """
    if (count := len(table.schema.features)) > most:
        raise UserError(f"{name}: {count} features; its weights are for {most} at most")
