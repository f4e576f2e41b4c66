"""A number before, now, and by an independent computation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes:
        what: is computed.
        before: what an earlier version gave.
        after: what is given now.
        reference: by the independent computation; ``of``: which one.
        within: how far the two may be apart; ``up_to``: whether the reference is an upper limit.
    """

    what: str
    before: str
    after: float
    reference: float
    of: str
    within: float = 1e-9
    up_to: bool = False

    @property
    def agrees(self) -> bool:
        """Whether what is given now is the reference, or at most that."""
        if self.up_to:
            return self.after <= self.reference + self.within
        return self.after == self.reference or abs(self.after - self.reference) <= self.within

    def record(self) -> dict[str, str]:
        """As a row of the table."""
        limit = "at most " if self.up_to else ""
        return {
            "what": self.what,
            "before": self.before,
            "after": f"{self.after:.4g}",
            "reference": f"{limit}{self.reference:.4g}",
            "by": self.of,
            "agrees": "yes" if self.agrees else "no",
        }
