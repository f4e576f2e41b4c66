"""The scores of the package sdmetrics beside ours, and what stands there without it."""

import pytest

from segment_tables import images
from tabsculpt.metrics import quality, sdmetrics
from tabsculpt.metrics.ks import marginal_distances
from tabsculpt.metrics.quality import measure
from tabsculpt.metrics.sdmetrics import NAMES, sdmetrics_scores


@pytest.mark.extra("sdv")
def test_shapes_are_one_less_our_own_distances(draw):
    train, made = draw(200, 0), draw(200, 2)
    found = sdmetrics_scores(train, made, 0)
    distances = marginal_distances(train, made).values()
    expected = 1 - sum(distances) / len(distances)
    assert found["sdmetrics_column_shapes"] == pytest.approx(expected, abs=1e-6)
    parts = found["sdmetrics_column_shapes"], found["sdmetrics_column_pair_trends"]
    assert found["sdmetrics_quality"] == pytest.approx(sum(parts) / 2)


@pytest.mark.extra("sdv")
def test_the_rows_themselves_are_perfect_and_independent_columns_lose_pairs(draw, unlink):
    train = draw(200, 0)
    assert list(sdmetrics_scores(train, train, 0).values()) == pytest.approx([1, 1, 1, 1])
    broken = sdmetrics_scores(train, unlink(train, 0), 0)
    assert broken["sdmetrics_column_shapes"] == pytest.approx(1)
    assert broken["sdmetrics_column_pair_trends"] < 0.97


@pytest.mark.extra("sdv")
def test_of_a_wide_table_some_columns_are_scored_and_that_is_said(draw, monkeypatch):
    train, made = draw(200, 0), draw(200, 2)
    whole = sdmetrics_scores(train, made, 0)["sdmetrics_column_shapes"]
    monkeypatch.setattr(sdmetrics, "MOST_COLUMNS", 2)
    monkeypatch.setattr(sdmetrics, "MOST_ROWS", 150)
    some = {sdmetrics_scores(train, made, seed)["sdmetrics_column_shapes"] for seed in range(6)}
    assert len(some) > 1
    assert all(abs(score - whole) < 0.2 for score in some)
    assert sdmetrics_scores(train, made, 0) == sdmetrics_scores(train, made, 0)
    [note] = quality.sampled(train, train, made)
    assert f"150 rows and 2 columns, drawn of 200 rows and {len(train.schema.columns)}" in note.text


def test_without_the_package_its_scores_are_missing_and_say_so(draw, monkeypatch):
    monkeypatch.setattr(sdmetrics, "absent", list)
    found = measure(draw(60, 0), draw(50, 1), draw(60, 2), 0)
    theirs = {m.metric: m for m in found if m.metric in NAMES}
    assert list(theirs) == list(NAMES)
    assert {m.value for m in theirs.values()} == {None}
    expected = "needs sdmetrics: pip install 'tabsculpt[sdv]'"
    assert {m.reason for m in theirs.values()} == {expected}
    assert quality.why_not(draw(5, 0).schema) == expected


def test_pixels_are_none_of_its_columns():
    assert "these are pixels; see fid and kid" in quality.why_not(images(12).schema)
    assert quality.sampled(images(12), images(12), images(12)) == ()
