"""Tables as the numbers that models learn, and back."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tabsculpt.errors import UserError
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.quantiles import Quantiles
from tabsculpt.table import Column, Kind, Schema, Task, conform


def numbers(values, **more):
    frame = pd.DataFrame({"x": values, "y": np.arange(len(values)) * 1.0, **more})
    columns = [Column(name, Kind.CONTINUOUS) for name in frame]
    return conform(frame, Schema(tuple(columns), "y", Task.REGRESSION))


@pytest.fixture
def zeros():
    """A third of zeros, and a long tail."""
    tail = np.random.default_rng(0).lognormal(sigma=1.5, size=200)
    return numbers(np.concatenate([np.zeros(100), tail]))


@pytest.mark.parametrize("way", Numbers)
def test_every_encoding_gives_the_rows_back_to_within_a_bin(way, zeros):
    encoding = Encoding.learn(zeros, way, bins=30)
    back = encoding.decode(encoding.encode(zeros, 1), 2)
    close = {"standard": 1e-9, "normal": 1e-9, "bins": 0.08}[way]
    ranks = [stats.rankdata(table.frame["x"]) / 300 for table in (zeros, back)]
    assert np.abs(ranks[0] - ranks[1]).max() <= close
    assert (back.frame["x"].to_numpy()[:100] == 0).all()
    assert Encoding.from_json(encoding.to_json()) == encoding


def test_normal_scores_are_normal_also_where_values_repeat(zeros):
    encoded = Encoding.learn(zeros, Numbers.NORMAL).encode(zeros, 1)
    assert stats.kstest(encoded["0"], "norm").statistic < 0.04
    assert encoded["0"].to_numpy()[:100].std() > 0.3


def test_quantiles_of_many_values_stay_few_and_close():
    values = np.random.default_rng(1).exponential(size=20_000)
    known = Quantiles.learn(values)
    assert len(known.values) <= 1024
    shares = np.linspace(0.001, 0.999, 500)
    assert np.abs(known.from_uniform(shares) - np.quantile(values, shares)).max() < 0.06


def test_no_bin_cuts_a_step(zeros):
    encoding = Encoding.learn(zeros, Numbers.BINS, bins=7)
    codes = encoding.encode(zeros, 0)["0"].to_numpy()
    assert len(set(codes[:100])) == 1
    assert set(codes[:100]).isdisjoint(codes[100:])
    assert np.bincount(codes)[1:].max() < 60


def test_numbers_leave_the_seen_range_only_where_asked():
    table = numbers(np.random.default_rng(2).normal(10, 2, size=400))
    high = table.frame["x"].max()
    for way in (Numbers.STANDARD, Numbers.NORMAL):
        bound, free = (Encoding.learn(table, way, extrapolate=e) for e in (False, True))
        frame = bound.encode(table, 0)
        frame["0"] += 1.5
        assert bound.decode(frame).frame["x"].max() == high
        beyond = free.decode(frame).frame["x"]
        assert high + 2 < beyond.max() < high + 4
        assert beyond.is_monotonic_increasing == table.frame["x"].is_monotonic_increasing


@pytest.mark.parametrize("way", Numbers)
def test_whole_numbers_beyond_double_precision_stay_in_the_seen_range(way):
    ends = 2**62 + 1, 2**63 - 1
    values = [ends[0] + k * 2**56 + 1 for k in range(60)] + list(ends)
    frame = pd.DataFrame({"x": pd.array(values), "y": np.arange(62) * 1.0})
    columns = Column("x", Kind.INTEGER), Column("y", Kind.CONTINUOUS)
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    encoding = Encoding.learn(table, way, bins=5)
    encoded = encoding.encode(table, 0)
    if way is not Numbers.BINS:
        encoded["0"] *= 1.5
    back = encoding.decode(encoded).frame["x"]
    assert ends[0] <= back.min() < back.max() <= ends[1]
    if way is not Numbers.BINS:
        assert back.min() < ends[0] + 2000
        assert back.max() > ends[1] - 2000


def test_given_values_are_the_codes_that_encoding_gives(zeros):
    encoding = Encoding.learn(zeros, Numbers.NORMAL)
    fixed = encoding.encode_given({"x": 1.0})
    assert encoding.decode(pd.DataFrame({"0": [fixed["0"]], "1": [0.0]})).frame["x"][0] == (
        pytest.approx(1.0, abs=1e-6)
    )
    with pytest.raises(UserError, match="column 'x' is a number, got 'much'"):
        encoding.encode_given({"x": "much"})
