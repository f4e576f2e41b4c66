"""Numbers and kinds of tables as the page shows them."""

from __future__ import annotations

import pandas as pd

from help_study.measured import Interval

CLASSES, NUMBERS = "classes", "numbers"
"""What is predicted."""


def kind_of(tasks: pd.Series) -> pd.Series:
    """Whether classes are predicted or numbers."""
    return tasks.map(lambda task: NUMBERS if task == "regression" else CLASSES)


def interval(found: Interval, unit: str = " %", sign: bool = True, scale: float = 1.0) -> str:
    """A statistic with its interval."""
    shown = [f"{scale * value:+.2f}" if sign else f"{scale * value:.0f}" for value in found]
    return f"{shown[0]}{unit} ({shown[1]} to {shown[2]})"
