"""TabICL: a network that learnt from simulated tables and reads the training rows as context."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from tabsculpt.notes import Code, Note
from tabsculpt.predictors.in_context import ContextModel, constant, context
from tabsculpt.predictors.matrix import at_least, encoded_target, plain_features
from tabsculpt.pretrained.checkpoints import check, content, files
from tabsculpt.pretrained.tabicl import PUBLISHED, Asked, expected_seconds
from tabsculpt.table import Table, Task


@dataclass(frozen=True)
class TabICL:
    """TabICL from weights that the user has, on one thread of the CPU; nothing is trained.

    The weights are a checkpoint (``path``) or lie in the cache of Hugging Face, where the package
    ``tabicl`` keeps them; without them it is refused, and nothing is downloaded. Missing values
    and any number of classes go in as they are. Of a long table some rows are drawn, which the
    notes say. More copies of rows teach it nothing.

    Attributes:
        path: a checkpoint, or a folder with checkpoints under their published names; None for the
            cache of Hugging Face.
        estimators: passes of the network, each over features transformed and ordered otherwise.
        max_rows: training rows that are read as context, at least 100; None for all.
        content: a hash of the weights, computed. Results are kept under it, not under the path.

    References:
        TabICL: A Tabular Foundation Model for In-Context Learning on Large Data, Qu et al., 2025,
        https://arxiv.org/abs/2502.05564
    """

    path: str | None = field(default=None, compare=False)
    estimators: int = 8
    max_rows: int | None = 1000
    content: str = field(init=False, default="")

    libraries: ClassVar[tuple[str, ...]] = ("tabicl", "torch", "scikit-learn")
    extra: ClassVar[str | None] = "foundation"
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = True
    uses_validation: ClassVar[bool] = False

    def __post_init__(self) -> None:
        at_least(1, estimators=self.estimators)
        at_least(100, max_rows=100 if self.max_rows is None else self.max_rows)
        object.__setattr__(self, "content", content(files(PUBLISHED, self.path)))

    def check_usable(self) -> None:
        """Refuse where there are no weights; see `tabsculpt.extras.check_component`."""
        check(PUBLISHED, self.path)

    def expected_seconds(self, rows: int, asked: int, columns: int) -> float:
        """See `tabsculpt.launch.first_costs`; of as many training rows, and as many to predict."""
        return expected_seconds(min(rows, self.max_rows or rows), asked, columns, self.estimators)

    def fit(self, train: Table, validation: Table | None, seed: int) -> ContextModel:
        """Take the rows of ``train`` as context; the seed is that of draws and orders.

        Raises:
            ValueError: a classification with rows of one class only.
            UserError: no weights for the task.
        """
        role = "regressor" if train.schema.task is Task.REGRESSION else "classifier"
        asked = Asked(check(PUBLISHED, self.path, role), self.estimators, seed)
        seen = context(train, self.max_rows, seed)
        if (model := constant(seen)) is not None:
            return model
        rows = plain_features(seen.rows.features, train.schema)
        function = asked.answers(role, rows, encoded_target(seen.rows, seen.present))
        weights = Note(Code.WEIGHTS, f"has the weights of {asked.path.name}")
        notes = (weights, *seen.notes)
        return ContextModel(train.schema, seen.present, function, notes)
