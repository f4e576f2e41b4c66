"""A forest plot in a table: one mark with its interval in each row, all on one scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from tabsculpt.analysis.estimates import ROPE

WIDEST = 40.0
"""Percent of the real rows' mean to either side; what lies beyond is drawn as an arrow."""
ROUND = (2.0, 5.0, 10.0, 15.0, 20.0, 30.0, WIDEST)


@dataclass(frozen=True)
class Forest:
    """The scale that the rows share.

    Attributes:
        span: percent of the real rows' mean to either side of 0.
    """

    span: float

    @staticmethod
    def of(gains: Iterable[tuple[float, float, float]]) -> Forest:
        """The narrowest round scale that holds the means and, as far as it may, the intervals."""
        ends = [abs(end) for gain in gains for end in gain if math.isfinite(end)]
        return Forest(next((r for r in ROUND if r >= 1.05 * max(ends, default=0.0)), WIDEST))

    def axis(self) -> str:
        """The head of the column: which side is better, and three places."""
        places = "".join(
            f'<text x="{at}%" y="28" text-anchor="{anchor}">{text}</text>'
            for at, anchor, text in (
                (0, "start", f"−{self.span:g} %"), (50, "middle", "0"),
                (100, "end", f"+{self.span:g} %"),
            )
        )  # fmt: skip
        words = (
            '<text x="0" y="12" text-anchor="start">← worse</text>'
            '<text x="100%" y="12" text-anchor="end">better →</text>'
        )
        return f'<svg class="forest" height="32" aria-hidden="true">{words}{places}</svg>'

    def mark(self, gain: tuple[float, float, float], tone: str, description: str) -> str:
        """One row: the region of practical equivalence, the interval, and the mean.

        Args:
            gain: mean and ends of its interval in percent, above 0 better; infinite ends: none.
            tone: class of the mark.
            description: what it shows, in words.
        """
        mean, low, high = gain
        band = f'<rect class="rope" x="{self._at(-100 * ROPE):.2f}%" y="0" height="100%" ' \
               f'width="{self._at(100 * ROPE) - self._at(-100 * ROPE):.2f}%"/>'  # fmt: skip
        drawn = f'{band}<line class="zero" x1="50%" x2="50%" y1="0" y2="100%"/>'
        if math.isfinite(low) and math.isfinite(high):
            drawn += self._interval(low, high)
        if math.isfinite(mean):
            drawn += f'<circle class="mean" cx="{self._at(mean):.2f}%" cy="13" r="5"/>'
            drawn += self._arrow(mean)
        return (
            f'<svg class="forest {tone}" height="26" role="img" aria-label="{escape(description)}">'
            f"<title>{escape(description)}</title>{drawn}</svg>"
        )

    def _interval(self, low: float, high: float) -> str:
        ends = f'x1="{self._at(low):.2f}%" x2="{self._at(high):.2f}%" y1="13" y2="13"'
        return f'<line class="interval" {ends}/>{self._arrow(low)}{self._arrow(high)}'

    def _arrow(self, value: float) -> str:
        """At the edge, for a place beyond it."""
        if abs(value) <= self.span:
            return ""
        path = "M-9,6 L0,13 L-9,20 Z" if value > 0 else "M9,6 L0,13 L9,20 Z"
        edge = "100%" if value > 0 else "0%"
        return f'<svg class="beyond" x="{edge}" overflow="visible"><path d="{path}"/></svg>'

    def _at(self, value: float) -> float:
        """Percent of the width."""
        inside = max(-self.span, min(self.span, value))
        return 50 + 50 * inside / self.span
