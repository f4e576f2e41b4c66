"""Scores by subgroup: a section of the report, and tables of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.columns import CELL
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.subgroups import gap_table, level_table
from tabsculpt.report.numbers import number
from tabsculpt.report.section import Results, Section
from tabsculpt.report.tables import INTERVAL, VERDICT, Column, Shown, who

GAP = "greatest less least of the levels that are scored; noise alone gives one above 0"
FEW = "not scored: too few rows"
NOTE = (
    "Levels of fewer than 10 test rows are not scored, nor rates over fewer than 5 of a class. "
    "Equalised odds: the predicted class is independent of the subgroup given the true class, so "
    "that the gaps of true and of false positive rate are 0 (Hardt, Price, Srebro, 2016)."
)


def subgroup_section(of: Results) -> Section:
    """What each arm reaches in each level of the columns of ``dataset.subgroups``."""
    levels = level_table(of.inputs.found)
    if levels.empty:
        return Section("subgroups", "Subgroups")
    tables = [_gaps(gap_table(of.inputs.found, levels)), _levels(levels)]
    return Section("subgroups", "Subgroups", NOTE, tables=tables)


def subgroup_tables(rows: pd.DataFrame) -> Iterator[RichTable]:
    """The same as tables for the terminal, one for each data set, arms' making and column."""
    found = Measurements.of(rows)
    levels = level_table(found)
    if levels.empty:
        return
    gaps = gap_table(found, levels)
    keys = [*CELL, "column"]
    for names, mine in levels.groupby(keys, sort=False, dropna=False):
        held = dict(zip(keys, names, strict=True))
        title = [held[name] for name in ("dataset", "column", "generator", "protocol")]
        table = RichTable(title=escape(", ".join(map(str, title))), title_justify="left")
        for head in ("pipeline", "level", "rows", mine.metric.iloc[0], "tpr", "fpr", "than real"):
            left = head in ("pipeline", "level", "than real")
            table.add_column(head, justify="left" if left else "right")
        for row in mine.itertuples():
            texts = (escape(text) for text in (row.arm, row.level))
            scores = map(_shown, (row.mean, row.tpr, row.fpr))
            last = FEW if pd.isna(row.mean) else row.verdict
            table.add_row(*texts, f"{row.rows:g}", *scores, last)
        table.caption = "; ".join([*_gap_words(gaps, held), NOTE])
        table.caption_justify = "left"
        yield table


def _gap_words(gaps: pd.DataFrame, held: dict[str, Any]) -> Iterator[str]:
    for row in gaps[gaps.column == held["column"]].to_dict("records"):
        if any(str(row[name]) != str(held[name]) for name in CELL):
            continue
        odds = "" if pd.isna(row["odds_gap"]) else f", equalised odds gap {number(row['odds_gap'])}"
        worst = f", worst: {escape(row['worst'])}" if row["worst"] else ""
        yield f"{row['arm']}: gap {_shown(row['gap'])} in {row['metric']}{worst}{odds}"


def _shown(value: float) -> str:
    return "" if pd.isna(value) else number(value)


def _levels(levels: pd.DataFrame) -> Shown:
    columns = [
        *who(levels),
        Column("arm", "pipeline", "text"),
        Column("column", "column", "text"),
        Column("level", "level", "text"),
        Column("rows", "test rows", help="of the level; mean over splits"),
        Column("metric", "metric", "text"),
        Column("mean", "mean", help="over predictors, splits and fits"),
        Column("tpr", "TPR", help="true positive rate, of two classes"),
        Column("fpr", "FPR", help="false positive rate, of two classes"),
        Column("verdict", "than real", "text", help=VERDICT),
        Column("difference", "difference", help="pipeline less real, on the rows of the level"),
        Column("low", "low", help=INTERVAL),
        Column("high", "high", help=INTERVAL),
        Column("n", "values"),
        Column("of", "of", help="had every run a value"),
    ]
    note = "Each level's test rows by themselves. A row without a mean has too few rows."
    jobs = [text.split(",") for text in levels.jobs]
    return Shown("subgroups", "By level", note, columns, levels, jobs)


def _gaps(gaps: pd.DataFrame) -> Shown:
    columns = [
        *who(gaps),
        Column("arm", "pipeline", "text"),
        Column("column", "column", "text"),
        Column("metric", "metric", "text"),
        Column("gap", "gap", help=GAP),
        Column("worst", "worst level", "text", help="of the worst mean"),
        Column("worst_mean", "mean there"),
        Column("tpr_gap", "TPR gap", help=GAP),
        Column("fpr_gap", "FPR gap", help=GAP),
        Column("odds_gap", "equalised odds gap", help="the greater of the gaps of TPR and FPR"),
        Column("unscored", "not scored", "text", help="levels of too few test rows"),
    ]
    note = "Means over predictors, splits and fits of the gaps between levels."
    return Shown("subgroup_gaps", "Gaps", note, columns, gaps, [t.split(",") for t in gaps.jobs])
