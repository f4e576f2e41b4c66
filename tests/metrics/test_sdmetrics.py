"""The scores of the package sdmetrics beside ours, and what stands there without it."""

import pytest

from tabsculpt.metrics import quality, sdmetrics
from tabsculpt.metrics.ks import marginal_distances
from tabsculpt.metrics.quality import measure
from tabsculpt.metrics.sdmetrics import NAMES, sdmetrics_scores


@pytest.mark.extra("sdv")
def test_shapes_are_one_less_our_own_distances(draw):
    train, made = draw(200, 0), draw(200, 2)
    found = sdmetrics_scores(train, made)
    distances = marginal_distances(train, made).values()
    expected = 1 - sum(distances) / len(distances)
    assert found["sdmetrics_column_shapes"] == pytest.approx(expected, abs=1e-6)
    parts = found["sdmetrics_column_shapes"], found["sdmetrics_column_pair_trends"]
    assert found["sdmetrics_quality"] == pytest.approx(sum(parts) / 2)


@pytest.mark.extra("sdv")
def test_the_rows_themselves_are_perfect_and_independent_columns_lose_pairs(draw, unlink):
    train = draw(200, 0)
    assert list(sdmetrics_scores(train, train).values()) == pytest.approx([1, 1, 1, 1])
    broken = sdmetrics_scores(train, unlink(train, 0))
    assert broken["sdmetrics_column_shapes"] == pytest.approx(1)
    assert broken["sdmetrics_column_pair_trends"] < 0.97


def test_without_the_package_its_scores_are_missing_and_say_so(draw, monkeypatch):
    monkeypatch.setattr(sdmetrics, "absent", list)
    found = measure(draw(60, 0), draw(50, 1), draw(60, 2), 0)
    theirs = {m.metric: m for m in found if m.metric in NAMES}
    assert list(theirs) == list(NAMES)
    assert {m.value for m in theirs.values()} == {None}
    expected = "needs sdmetrics: pip install 'tabsculpt[sdv]'"
    assert {m.reason for m in theirs.values()} == {expected}
    assert quality.why_not() == expected
