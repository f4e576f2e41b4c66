"""In which order ways of using synthetic rows are tried: what gained most on other tables first."""

from __future__ import annotations

from tabsculpt.table import Task

ORDER = {
    "classes": (
        ("ddpm", "upsample"),
        ("smote", "upsample"),
        ("ddpm", "traditional"),
        ("arf", "upsample"),
        ("gaussian_copula", "upsample"),
        ("cart", "upsample"),
        ("bootstrap", "upsample"),
        ("smote", "traditional"),
        ("bayesian_network", "upsample"),
        ("bootstrap", "traditional"),
        ("cart", "traditional"),
        ("bayesian_network", "traditional"),
        ("gaussian_copula", "traditional"),
        ("arf", "traditional"),
    ),
    "numbers": (
        ("ddpm", "traditional"),
        ("gaussian_copula", "traditional"),
        ("smote", "traditional"),
        ("arf", "traditional"),
        ("cart", "traditional"),
        ("bootstrap", "traditional"),
        ("bayesian_network", "traditional"),
    ),
}
"""Generator and pipeline, by what is predicted."""


SMOTES = ("smote", "smotenc", "smoter")
"""One method: of numbers, of mixed columns, of a target that is a number."""


def ways(task: Task) -> tuple[tuple[str, str], ...]:
    """Generator and pipeline, the one first whose rows gained most when added to real ones."""
    return ORDER["numbers" if task is Task.REGRESSION else "classes"]


def place(generator: str, pipeline: str, task: Task) -> int:
    """The place of a way in `ways`, from 0; one that is not there comes after all that are."""
    name = SMOTES[0] if generator in SMOTES else generator
    known = ways(task)
    return known.index((name, pipeline)) if (name, pipeline) in known else len(known)


def generators(task: Task) -> list[str]:
    """The generators of `ways` whose rows stand beside as many real ones, the best first."""
    return [generator for generator, pipeline in ways(task) if pipeline == "traditional"]
