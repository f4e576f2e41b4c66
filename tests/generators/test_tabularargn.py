"""The engine behind TabularARGN: what it learns, and that it leaves no trace."""

import tempfile
import warnings

import numpy as np
import pytest

from tabsculpt.engine.fingerprints import VERSIONS
from tabsculpt.errors import UserError
from tabsculpt.generators.tabularargn.engine import check_version
from tabsculpt.generators.tabularargn.tabularargn import TabularARGN

pytestmark = pytest.mark.extra("argn")


@pytest.fixture(scope="module")
def quick(line):
    return TabularARGN(steps=700).fit(line, 0, "cpu")


def correlation(table):
    return np.corrcoef(table.frame["x"], table.frame["y"])[0, 1]


def test_it_learns_a_strong_correlation(quick, line):
    sample = quick.sample(1000, 0)
    assert correlation(sample) < -0.6
    high = (line.frame["kind"] == "high").mean()
    assert (sample.frame["kind"] == "high").mean() == pytest.approx(high, abs=0.06)


def test_the_rest_of_a_row_goes_with_what_is_given(quick):
    means = {}
    for x in (6.0, 14.0):
        rows = quick.sample(300, 1, given={"x": x}).frame
        assert (rows["x"] == x).all()
        means[x] = rows["y"].mean()
    assert means[6.0] == pytest.approx(-12, abs=6)
    assert means[14.0] == pytest.approx(-28, abs=6)
    high = quick.sample(300, 1, given={"kind": "high"}).frame
    assert set(high["kind"]) == {"high"}
    low = quick.sample(300, 1, given={"kind": "low"}).frame
    assert high["x"].mean() > low["x"].mean()


def test_values_are_missing_at_the_rate_of_the_training_rows(gappy):
    sample = TabularARGN(steps=80).fit(gappy, 0, "cpu").sample(2000, 0)
    assert sample.frame["gaps"].isna().mean() == pytest.approx(55 / 300, abs=0.08)
    assert sample.frame["gaps"].std() == pytest.approx(gappy.frame["gaps"].std(), rel=0.2)


def test_protected_rare_values_are_never_drawn(skewed):
    few = skewed.take([*range(100), *range(210, 260), 290, 291, 292])
    shares = {}
    for protected in (False, True):
        model = TabularARGN(steps=40, bins=4, value_protection=protected).fit(few, 0, "cpu")
        shares[protected] = (model.sample(3000, 0).frame["kind"] == "c").mean()
    assert shares[False] > 0
    assert shares[True] == 0


def test_a_column_without_a_value_that_may_be_drawn_is_refused(line):
    with pytest.raises(UserError, match="value_protection leaves no value of column 'x'"):
        TabularARGN(steps=5, bins=50, value_protection=True).fit(line, 0, "cpu")


def test_no_file_connection_or_setting_is_left_behind(line, tmp_path, monkeypatch):
    import torch

    import datasets

    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    filters = list(warnings.filters)
    TabularARGN(steps=5).fit(line, 0, "cpu").sample(5, 0)
    assert list(tmp_path.iterdir()) == []
    assert warnings.filters == filters
    tiny = torch.tensor(1e-40)
    assert float(tiny * 0.5) > 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "huge"}, "unknown size of tabularargn 'huge'.*large, medium, small"),
        ({"bins": 0}, "tabularargn: bins is 0, expected at least 1"),
        ({"steps": 0}, "tabularargn: steps is 0, expected at least 1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        TabularARGN(**settings)


@pytest.mark.parametrize("found", ["2.6.9", "2.70.0", "3.0.0"])
def test_another_series_of_the_engine_is_refused_in_a_line(monkeypatch, found):
    monkeypatch.setitem(VERSIONS, "mostlyai-engine", found)
    with pytest.raises(UserError, match=rf"{found} is installed: pip install") as refused:
        check_version()
    assert "\n" not in str(refused.value)
    monkeypatch.setitem(VERSIONS, "mostlyai-engine", "2.7.11")
    check_version()
