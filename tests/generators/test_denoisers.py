"""What both networks that take noise out of rows learn where the right answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tabsculpt.generators.cdtd.cdtd import CDTD
from tabsculpt.generators.ddpm.ddpm import DDPM
from tabsculpt.table import Column, Kind, Schema, Task, conform

QUICK = {
    "ddpm": DDPM(steps=400, widths=[96, 96], timesteps=50),
    "cdtd": CDTD(steps=400, widths=[96, 96], learning_rate=4e-3, sampling_steps=30),
}


@pytest.fixture(scope="module", params=list(QUICK))
def quick(request):
    return QUICK[request.param]


@pytest.fixture(scope="module")
def on_line(quick, line):
    return quick.fit(line, 0, "cpu")


def correlation(table):
    return np.corrcoef(table.frame["x"], table.frame["y"])[0, 1]


def test_it_reproduces_marginals_correlation_and_category(line, on_line):
    sample = on_line.sample(2000, 0)
    assert correlation(sample) == pytest.approx(correlation(line), abs=0.03)
    for name in ("x", "y"):
        real, made = line.frame[name], sample.frame[name]
        assert made.mean() == pytest.approx(real.mean(), abs=0.15 * real.std())
        assert made.std() == pytest.approx(real.std(), rel=0.1)
    high = sample.frame["kind"] == "high"
    assert high.mean() == pytest.approx((line.frame["kind"] == "high").mean(), abs=0.05)
    assert sample.frame["x"][high].mean() > 13


def test_the_rest_of_a_row_goes_with_given_numbers_and_categories(on_line):
    made = on_line.sample(300, 1, given={"x": 6.0}).frame
    assert (made["x"] == 6.0).all()
    assert made["y"].mean() == pytest.approx(-12, abs=2)
    high = on_line.sample(100, 1, given={"kind": "high"}).frame
    assert (high["kind"] == "high").all()
    assert high["x"].mean() > 13


def test_classes_are_the_condition_and_come_at_their_share(quick, classes):
    model = quick.fit(classes, 0, "cpu")
    assert list(model.parts.condition) == ["2"]
    sample = model.sample(2000, 0).frame
    assert (sample["kind"] == "rare").mean() == pytest.approx(0.2, abs=0.03)
    means = [model.sample(500, 1, given={"kind": k}).frame["x"].mean() for k in ("common", "rare")]
    real = classes.frame.groupby("kind", observed=True)["x"].mean()
    assert means == pytest.approx(real.tolist(), abs=0.4)


@pytest.mark.parametrize(("name", "off"), [("ddpm", 3), ("cdtd", 1.5)])
def test_rare_categories_come_at_their_share(name, off, skewed):
    sample = QUICK[name].fit(skewed, 0, "cpu").sample(2000, 0).frame
    shares = sample["kind"].value_counts(normalize=True)
    assert shares["c"] == pytest.approx(0.05, abs=0.03)
    means = sample.groupby("kind", observed=True)["y"].mean()
    assert means.tolist() == pytest.approx([0, 5, 10], abs=off)


def test_gaps_come_at_their_share(quick, gappy):
    gaps = quick.fit(gappy, 0, "cpu").sample(2000, 0).frame["gaps"]
    assert gaps.isna().mean() == pytest.approx(55 / 300, abs=0.06)


@pytest.mark.parametrize(("name", "off"), [("ddpm", 0.15), ("cdtd", 0.1)])
def test_only_what_varies_is_made_also_where_that_is_the_target_alone(name, off):
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("y", Kind.CATEGORICAL, ("a", "b"))), "y", Task.BINARY
    )
    table = conform(pd.DataFrame({"x": 1.0, "y": ["a"] * 6 + ["b"] * 4}), schema)
    sample = replace(QUICK[name], steps=200).fit(table, 0, "cpu").sample(500, 0).frame
    assert (sample["x"] == 1).all()
    assert (sample["y"] == "b").mean() == pytest.approx(0.4, abs=off)


def test_a_training_that_diverges_says_so(quick, line):
    with pytest.raises(ValueError, match="diverged"):
        replace(quick, learning_rate=1e30, steps=60).fit(line, 0, "cpu")
