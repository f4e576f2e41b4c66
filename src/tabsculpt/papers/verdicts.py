"""The words that are said of a published figure."""

from __future__ import annotations

from tabsculpt.analysis.estimates import Verdict

HOLDS, FAILS, NOT = "holds", "does not hold", "not comparable"
UNKNOWN = str(Verdict.UNKNOWN)
"""Too few splits, or too much noise, for a verdict of ours."""
WORDS = (HOLDS, FAILS, UNKNOWN, NOT)
