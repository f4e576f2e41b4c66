"""From a raw frame and the roles of its columns to a data set: the one way for every source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets import Dataset, Origin
from tabsculpt.datasets.check import (
    require_columns,
    require_distinct,
    require_features,
    require_rows,
    setting,
)
from tabsculpt.datasets.clean import clean, look
from tabsculpt.datasets.constrained import require_sound, violations
from tabsculpt.datasets.convert import convert
from tabsculpt.datasets.impute import Missing, missing_of
from tabsculpt.datasets.infer import column_of, plain
from tabsculpt.datasets.learn_form import learn_form
from tabsculpt.datasets.notes import Done, Fact, about
from tabsculpt.datasets.source_form import ColumnForm, SourceForm, names_of
from tabsculpt.datasets.target import Rare, TaskChoice, settle_target, task_reason, treat_rare
from tabsculpt.datasets.text_columns import TextRole, add_text, text_use
from tabsculpt.errors import UserError, unknown
from tabsculpt.table import Column, IntArray, Kind, Schema, Task, conform
from tabsculpt.table.uncopied import numbered, with_columns, without


@dataclass(frozen=True)
class Roles:
    """What the columns are for, and how they are cleaned; checked before any file is read.

    Attributes:
        target: the column to predict.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out.
        group: the column whose rows stay in one part of a split (it is no feature), or None.
        missing: ``drop``, ``impute`` or ``keep``.
        missing_values: numbers that stand for a missing value in every column of numbers.
        merge_levels: whether levels that differ in case or blanks only are made one.
        keep: columns that are never set aside.
        text: what becomes of free text, a word of `tabsculpt.datasets.text_columns.TextRole`.
        rare_classes: what becomes of classes with one row: ``refuse``, ``drop`` or ``merge``.
        day_first: whether the day comes before the month where dates leave it open; None: it does
            after a point or a dash, and does not after a slash.
        constraints: what holds in every row, see `tabsculpt.table.constraints.Constraint`.
        text_columns: columns of free text, whatever they look like.
        encoder: the folder of a sentence encoder that kept text is read by, or None.

    Raises:
        UserError: a word is not among the choices, or one column has two roles.
    """

    target: str
    task: str
    drop: Sequence[str]
    group: str | None
    missing: str
    missing_values: Sequence[float] = ()
    merge_levels: bool = False
    keep: Sequence[str] = ()
    text: str = "aside"
    rare_classes: str = Rare.REFUSE
    day_first: bool | None = None
    constraints: Sequence[str] = ()
    text_columns: Sequence[str] = ()
    encoder: str | None = None

    def __post_init__(self) -> None:
        if self.task not in list(TaskChoice):
            raise unknown("dataset.task", self.task, TaskChoice)
        if self.text not in list(TextRole):
            raise unknown("dataset.text", self.text, TextRole)
        self._check_text()
        if self.rare_classes not in list(Rare):
            raise unknown("dataset.rare_classes", self.rare_classes, Rare)
        missing_of(self.missing)
        if self.target in self.drop:
            raise UserError(f"dataset.target {self.target!r} is among the columns of dataset.drop")
        if self.group is not None and (self.group == self.target or self.group in self.drop):
            raise UserError(
                f"dataset.group {self.group!r} is also dataset.target or in dataset.drop; "
                "a column has one role"
            )

    def _check_text(self) -> None:
        named = list(self.text_columns)
        if named and self.text == TextRole.ASIDE:
            raise UserError(
                f"dataset.text_columns names {', '.join(named)}, and dataset.text=aside sets text "
                "aside; add dataset.text=keep, or dataset.text=hash"
            )
        if others := set(named) & {self.target, self.group, *self.drop, *self.keep}:
            raise UserError(
                f"dataset.text_columns names {', '.join(sorted(map(str, others)))}, which another "
                "setting of dataset names as well; a column has one role"
            )
        if self.encoder is not None and self.text not in (TextRole.KEEP, TextRole.REUSE):
            raise UserError(
                f"dataset.encoder reads text that is kept, and dataset.text is {self.text}; "
                "add dataset.text=keep"
            )
        text_use(self.text, self.encoder)  # refuses a folder without an encoder


def assemble(
    frame: pd.DataFrame,
    name: str,
    roles: Roles,
    notes: Sequence[Fact] = (),
    lines: IntArray | None = None,
    every_column: bool = False,
    form: SourceForm | None = None,
) -> Dataset:
    """Check a raw frame and turn it into a data set.

    Args:
        frame: shape (n, d); missing cells are NaN, NA or None.
        name: what results call the data set.
        roles: which column is what.
        notes: what the reader did.
        lines: the line of the file of each row, shape (n,), where rows are lines.
        every_column: set no column aside, so that one without a value is refused.
        form: the form of the source, as far as its reader knows it.

    Returns:
        A data set whose columns are in the order of ``frame``, without the group column and those
        that are set aside (see `tabsculpt.datasets.unused_columns`).

    Raises:
        UserError: see the functions of `tabsculpt.datasets.check`.
    """
    names = [str(column).strip() for column in frame.columns]
    whole = numbered(frame)
    whole.columns = pd.Index(names)
    _require_named(whole, name, roles)
    form = form or names_of(whole)
    forms = form.by_name
    used, conversions = without(whole, roles.drop), list[Fact]()
    if not every_column:
        left_alone = [roles.group, *roles.text_columns]
        used, converted, conversions = convert(used, forms, left_alone, roles.day_first)
        forms = forms | converted
    choice = _task_choice(roles, forms)
    frame, cleaned = clean(
        without(used, roles.text_columns),
        roles.missing_values,
        roles.merge_levels,
        list(whole.columns) if every_column else _used(roles, forms),
        roles.group,
    )
    frame, texts, cleaned = add_text(used, frame, TextRole(roles.text), roles.text_columns, cleaned)
    unused = list(used.columns.difference(frame.columns))
    frame, dropped = _with_target(frame, replace(roles, task=choice))
    kept = frame.index.to_numpy()
    frame = numbered(frame)
    groups = _groups(frame, roles.group)
    frame = frame if roles.group is None else without(frame, [roles.group])
    frame = with_columns(frame, {column: plain(frame[column]) for column in frame})
    kept_whole = [*roles.keep, *texts]
    require_features(without(frame, [roles.target]), roles.drop, unused, kept_whole)
    target, labels, task = settle_target(frame[roles.target], choice)
    seen = [note for column in frame if column not in texts for note in look(frame[column])]
    why = task_reason(frame[roles.target], choice, task)
    frame = with_columns(frame, {roles.target: labels})
    _require_complete(frame, roles)
    schema = _schema(frame, target, task, texts, roles)
    require_sound(schema, {name: column.time for name, column in forms.items()})
    table = replace(conform(frame, schema), groups=groups)
    beside = without(whole, frame.columns).take(kept)
    origin = Origin(
        kept,
        None if lines is None else lines[kept],
        beside.reset_index(drop=True),
        roles.group,
    )
    broken = violations(table)
    notes_of_all = (*about(notes, roles.drop), *conversions, *cleaned, *dropped, *seen, *broken)
    source = replace(form, columns=tuple(forms.values()))
    found = learn_form(source, whole, table, kept, unused)
    return Dataset(name, table, None, notes_of_all, origin, why, found)


def _schema(
    frame: pd.DataFrame, target: Column, task: Task, texts: Sequence[str], roles: Roles
) -> Schema:
    """The columns of a frame; ``texts`` are those that stay text."""

    def column(name: str) -> Column:
        if name == roles.target:
            return target
        return Column(name, Kind.TEXT) if name in texts else column_of(frame[name])

    return Schema(
        tuple(map(column, frame.columns)),
        roles.target,
        task,
        constraints=tuple(roles.constraints),
        text=text_use(roles.text, roles.encoder) if texts else None,
    )


def _used(roles: Roles, forms: Mapping[str, ColumnForm]) -> list[str | None]:
    """Columns that are not set aside: those with a role, and times, which no row is named by."""
    times = [name for name, form in forms.items() if form.time is not None]
    return [roles.target, roles.group, *roles.keep, *times]


def _require_named(frame: pd.DataFrame, name: str, roles: Roles) -> None:
    """Refuse columns of one name, and settings that name columns which are not there."""
    columns = list(frame.columns)
    require_distinct(columns, name)
    require_columns(columns, "dataset.target", [roles.target])
    require_columns(columns, "dataset.drop", roles.drop)
    require_columns(columns, "dataset.keep", roles.keep)
    require_columns(columns, "dataset.text_columns", roles.text_columns)
    require_columns(columns, "dataset.group", [roles.group] if roles.group is not None else [])


def _task_choice(roles: Roles, forms: Mapping[str, ColumnForm]) -> TaskChoice:
    """The task that is asked for: of points in time, times of day and durations a regression."""
    choice, form = TaskChoice(roles.task), forms.get(roles.target)
    if form is None or form.time is None or choice is TaskChoice.REGRESSION:
        return choice
    if choice is TaskChoice.AUTO:
        return TaskChoice.REGRESSION
    raise UserError(
        f"dataset.target {roles.target!r} holds {form.time.clock}s, which are a quantity; use "
        "dataset.task=regression, or a column of classes"
    )


def _with_target(frame: pd.DataFrame, roles: Roles) -> tuple[pd.DataFrame, list[Fact]]:
    """The rows that have a target of a class that is used, with their index."""
    target = roles.target
    known = frame[target].notna()
    if not known.any() and len(frame):
        raise UserError(f"dataset.target {target!r} has no value in any row; choose another column")
    without = int((~known).sum())
    require_rows(int(known.sum()), f"with a value of the target {target!r}")
    notes = [Fact(Done.WITHOUT_TARGET, "", target, without)] if without else []
    frame = frame[known] if without else frame
    values, rare = treat_rare(
        plain(frame[target]), TaskChoice(roles.task), Rare(roles.rare_classes)
    )
    if rare:
        frame = frame.loc[values.index].assign(**{target: values})
        require_rows(len(frame), "of classes with more than one row")
    return frame, [*notes, *rare]


def _groups(frame: pd.DataFrame, group: str | None) -> npt.NDArray[Any] | None:
    if group is None:
        return None
    values = frame[group]
    if values.isna().any():
        raise UserError(
            f"dataset.group {group!r} has {values.isna().sum()} rows without a value; "
            "give each row a group or set dataset.group=null"
        )
    if values.nunique() < 2:
        raise UserError(f"dataset.group {group!r} has one value only; a split needs two groups")
    is_number = pd.api.types.is_numeric_dtype(values.dtype)
    return np.array((values if is_number else values.astype(str)).tolist())


def _require_complete(frame: pd.DataFrame, roles: Roles) -> None:
    if Missing(roles.missing) is not Missing.DROP:
        return
    complete = int(frame.notna().all(axis=1).sum())
    require_rows(
        complete,
        f"without a missing value ({len(frame) - complete} of {len(frame)} have one); "
        f"use {setting('dataset.missing', 'impute')}",
    )
