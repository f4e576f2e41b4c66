"""From rows that are steps of sequences to a table of windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.check import (
    has_dates,
    listed,
    require_columns,
    require_distinct,
    require_features,
    require_rows,
)
from tabsculpt.datasets.impute import missing_of
from tabsculpt.datasets.infer import column_of, plain
from tabsculpt.datasets.notes import Done, Fact, about
from tabsculpt.datasets.target import TaskChoice, settle_target
from tabsculpt.datasets.unused_columns import set_aside
from tabsculpt.errors import UserError, unknown
from tabsculpt.table import Column, Kind, Schema, Table, conform
from tabsculpt.table.windows import Windows, cut

WINDOW = 5
LEAST_WINDOW = 2


class Predict(StrEnum):
    """What is predicted: the target's next value, or a label of the whole sequence."""

    NEXT = "next"
    LABEL = "label"


class HoldOut(StrEnum):
    """What the test part is: other sequences, or the end of each one."""

    SEQUENCE = "sequence"
    TIME = "time"


@dataclass(frozen=True)
class SequenceRoles:
    """What the columns are for, and how windows are made; checked before any file is read.

    Attributes:
        target: the variable whose next value is predicted, or the label.
        order: the column that sorts the steps (numbers or dates); it is no feature.
        id: the column that tells sequences apart; it is no feature. None for a single one.
        predict: ``next`` or ``label``.
        window: steps in a row; None for 5 (next) or the shortest sequence (label).
        split: ``sequence`` or ``time``.
        test_size: share of each sequence, its end, that is tested on where ``split`` is ``time``.
        drop: columns left out.
        missing: ``drop``, ``impute`` or ``keep``.

    Raises:
        UserError: a word is not among the choices, a number is out of range, or one column has
            two roles.
    """

    target: str
    order: str
    id: str | None
    predict: str
    window: int | None
    split: str
    test_size: float
    drop: Sequence[str]
    missing: str

    def __post_init__(self) -> None:
        if self.predict not in list(Predict):
            raise unknown("dataset.predict", self.predict, Predict)
        if self.split not in list(HoldOut):
            raise unknown("dataset.split", self.split, HoldOut)
        missing_of(self.missing)
        if self.window is not None and self.window < LEAST_WINDOW:
            raise UserError(f"dataset.window is {self.window}; expected at least {LEAST_WINDOW}")
        if not 0 < self.test_size < 1:
            raise UserError(f"dataset.test_size must be between 0 and 1, and is {self.test_size}")
        used = [name for name in (self.target, self.order, self.id, *self.drop) if name is not None]
        twice = sorted({name for name in used if used.count(name) > 1})
        if twice:
            raise UserError(
                f"{listed(twice)}: more than one of dataset.target, dataset.order, dataset.id and "
                "dataset.drop name it; a column has one role"
            )
        if self.id is None and (self.split == HoldOut.SEQUENCE or self.predict == Predict.LABEL):
            raise UserError(
                "without dataset.id there is one sequence only: name the column that tells "
                "sequences apart, or use dataset.split=time dataset.predict=next"
            )


def assemble_sequences(
    frame: pd.DataFrame, name: str, roles: SequenceRoles, notes: Sequence[Fact] = ()
) -> Dataset:
    """Check a raw frame of steps and turn it into windows; none spans two sequences or two parts.

    Columns that never vary within a sequence are static: once in a row. With ``split=time`` each
    sequence is cut in two at its last ``test_size`` before windows are made, so that every step of
    the test part comes after those of the train part and no step is in both. Steps count as
    equally far apart, whatever their order column says.

    Args:
        frame: shape (steps, d); missing cells are NaN, NA or None.
        name: what results call the data set.
        roles: which column is what.
        notes: what the reader did.

    Returns:
        A data set whose rows are windows, see `Windows`, and whose groups are the sequences, where
        there are several.

    Raises:
        UserError: the frame does not fit the roles, see also `tabsculpt.datasets.check`.
    """
    frame, unused = _checked(frame, name, roles)
    ids = pd.Series("all", frame.index) if roles.id is None else frame[roles.id]
    frame = frame.drop(columns=[c for c in (roles.id, roles.order) if c is not None])
    static = [c for c in frame if frame.groupby(ids)[c].nunique(dropna=False).max() == 1]
    _require_role(frame, roles, static, sequences=ids.nunique())
    parts = _parts(frame, ids, roles)
    windows = _windows(frame, static, roles, parts)
    cuts = [cut(part, windows) for part in parts.values()]
    sizes = [len(rows) for rows in cuts]
    short = sizes.count(0)
    unused_notes = []
    if short:
        few = f"fewer than {windows.span} steps"
        left = f"{short} of {len(cuts)} sequences or ends of them have {few}: left out"
        unused_notes.append(Fact(Done.SOURCE, left))
    require_rows(sum(sizes), f"(windows of {windows.span} steps of {ids.nunique()} sequences)")
    rows = pd.concat(cuts, ignore_index=True)
    groups = np.repeat([group for group, _ in parts], sizes)
    table = _table(rows, frame, windows, roles)
    known = rows[table.schema.target].notna().to_numpy()
    if not known.all():
        left = f"{(~known).sum()} windows without a value of the target dropped"
        unused_notes.append(Fact(Done.SOURCE, left))
    test = np.repeat([late for _, late in parts], sizes)[known]
    of = None if roles.id is None else groups[known]
    table = Table(table.take(known).frame, table.schema, of)
    fixed = np.flatnonzero(test) if roles.split == HoldOut.TIME else None
    return Dataset(name, table, fixed, (*about(notes, roles.drop), *unused, *unused_notes))


