"""What a figure shows, apart from how it is drawn: the page and the files for a paper share it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from zlib import crc32

Number = float | None
DIGITS = 5
LONGEST = 180


@dataclass(frozen=True)
class Axis:
    """One axis: a label with its unit, and the categories from top to bottom where it has any.

    ``span``: its two ends, where they are not those of the marks.
    """

    label: str
    kind: Literal["linear", "log", "category"] = "linear"
    categories: tuple[str, ...] = ()
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class Points:
    """Marks of one series; x or y are categories where the axis is one."""

    kind: ClassVar[str] = "points"
    series: str
    x: list[Any]
    y: list[Any]
    low: list[Number] = field(default_factory=list)
    """Left ends of a span through each point, with ``high``; empty for none."""
    high: list[Number] = field(default_factory=list)
    tips: list[str] = field(default_factory=list)
    small: bool = False


@dataclass(frozen=True)
class Line:
    """A line through points, with a band from ``low`` to ``high`` (in y) where given."""

    kind: ClassVar[str] = "line"
    series: str
    x: list[Any]
    y: list[Any]
    low: list[Number] = field(default_factory=list)
    high: list[Number] = field(default_factory=list)


@dataclass(frozen=True)
class Bars:
    """Horizontal bars from 0, side by side in their category or, if stacked, end to end."""

    kind: ClassVar[str] = "bars"
    series: str
    x: list[Number]
    y: list[str]
    labels: list[str] = field(default_factory=list)
    stacked: bool = False


@dataclass(frozen=True)
class Boxes:
    """Horizontal boxes: 5, 25, 50, 75 and 95 % of the values of a category."""

    kind: ClassVar[str] = "boxes"
    series: str
    y: list[str]
    quantiles: list[list[float]]


@dataclass(frozen=True)
class Ridge:
    """Half a violin on a category: densities (at most 1) upwards or downwards."""

    kind: ClassVar[str] = "ridge"
    series: str
    y: str
    x: list[float]
    density: list[float]
    up: bool
    quartiles: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Steps:
    """A histogram: k + 1 edges, k heights; or k heights over categories."""

    kind: ClassVar[str] = "steps"
    series: str
    edges: list[float]
    y: list[Number]
    filled: bool = False


@dataclass(frozen=True)
class Bracket:
    """A bar beside the categories from first to last that do not differ."""

    kind: ClassVar[str] = "bracket"
    first: str
    last: str
    place: int


@dataclass(frozen=True)
class Rule:
    """A dashed line across the figure, with its label."""

    kind: ClassVar[str] = "rule"
    axis: Literal["x", "y"]
    value: float
    label: str


@dataclass(frozen=True)
class Tiles:
    """Images side by side under a heading, each with a label below it and words for its place.

    ``sources``: addresses that hold the content of each image themselves.
    """

    kind: ClassVar[str] = "tiles"
    heading: str
    sources: list[str]
    labels: list[str]
    tips: list[str]


Mark = Points | Line | Bars | Boxes | Ridge | Steps | Bracket | Rule | Tiles


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        block: name of the group of figures that differ in ``where`` alone.
        title: what is shown.
        where: what tells it from the others of its block: dataset, generator, ...
        x, y: the axes.
        marks: in drawing order.
        caption: what the marks mean and how much ran, failed and is absent.
    """

    block: str
    title: str
    where: dict[str, str]
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    caption: str

    @property
    def series(self) -> list[str]:
        """The series in the order of their marks."""
        return list(
            dict.fromkeys(m.series for m in self.marks if not isinstance(m, Bracket | Rule | Tiles))
        )

    @property
    def name(self) -> str:
        """Its name as a file, without the suffix; long ones end in a checksum."""
        words = "_".join([self.block, *(v for v in self.where.values() if v)])
        name = "".join(c if c.isalnum() or c in "-_." else "-" for c in words)
        return name if len(name) <= LONGEST else f"{name[:LONGEST]}_{crc32(words.encode()):08x}"

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, numbers at five digits."""
        marks = [_short({"kind": mark.kind, **vars(mark)}) for mark in self.marks]
        return {
            "title": self.title,
            "where": self.where,
            "x": vars(self.x),
            "y": vars(self.y),
            "series": self.series,
            "marks": marks,
            "caption": self.caption,
            "name": self.name,
        }


@dataclass(frozen=True)
class FigureGroup:
    """Figures of one kind under one heading; a reader sees one at a time and picks which.

    ``nothing``: the text in place of figures where there are none; empty to say nothing.
    """

    name: str
    heading: str
    figures: Sequence[Figure]
    nothing: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether a line of text stands in place of its figures."""
        return not self.figures and bool(self.nothing)


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items() if _is_set(item)}
    if isinstance(value, (list, tuple)):
        return [_short(item) for item in value]
    return value


def _is_set(value: Any) -> bool:
    """Whether a value has to be written; 0.0 equals False, but is a place on an axis."""
    return value is not False and value != []
