"""What is predicted where the training rows hold one class alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.notes import Code, Note
from tabsculpt.table import FloatArray, Table, Task


@dataclass(frozen=True)
class OneClass:
    """Predicts that class for every row.

    Synthetic rows may lack a rare class, as may what is left when the hardest rows are dropped. No
    predictor can learn from such rows, and whoever gets them has a model that ignores the features:
    its scores say so (an area under the ROC curve of 0.5), and count in means, from which a failed
    job would be missing.

    Attributes:
        code: of the class, in ``schema.classes``.
        classes: how many there are.
        rows: that it was learnt from.
        name: of the class.
    """

    code: int
    classes: int
    rows: int
    name: str

    @classmethod
    def of(cls, train: Table) -> OneClass | None:
        """The model of a table whose rows are all of one class; None for others."""
        if train.schema.task is Task.REGRESSION:
            return None
        found = np.unique(train.target)
        if len(found) > 1:
            return None
        code, classes = int(found[0]), train.schema.classes
        return cls(code, len(classes), len(train), str(classes[code]))

    @property
    def notes(self) -> tuple[Note, ...]:
        """That nothing was learnt."""
        text = (
            f"learnt nothing: the {self.rows} training rows hold one class only ({self.name}), "
            "which is predicted for all"
        )
        return (Note(Code.ONE_CLASS, text, self.rows),)

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """Probability 1 for the class, shape (n, classes)."""
        return np.tile(np.eye(self.classes)[self.code], (len(features), 1))
