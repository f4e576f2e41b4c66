"""Calibration and decision curves of binary tasks: figures and a table of the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from tabsculpt.analysis.columns import STEP
from tabsculpt.analysis.probabilities import (
    SHOWN,
    THRESHOLDS,
    Predicted,
    calibration_table,
    predicted,
)
from tabsculpt.report.figure import Axis, Figure, FigureGroup, Line, Mark, Points, Rule
from tabsculpt.report.labels import labels
from tabsculpt.report.section import Results, Section
from tabsculpt.report.tables import Column, Shown, who

LOWEST = -0.05
"""Net benefit below which a curve is not drawn: treating all falls without end."""
DRAWN = 4
"""Every so many thresholds are drawn."""
TEXT = (
    "Of binary tasks, from stored predictions of the test rows. Other class shares in training, as "
    "of upsampling, move probabilities further than rank scores such as AUC show."
)


def probability_section(of: Results) -> Section:
    """Reliability and net benefit of each arm of a binary task."""
    found = predicted(of.cells, of.inputs.outputs / "store")
    if not found:
        return Section("probabilities", "Calibration and decisions")
    blocks = [
        FigureGroup("calibration", "Calibration", list(_each(found, _calibration))),
        FigureGroup("decisions", "Decision curves", list(_each(found, _decisions))),
    ]
    gone = sum(each.gone for each in found)
    text = (
        f"{TEXT} {gone} predictions are no longer in the store and not counted." if gone else TEXT
    )
    table = _table(calibration_table(found))
    return Section("probabilities", "Calibration and decisions", text, blocks, [table])


def _each(found: Sequence[Predicted], draw: object) -> Iterator[Figure]:
    """A figure for each cell."""
    assert callable(draw)
    cells = {id(each.cell): each.cell for each in found}
    for cell in cells.values():
        yield draw([each for each in found if each.cell is cell])


def _where(of: Predicted) -> dict[str, str]:
    names = of.cell.names
    return {**labels(names), **{n: f"{names[n]:g}" for n in STEP if pd.notna(names[n])}}


def _calibration(found: Sequence[Predicted]) -> Figure:
    marks: list[Mark] = [Line("perfect", [0.0, 1.0], [0.0, 1.0])]
    for each in found:
        bins = each.reliability
        x, y = bins.predicted.tolist(), bins.observed.tolist()
        tips = [f"{each.arm}: {n:,} predictions, {p:.3f} predicted, {o:.3f} observed"
                for n, p, o in zip(bins.counts, x, y, strict=True)]  # fmt: skip
        marks += [Line(each.arm, x, y), Points(each.arm, x, y, tips=tips, small=True)]
    rows = ", ".join(f"{each.arm} {sum(map(len, each.truth)):,}" for each in found)
    return Figure(
        "calibration",
        f"Calibration of the probability of {found[0].positive}",
        _where(found[0]),
        Axis("predicted probability", span=(0.0, 1.0)),
        Axis("share observed", span=(0.0, 1.0)),
        tuple(marks),
        "Ten bins of as many predictions each, all predictors, splits and fits together; above the "
        f"diagonal: predicted too low. Predictions of test rows: {rows}.",
    )


def _decisions(found: Sequence[Predicted]) -> Figure:
    cuts = THRESHOLDS.tolist()
    curves = [(each.arm, each.benefit.tolist()) for each in found]
    curves.append(("treat all", found[0].treat_all.tolist()))
    marks: list[Mark] = [Rule("y", 0.0, "treat none")]
    for name, values in curves:
        every = list(zip(cuts, values, strict=True))[::DRAWN]
        shown = [(cut, value) for cut, value in every if value >= LOWEST]
        marks.append(Line(name, [cut for cut, _ in shown], [value for _, value in shown]))
    return Figure(
        "decisions",
        f"Net benefit of treating by the probability of {found[0].positive}",
        _where(found[0]),
        Axis("threshold probability", span=(0.0, 1.0)),
        Axis("net benefit, true positives a row"),
        tuple(marks),
        "True positives less false positives at the odds of the threshold (Vickers and Elkin, "
        "2006); means over predictors, splits and fits. A model is of use at the thresholds where "
        "it lies above both treating all and treating none. Share of the positive class: "
        f"{found[0].prevalence:.3f}.",
    )


def _table(found: pd.DataFrame) -> Shown:
    columns = [
        *who(found),
        Column("arm", "pipeline", "text"),
        Column("predictor", "predictor", "text"),
        Column("slope", "slope", help="of observed on predicted log-odds; below 1: too extreme"),
        Column("intercept", "intercept", help="slope held at 1; above 0: predicted too low"),
        Column("ece", "ECE", help="mean distance of predicted and observed, ten quantile bins"),
        Column("brier", "Brier"),
        *(Column(f"benefit_{cut:g}", f"net benefit at {cut:g}") for cut in SHOWN),
        Column("fits", "fits", help="splits, fits and draws that the means are over"),
        Column("rows", "test rows"),
        Column("without_line", "no slope", help="all alike, or classes separated perfectly"),
        Column("clipped", "clipped", help="probabilities set to 1e-6 or 1 - 1e-6 for the slope"),
    ]
    note = (
        "Slope 1 and intercept 0: probabilities come true (Cox, 1958; Van Calster et al., 2019). "
        "Net benefit: see the decision curves."
    )
    return Shown("calibration", "Calibration and net benefit by predictor", note, columns, found)
