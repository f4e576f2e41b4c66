"""TabICL: a network that learnt from simulated tables and reads the training rows as context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.notes import Code, Note
from tabsculpt.predictors.in_context import ContextModel, InContext, constant, context
from tabsculpt.predictors.matrix import encoded_target, plain_features
from tabsculpt.pretrained.checkpoints import Published
from tabsculpt.pretrained.tabicl import PUBLISHED, Asked
from tabsculpt.table import Table, Task


@dataclass(frozen=True)
class TabICL(InContext):
    """TabICL from weights that the user has, on one thread of the CPU; nothing is trained.

    The weights are a checkpoint (``path``) or lie in the cache of Hugging Face, where the package
    ``tabicl`` keeps them; without them it is refused, and nothing is downloaded. Missing values
    and any number of classes go in as they are. Of a long table some rows are drawn, which the
    notes say.

    References:
        TabICL: A Tabular Foundation Model for In-Context Learning on Large Data, Qu et al., 2025,
        https://arxiv.org/abs/2502.05564
    """

    libraries: ClassVar[tuple[str, ...]] = ("tabicl", "torch", "scikit-learn")
    published: ClassVar[Published] = PUBLISHED

    def fit(self, train: Table, validation: Table | None, seed: int) -> ContextModel:
        """Take the rows of ``train`` as context; the seed is that of draws and orders.

        Raises:
            ValueError: a classification with rows of one class only.
            UserError: no weights for the task.
        """
        role = "regressor" if train.schema.task is Task.REGRESSION else "classifier"
        asked = Asked(self.checkpoint(role), self.estimators, seed)
        seen = context(train, self.max_rows, seed)
        if (model := constant(seen)) is not None:
            return model
        rows = plain_features(seen.rows.features, train.schema)
        function = asked.answers(role, rows, encoded_target(seen.rows, seen.present))
        weights = Note(Code.WEIGHTS, f"has the weights of {asked.path.name}")
        notes = (weights, *seen.notes)
        return ContextModel(train.schema, seen.present, function, notes)
