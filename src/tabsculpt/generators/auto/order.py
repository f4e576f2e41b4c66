"""In which order ways of using synthetic rows are tried: what gained most on other tables first."""

from __future__ import annotations

from tabsculpt.table import Task

ORDER = {
    "classes": (
        ("smote", "upsample"),
        ("bootstrap", "upsample"),
        ("smote", "traditional"),
        ("bayesian_network", "traditional"),
        ("bootstrap", "traditional"),
        ("arf", "upsample"),
        ("arf", "traditional"),
        ("cart", "traditional"),
    ),
    "numbers": (
        ("arf", "traditional"),
        ("cart", "traditional"),
        ("bayesian_network", "traditional"),
        ("smote", "traditional"),
        ("bootstrap", "traditional"),
    ),
}
"""Generator and pipeline, by what is predicted."""


def ways(task: Task) -> tuple[tuple[str, str], ...]:
    """Generator and pipeline, the one first that gained most when its rows were added."""
    return ORDER["numbers" if task is Task.REGRESSION else "classes"]
