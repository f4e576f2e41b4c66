"""The leaderboard's cells and page, from two generators on a small table."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from leaderboards.page import page
from leaderboards.tables import CUT, JUDGE, TUNE

SCRIPT = Path(__file__).parents[2] / "scripts" / "leaderboard.py"


def cell(table, generator, split, value, measure="tstr", **more):
    own = {"table": table, "generator": generator, "split": split, "measure": measure}
    usual = {"status": "ok", "reason": "", "versions": '{"numpy": "2.0"}'}
    return {**own, "value": value, **usual, **more}


def test_tables_to_tune_on_and_to_judge_by_are_apart():
    assert not set(TUNE) & set(JUDGE)
    assert len({*TUNE, *JUDGE}) >= 14
    assert set(CUT) <= set(JUDGE)


def test_the_page_ranks_by_the_judged_tables_that_all_ran_on():
    rows = [
        cell(table, generator, split, value + 0.01 * split)
        for table in ("wine", "titanic", "bodyfat")
        for generator, value in {"a": 0.9, "b": 0.95, "c": 0.5}.items()
        for split in (0, 1)
        if (table, generator) != ("titanic", "c")
    ]
    rows.append(cell("wine", "d", 0, None, status="failed", reason="no memory"))
    text = page(pd.DataFrame(rows), 20)
    assert "17 of 900 cells (4 of 20 generators" in text.replace("\n", " ")
    assert "over 2 tables (titanic, wine)" in text
    assert "Not ranked, as they ran on fewer tables: c, d." in text
    assert "| b | 1.0 | 0.955 | 2 of 2 |" in text
    assert "| a | 2.0 | 0.905 | 0 of 2 |" in text
    assert "- d: failed on wine: no memory" in text
    assert "| b | 0.955 | 0.955 | 0.955 |" in text


@pytest.mark.xdist_group("leaderboard")
def test_a_cell_is_a_job_with_score_cost_and_quality(tmp_path):
    cells = tmp_path / "cells.parquet"
    chosen = ["--generators", "marginal", "cart", "--tables", "wine", "--splits", "1"]
    where = ["--outputs", tmp_path / "out", "--cells", cells]
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, SCRIPT, *chosen, *where], capture_output=True, text=True, timeout=200
        )
        assert run.returncode == 0, run.stderr
    found = pd.read_parquet(cells).pivot(index="generator", columns="measure", values="value")
    assert found.loc["marginal", "tstr"] < found.loc["cart", "tstr"] <= 1.05
    assert found.loc["cart", "correlation"] < found.loc["marginal", "correlation"]
    assert (found.cpu_seconds > 0).all()
    assert (found.peak_mb > 50).all()
    assert len(list((tmp_path / "out" / "jobs").glob("*.parquet"))) == 3
