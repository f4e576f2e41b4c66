"""The tables of probabilities where a pipeline changes the shares of the classes."""

from __future__ import annotations

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import CONTEXT
from tabsculpt.analysis.levels import level
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.report.numbers import levels

CALIBRATION_METRICS = ("auc_roc", "ece", "calibration_slope")
SHIFTING = frozenset({"upsample", "adaptive", "weighted", "oversample", "undersample"})
"""Pipelines that train on other shares of the classes than the real ones."""


def calibration_tables(found: Measurements) -> Iterator[RichTable]:
    """Ranking beside calibration, a table for each data set.

    The area under the ROC curve does not see that probabilities as a whole moved, which they do
    where classes were made up.

    Args:
        found: measurements.

    Yields:
        Tables; none where no pipeline changes the shares of the classes.
    """
    if not found.rows.pipeline.isin(SHIFTING).any():
        return
    tables: dict[tuple[str, ...], dict[str, list[Cell]]] = {}
    for metric in CALIBRATION_METRICS:
        for cell in found.cells(metric):
            key = tuple(str(cell.names[name]) for name in CONTEXT)
            tables.setdefault(key, {}).setdefault(metric, []).append(cell)
    for key, cells in tables.items():
        arms = {arm.partition(" ")[0] for of in cells.values() for cell in of for arm in cell.arms}
        if arms & SHIFTING:
            yield _table(dict(zip(CONTEXT, key, strict=True)), cells)


def _table(names: dict[str, str], cells: dict[str, list[Cell]]) -> RichTable:
    table = RichTable(
        title=f"{escape(names['dataset'])}: probabilities ({escape(names['evaluation'])})",
        title_justify="left",
        caption="ece: mean distance of probabilities from shares, best 0; calibration_slope: best "
        "1, below it predictions are too extreme; pipeline.correct_prior=true brings the level "
        f"back; mean over predictors ({names['predictors']}), splits and seeds ± standard "
        "deviation (n - 1) over predictors",
        caption_justify="left",
    )
    table.add_column("trained on", no_wrap=True)
    by_arm: dict[tuple[str, str], dict[str, list[Cell]]] = {}
    for metric, of in cells.items():
        table.add_column(metric, justify="right", no_wrap=True)
        for cell in of:
            for arm in cell.arms:
                by_metric = by_arm.setdefault((_label(cell, arm), arm), {})
                by_metric.setdefault(metric, []).append(cell)
    by_metric_levels = [
        levels([level(of.get(metric, []), arm, shared=False) for (_, arm), of in by_arm.items()])
        for metric in cells
    ]
    for (label, _), *texts in zip(by_arm, *by_metric_levels, strict=True):
        table.add_row(escape(label), *texts)
    return table


def _label(cell: Cell, arm: str) -> str:
    if arm == REAL or arm in cell.on_real:
        return "real rows alone" if arm == REAL else arm
    words = [arm, str(cell.names["generator"]), str(cell.names["generator_settings"] or "")]
    return " ".join(filter(None, words))
