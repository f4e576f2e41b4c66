"""The tables of a sweep over the share of the minority: what each way of upsampling is worth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import CONTEXT
from tabsculpt.analysis.levels import level
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.report.numbers import levels

MINORITY_METRICS = ("auc_roc", "auc_pr")


def minority_tables(found: Measurements) -> Iterator[RichTable]:
    """AUC-ROC and AUC-PR by way of upsampling and share of the minority, for each data set.

    Args:
        found: measurements.

    Yields:
        Tables; none where the minority was cut to one share, or to none.
    """
    if found.rows.minority.isna().all():
        return
    for metric in MINORITY_METRICS:
        tables: dict[tuple[str, ...], list[tuple[float, Cell]]] = {}
        for cell in found.cells(metric):
            share = found.rows.minority.iloc[int(cell.at.max())]
            if share == share:
                names = {**cell.names, "evaluation": _without_share(cell.names["evaluation"])}
                key = tuple(str(names[name]) for name in CONTEXT)
                tables.setdefault(key, []).append((float(share), cell))
        for key, cells in tables.items():
            if len({share for share, _ in cells}) > 1:
                yield _table(dict(zip(CONTEXT, key, strict=True)), metric, cells)


def _table(names: dict[str, str], metric: str, cells: list[tuple[float, Cell]]) -> RichTable:
    shares = sorted({share for share, _ in cells})
    table = RichTable(
        title=f"{escape(names['dataset'])}: {metric} by share of the minority in the train part",
        title_justify="left",
        caption=f"mean over predictors ({names['predictors']}), splits and seeds ± standard "
        "deviation (n - 1) over predictors; (n of m): of n values, where m were to be had",
        caption_justify="left",
    )
    table.add_column("rows trained on", no_wrap=True)
    for share in shares:
        table.add_column(f"{100 * share:g} %", justify="right", no_wrap=True)
    by_arm: dict[tuple[str, str], dict[float, list[Cell]]] = {}
    for share, cell in cells:
        for arm in cell.arms:
            by_share = by_arm.setdefault((_label(cell, arm), arm), {})
            by_share.setdefault(share, []).append(cell)
    for (label, arm), of in by_arm.items():
        found = [level(of.get(share, []), arm, shared=False) for share in shares]
        table.add_row(escape(label), *levels(found))
    return table


def _label(cell: Cell, arm: str) -> str:
    if arm == REAL:
        return "real rows alone"
    names, [profiler, settings] = cell.names, cell.profiling(arm)
    words = [names["generator"], names["generator_settings"], arm]
    words += [profiler, settings] if profiler != "none" else []
    words += [names["protocol"], names["protocol_settings"]]
    return " ".join(word for word in words if word)


def _without_share(evaluation: str) -> str:
    return re.sub(r",? ?minority=[^,]*", "", evaluation)
