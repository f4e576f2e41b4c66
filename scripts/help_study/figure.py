"""The figure of the study: on how many tables each way of training helps, and how much."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from help_study.measured import PERCENT, differences, median
from help_study.numbers import CLASSES, LEAST, NUMBERS, in_order, kind_of

COLOURS = {"better": "#1b7f5c", "equal": "#d9d9d9", "worse": "#c8553d"}


def draw(rows: pd.DataFrame, path: Path) -> None:
    """Write the figure: shares of tables as bars, the median gain with its interval beside.

    Of what is trained on real rows, with synthetic ones or without; the page has the rest.
    """
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "when-it-helps", "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plt

    found = differences(rows).query("protocol != 'tstr'")
    parts = [found[kind_of(found.task) == kind] for kind in (CLASSES, NUMBERS)]
    ways = [[one for one in in_order(part) if len(one[1]) >= LEAST] for part in parts]
    heights = [max(1, len(one)) for one in ways]
    figure, axes = plt.subplots(
        2, 2, figsize=(9, 1.6 + 0.24 * sum(heights)), width_ratios=(1, 1),
        height_ratios=heights, sharey="row", layout="constrained",
    )  # fmt: skip
    for row, mine, kind, score in zip(axes, ways, (CLASSES, NUMBERS), ("AUC", "RMSE"), strict=True):
        _bars(row[0], mine, kind)
        _medians(row[1], mine, score)
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in COLOURS.values()]
    by = f"by more than {PERCENT:g} %"
    names = [f"better {by}", f"within {PERCENT:g} %", f"worse {by}"]
    figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _bars(axis, mine, kind) -> None:  # type: ignore[no-untyped-def]
    names = {"augmentation": "added", "trtr": "real rows"}
    labels = [f"{arm} ({names[protocol]})" for (protocol, arm), _ in mine]
    places = range(len(mine))
    left = [0.0] * len(mine)
    for name, colour in COLOURS.items():
        sides = [
            {
                "better": t.gain > PERCENT,
                "equal": t.gain.abs() <= PERCENT,
                "worse": t.gain < -PERCENT,
            }
            for _, t in mine
        ]
        widths = [100 * float(side[name].mean()) for side in sides]
        axis.barh(places, widths, left=left, color=colour)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axis.set_yticks(places, labels)
    axis.invert_yaxis()
    axis.set_xlim(0, 100)
    most = max((len(table) for _, table in mine), default=0)
    axis.set_title(f"{kind.capitalize()} to predict: % of {most} tables", loc="left", fontsize=9)


def _medians(axis, mine, score) -> None:  # type: ignore[no-untyped-def]
    for place, (_, table) in enumerate(mine):
        middle, low, high = median(table.gain, table.table)
        axis.plot([low, high], [place, place], color="#444444", lw=1.5)
        axis.plot([middle], [place], "o", color="#444444", ms=4)
    axis.axvspan(-PERCENT, PERCENT, color="#eeeeee", zorder=0)
    axis.axvline(0, color="#999999", lw=0.8)
    axis.set_title(f"Median gain in {score}, % (95 % over tables)", loc="left", fontsize=9)