def _checked(
    frame: pd.DataFrame, name: str, roles: SequenceRoles
) -> tuple[pd.DataFrame, list[Fact]]:
    """The steps in order, with the columns that are used, each of a plain dtype."""
    frame = frame.set_axis([str(column).strip() for column in frame.columns], axis=1)
    columns = list(frame.columns)
    require_distinct(columns, name)
    keys = {"target": roles.target, "order": roles.order, "id": roles.id}
    for key, column in keys.items():
        require_columns(columns, f"dataset.{key}", [column] if column is not None else [])
    require_columns(columns, "dataset.drop", roles.drop)
    for key in ("order", "id"):
        if (column := keys[key]) is not None and frame[column].isna().any():
            raise UserError(
                f"dataset.{key} {column!r} has {frame[column].isna().sum()} rows without a value"
            )
    sorting = [c for c in (roles.id, roles.order) if c is not None]
    used_anyway = (roles.target, *sorting)
    frame, unused = set_aside(frame.drop(columns=list(roles.drop)), used_anyway)
    frame = frame.assign(**{roles.order: _times(frame[roles.order])})
    if roles.id is not None:
        frame = frame.assign(**{roles.id: frame[roles.id].astype(str)})
    if frame.duplicated(sorting).any():
        where = frame[frame.duplicated(sorting)].iloc[0]
        of = f" of {roles.id} {where[roles.id]!r}" if roles.id is not None else ""
        raise UserError(
            f"dataset.order {roles.order!r} has a step{of} twice ({where[roles.order]}); "
            "each step of a sequence needs a place of its own"
        )
    frame = frame.sort_values(sorting, kind="stable", ignore_index=True)
    used = {column: plain(frame[column]) for column in frame if column not in sorting}
    require_features(pd.DataFrame(used).drop(columns=_label(roles)), roles.drop)
    return frame.assign(**used), unused


def _times(values: pd.Series) -> pd.Series:
    if has_dates(values):
        return pd.to_datetime(values.astype(object), format="mixed", utc=True)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    raise UserError(
        f"dataset.order {values.name!r} holds neither numbers nor dates (2024-12-31); "
        "steps need an order"
    )


def _label(roles: SequenceRoles) -> list[str]:
    return [roles.target] if roles.predict == Predict.LABEL else []


def _require_role(
    frame: pd.DataFrame, roles: SequenceRoles, static: list[str], sequences: int
) -> None:
    if roles.split == HoldOut.SEQUENCE and sequences < 2:
        raise UserError(f"dataset.id {roles.id!r} has one value only; use dataset.split=time")
    if roles.predict == Predict.LABEL:
        if roles.target not in static:
            raise UserError(
                f"dataset.target {roles.target!r} varies within sequences, and a label does not; "
                "use dataset.predict=next, or another target"
            )
        if len(static) == len(frame.columns):
            raise UserError("no column varies within a sequence; dataset.id or order is not one")
        return
    if roles.target in static:
        raise UserError(
            f"dataset.target {roles.target!r} does not vary within any sequence; "
            "use dataset.predict=label"
        )
    if not column_of(frame[roles.target]).is_numeric:
        raise UserError(
            f"dataset.target {roles.target!r} holds no numbers; a next value is predicted by "
            "regression only"
        )


def _parts(
    frame: pd.DataFrame, ids: pd.Series, roles: SequenceRoles
) -> dict[tuple[str, bool], pd.DataFrame]:
    """The sequences by id, and whether they are the end of one that is tested on."""
    found = {}
    for name, steps in frame.groupby(ids, sort=True):
        late = round(roles.test_size * len(steps)) if roles.split == HoldOut.TIME else 0
        found[str(name), False] = steps.iloc[: len(steps) - late]
        if roles.split == HoldOut.TIME:
            found[str(name), True] = steps.iloc[len(steps) - late :]
    return found


def _windows(
    frame: pd.DataFrame,
    static: list[str],
    roles: SequenceRoles,
    parts: dict[tuple[str, bool], pd.DataFrame],
) -> Windows:
    variables = tuple(column for column in frame if column not in static)
    if roles.predict == Predict.NEXT:
        return Windows(variables, roles.window or WINDOW, roles.target)
    numeric = tuple(v for v in variables if column_of(frame[v]).is_numeric)
    width = roles.window or min(map(len, parts.values()))
    if width < LEAST_WINDOW:
        raise UserError(
            f"the shortest sequence has {width} step(s); set dataset.window to at least "
            f"{LEAST_WINDOW}, and shorter ones are left out"
        )
    return Windows(variables, width, None, numeric)


def _table(
    rows: pd.DataFrame, frame: pd.DataFrame, windows: Windows, roles: SequenceRoles
) -> Table:
    """The windows, with the kinds that columns have over all steps of all sequences."""
    following = windows.following is not None
    name = windows.target if following else roles.target
    choice = TaskChoice.REGRESSION if following else TaskChoice.AUTO
    target, labels, task = settle_target(rows.loc[rows[name].notna(), name], choice)
    if not following:
        if target.is_numeric:
            raise UserError(
                f"dataset.target {name!r} holds numbers with many different values; a label of "
                "sequences is one of a few classes"
            )
        rows = rows.assign(**{name: labels.reindex(rows.index)})
    summaries, origins = set(windows.summaries()), windows.origins()
    columns = []
    for column in rows:
        if column in summaries:
            columns.append(Column(str(column), Kind.CONTINUOUS))
        elif column == name and not following:
            columns.append(target)
        else:
            of = column_of(frame[origins.get(column, column)])
            columns.append(Column(str(column), of.kind, of.categories))
    require_distinct([column.name for column in columns], "the columns of windows")
    return conform(rows, Schema(tuple(columns), name, task, windows))
