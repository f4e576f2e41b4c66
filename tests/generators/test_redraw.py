"""The target drawn again given its row: its errors, and when it is done."""

import numpy as np
import pandas as pd
import pytest
import torch

from tabsculpt.generators.ctgan.ctgan import CTGAN
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.training.redraw import target_drawn_again
from tabsculpt.generators.training.target import TargetNetwork, TargetTraining
from tabsculpt.notes import Code
from tabsculpt.table import Column, Kind, Schema, Task, conform

HOW = TargetTraining(200, 0.1, 0, "cpu")
SHORT = TargetTraining(20, 0.1, 0, "cpu")
WIDTHS = [32, 32]


def table_of(frame, task):
    columns = tuple(
        Column(name, Kind.CONTINUOUS)
        if frame[name].dtype.kind == "f"
        else Column(name, Kind.CATEGORICAL, tuple(sorted(set(frame[name]))))
        for name in frame
    )
    return conform(frame, Schema(columns, columns[-1].name, task))


def encoded(table):
    encoding = Encoding.learn(table, Numbers.NORMAL)
    return encoding, encoding.encode(table, 0)


@pytest.fixture(scope="module")
def wave():
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, 300)
    frame = pd.DataFrame({"x": x, "y": np.sin(2 * x) + 0.05 * rng.normal(size=300)})
    return table_of(frame, Task.REGRESSION)


@pytest.fixture(scope="module")
def halves():
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    frame = pd.DataFrame({"x": x, "kind": np.where(x > 0, "high", "low").astype(object)})
    return table_of(frame, Task.BINARY)


def shuffled(frame):
    """Rows whose target says nothing of the rest."""
    *_, target = frame
    values = frame[target].to_numpy()
    return frame.assign(**{target: np.random.default_rng(1).permutation(values)})


def drawn_from(frame):
    return lambda n: frame.sample(n, replace=True, random_state=0).reset_index(drop=True)


def test_the_error_of_a_number_is_its_continuous_ranked_probability_score(wave):
    encoding, frame = encoded(wave)
    network = TargetNetwork.untrained(encoding, WIDTHS, 0).trained(frame, SHORT)
    row = frame.iloc[[7]]
    many = pd.concat([row] * 40_000, ignore_index=True)
    drawn = network.drawn(many, torch.Generator().manual_seed(0))[network.name].to_numpy()
    off = np.abs(drawn - row[network.name].item()).mean()
    apart = np.abs(drawn[::2] - drawn[1::2]).mean()
    assert network.errors(row).item() == pytest.approx(off - apart / 2, abs=0.01)


def test_the_error_of_a_class_is_its_brier_score(halves):
    encoding, frame = encoded(halves)
    network = TargetNetwork.untrained(encoding, WIDTHS, 0).trained(frame, SHORT)
    row = frame.iloc[[3]]
    many = pd.concat([row] * 40_000, ignore_index=True)
    drawn = network.drawn(many, torch.Generator().manual_seed(0))[network.name]
    missed = (drawn != row[network.name].item()).mean()
    assert network.errors(row).item() == pytest.approx(2 * missed**2, abs=0.02)


@pytest.mark.parametrize("name", ["wave", "halves"])
def test_it_is_drawn_again_where_made_rows_say_less_than_real_ones(name, request):
    encoding, frame = encoded(request.getfixturevalue(name))
    blind = drawn_from(shuffled(frame))
    network, (note,) = target_drawn_again("gan", encoding, WIDTHS, frame, blind, HOW)
    assert note.code == Code.TARGET_DRAWN
    assert note.count == 300
    again = network.drawn(shuffled(frame), torch.Generator().manual_seed(0))
    assert network.errors(again).mean() < 0.5 * network.errors(shuffled(frame)).mean()
    assert list(again.dtypes) == list(frame.dtypes)


@pytest.mark.parametrize("name", ["wave", "halves"])
def test_it_is_left_as_made_where_made_rows_say_as_much_or_nothing_is_to_be_said(name, request):
    encoding, frame = encoded(request.getfixturevalue(name))
    noise = shuffled(frame)
    for real, made in ((frame, frame), (noise, shuffled(noise))):
        found = target_drawn_again("gan", encoding, WIDTHS, real, drawn_from(made), HOW)
        network, (note,) = found
        assert network is None
        assert note.count == 0
        assert "is left as made: for held-out rows" in note.text


def test_few_rows_are_left_as_made_and_no_steps_say_nothing(wave):
    encoding, frame = encoded(wave)
    few = target_drawn_again("gan", encoding, WIDTHS, frame.head(29), drawn_from(frame), HOW)
    assert few[0] is None
    assert "29 rows are too few" in few[1][0].text
    none = TargetTraining(0, 0.1, 0, "cpu")
    assert target_drawn_again("gan", encoding, WIDTHS, frame, drawn_from(frame), none) == (None, ())


def test_a_class_that_was_asked_for_is_not_drawn_again(halves, tmp_path):
    fitted = CTGAN(steps=5, target_steps=300).fit(halves, 0, "cpu")
    assert fitted.target is not None
    assert fitted.notes[0].count == 300
    asked = fitted.sample(50, 0, given={"kind": "high"}).frame
    assert (asked["kind"] == "high").all()
    free = fitted.sample(300, 0).frame
    assert ((free["x"] > 0) == (free["kind"] == "high")).mean() > 0.9
    fitted.save(tmp_path)
    assert CTGAN(steps=5).load(tmp_path).sample(300, 0).frame.equals(free)
