"""A small version of the calibration: equal pipelines are seldom called better or worse."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from calibration import page
from calibration.laws import LAWS, crossed
from calibration.learners import WORLDS
from calibration.measures import measure

DRAWS = 40
MOST = 100 * (0.06 + 3 * (0.06 * 0.94 / DRAWS) ** 0.5)
"""Three standard deviations above 6 %, in percent."""


@pytest.mark.parametrize(
    ("law", "shape"), [*((law, (3, 2)) for law in LAWS), ("splits decide", (5, 1))]
)
def test_pipelines_that_are_equal_by_law_are_seldom_told_apart(law, shape):
    shares = measure(crossed(LAWS[law], DRAWS, shape))
    assert shares["false alarms"] <= MOST
    assert shares["p < 0.05"] <= MOST
    assert shares["intervals with 0"] >= 100 - MOST


def test_a_generator_is_seldom_told_from_itself_on_twenty_rows():
    shares = measure(WORLDS["bootstrap against itself, 20 rows"].draw(20, (3, 1)))
    assert shares["false alarms"] <= 20


def test_the_published_test_takes_repeats_for_evidence():
    single = measure(crossed(LAWS["fits decide"], 40, (1, 1)))
    assert single["false alarms"] == 0
    assert single["p_wilcoxon < 0.05"] > 25


def test_a_large_difference_is_found_and_a_small_one_is_practically_equal():
    assert measure(crossed(LAWS["fits decide"], 20, (5, 2), 8.0))["false alarms"] >= 85
    assert measure(crossed((0.05, 0.05, 0.05, 0.05), 20, (5, 2)))["practically equal"] > 90


def test_the_page_shows_the_tables_that_are_stored():
    assert (Path(__file__).parents[2] / "docs" / "calibration.md").read_text() == page.page()


@pytest.mark.parametrize("table", ["designs", "chosen", "rows", "nulls", "datasets"])
def test_no_measured_rate_of_false_alarms_is_beyond_chance_above_six_percent(table):
    rows = pd.read_csv(page.TABLES / f"{table}.csv")
    if table == "datasets":
        rows = rows[rows["true mean difference, % of real"] == 0]
    of = {"chosen": ["best"], "datasets": ["better or worse"]}.get(table, ["false alarms"])
    beyond = 6 + 200 * (0.06 * 0.94 / rows.draws) ** 0.5  # two standard deviations
    for name in of:
        assert (rows[name] <= beyond).all(), rows[rows[name] > beyond]


def test_one_pipeline_is_told_apart_too_often_only_where_tails_are_heavy():
    rows = pd.read_csv(page.TABLES / "chosen.csv")
    light = rows[~rows.world.str.contains("heavy tails")]
    beyond = 6 + 200 * (0.06 * 0.94 / light.draws) ** 0.5
    for name in ("one alone", "than next"):
        assert (light[name] <= beyond).all(), light[light[name] > beyond]
