"""The mean distribution over splits, whose bins differ."""

from __future__ import annotations

import numpy as np
import pytest

from tabsculpt.analysis.distributions import common_edges, mean_distribution


def numbers(edges, shares, below=0.0, quantiles=(0.0,)) -> dict:
    return {"edges": edges, "shares": shares, "below": below, "above": 0.0, "categories": [],
            "quantiles": list(quantiles)}  # fmt: skip


def test_histograms_of_other_bins_keep_their_mass_and_place():
    one = numbers([0.0, 1.0, 2.0], [0.25, 0.75], quantiles=[1.0])
    other = numbers([2.0, 4.0], [0.9], below=0.1, quantiles=[3.0])
    edges = common_edges([one, other])
    found = mean_distribution([one, other], edges)
    assert (edges[0], edges[-1]) == (0.0, 4.0)
    assert found["shares"].sum() == pytest.approx((1.0 + 0.9) / 2)
    assert found["shares"][edges[:-1] < 1].sum() == pytest.approx(0.25 / 2)
    assert found["shares"][edges[:-1] >= 2].sum() == pytest.approx(0.9 / 2)
    assert found["below"] == pytest.approx(0.05)
    assert found["quantiles"] == pytest.approx([2.0])


def test_bins_of_whole_numbers_stay_whole():
    one, other = numbers([0.5, 1.5, 2.5], [0.5, 0.5]), numbers([1.5, 2.5, 3.5], [0.2, 0.8])
    edges = common_edges([one, other])
    assert edges.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert mean_distribution([one, other], edges)["shares"] == pytest.approx([0.25, 0.35, 0.4])


def test_categories_are_matched_by_name():
    records = [
        {"edges": [], "categories": names, "shares": shares, "below": 0.0, "above": 0.0,
         "quantiles": []}
        for names, shares in ((["a", "b"], [0.6, 0.4]), (["b", "c"], [0.5, 0.5]))
    ]  # fmt: skip
    found = mean_distribution(records, common_edges(records))
    assert found["categories"] == ["a", "b", "c"]
    assert found["shares"] == pytest.approx(np.array([0.3, 0.45, 0.25]))
