"""Numbers and kinds of tables as the page shows them."""

from __future__ import annotations

import pandas as pd

from help_study.measured import CONTROL, Interval

CLASSES, NUMBERS = "classes", "numbers"
"""What is predicted."""
LEAST = 8
"""Tables, below which no interval over tables is shown."""
PROTOCOLS = ("trtr", "augmentation", "tstr")
PIPELINES = ("weighted", "threshold", "traditional", "upsample", "profile2gen", "random_drop")


def kind_of(tasks: pd.Series) -> pd.Series:
    """Whether classes are predicted or numbers."""
    return tasks.map(lambda task: NUMBERS if task == "regression" else CLASSES)


def interval(found: Interval, unit: str = " %", sign: bool = True, scale: float = 1.0) -> str:
    """A statistic with its interval."""
    shown = [f"{scale * value:+.2f}" if sign else f"{scale * value:.0f}" for value in found]
    return f"{shown[0]}{unit} ({shown[1]} to {shown[2]})"


def in_order(found: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """The differences of each protocol and arm, those of real rows first, then by pipeline."""

    def place(name: tuple[str, str]) -> tuple[int, int, bool, str]:
        pipeline, _, generator = name[1].partition(" ")
        rank = PIPELINES.index(pipeline)
        return (PROTOCOLS.index(name[0]), rank, generator != CONTROL, generator)

    groups = {(str(a), str(b)): mine for (a, b), mine in found.groupby(["protocol", "arm"])}
    return sorted(groups.items(), key=lambda pair: place(pair[0]))
