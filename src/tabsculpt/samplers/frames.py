"""Features and target as scikit-learn hands them over, turned into a data set and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.infer import kind_of, plain
from tabsculpt.datasets.target import CLASSES_AT_MOST, TaskChoice
from tabsculpt.samplers.casting import cast_back
from tabsculpt.samplers.columns import ReadColumns
from tabsculpt.table import Kind, Table

NAME = "X"
"""What messages call the data set."""


@dataclass(frozen=True, eq=False)
class Given:
    """Features and target as they were given, and the data set that they make.

    Attributes:
        x: features, shape (n, d); a frame or an array.
        y: target, shape (n,); a series or an array.
        dataset: the same rows in the same order, features first, then the target.
        columns: how the columns were read, where models do not take them as they are.
        seed: of fresh identifiers.
    """

    x: pd.DataFrame | npt.NDArray[Any]
    y: pd.Series | npt.NDArray[Any]
    dataset: Dataset
    columns: ReadColumns
    seed: int

    @classmethod
    def of(
        cls,
        x: pd.DataFrame | npt.NDArray[Any],
        y: pd.Series | npt.NDArray[Any],
        task: str,
        seed: int,
    ) -> Given:
        """Read features and target.

        Args:
            x: shape (n, d), missing values allowed; an array's columns are called x0, x1, ...
            y: shape (n,), none missing; without a name it is called target.
            task: as in `settle_task`.
            seed: of fresh identifiers, where a column holds some.

        Raises:
            UserError: see `tabsculpt.datasets.check`.
        """
        frame = _frame(x)
        target = _distinct(str(getattr(y, "name", None) or "").strip() or "target", frame)
        values = pd.Series(np.asarray(y) if not isinstance(y, pd.Series) else y.array, name=target)
        whole = frame.reset_index(drop=True).assign(**{target: values})
        columns = ReadColumns.of(whole, target)
        if target in columns.forms and task == TaskChoice.AUTO:
            settled: str = TaskChoice.REGRESSION
        else:
            settled = settle_task(values, task)
        roles = Roles(target, settled, [], None, "keep")
        dataset = assemble(columns.frame, NAME, roles, columns.notes, every_column=True)
        columns.warn()
        return cls(x, y, dataset, columns, seed)

    def features(self, table: Table) -> pd.DataFrame:
        """The features of a table of the data set's schema, under the names and dtypes given."""
        columns = [self._column(str(name).strip(), table, values) for name, values in self._columns]
        frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=table.frame.index)
        return frame.set_axis([name for name, _ in self._columns], axis=1)

    def _column(self, name: str, table: Table, given: pd.Series) -> pd.Series:
        """A column of a table as it was given."""
        if name in self.columns.aside:
            return self.columns.fresh(name, table.frame.index, self.seed)
        if name in self.columns.forms:
            return self.columns.times(name, table.frame[name], given)
        return cast_back(table.frame[name], self.dataset.table.frame[name], given)

    def target(self, table: Table) -> pd.Series:
        """The target of such a table, in the dtype and with the labels given."""
        values = self.y if isinstance(self.y, pd.Series) else pd.Series(self.y)
        name = table.schema.target
        restored = self._column(name, table, values)
        return restored.rename(getattr(self.y, "name", None))

    def joined(
        self, table: Table, keep_real: bool
    ) -> tuple[pd.DataFrame | npt.NDArray[Any], pd.Series | npt.NDArray[Any]]:
        """The rows given, exactly as they were, then those of a table; or the latter alone."""
        x: Any = self.features(table)
        y: Any = self.target(table)
        if not isinstance(self.x, pd.DataFrame):
            x = x.to_numpy(dtype=self.x.dtype)
        if not isinstance(self.y, pd.Series):
            y = y.to_numpy(dtype=self.y.dtype)
        if not keep_real:
            return x, y
        return _stacked(self.x, x), _stacked(self.y, y)

    @cached_property
    def _columns(self) -> list[tuple[Any, pd.Series]]:
        """Each feature as it was given, with its name."""
        if isinstance(self.x, pd.DataFrame):
            return [(name, self.x.iloc[:, place]) for place, name in enumerate(self.x.columns)]
        return list(_frame(self.x, infer=False).items())


def settle_task(values: pd.Series, task: str) -> str:
    """What "auto" means for a target: classes unless it holds fractions or many numbers.

    Text, categories, true and false are classes, and so are whole numbers of at most ten different
    values. Their number alone decides and not its share of the rows, as it does for files, so that
    the parts of a cross-validation have one task.

    Args:
        values: shape (n,), none missing.
        task: "auto", or a task that stays as it is.
    """
    if task != TaskChoice.AUTO:
        return task
    read = plain(values)
    distinct = int(read.nunique())
    kind = kind_of(read)
    if kind is Kind.CONTINUOUS or (kind is Kind.INTEGER and distinct > CLASSES_AT_MOST):
        return TaskChoice.REGRESSION
    return TaskChoice.MULTICLASS if distinct > 2 else TaskChoice.BINARY


def _frame(x: pd.DataFrame | npt.NDArray[Any], infer: bool = True) -> pd.DataFrame:
    if isinstance(x, pd.DataFrame):
        return x
    frame = pd.DataFrame(x, columns=[f"x{place}" for place in range(x.shape[1])])
    return frame.infer_objects() if infer else frame


def _distinct(name: str, frame: pd.DataFrame) -> str:
    """The name of the target, lengthened where a feature has it."""
    taken = {str(column).strip() for column in frame.columns}
    while name in taken:
        name += "_"
    return name


def _stacked(first: Any, second: Any) -> Any:
    if not isinstance(first, (pd.DataFrame, pd.Series)):
        return np.concatenate([first, second])
    if not len(second):
        return first.reset_index(drop=True)
    return pd.concat([first, second], ignore_index=True)
