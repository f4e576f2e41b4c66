"""The six medical regression sets of Profile2Gen, with the right targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.notes import Fact
from tabsculpt.datasets.openml import OpenMLFile, fetch
from tabsculpt.datasets.read_arff import read_arff
from tabsculpt.errors import UserError


@dataclass(frozen=True)
class Medical:
    """An ARFF file as OpenML serves it: from the data folder, OpenML's cache or the network.

    What is found is compared with the columns and the number of rows declared here. The OpenML
    ids of cholesterol (204), bodyfat (560), plasma (511) and diabetes_numeric (212) are believed
    and not checked against the server; the comparison refuses a wrong one.

    Attributes:
        name: what results call the set.
        openml_id: the set's id on OpenML.
        file: the file's name without ``.arff`` below ``<data>/openml``.
        columns: the columns in order.
        rows: the number of rows, those with missing values included.
        target: the column to predict.
        data: the data folder, or None where none is set.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out.
        group: the column whose rows stay in one part of a split, or None.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    name: str
    openml_id: int
    file: str
    columns: list[str]
    rows: int
    target: str
    data: str | None = None
    task: str = "regression"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "drop"

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: the set is found nowhere, is not what is declared, or a setting does not
                fit.
        """
        roles = Roles(
            self.target, self.task, self.drop, self.group, self.missing, keep=self._features()
        )
        frame, notes = self.read()
        return assemble(frame, self.name, roles, notes)

    def _features(self) -> list[str]:
        """The declared columns, none of which is an identifier whatever its values look like."""
        return [name for name in self.columns if name not in (*self.drop, self.group, self.target)]

    def read(self) -> tuple[pd.DataFrame, tuple[Fact, ...]]:
        """The raw rows, shape (rows, columns), and what is to be known of the file.

        Raises:
            UserError: the set is found nowhere, or is not what is declared.
        """
        found = self._find()
        frame = read_arff(found.path)
        self._compare(frame, found.path)
        return frame, found.notes

    def _find(self) -> OpenMLFile:
        looked = []
        if self.data is not None:
            path = Path(self.data).expanduser() / "openml" / f"{self.file}.arff"
            if path.is_file():
                return OpenMLFile(path)
            looked = [path]
        return fetch(self.openml_id, looked)

    def _compare(self, frame: pd.DataFrame, path: Path) -> None:
        found = list(frame.columns)
        if found != list(self.columns):
            absent = [name for name in self.columns if name not in found]
            extra = [name for name in found if name not in self.columns]
            raise UserError(
                f"{path} is not the set {self.name!r}: columns absent {absent}, unexpected {extra}"
                f"{'' if absent or extra else ', order changed'}; replace the file"
            )
        if len(frame) != self.rows:
            raise UserError(
                f"{path} is not the set {self.name!r}: it has {len(frame)} rows instead of "
                f"{self.rows}; replace the file"
            )
