"""Whether the choice of predictors turns a verdict: each by itself, and the suite without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import BoolArray, Cell
from tabsculpt.analysis.columns import CELL
from tabsculpt.analysis.estimates import ROPE, Estimate, Verdict, estimate
from tabsculpt.analysis.pairs import Comparison, Missing, comparisons

SIDES = (Verdict.BETTER, Verdict.WORSE)


def predictor_table(
    cells: Iterable[Cell], missing: Missing = "complete", rope: float = ROPE
) -> pd.DataFrame:
    """The verdict of each pair of arms by each predictor alone.

    Args:
        cells: see `Measurements.cells`; those of a single predictor have no row.
        missing: see `tabsculpt.analysis.comparisons.comparisons`.
        rope: likewise.

    Returns:
        A row per pair and cell: the columns of `columns.CELL`, ``metric``, ``first``, ``second``;
        ``verdict`` of the first over all predictors; how many predictors alone say ``better``,
        ``worse``, ``equal`` and ``not_enough``; ``against``, those whose verdict is the opposite,
        or that name a winner where the suite has the two practically equal;
        ``hangs_on``, those without which the suite's verdict is another; ``each``, every predictor
        with its difference and verdict; ``conclusion`` in words.
    """
    records = []
    for cell in cells:
        for pair in comparisons(cell, missing, rope):
            if pair.found is not None:
                records += list(_record(pair, rope))
    return pd.DataFrame(records)


def _record(pair: Comparison, rope: float) -> Iterator[dict[str, Any]]:
    assert pair.found is not None
    who = pair.units(["predictor"]).predictor.to_numpy()
    names = list(dict.fromkeys(who))
    if len(names) < 2:
        return
    whole = pair.found.verdict
    alone = {name: _estimate(pair, who == name, rope) for name in names}
    without = {name: _estimate(pair, who != name, rope).verdict for name in names}
    verdicts = {name: found.verdict for name, found in alone.items()}
    against = [name for name, verdict in verdicts.items() if _against(whole, verdict)]
    hangs_on = [name for name, verdict in without.items() if verdict != whole]
    count = list(verdicts.values()).count
    cell = pair.cell
    yield {
        **{name: cell.names[name] for name in (*CELL, "metric")},
        "first": pair.first,
        "second": pair.second,
        "verdict": str(whole),
        "better": count(Verdict.BETTER),
        "worse": count(Verdict.WORSE),
        "equal": count(Verdict.EQUAL),
        "not_enough": count(Verdict.UNKNOWN),
        "against": ", ".join(against),
        "hangs_on": ", ".join(hangs_on),
        "each": "; ".join(
            f"{name} {found.over.mean:+.4g} ({found.verdict})" for name, found in alone.items()
        ),
        "conclusion": _words(whole, list(verdicts.values()), against, hangs_on),
    }


def _estimate(pair: Comparison, mine: BoolArray, rope: float) -> Estimate:
    """The comparison of the pair over some of its units; the rope is that of all of them."""
    assert pair.found is not None
    places = pair.shared.copy()
    places[np.flatnonzero(pair.shared)[~mine]] = False
    return estimate([pair.cell], [places], pair.values[mine], rope)


def _against(whole: Verdict, alone: Verdict) -> bool:
    if whole in SIDES:
        return alone in SIDES and alone != whole
    return whole == Verdict.EQUAL and alone in SIDES


def _words(whole: Verdict, verdicts: list[Verdict], against: list[str], hangs_on: list[str]) -> str:
    both = set(SIDES) <= set(verdicts)
    if against:
        return f"turned by {', '.join(against)}"
    if both:
        return "predictors contradict each other"
    if hangs_on:
        return f"another without {', '.join(hangs_on)}"
    alike = verdicts.count(whole)
    return f"the same without any of them; {alike} of {len(verdicts)} say so alone"
