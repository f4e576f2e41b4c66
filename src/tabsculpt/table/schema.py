"""What the columns of a table are: their kinds, the target, and the task."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from tabsculpt.table.constraints import Constraint
from tabsculpt.table.pixels import Pixels
from tabsculpt.table.windows import Windows


class Kind(StrEnum):
    """What the values of a column are, and with it the pandas dtype that holds them.

    continuous: ``float64``; integer: ``Int64``; boolean: ``boolean``; categorical: ``category``
    of strings with the categories of the schema; text (a note of any length): ``string``. Missing
    is NaN or NA in each.
    """

    CONTINUOUS = "continuous"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORICAL = "categorical"
    TEXT = "text"


class Task(StrEnum):
    """What is predicted: a number, one of two classes, or one of several."""

    REGRESSION = "regression"
    BINARY = "binary"
    MULTICLASS = "multiclass"


@dataclass(frozen=True)
class Column:
    """A column's name and kind; ``categories`` (sorted strings) for categorical columns only."""

    name: str
    kind: Kind
    categories: tuple[str, ...] = ()

    @property
    def is_numeric(self) -> bool:
        return self.kind in (Kind.CONTINUOUS, Kind.INTEGER)


@dataclass(frozen=True)
class TextUse:
    """How columns of text become numbers, and what generators that write none may do.

    Attributes:
        encoder: the folder of a sentence encoder; empty for hashed TF-IDF, which needs none.
        content: a hash of its files, under which results are kept.
        reuse: whether a row that is made by a generator that writes no text may have the text of
            the nearest real row; else it has none.
    """

    encoder: str = ""
    content: str = ""
    reuse: bool = False


@dataclass(frozen=True)
class Schema:
    """The columns in order, the target among them, and the task.

    The target of a classification is categorical; its positive class (binary) is the last
    category in sorted order ("1" after "0", "yes" after "no"). ``windows`` says which columns are
    steps of sequences, None where rows are no windows. ``constraints`` are what holds between the
    columns of a row (see `tabsculpt.table.constraints`). ``text`` is how columns of text are used,
    None where there are none. ``pixels`` says how the features are laid out in an image, None where
    rows are no images.

    Raises:
        ValueError: the features are not as many numbers as the image has pixels.
    """

    columns: tuple[Column, ...]
    target: str
    task: Task
    windows: Windows | None = None
    constraints: tuple[str, ...] = ()
    text: TextUse | None = None
    pixels: Pixels | None = None

    def __post_init__(self) -> None:
        if self.pixels is None:
            return
        numbers = sum(column.is_numeric for column in self.features)
        if not self.pixels.count == numbers == len(self.features):
            raise ValueError(f"{self.pixels} have {self.pixels.count} numbers as features")

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @cached_property
    def features(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.name != self.target)

    @property
    def target_column(self) -> Column:
        return next(column for column in self.columns if column.name == self.target)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The names of the columns of text."""
        return tuple(column.name for column in self.columns if column.kind is Kind.TEXT)

    def without_text(self) -> Schema:
        """The schema without its columns of text."""
        columns = tuple(column for column in self.columns if column.kind is not Kind.TEXT)
        return replace(self, columns=columns, text=None)

    @property
    def classes(self) -> tuple[str, ...]:
        """The categories of the target, in code order; empty for a regression."""
        return self.target_column.categories

    def unnamed(self) -> Schema:
        """The schema with the places of columns, and of variables of windows, as names."""
        columns = tuple(replace(c, name=str(place)) for place, c in enumerate(self.columns))
        windows = self.windows.unnamed() if self.windows is not None else None
        places = {name: str(place) for place, name in enumerate(self.names)}
        constraints = tuple(Constraint(text).renamed(places) for text in self.constraints)
        text = replace(self.text, encoder="") if self.text is not None else None
        return Schema(
            columns, places[self.target], self.task, windows, constraints, text, self.pixels
        )

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; without what there is none of: windows, constraints, text, pixels."""
        data = asdict(self)
        if self.windows is None:
            del data["windows"]
        if self.pixels is None:
            del data["pixels"]
        if not self.constraints:
            del data["constraints"]
        if self.text is None:
            del data["text"]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Schema:
        columns = tuple(
            Column(c["name"], Kind(c["kind"]), tuple(c["categories"])) for c in data["columns"]
        )
        windows = Windows.from_json(data["windows"]) if "windows" in data else None
        pixels = Pixels(**data["pixels"]) if "pixels" in data else None
        constraints = tuple(data.get("constraints", ()))
        text = TextUse(**data["text"]) if "text" in data else None
        return cls(columns, data["target"], Task(data["task"]), windows, constraints, text, pixels)
