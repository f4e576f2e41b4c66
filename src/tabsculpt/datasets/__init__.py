"""Datasets: where rows come from, and how they are split, imputed and audited."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets.notes import Fact
from tabsculpt.datasets.source_form import SourceForm
from tabsculpt.errors import check_returned
from tabsculpt.table import IntArray, Table


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the rows of a data set came from, so that each can be found again.

    Attributes:
        rows: their positions among the rows of the source, from 0, shape (n,).
        lines: the line of the file at which each ends, from 1, shape (n,); None where rows are no
            lines.
        beside: the columns of the source that are no columns of the table, shape (n, k): the
            group, what is set aside, and what ``dataset.drop`` leaves out.
        group: the name of the group column among them, or None.
    """

    rows: IntArray
    lines: IntArray | None
    beside: pd.DataFrame
    group: str | None = None


@dataclass(frozen=True, eq=False)
class Dataset:
    """All rows of a data set, before it is split.

    Attributes:
        name: what the ``dataset`` column of the results says.
        table: the rows, missing values still there, the group column not among the columns but
            in `Table.groups`; rows of a group stay in one part.
        test_rows: positions of a test part fixed by whoever published the data, or None.
        notes: what was done when the rows were read (rows without target dropped, ...); their
            sentences are those of `tabsculpt.datasets.notes.sentences`.
        origin: where the rows came from; None where they are no rows of a source.
        task_reason: why the task is what it is, where the values of the target decided; or "".
        form: the form of the source, in which rows can be given back; None where there is none.
    """

    name: str
    table: Table
    test_rows: npt.NDArray[np.int64] | None = None
    notes: tuple[Fact, ...] = ()
    origin: Origin | None = None
    task_reason: str = ""
    form: SourceForm | None = None

    @property
    def groups(self) -> npt.NDArray[Any] | None:
        """The group of each row, shape (n,), or None."""
        return self.table.groups

    @cached_property
    def fingerprints(self) -> tuple[str, list[int] | None]:
        """The hash of the rows, and the fixed test part; worked out once, for many jobs."""
        fixed = None if self.test_rows is None else self.test_rows.tolist()
        return self.table.fingerprint(), fixed


def load(source: DatasetSource) -> Dataset:
    """Read a data set.

    Raises:
        UserError: the input is unusable, or what was read is no data set.
    """
    dataset = source.load()
    check_returned(source, "dataset", "load", dataset, Dataset)
    check_returned(source, "dataset", "load().table", dataset.table, Table)
    return dataset


class DatasetSource(Protocol):
    """A frozen dataclass of settings (its fields) that can load its data set."""

    @property
    def missing(self) -> str:
        """What happens to missing values: drop, impute or keep; see `datasets.impute`."""
        ...

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: the input is unusable; the message says what to change.
        """
        ...
