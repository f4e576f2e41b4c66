"""TabPFN: a network that learnt from simulated tables and reads the training rows as context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tabsculpt.notes import Code, Note
from tabsculpt.predictors.in_context import (
    ContextModel,
    InContext,
    check_features,
    constant,
    context,
)
from tabsculpt.predictors.matrix import encoded_target, plain_features
from tabsculpt.pretrained.checkpoints import Published
from tabsculpt.pretrained.tabpfn import PUBLISHED, Asked
from tabsculpt.table import Table, Task


@dataclass(frozen=True)
class TabPFN(InContext):
    """TabPFN from weights that the user has, on one thread of the CPU; nothing is trained.

    The weights are a checkpoint (``path``) or lie in the cache of the package ``tabpfn``; without
    them it is refused, and nothing is downloaded. Categories and missing values go in as they are.
    Of more classes than the weights know (10 in most) each is asked for against the rest, and the
    probabilities are scaled to 1. Of a long table some rows are drawn, which the notes say, as
    time grows with the square of a long context: 16 to 26 CPU seconds for 1,000 rows of 10 columns
    and 200 more to predict.

    References:
        Accurate predictions on small data with a tabular foundation model, Hollmann et al., 2025,
        https://doi.org/10.1038/s41586-024-08328-6
    """

    libraries: ClassVar[tuple[str, ...]] = ("tabpfn", "torch", "scikit-learn")
    published: ClassVar[Published] = PUBLISHED

    def fit(self, train: Table, validation: Table | None, seed: int) -> ContextModel:
        """Take the rows of ``train`` as context; the seed is that of draws and orders.

        Raises:
            ValueError: a classification with rows of one class only.
            UserError: no weights for the task, or more features than they are for.
        """
        regression = train.schema.task is Task.REGRESSION
        role = "regressor" if regression else "classifier"
        asked = Asked(self.checkpoint(role), self.estimators, seed)
        limits = asked.limits(role)
        check_features("tabpfn", train, limits.features)
        seen = context(train, min(self.max_rows or limits.rows, limits.rows), seed)
        if (model := constant(seen)) is not None:
            return model
        rows = plain_features(seen.rows.features, train.schema)
        weights = Note(Code.WEIGHTS, f"has the weights of {asked.path.name}")
        notes = (weights, *seen.notes)
        if regression:
            function = asked.regressor(rows, seen.rows.target).mean
        else:
            codes = encoded_target(seen.rows, seen.present).astype(np.int64)
            function = asked.classifier(rows, codes, limits.classes).probabilities
            notes += _many(len(seen.present), limits.classes)
        return ContextModel(train.schema, seen.present, function, notes)


def _many(classes: int, known: int) -> tuple[Note, ...]:
    if classes <= known:
        return ()
    text = f"asks for each of {classes} classes against the rest, as its weights know {known}"
    return (Note(Code.ONE_AGAINST_REST, text, classes),)
