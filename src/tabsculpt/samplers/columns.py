"""Columns of a frame that no model learns from as they are.

Times are read as numbers, text that names or describes each row is left aside, and both are given
back in the form in which they came.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tabsculpt.datasets.check import look_of, many_levels
from tabsculpt.datasets.convert import convert
from tabsculpt.datasets.identifier_form import IdentifierForm
from tabsculpt.datasets.notes import Done, Fact, sentences
from tabsculpt.datasets.source_form import ColumnForm
from tabsculpt.datasets.texts import Form
from tabsculpt.datasets.unused_columns import set_aside
from tabsculpt.engine.seeds import derive_seed

_TIMES = (Form.DATES, Form.TIMES, Form.DURATIONS)


@dataclass(frozen=True, eq=False)
class ReadColumns:
    """A frame as models read it, and what gives its columns back.

    Attributes:
        frame: shape (n, d'), names without blanks around.
        forms: of the columns that were read as numbers, by name.
        aside: the columns that were left aside, by name, as they were.
        notes: what was done.
    """

    frame: pd.DataFrame
    forms: Mapping[str, ColumnForm] = field(default_factory=dict)
    aside: Mapping[str, pd.Series] = field(default_factory=dict)
    notes: tuple[Fact, ...] = ()

    @classmethod
    def of(cls, frame: pd.DataFrame, target: str) -> ReadColumns:
        """Read a frame.

        Args:
            frame: shape (n, d).
            target: the column that is never left aside.
        """
        named = frame.set_axis([str(name).strip() for name in frame.columns], axis=1)
        if not named.columns.is_unique:
            return cls(named)  # refused by what checks names
        kept = [name for name in named if not _may_convert(named[name], name == target)]
        read, forms, notes = convert(named, {}, kept, None)
        used = [name for name in read if name == target or not many_levels(read[name])]
        left, more = set_aside(read, used)
        aside = {name: named[name] for name in read.columns.difference(left.columns, sort=False)}
        return cls(left, forms, aside, (*notes, *more))

    def warn(self) -> None:
        """Say which columns synthetic rows have no value in, learnt from the real ones."""
        if self.aside:
            words = "; ".join(sentences([note for note in self.notes if note.column in self.aside]))
            words = re.sub(r" \(dataset\.[^)]*\)", "", words)  # a setting of the command line
            warnings.warn(words, UserWarning, stacklevel=4)

    def times(self, name: str, made: pd.Series, given: pd.Series) -> pd.Series:
        """Numbers of a column as the times, or texts of numbers, that it was given as.

        Args:
            name: of the column.
            made: shape (m,), numbers.
            given: shape (n,), the column as it was given.
        """
        values = self.forms[name].restore(made)
        absent = values.isna().to_numpy()
        if values.dtype == object and absent.any():
            missing = given[given.isna()]
            values = values.where(~absent, missing.iloc[0] if len(missing) else None)
        return values.astype(given.dtype).set_axis(made.index)

    def fresh(self, name: str, index: pd.Index, seed: int) -> pd.Series:
        """Values of a column that was left aside: fresh identifiers, or none where it is text.

        Args:
            name: of the column.
            index: of the rows, shape (m,).
            seed: of identifiers that are drawn.
        """
        given = self.aside[name]
        known = {note.column for note in self.notes if note.code is Done.IDENTIFIER}
        texts = given.dropna().map(str).tolist()
        form = IdentifierForm.learn(texts) if name in known else None
        drawn = derive_seed(seed, list(self.aside).index(name))  # a name does not move draws
        made: Any = [None] * len(index) if form is None else form.fresh(len(index), drawn)
        is_category = isinstance(given.dtype, pd.CategoricalDtype)
        return pd.Series(made, index, dtype=object if is_category else given.dtype)


def _may_convert(values: pd.Series, is_target: bool) -> bool:
    """Whether a column holds times, or texts of numbers with more values than a category has."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return False
    return look_of(values) in _TIMES or (many_levels(values) and not is_target)
