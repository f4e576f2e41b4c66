"""The private generator: its accounting by hand, and what it learns as epsilon grows."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tabsculpt.errors import UserError
from tabsculpt.generators.mst.accounting import Budget, delta_of, rho_of
from tabsculpt.generators.mst.domain import Domain
from tabsculpt.generators.mst.measuring import Merged, _choose, _count
from tabsculpt.generators.mst.mst import MST
from tabsculpt.table import Column, Kind, Schema, Task, conform


def pair_of_codes(n=2000):
    """A class that follows a category in nine rows of ten, and a number beside them."""
    rng = np.random.default_rng(0)
    kind = rng.integers(2, size=n)
    reported = np.where(rng.random(n) < 0.9, kind, 1 - kind)
    frame = pd.DataFrame(
        {"kind": kind.astype(str), "x": rng.uniform(0, 10, n), "y": reported.astype(str)}
    )
    columns = (
        Column("kind", Kind.CATEGORICAL, ("0", "1")),
        Column("x", Kind.CONTINUOUS),
        Column("y", Kind.CATEGORICAL, ("0", "1")),
    )
    return conform(frame, Schema(columns, "y", Task.BINARY))


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 8.0])
def test_rho_is_more_than_the_simple_bound_allows(epsilon):
    delta = 1e-6
    rho = rho_of(epsilon, delta)
    # Bun and Steinke, Proposition 1.3: rho-zCDP gives epsilon = rho + 2 sqrt(rho log(1 / delta)).
    log = math.log(1 / delta)
    simple = (math.sqrt(log + epsilon) - math.sqrt(log)) ** 2
    assert simple < rho < 2 * simple
    assert delta_of(rho, epsilon) == pytest.approx(delta, rel=1e-6)
    assert delta_of(rho, epsilon) <= delta


def test_delta_is_the_least_over_all_orders():
    orders = 1 + np.geomspace(1e-3, 1e3, 200_000)
    logs = (orders - 1) * (orders * 0.05 - 1) + orders * np.log1p(-1 / orders)
    least = math.exp(np.min(logs - np.log(orders - 1)))
    assert delta_of(0.05, 1.0) == pytest.approx(least, rel=1e-6)


@pytest.mark.parametrize("columns", [2, 3, 20])
def test_what_all_looks_cost_adds_up_to_the_budget(columns):
    budget = Budget(0.3, columns)
    # A Gaussian count costs 1 / (2 sigma^2), an exponential mechanism epsilon^2 / 8.
    ones = columns / (2 * budget.one_way**2)
    choices = (columns - 1) * budget.choice**2 / 8
    twos = (columns - 1) / (2 * budget.two_way**2)
    assert (ones, choices, twos) == pytest.approx((0.1, 0.1, 0.1))
    assert 1 / (2 * Budget(0.3, 1).one_way ** 2) == pytest.approx(0.3)


def test_counts_have_noise_of_the_scale_that_was_asked_for():
    noisy = _count(np.zeros(500, dtype=np.int64), 20_000, 7.0, np.random.default_rng(0))
    assert noisy[0] == pytest.approx(500, abs=35)
    assert noisy[1:].mean() == pytest.approx(0, abs=0.2)
    assert noisy[1:].std() == pytest.approx(7, rel=0.02)


def test_pairs_are_drawn_with_the_chances_of_the_exponential_mechanism():
    codes = np.array([[0, 0, 0], [1, 1, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0]])
    alone = [np.bincount(codes[:, k]).astype(float) for k in range(3)]
    scores = {}
    for a, b in ((0, 1), (0, 2), (1, 2)):
        found = np.bincount(codes[:, a] * 2 + codes[:, b], minlength=4)
        scores[a, b] = np.abs(found - np.outer(alone[a], alone[b]).ravel() / 5).sum()
    expected = np.exp(0.8 / 2 * np.array(list(scores.values())))
    rng = np.random.default_rng(0)
    first = [_choose(codes, alone, 0.8, rng)[0] for _ in range(4000)]
    shares = [first.count(pair) / 4000 for pair in scores]
    assert shares == pytest.approx(expected / expected.sum(), abs=0.025)


def test_cells_with_next_to_no_rows_are_one_and_come_back_alike_likely():
    merged = Merged.of(np.array([1.0, 100.0, -2.0, 50.0, 3.0]), 10.0)
    assert merged.code.tolist() == [2, 0, 2, 1, 2]
    assert merged.noisy == pytest.approx([100, 50, 2 / math.sqrt(3)])
    cells = merged.undo(np.full(3000, 2), np.random.default_rng(0))
    assert np.bincount(cells, minlength=5)[[0, 2, 4]] == pytest.approx([1000] * 3, abs=90)
    assert merged.undo(np.array([0, 1]), np.random.default_rng(0)).tolist() == [1, 3]


@pytest.mark.extra("dp")
@pytest.mark.xdist_group("mst")
def test_more_epsilon_keeps_more_of_what_belongs_together():
    table = pair_of_codes()
    alike = {}
    for epsilon in (0.01, 5.0):
        frame = MST(epsilon=epsilon, bins=4).fit(table, 0, "cpu").sample(4000, 0).frame
        alike[epsilon] = (frame["kind"].astype(str) == frame["y"].astype(str)).mean()
    assert alike[0.01] < 0.8
    assert alike[5.0] == pytest.approx(0.9, abs=0.03)


@pytest.mark.extra("dp")
@pytest.mark.xdist_group("mst")
def test_every_result_says_epsilon_delta_and_what_they_do_not_cover():
    table = pair_of_codes(200)
    model = MST(epsilon=2, delta=1e-5, bins=4)
    phrase = "mst: each fit is differentially private with epsilon=2 and delta=1e-05"
    promise, read = model.fit(table, 0, "cpu").notes
    assert promise.code == "privacy"
    assert promise.text.startswith(phrase)
    assert read.columns == {"x": 0, "kind": 0, "y": 0}
    assert read.text == (
        "mst: read from the data and not covered by epsilon: range of x / categories of kind, y / "
        "decimals and missing values of kind, x, y"
    )
    reported = replace(model, bounds={"x": [0, 20]}, public=["kind", "y"]).fit(table, 0, "cpu")
    assert reported.notes[1].text.endswith("epsilon: decimals and missing values of x")
    assert len(replace(model, public=["kind", "y", "x"]).fit(table, 0, "cpu").notes) == 1


def test_given_bounds_are_the_domain_whatever_the_rows_are():
    table = pair_of_codes(50)
    cells = Domain.of(table, 5, {"x": [0, 50]}).cells[1]
    assert cells.edges == (0, 10, 20, 30, 40, 50)
    assert set(cells.encode(table.frame["x"])) == {0}
    outside = Domain.of(table, 2, {"x": [4, 5]}).cells[1].encode(table.frame["x"])
    assert set(outside) == {0, 1}


@pytest.mark.extra("dp")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bounds": {"z": [0, 1]}}, r"unknown column of generator.bounds 'z'"),
        ({"bounds": {"kind": [0, 1]}}, r"generator.bounds.kind: the column holds no numbers"),
        ({"bounds": {"x": [3, 1]}}, r"generator.bounds.x is \[3, 1\]; expected \[low, high\]"),
        ({"public": ["z"]}, r"unknown column of generator.public 'z'"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        MST(**settings).fit(pair_of_codes(20), 0, "cpu")
