"""Metrics of columns, of pairs of columns and of rare values."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy, ks_2samp
from scipy.stats.contingency import association

from tabsculpt.metrics.association import (
    association_distance,
    correlation_distance,
    correlation_ratios,
    cramers_v,
)
from tabsculpt.metrics.entropy import entropies
from tabsculpt.metrics.features import category_codes
from tabsculpt.metrics.ks import kolmogorov_smirnov, marginal_distances
from tabsculpt.metrics.tails import rare_categories_kept, target_tails
from tabsculpt.table import Column, Kind, Schema, Task, conform


def numbers(**columns):
    schema = Schema(tuple(Column(name, Kind.CONTINUOUS) for name in columns), "y", Task.REGRESSION)
    return conform(pd.DataFrame(columns), schema)


def test_equal_tables_are_at_no_distance(draw):
    table = draw(200, 0, missing=0.1)
    assert set(marginal_distances(table, table).values()) == {0}
    assert correlation_distance(table, table) == 0
    assert association_distance(table, table) == 0


def test_columns_against_other_implementations(draw):
    real, other = draw(300, 0), draw(170, 1)
    found = marginal_distances(real, other)
    for name in ("x", "n", "y"):
        a, b = (t.frame[name].astype(float).to_numpy() for t in (real, other))
        assert found[name] == pytest.approx(ks_2samp(a, b).statistic)
    for name in ("b", "c", "k"):
        shares = [t.frame[name].value_counts(normalize=True) for t in (real, other)]
        assert found[name] == pytest.approx(shares[0].sub(shares[1], fill_value=0).abs().sum() / 2)


@pytest.mark.extra("sdv")
def test_columns_against_sdmetrics(draw):
    from sdmetrics import column_pairs as pairs
    from sdmetrics import single_column as single

    real, other = draw(300, 0), draw(170, 1)
    found = marginal_distances(real, other)
    x = single.KSComplement.compute(real.frame["x"], other.frame["x"])
    c = single.TVComplement.compute(real.frame["c"], other.frame["c"])
    assert found["x"] == pytest.approx(1 - x)
    assert found["c"] == pytest.approx(1 - c)
    two = [table.frame[["x", "y"]] for table in (real, other)]
    similarity = pairs.CorrelationSimilarity.compute(*two)
    expected = abs(np.diff([frame.corr().iloc[0, 1] for frame in two])[0])
    assert 2 * (1 - similarity) == pytest.approx(expected)
    own = correlation_distance(*(numbers(x=f["x"], y=f["y"]) for f in two))
    assert own == pytest.approx(2 * (1 - similarity))


def test_a_shift_beyond_the_range_is_the_largest_distance():
    assert kolmogorov_smirnov(pd.Series([1.0, 2.0]), pd.Series([3.0, 4.0, None])) == 1
    assert math.isnan(kolmogorov_smirnov(pd.Series([1.0]), pd.Series([None], dtype=float)))


def test_correlations_by_numpy(draw, unlink):
    real, other = draw(300, 0), unlink(draw(300, 0), 1)
    names = ["x", "n", "y"]
    difference = real.frame[names].astype(float).corr() - other.frame[names].astype(float).corr()
    expected = np.abs(difference.to_numpy()[np.triu_indices(3, 1)]).mean()
    assert correlation_distance(real, other) == pytest.approx(expected)
    assert expected > 0.5


def test_a_correlation_that_turns_round_is_at_distance_two():
    line = np.arange(5.0)
    assert correlation_distance(numbers(x=line, y=line), numbers(x=line, y=-line)) == (
        pytest.approx(2)
    )
    constant = numbers(x=np.ones(5), y=line)
    assert correlation_distance(numbers(x=line, y=line), constant) == pytest.approx(1)
    assert math.isnan(correlation_distance(numbers(y=line), numbers(y=line)))


def test_cramers_v_by_scipy(draw):
    table = draw(300, 0, missing=0.05)
    columns = {column.name: column for column in table.schema.columns}
    a, b = (category_codes(table.frame[name], columns[name]) for name in ("c", "k"))
    assert cramers_v(a, b) == pytest.approx(association(pd.crosstab(a, b).to_numpy()))
    assert cramers_v(a, a) == pytest.approx(1)
    assert cramers_v(a, np.zeros_like(a)) == 0


def test_the_correlation_ratio_by_group_means():
    codes = np.array([0, 0, 2, 2, 2])
    values = np.array([1.0, 3.0, 4.0, 8.0, 9.0])
    means = np.array([2, 2, 7, 7, 7])
    expected = np.sqrt(((means - 5) ** 2).sum() / ((values - 5) ** 2).sum())
    found = correlation_ratios(codes, np.column_stack([values, means, np.ones(5)]))
    assert found == pytest.approx([expected, 1, 0])


def test_independent_columns_lose_their_associations(draw, unlink):
    real = draw(400, 0)
    assert association_distance(real, unlink(real, 1)) > 0.2
    assert association_distance(real, draw(400, 1)) < 0.08
    assert math.isnan(association_distance(numbers(y=[1.0]), numbers(y=[1.0])))


def test_entropy_by_scipy(draw):
    table = draw(100, 0, missing=0.2)
    found = entropies(table)
    assert list(found) == ["b", "c", "k"]
    for name, value in found.items():
        counts = table.frame[name].astype(object).value_counts(dropna=False)
        assert value == pytest.approx(entropy(counts, base=2))
    assert entropies(table.take([0]))["c"] == 0


def rare(values):
    schema = Schema(
        (Column("y", Kind.CONTINUOUS), Column("c", Kind.CATEGORICAL, ("p", "q", "r", "s", "t"))),
        "y",
        Task.REGRESSION,
    )
    return conform(pd.DataFrame({"y": 1.0, "c": values}), schema)


def test_rare_categories_are_kept_or_lost():
    train = rare(["p"] * 90 + ["q"] * 6 + ["r"] * 3 + ["s"])  # t never occurs
    assert rare_categories_kept(train, rare(["r", "p"]), 0.05) == 0.5
    assert rare_categories_kept(train, rare(["r", "s"]), 0.05) == 1
    assert rare_categories_kept(train, rare(["t", "q"]), 0.05) == 0
    assert math.isnan(rare_categories_kept(train, train, 0.01))


def test_target_tails_are_lost_kept_or_exaggerated(draw, classes):
    train = numbers(y=np.arange(100.0))
    assert target_tails(train, train) == pytest.approx(
        {"target_low_tail": 1, "target_high_tail": 1}
    )
    middle = numbers(y=np.full(7, 50.0))
    assert set(target_tails(train, middle).values()) == {0}
    low = numbers(y=[0.0, 1.0, 50.0, 99.0])
    assert target_tails(train, low) == pytest.approx(
        {"target_low_tail": 5, "target_high_tail": 2.5}
    )
    tied = target_tails(numbers(y=[0.0] * 50 + [1.0] * 50), train)
    assert all(math.isnan(value) for value in tied.values())
    table = draw(50, 0, schema=classes)
    assert all(math.isnan(value) for value in target_tails(table, table).values())
