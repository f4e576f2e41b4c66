"""Calibration stands beside ranking where, and only where, the shares of the classes changed."""

from __future__ import annotations

import dataclasses

import pandas as pd

from divided_rows import job
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.report.by_calibration import calibration_tables
from tabsculpt.results import as_record

ECE = {"real": 0.02, "upsample": 0.25, "weighted": 0.11}


def found(*arms: str) -> Measurements:
    """Three splits of arms, each with an ECE of its own and slope 0.8."""
    rows = []
    for arm in arms:
        for split in range(3):
            whole = job(arm, split, protocol="tstr" if arm == "traditional" else "trtr")
            rows += whole
            for row in whole:
                if row.metric == "auc_roc":
                    ece = dataclasses.replace(
                        row, metric="ece", direction="min", value=ECE.get(arm, 0.5)
                    )
                    rows += [ece, dataclasses.replace(ece, metric="calibration_slope", value=0.8)]
    return Measurements.of(pd.DataFrame(as_record(row) for row in rows))


def test_ece_and_slope_stand_beside_the_area_under_the_curve():
    [table] = calibration_tables(found("real", "weighted", "upsample"))
    assert [column.header for column in table.columns] == [
        "trained on", "auc_roc", "ece", "calibration_slope",
    ]  # fmt: skip
    cells = [list(column.cells) for column in table.columns]
    assert cells[0][:2] == ["real rows alone", "weighted"]
    assert [text.split(" ")[0] for text in cells[2]] == ["0.0200", "0.1100", "0.2500"]
    assert "correct_prior" in str(table.caption)


def test_there_is_no_table_where_the_shares_stayed():
    assert list(calibration_tables(found("real", "traditional"))) == []
