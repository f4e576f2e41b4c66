"""What was planned before and what was looked at afterwards: a section of the report."""

from __future__ import annotations

import pandas as pd

from tabsculpt.analysis.estimates import Verdict
from tabsculpt.analysis.registration import Standing, never_measured, read_plans, registered
from tabsculpt.report.section import Results, Section
from tabsculpt.report.tables import VERDICT, Column, Shown, who

LISTED = 4


def registration_section(of: Results) -> Section:
    """How the comparisons of the report relate to the plans that were frozen before."""
    plans = read_plans(of.inputs.outputs)
    if not plans or of.tests.empty:
        return Section("registration", "Pre-registration")
    found = registered(of.tests, of.inputs.rows, plans)
    text = _sentence(found, never_measured(of.tests, plans), len(plans))
    return Section("registration", "Pre-registration", text, tables=[_table(found)])


def _sentence(found: pd.DataFrame, absent: list[str], plans: int) -> str:
    planned = found[found.standing == Standing.PLANNED]
    counts = [f"{n} {word}" for word in Verdict if (n := int((planned.verdict == word).sum()))]
    sentence = f"{len(planned)} comparisons were made as planned"
    sentence += f" (the first is {', '.join(counts)})" if counts else ""
    others = [
        f"{n} {standing}" for standing in Standing
        if standing != Standing.PLANNED and (n := int((found.standing == standing).sum()))
    ]  # fmt: skip
    sentence += f"; {', '.join(others)}." if others else "; no other is shown."
    if absent:
        listed = "; ".join(absent[:LISTED]) + ("; ..." if len(absent) > LISTED else "")
        sentence += f" {len(absent)} planned ones have no result: {listed}."
    return f"Of {plans} frozen plan{'s' * (plans > 1)}: {sentence}"


def _table(found: pd.DataFrame) -> Shown:
    columns = [
        Column("standing", "standing", "text"),
        *who(found),
        Column("metric", "metric", "text"),
        Column("first", "first", "text"),
        Column("second", "second", "text"),
        Column("conclusion", "the first is", "text", help=VERDICT),
        Column("difference", "difference", help="first less second, mean over splits"),
        Column("p", "p"),
        Column("p_planned", "p (Holm, planned)", help="over all comparisons as planned"),
        Column("ran", "jobs run"),
        Column("planned", "jobs planned"),
        Column("frozen", "frozen (UTC)", "text"),
    ]
    note = (
        "As planned: every job of the plan was run after it was frozen, and no split besides. What "
        "was looked at afterwards suggests, and does not confirm."
    )
    return Shown("registration", "Planned and unplanned comparisons", note, columns, found)
