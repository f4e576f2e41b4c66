"""The profiler that a label-flip search chooses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Lt

from tabsculpt.profilers.flips import Flip
from tabsculpt.profilers.selection import Rule, Search


@dataclass(frozen=True)
class Auto:
    """Searches profiler and threshold by planted label errors, on the rows it is to profile.

    In a pipeline it runs on the real rows and again on the synthetic ones, each time on its own
    (Souza, Zanchettin, "Breaking the Barrier of Hard Samples: A Data-Centric Approach to Synthetic
    Data for Medical Tasks", ICML 2025, section 3.1 and Appendices E, H and I).

    Args:
        candidates: profilers by name.
        thresholds: tried with each, in the unit of the candidate's own cut.
        flip_rates: shares of rows whose label is made wrong; 0 gives the false-alarm rate.
        repeats: fits per candidate and flip rate.
        flip: how labels are made wrong.
        distance: by how many standard deviations of the target at least.
        rule: how the winner is found.
    """

    libraries: ClassVar[tuple[str, ...]] = ()

    candidates: dict[str, Any] = field(default_factory=dict)
    thresholds: list[float] = field(default_factory=lambda: [0.1, 0.125, 0.15, 0.175, 0.2, 0.25])
    flip_rates: list[Annotated[float, Ge(0), Lt(1)]] = field(
        default_factory=lambda: [0.0, 0.02, 0.08, 0.1, 0.2, 0.25]
    )
    repeats: Annotated[int, Ge(1)] = 1
    flip: Flip = Flip.PERMUTE
    distance: Annotated[float, Gt(0)] = 0.5
    rule: Rule = Rule.EXPECTED_F1

    @property
    def search(self) -> Search:
        """What is searched."""
        return Search(
            tuple(self.thresholds),
            tuple(self.flip_rates),
            self.repeats,
            self.flip,
            self.distance,
        )
