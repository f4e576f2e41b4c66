"""Figures as SVG and PDF for a paper, drawn with matplotlib from what the page shows too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tabsculpt.engine.writing import replacing
from tabsculpt.extras import require
from tabsculpt.report.colours import LIGHT, Style, styles
from tabsculpt.report.figure import (
    Bars,
    Boxes,
    Bracket,
    Figure,
    Line,
    Mark,
    Points,
    Ridge,
    Rule,
    Steps,
    Tiles,
)

MARKERS = {
    "square": "s", "triangle": "^", "circle": "o", "diamond": "D", "cross": "X", "down": "v",
    "plus": "P", "hexagon": "h", "bar": "|",
}  # fmt: skip
"""What matplotlib calls the shapes."""
INK = LIGHT["real"]
WIDTH = 5.5
"""Inches; the text width of most papers."""
ACROSS = 15
"""Images in a line."""


def write_figures(figures: Sequence[Figure], folder: Path) -> int:
    """Write each figure as ``NAME.svg`` and ``NAME.pdf``, with its caption in ``NAME.txt``.

    Returns:
        How many figures there are.

    Raises:
        UserError: matplotlib is not installed.
        WriteError: a file cannot be written.
    """
    rc_context: Any = require("figures", "matplotlib", "--figures").rc_context
    looks = styles(figures)
    # Text stays text in both formats, and no date is written, so that the same rows give the same.
    style: Any = {
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "font.size": 8,
        "svg.hashsalt": "figure",
    }
    with rc_context(style):
        for figure in figures:
            drawn = draw(figure, looks)
            for kind, date in (("svg", "Date"), ("pdf", "CreationDate")):
                with replacing(folder / f"{figure.name}.{kind}") as draft:
                    drawn.savefig(draft, format=kind, metadata={date: None})
            with replacing(folder / f"{figure.name}.txt") as draft:
                draft.write_text(f"{figure.title}. {figure.caption}\n", encoding="utf-8")
    return len(figures)


def draw(figure: Figure, looks: Mapping[str, Style]) -> Any:
    """A matplotlib figure; ``looks``: of every series."""
    from matplotlib.figure import Figure as Sheet

    tiles = [mark for mark in figure.marks if isinstance(mark, Tiles)]
    if tiles:
        return _sheet_of(tiles)
    categories = figure.y.categories
    lanes = sum(isinstance(m, Bars | Boxes) and not getattr(m, "stacked", False)
                for m in figure.marks)  # fmt: skip
    row = 0.5 if any(isinstance(m, Ridge) for m in figure.marks) else 0.12 + 0.13 * max(2, lanes)
    height = 1.2 + row * len(categories) if categories else 3.4
    sheet = Sheet(figsize=(WIDTH, height), layout="constrained")
    axes = sheet.subplots()
    pen = _Pen(axes, figure, max(1, lanes), looks)
    for mark in figure.marks:
        pen.draw(mark)
    axes.set_xlabel(figure.x.label, wrap=True)
    axes.set_ylabel("" if categories else figure.y.label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x" if categories else "both", color="#e9ecf0", zorder=0)
    axes.set_axisbelow(True)
    if categories:
        axes.set_yticks(range(len(categories)), categories)
        axes.set_ylim(len(categories) - 0.5, -0.5)
    if figure.x.kind == "log":
        axes.set_xscale("log")
    if figure.x.span:
        axes.set_xlim(*figure.x.span)
    if len(figure.series) > 1 or any(isinstance(m, Rule) for m in figure.marks):
        handles, names = axes.get_legend_handles_labels()
        unique = dict(zip(names, handles, strict=True))
        sheet.legend(
            unique.values(), unique, loc="outside upper center", ncols=4, frameon=False, fontsize=7
        )
    return sheet


def _sheet_of(tiles: Sequence[Tiles]) -> Any:
    """Images in lines under their headings, each with its label below."""
    from base64 import b64decode
    from io import BytesIO

    from matplotlib.figure import Figure as Sheet
    from matplotlib.image import imread

    lines = sum(-(-len(mark.sources) // ACROSS) for mark in tiles)
    rows = 1.4 * lines + 0.9 * len(tiles)
    sheet = Sheet(figsize=(WIDTH, rows * WIDTH / ACROSS / 1.1), layout="constrained")
    axes, y = sheet.subplots(), 0.0
    for mark in tiles:
        axes.text(0, y + 0.6, mark.heading, fontsize=7)
        y += 0.9
        for place, (source, label) in enumerate(zip(mark.sources, mark.labels, strict=True)):
            line, x = divmod(place, ACROSS)
            top = y + 1.4 * line
            image = imread(BytesIO(b64decode(source.partition(",")[2])), format="png")
            ends = (x, x + 0.9, top + 0.9, top)
            axes.imshow(image, cmap="gray", vmin=0, vmax=1, extent=ends, interpolation="nearest")
            axes.text(x + 0.45, top + 1.2, label, ha="center", fontsize=5)
        y += 1.4 * -(-len(mark.sources) // ACROSS)
    axes.set(xlim=(0, ACROSS), ylim=(y, 0))
    axes.axis("off")
    return sheet


class _Pen:
    """Draws marks on axes; series keep their colour and shape, categories their place."""

    def __init__(self, axes: Any, figure: Figure, lanes: int, looks: Mapping[str, Style]) -> None:
        self.axes = axes
        self.place = {name: i for i, name in enumerate(figure.y.categories)}
        self.colors = {name: LIGHT[looks[name].colour] for name in figure.series}
        self.shapes = {name: MARKERS[looks[name].shape] for name in figure.series}
        side = [m.series for m in figure.marks if isinstance(m, Bars | Boxes)]
        self.lane = {name: (i + 0.5) / lanes - 0.5 for i, name in enumerate(side)}
        self.height = 0.8 / lanes
        self.ends: dict[str, float] = {}

    def draw(self, mark: Mark) -> None:
        match mark:
            case Points():
                self._points(mark)
            case Line():
                self._line(mark)
            case Bars():
                self._bars(mark)
            case Boxes():
                self._boxes(mark)
            case Ridge():
                self._ridge(mark)
            case Steps():
                fill = mark.filled
                color = self.colors[mark.series]
                self.axes.stairs(
                    [value or 0.0 for value in mark.y], mark.edges, fill=fill, label=mark.series,
                    color=color, alpha=0.2 if fill else 1.0, linewidth=1.2,
                )  # fmt: skip
            case Bracket():
                x = 1.0 - 0.015 * mark.place
                ends = [self.place[mark.first], self.place[mark.last]]
                across = self.axes.get_yaxis_transform()
                self.axes.plot([x, x], ends, color="#59626e", linewidth=3, transform=across)
            case Rule():
                line = self.axes.axvline if mark.axis == "x" else self.axes.axhline
                line(mark.value, color=INK, linestyle="--", linewidth=1, label=mark.label)

    def _points(self, mark: Points) -> None:
        color = self.colors[mark.series]
        x, y = _numbers(mark.x), self._heights(mark.y)
        if mark.low:
            self.axes.hlines(y, _numbers(mark.low), _numbers(mark.high), color=color, alpha=0.6)
        size, shape = (2.0, "o") if mark.small else (5.0, self.shapes[mark.series])
        style = {"markersize": size, "linestyle": "none", "label": mark.series}
        self.axes.plot(x, y, marker=shape, color=color, **style)

    def _line(self, mark: Line) -> None:
        color = self.colors[mark.series]
        x, y = _numbers(mark.x), self._heights(mark.y)
        if mark.low:
            band = (_numbers(mark.low), _numbers(mark.high))
            self.axes.fill_between(x, *band, color=color, alpha=0.14, linewidth=0)
        style = {} if self.place else {"marker": self.shapes[mark.series], "markersize": 4}
        label = None if self.place else mark.series
        self.axes.plot(x, y, color=color, linewidth=1.2, label=label, **style)

    def _bars(self, mark: Bars) -> None:
        color, offset = self.colors[mark.series], self.lane[mark.series]
        values = np.nan_to_num(_numbers(mark.x))
        if mark.stacked:
            starts = [self.ends.get(name, 0.0) for name in mark.y]
            self.ends |= {n: s + v for n, s, v in zip(mark.y, starts, values, strict=True)}
            y, height = self._heights(mark.y), 0.6
        else:
            starts = [0.0] * len(values)
            y, height = self._heights(mark.y) + 0.9 * offset, self.height
        self.axes.barh(y, values, height, left=starts, color=color, label=mark.series)
        for value, at, text in zip(values, y, mark.labels, strict=False):
            side = "right" if value < 0 else "left"
            self.axes.text(value, at, f" {text} ", ha=side, va="center", fontsize=6)

    def _boxes(self, mark: Boxes) -> None:
        color, offset = self.colors[mark.series], self.lane[mark.series]
        names = ("whislo", "q1", "med", "q3", "whishi")
        stats: Any = [dict(zip(names, of, strict=True)) | {"fliers": []} for of in mark.quantiles]
        self.axes.bxp(
            stats, self._heights(mark.y) + 0.9 * offset, widths=self.height, showfliers=False,
            orientation="horizontal", patch_artist=True, manage_ticks=False, label=mark.series,
            boxprops={"facecolor": color, "alpha": 0.5}, medianprops={"color": INK},
        )  # fmt: skip

    def _ridge(self, mark: Ridge) -> None:
        color, base = self.colors[mark.series], self.place[mark.y]
        tall = (-0.45 if mark.up else 0.45) * np.asarray(mark.density)
        alpha = 0.28 if mark.up else 0.1
        self.axes.fill_between(mark.x, base, base + tall, color=color, alpha=alpha, linewidth=0)
        self.axes.plot(mark.x, base + tall, color=color, linewidth=0.9, label=mark.series)

    def _heights(self, y: list[Any]) -> Any:
        return np.asarray([self.place[name] for name in y], float) if self.place else _numbers(y)


def _numbers(values: list[Any]) -> Any:
    return np.asarray([np.nan if value is None else value for value in values], dtype=float)
