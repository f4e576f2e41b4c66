"""The one home of the colour and shape of a series: on the page, and in the files for a paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tabsculpt.report.figure import Figure

LIGHT = {
    "real": "#16191d", "c1": "#d98b00", "c2": "#3a9bd9", "c3": "#009e73", "c4": "#c0609a",
    "c5": "#d55e00", "c6": "#0060a8", "c7": "#8a7a00", "c8": "#7d8590",
}  # fmt: skip
"""Okabe and Ito's colours, which readers with any colour vision tell apart."""
DARK = {
    "real": "#f4f6f8", "c1": "#f0b23c", "c2": "#6cbdf0", "c3": "#2cc498", "c4": "#e391c4",
    "c5": "#ff8a3d", "c6": "#5b9fe0", "c7": "#e6da4e", "c8": "#9aa3ae",
}  # fmt: skip
SHAPES = {
    "c1": "square", "c2": "triangle", "c3": "circle", "c4": "diamond", "c5": "cross", "c6": "down",
    "c7": "plus", "c8": "hexagon", "real": "bar",
}  # fmt: skip
FIXED = {
    "real": "real", "traditional": "c1", "preprocess": "c2", "profile2gen": "c3",
    "random_drop": "c4", "postprocess": "c5", "easy": "c3", "ambiguous": "c1", "hard": "c4",
    "data": "c8", "profile": "c2", "generate": "c3", "refine": "c1", "score": "c4",
}  # fmt: skip
"""Series that look alike in every report."""


@dataclass(frozen=True)
class Style:
    """How a series is drawn: a key of `LIGHT` and `DARK`, and the shape of its points."""

    colour: str
    shape: str


def styles(figures: Iterable[Figure]) -> dict[str, Style]:
    """The style of every series: the same wherever it stands.

    Series that share a figure, or that share one with a third, have colours of their own as long
    as there are any, and then shapes of their own.
    """
    return {name: style for family in _families(figures) for name, style in _styled(family)}


def css() -> str:
    """The colours as variables of a style sheet."""

    def listed(colours: dict[str, str]) -> str:
        return " ".join(f"--{name}: {value};" for name, value in colours.items())

    return f":root {{ {listed(LIGHT)} }}\n:root.dark {{ {listed(DARK)} }}\n"


def _families(figures: Iterable[Figure]) -> list[list[str]]:
    """The series in the order they are met, by what shares a figure."""
    found: list[dict[str, None]] = []
    for figure in figures:
        own = dict.fromkeys(figure.series)
        near = [family for family in found if family.keys() & own.keys()]
        merged = {name: None for family in [*near, own] for name in family}
        found = [family for family in found if not any(family is one for one in near)]
        found.append(merged)
    return [list(family) for family in found]


def _styled(family: list[str]) -> Iterable[tuple[str, Style]]:
    fixed = {name: FIXED[name] for name in family if name in FIXED}
    yield from ((name, Style(colour, SHAPES[colour])) for name, colour in fixed.items())
    free = [c for c in (*["c6", "c7", "c8"], *LIGHT) if c != "real" and c not in fixed.values()]
    free = list(dict.fromkeys(free)) or ["c8"]
    shapes = [shape for shape in SHAPES.values() if shape != "bar"]
    for place, name in enumerate(sorted(set(family) - fixed.keys())):
        turn, at = divmod(place, len(free))
        first = shapes.index(SHAPES[free[at]])
        yield name, Style(free[at], shapes[(first + turn) % len(shapes)])
