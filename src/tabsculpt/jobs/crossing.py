"""From how many rows on a generator is worth training on a GPU, and how that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tabsculpt.generators import Generator
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.profilers import Profiler
from tabsculpt.profilers.auto import Auto


@dataclass(frozen=True)
class Crossing:
    """Where the GPU begins to be faster.

    Attributes:
        rows: of the data set; fewer are trained on by the CPU. None: it never is.
        source: how that is known, in few words.
    """

    rows: int | None
    source: str


UNMEASURED = Crossing(10_000, "a cautious guess, not measured")
"""Small networks on few rows spend a GPU's time on starting kernels; a core does without."""
CROSSINGS: Mapping[str, Crossing] = {
    "GReaT": Crossing(0, "a language model of 82 million weights, whatever the rows; not measured"),
}
"""By class of generator; ``scripts/check_gpu.sh`` measures them."""


NEVER = Crossing(None, "nothing in them computes on a GPU")


def crossing(generator: Generator | Tuned | None, profiler: Profiler | Auto | None) -> Crossing:
    """Where a GPU is worth having for a job with these parts, either of which may be missing."""
    if generator is not None and "cuda" in generator.devices:
        return CROSSINGS.get(type(generator).__name__, UNMEASURED)
    return NEVER if profiler is None else UNMEASURED
