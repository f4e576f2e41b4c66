"""Datasets: where rows come from, and how they are split, imputed and audited."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tabsculpt.errors import check_returned
from tabsculpt.table import Table


@dataclass(frozen=True, eq=False)
class Dataset:
    """All rows of a data set, before it is split.

    Attributes:
        name: what the ``dataset`` column of the results says.
        table: the rows, missing values still there, the group column not among the columns but
            in `Table.groups`; rows of a group stay in one part.
        test_rows: positions of a test part fixed by whoever published the data, or None.
        notes: what the reader of a result should know (rows without target dropped, ...).
    """

    name: str
    table: Table
    test_rows: npt.NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()

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
