"""The steps that make the train and the test part, from which everything else starts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.audit import Finding, audit
from tabsculpt.datasets.impute import test_part, train_part
from tabsculpt.datasets.split import Split, Splitting
from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.identity import hashed
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.table import Table
from tabsculpt.table.files import read_table, write_table


@dataclass(frozen=True)
class SplitPart(Step[Table]):
    """The train or the test part of a data set, split and with missing values treated.

    Attributes:
        data: fingerprint of the whole data set.
        role: "train", "test", or "all": every row, as a train part without a test part.
        missing: drop, impute or keep; whatever is fitted is fitted on the train part.
        split: which rows are tested on.
        dataset: the rows themselves, already loaded; `data` stands for them in the identity.
    """

    phase: ClassVar[str] = "data"

    data: str
    role: str
    missing: str
    split: Splitting
    dataset: Dataset = field(compare=False, repr=False)

    def compute(self, fetch: Fetch) -> Table:
        if self.role == "all":
            n = len(self.dataset.table)
            return train_part(self.dataset, Split(np.arange(n), np.arange(0)), self.missing)
        split = self.split.rows(self.dataset)
        make = train_part if self.role == "train" else test_part
        return make(self.dataset, split, self.missing)

    def write(self, result: Table, folder: Path) -> None:
        write_table(result, folder)

    def read(self, folder: Path) -> Table:
        return read_table(folder)


@dataclass(frozen=True)
class Audit(Step[list[Finding]]):
    """What the audit of a data set finds for a split; nothing is computed from it."""

    phase: ClassVar[str] = "data"

    data: str
    split: Splitting
    dataset: Dataset = field(compare=False, repr=False)

    @property
    def label(self) -> str:
        return "audit"

    def compute(self, fetch: Fetch) -> list[Finding]:
        return audit(self.dataset, self.split.rows(self.dataset))

    def write(self, result: list[Finding], folder: Path) -> None:
        write_json([asdict(finding) for finding in result], folder / "findings.json")

    def read(self, folder: Path) -> list[Finding]:
        found = read_json(folder / "findings.json")
        return [Finding(f["kind"], f["message"], tuple(f["columns"])) for f in found]


@dataclass(frozen=True)
class Rows(Step[Table]):
    """The content of a part. What follows depends on this alone.

    Named by its content and not by where it came from, so that a change of the test part leaves
    every step on the train part as it was: the same key, the same seed, the same result. The names
    of the columns are part of the key but not of the identity, so that no draw depends on them.

    Attributes:
        role: "train", "test" or "all".
        content: a hash of everything but the names.
        names: a hash of all.
        origin: gives the rows.
    """

    phase: ClassVar[str] = "data"
    stored: ClassVar[bool] = False

    role: str
    content: str
    names: str = field(compare=False)
    origin: Step[Table] = field(compare=False, repr=False)

    @classmethod
    def of(cls, role: str, table: Table, origin: Step[Table]) -> Rows:
        """The rows of a table that a step gives."""
        return cls(role, table.unnamed_fingerprint(), table.fingerprint(), origin)

    @cached_property
    def key(self) -> str:
        return hashed([self.identity, self.names])

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.origin)
        if table.fingerprint() != self.names:
            raise ValueError(f"the {self.role} part changed while the job ran")
        return table
