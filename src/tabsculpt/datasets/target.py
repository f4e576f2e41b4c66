"""Which task a target column asks for, and the column brought to that task."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from tabsculpt.datasets.check import listed
from tabsculpt.datasets.infer import column_of, kind_of
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.errors import UserError
from tabsculpt.table import Column, Kind, Task

CLASSES_AT_MOST = 10
CLASSES_SHARE = 0.05
_FEW_LEVELS = 20


class TaskChoice(StrEnum):
    """The task as a user sets it; ``auto`` decides from the values of the target."""

    AUTO = "auto"
    REGRESSION = "regression"
    BINARY = "binary"
    MULTICLASS = "multiclass"


def settle_target(values: pd.Series, choice: TaskChoice) -> tuple[Column, pd.Series, Task]:
    """Decide the task and cast the target to it.

    With ``auto``, text, categories and booleans are classes; so are whole numbers with two
    different values, or with at most ten that are at most 5 % of the number of rows. Everything
    else is a regression.

    Args:
        values: shape (n,), none missing.
        choice: what the user set.

    Returns:
        The target's column, its values (numbers, or class names as strings) and the task.

    Raises:
        UserError: the values do not fit the task, are constant, or a class has one row only.
    """
    regression = choice is TaskChoice.REGRESSION
    if choice is TaskChoice.AUTO:
        regression = not _looks_like_classes(values)
    if regression:
        numbers = _as_numbers(values)
        return column_of(numbers), numbers, Task.REGRESSION
    labels = _as_labels(values)
    _require_classes(labels, choice)
    column = Column(str(values.name), Kind.CATEGORICAL, tuple(sorted(set(labels))))
    return column, labels, Task.BINARY if len(column.categories) == 2 else Task.MULTICLASS


class Rare(StrEnum):
    """What becomes of classes with one row, of which no split can both learn and test."""

    REFUSE = "refuse"
    DROP = "drop"
    MERGE = "merge"


def treat_rare(values: pd.Series, choice: TaskChoice, rare: Rare) -> tuple[pd.Series, list[Fact]]:
    """Drop the rows of classes with one row, or make one class of them.

    Merged ones are called "other"; where there is one such class only, the next rarest is in it if
    it has at most 5 % of the rows.

    Args:
        values: shape (n,), none missing, of a target.
        choice: what the user set.
        rare: what to do.

    Returns:
        The values that are left, with their index, and what was done.

    Raises:
        UserError: there is no second class that is rare enough to merge with.
    """
    regression = choice is TaskChoice.REGRESSION or (
        choice is TaskChoice.AUTO and not _looks_like_classes(values)
    )
    if regression or rare is Rare.REFUSE:
        return values, []
    labels = _as_labels(values)
    counts = labels.value_counts().sort_values(kind="stable")
    few = sorted(counts.index[counts < 2])
    if not few:
        return values, []
    if rare is Rare.DROP:
        text = f"rows of classes with one row only dropped: {listed(few)}"
        note = Fact(Done.RARE_CLASSES, text, str(values.name), len(few))
        return values[~labels.isin(few)], [note]
    merged = list(counts.index[: max(2, len(few))])
    if counts[merged[-1]] > max(1, CLASSES_SHARE * len(labels)):
        raise UserError(
            f"dataset.target {values.name!r}: {few[0]!r} is the only class with few rows, so there "
            "is none to merge it with; use dataset.rare_classes=drop"
        )
    other = "other"
    while other in set(counts.index) - set(merged):
        other += "_"
    text = f"classes with few rows made one, {other!r}: {listed(sorted(merged))}"
    note = Fact(Done.RARE_CLASSES, text, str(values.name), int(counts[merged].sum()))
    return labels.where(~labels.isin(merged), other), [note]


def task_reason(values: pd.Series, choice: TaskChoice, task: Task) -> str:
    """Why ``auto`` settled on a task where another one was near, and how to have that one.

    Args:
        values: shape (n,), none missing.
        choice: what the user set.
        task: what was settled on.

    Returns:
        A few words, or nothing where the values leave no choice.
    """
    if choice is not TaskChoice.AUTO or kind_of(values) is not Kind.INTEGER:
        return ""
    levels = int(values.nunique())
    if task is Task.REGRESSION and levels <= _FEW_LEVELS:
        return f"{levels} whole numbers; dataset.task=multiclass to treat them as classes"
    if task is Task.MULTICLASS:
        return f"{levels} whole numbers; dataset.task=regression to treat them as a quantity"
    return ""


def _looks_like_classes(values: pd.Series) -> bool:
    kind = kind_of(values)
    if kind is Kind.INTEGER:
        distinct = int(values.nunique())
        return distinct <= 2 or distinct <= min(CLASSES_AT_MOST, CLASSES_SHARE * len(values))
    return kind is not Kind.CONTINUOUS


def _as_numbers(values: pd.Series) -> pd.Series:
    name = values.name
    if kind_of(values) is Kind.BOOLEAN:
        raise UserError(
            f"dataset.target {name!r} is true or false, and a regression needs numbers; "
            "use dataset.task=binary"
        )
    if values.dtype == object or isinstance(values.dtype, pd.CategoricalDtype):
        numbers = pd.to_numeric(values.astype(object), errors="coerce").astype(np.float64)
        stray = values[numbers.isna()].astype(str).unique()
        if len(stray):
            shown = ", ".join(repr(text) for text in stray[:3])
            raise UserError(
                f"dataset.target {name!r} has text ({shown}) where a regression needs numbers; "
                "use dataset.task=auto, or another dataset.target"
            )
    else:
        numbers = values
    if np.isinf(numbers.to_numpy(dtype=np.float64)).any():
        raise UserError(f"dataset.target {name!r} has infinite values; replace or remove them")
    if numbers.nunique() < 2:
        raise UserError(
            f"dataset.target {name!r} is constant ({numbers.iloc[0]}); "
            "choose a target that varies between rows"
        )
    return numbers


def _as_labels(values: pd.Series) -> pd.Series:
    if kind_of(values) is Kind.INTEGER:
        whole = values if pd.api.types.is_integer_dtype(values.dtype) else values.astype(np.float64)
        return whole.astype("Int64").astype(str).astype(object)
    labels = values.astype(str).astype(object)
    return labels.str.lower() if kind_of(values) is Kind.BOOLEAN else labels


def _require_classes(labels: pd.Series, choice: TaskChoice) -> None:
    name = labels.name
    counts = labels.value_counts()
    if len(counts) < 2:
        raise UserError(
            f"dataset.target {name!r} has one class only ({counts.index[0]!r}); "
            "a classification needs at least two"
        )
    rare = sorted(counts.index[counts < 2])
    if rare:
        raise UserError(
            f"dataset.target {name!r} has classes with one row only: {listed(rare)}; use "
            "dataset.rare_classes=drop or dataset.rare_classes=merge, or dataset.task=regression "
            "if the target is a quantity"
        )
    if choice is TaskChoice.BINARY and len(counts) > 2:
        raise UserError(
            f"dataset.target {name!r} has {len(counts)} classes; use dataset.task=multiclass"
        )
    if choice is TaskChoice.MULTICLASS and len(counts) == 2:
        raise UserError(f"dataset.target {name!r} has two classes; use dataset.task=binary")
