"""The leaderboard's cells and page, from two generators on a small table."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from leaderboards.cells import keep
from leaderboards.page import page
from leaderboards.tables import CUT, JUDGE, TUNE

NAMES = [f"generator_{number}" for number in range(20)]
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
    rows += [cell(table, "bootstrap", 0, 0.99) for table in ("wine", "titanic")]
    rows.append(cell("wine", "d", 0, None, status="failed", reason="no memory"))
    text = page(pd.DataFrame(rows), NAMES)
    assert "19 of 900 cells (5 of 20 generators" in text.replace("\n", " ")
    assert "Not run at all: `generator_0`, `generator_1`, " in text
    assert "over 2 tables (titanic, wine)" in text
    assert "Not ranked, as they ran on fewer tables: c, d." in text
    assert "| b | 2.0 | 0.955 | 2 of 2 |" in text
    assert "| a | 3.0 | 0.905 | 0 of 2 |" in text
    assert "- d: failed on wine: no memory" in text
    assert "| b | 0.955 | 0.955 | 0.955 |" in text


def test_the_page_sets_ours_beside_the_packages_and_names_what_is_worse_than_independent_columns():
    values = {"ctgan": (0.9, 0.5), "sdv_ctgan": (0.6, 0.7), "marginal": (0.4, 0.6)}
    rows = [
        cell(table, generator, 0, value)
        for generator, both in values.items()
        for table, value in zip(("wine", "titanic"), both, strict=True)
    ]
    rows.append(cell("wine", "ctgan", 0, 0.55, "detection_auc"))
    text = page(pd.DataFrame(rows), NAMES)
    assert "| ctgan | sdv_ctgan | 2 | 1 | 0.700 | 0.650 | 0.55 | nan |" in text
    assert "Worse than `marginal`, whose columns are independent: ctgan on titanic." in text


def test_the_page_ranks_the_most_generators_and_the_most_tables():
    tables = ("wine", "titanic", "urinary", "adult", "support2", "parkinson", "cholesterol")
    rows = [
        cell(table, generator, 0, place / 10)
        for place, generator in enumerate("abc")
        for table in (tables if generator != "c" else tables[:3])
    ]
    text = page(pd.DataFrame(rows), NAMES)
    assert "over 3 tables (titanic, urinary, wine)" in text
    assert "over 7 tables (adult, cholesterol, parkinson, support2, titanic, urinary, wine)" in text
    assert text.count("Not ranked, as they ran on fewer tables: c.") == 1


def test_the_page_says_how_the_default_stands_and_shows_scores_in_units():
    values = {"bootstrap": (1.0, 1.0), "ddpm": (0.9, 0.95), "cart": (0.91, 0.99)}
    rows = [
        cell(table, generator, 0, value, measure)
        for generator, both in values.items()
        for table, score in zip(("bodyfat", "wine"), both, strict=True)
        for measure, value in (("tstr", score), ("detection_auc", score - 0.32))
    ]
    rows += [
        cell("bodyfat", generator, 0, value, measure, reference=1.625)
        for generator, value in {"ddpm": 1.75, "cart": 2.25}.items()
        for measure in ("lightgbm", "random_forest")
    ]
    text = page(pd.DataFrame(rows), NAMES).replace("\n", " ")
    assert (
        "number 2 of 2 by average rank over 1 tables, 2.0; the best of the others is `cart`, 1.0."
        in text
    )
    assert "Within 2 % of the best on 1 of 2 tables" in text
    assert "(not on wine). Detection below 0.6 on 1 of 2 (not on wine)." in text
    assert "| ddpm |  /  |  /  | 1.75 / 1.75 |  / 0.58 |" in text
    assert "| real rows |  /  |  | 1.62 / 1.62 |" in text


def test_cells_replace_those_of_the_same_table_generator_and_split(tmp_path):
    path = tmp_path / "cells.parquet"
    first = [cell("wine", "a", split, 0.5, measure) for split in (0, 1) for measure in ("m", "n")]
    keep(pd.DataFrame(first), path)
    keep(pd.DataFrame([cell("wine", "a", 1, 0.7, "m"), cell("wine", "b", 0, 0.8, "m")]), path)
    kept = pd.read_parquet(path)[["generator", "split", "measure", "value"]]
    expected = [("a", 0, "m", 0.5), ("a", 0, "n", 0.5), ("a", 1, "m", 0.7), ("b", 0, "m", 0.8)]
    assert list(kept.itertuples(index=False, name=None)) == expected


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
