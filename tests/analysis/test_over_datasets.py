"""Several data sets are pooled by their differences as shares of real, and comparisons counted."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from divided_rows import job
from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.multiplicity import holm_corrected, multiplicity
from tabsculpt.analysis.over_datasets import over_datasets
from tabsculpt.analysis.pairs import pooled
from tabsculpt.report.significance import show_tests
from tabsculpt.results import as_record
from tabsculpt.stats.hierarchical import hierarchical_difference


def frame(datasets: int, scale=lambda place: 1.0, splits: int = 4) -> pd.DataFrame:
    """Data sets that differ in the unit of their scores, and in those alone."""
    jobs = []
    for place in range(datasets):
        name, unit = f"cohort {place}", scale(place)
        jobs += [
            replace(row, value=row.value and row.value * unit, dataset=name, data=name,
                    job=f"{row.job}{place}")
            for arm in ("real", "traditional", "profile2gen")
            for split in range(splits)
            for row in job(arm, split)
        ]  # fmt: skip
    return pd.DataFrame(as_record(row) for row in jobs)


def of(rows: pd.DataFrame, first: str, second: str):
    cells = Measurements.of(rows).cells("auc_roc")
    [pair] = [one for one in over_datasets(cells) if (one.first, one.second) == (first, second)]
    return pair


def test_differences_are_shares_of_real_whatever_the_unit_of_a_data_set():
    one = of(frame(4), "real", "traditional")
    other = of(frame(4, lambda place: 10.0**place), "real", "traditional")
    assert one.found.datasets == 4
    assert other.found.mean == pytest.approx(one.found.mean, rel=1e-2)
    assert one.verdict == "better"
    cells = list(Measurements.of(frame(1)).cells("auc_roc"))
    alone = pooled(cells, "real", "traditional")
    assert one.found.mean == pytest.approx(alone.over.mean / (alone.rope / 0.01), rel=0.02)
    base = alone.rope / 0.01
    same = hierarchical_difference(
        np.full(4, alone.over.mean / base), np.full(4, alone.over.error / base),
        np.full(4, alone.over.freedom), 0.01,
    )  # fmt: skip
    assert one.found.above == pytest.approx(same.above)


def test_two_data_sets_or_two_splits_say_nothing_of_a_further_one():
    for rows in (frame(2), frame(4, splits=2)):
        assert over_datasets(Measurements.of(rows).cells("auc_roc")) == []


def test_the_terminal_shows_ranks_probabilities_and_how_many_were_compared():
    console = Console(file=io.StringIO(), width=400, highlight=False)
    rows = frame(4)
    show_tests(rows, "auc_roc", "complete", console)
    text = console.file.getvalue()
    line = next(x for x in text.splitlines() if x.startswith("real against traditional over 4"))
    assert line.endswith(": better")
    assert "worse 0.0" in line
    assert "critical difference" in text
    assert "12 comparisons, 12 with splits enough for a verdict" in text


def test_comparisons_are_counted_over_the_whole_table():
    tests = compare(frame(3), "auc_roc")
    assert tests.p_holm_all.to_numpy() == pytest.approx(holm_corrected(tests.p))
    assert (tests.p_holm_all >= tests.p_holm - 1e-12).all()
    found = multiplicity(tests)
    assert (found.shown, found.judged) == (9, 9)
    assert found.by_chance == pytest.approx(0.45)
    assert found.called == tests.better.notna().sum()
    assert found.holding == ((tests.p_holm_all < 0.05) & tests.better.notna()).sum()
    few = multiplicity(compare(frame(1, splits=2), "auc_roc"))
    assert few.phrase == "3 comparisons, none of them with splits enough for a verdict"
