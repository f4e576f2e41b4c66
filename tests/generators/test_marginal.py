"""Independent columns: each as in the training rows, and none telling about another."""

import numpy as np
import pytest

from tabsculpt.errors import UserError
from tabsculpt.generators.marginal import Marginal


def test_each_column_is_as_it_was_and_none_depends_on_another(line):
    sample = Marginal().fit(line, 0, "cpu").sample(20_000, 0).frame
    assert abs(np.corrcoef(sample["x"], sample["y"])[0, 1]) < 0.03
    for name in ("x", "y"):
        assert set(sample[name]) == set(line.frame[name])
        assert sample[name].mean() == pytest.approx(line.frame[name].mean(), abs=0.15)
        assert sample[name].std() == pytest.approx(line.frame[name].std(), rel=0.02)
    high = (line.frame["kind"] == "high").mean()
    assert (sample["kind"] == "high").mean() == pytest.approx(high, abs=0.01)
    means = sample.groupby("kind", observed=True)["x"].mean()
    assert means["high"] == pytest.approx(means["low"], abs=0.2)


def test_values_are_missing_at_their_rate(gappy):
    sample = Marginal().fit(gappy, 0, "cpu").sample(20_000, 1).frame
    rate = gappy.frame["gaps"].isna().mean()
    assert sample["gaps"].isna().mean() == pytest.approx(rate, abs=0.01)
    assert sample["y"].notna().all()


def test_given_columns_hold_what_is_given_and_the_rest_is_as_without(classes):
    model = Marginal().fit(classes, 0, "cpu")
    free = model.sample(500, 3).frame
    rare = model.sample(500, 3, given={"kind": "rare", "z": 2.5}).frame
    assert set(rare["kind"]) == {"rare"}
    assert set(rare["z"]) == {2.5}
    assert rare["x"].equals(free["x"])


def test_what_no_row_can_have_is_refused(line):
    low = line.take(np.flatnonzero(line.frame["kind"] == "low"))
    model = Marginal().fit(low, 0, "cpu")
    with pytest.raises(UserError, match="no training row has 'high' in column 'kind'"):
        model.sample(2, 0, given={"kind": "high"})
    with pytest.raises(UserError, match="column 'x' is a number, got 'much'"):
        model.sample(2, 0, given={"x": "much"})
