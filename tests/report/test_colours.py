"""A series looks alike in every figure of a report."""

from __future__ import annotations

from tabsculpt.report.colours import DARK, FIXED, LIGHT, styles
from tabsculpt.report.figure import Axis, Figure, Points


def figure(*series: str) -> Figure:
    marks = tuple(Points(name, [1.0], [1.0]) for name in series)
    return Figure("block", "title", {}, Axis("x"), Axis("y"), marks, "")


def test_pipelines_have_their_colour_and_others_one_that_none_of_theirs_has():
    mine = ["mine", "profile2gen threshold=0.2", "yours"]
    found = styles([figure("real", "traditional", *mine[:2]), figure("profile2gen", *mine)])
    assert found["profile2gen"].colour == FIXED["profile2gen"]
    looks = {(style.colour, style.shape) for style in found.values()}
    assert len(looks) == len(found) == 6
    assert len({style.colour for style in found.values()}) == 6


def test_the_order_of_figures_changes_no_colour():
    figures = [figure("real", "b", "a"), figure("a", "c"), figure("0.1 flipped", "0.2 flipped")]
    assert styles(figures) == styles(figures[::-1])


def test_more_series_than_colours_differ_in_shape():
    found = styles([figure(*(f"arm {place}" for place in range(30)))])
    looks = {(style.colour, style.shape) for style in found.values()}
    assert len(looks) == 30
    assert (
        {style.colour for style in found.values()}
        == LIGHT.keys() - {"real"}
        == (DARK.keys() - {"real"})
    )
