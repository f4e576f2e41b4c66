"""Each measure moves the right way on tables that are wrong in a known way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.metrics.association import correlation_distance
from tabsculpt.metrics.detection import detection_auc
from tabsculpt.metrics.quality import measure
from tabsculpt.table import Column, Kind, Schema, Task, conform

UP = {
    "copy": ("exact_copies", "closer_to_train", "membership_auc", "membership_accuracy",
             "membership_shadow", "singling_out", "singling_out_multivariate", "linkability",
             "inference"),
    "collapse": ("wasserstein", "marginal", "entropy_gap", "association", "wasserstein_joint",
                 "detection_auc", "authenticity"),
    "independent": ("correlation", "association", "wasserstein_joint", "detection_auc"),
    "constant": ("wasserstein", "marginal", "correlation", "wasserstein_joint", "detection_auc"),
    "reversed": ("correlation", "wasserstein_joint", "detection_auc"),
    "missing": ("entropy_gap", "wasserstein_joint", "detection_auc"),
}  # fmt: skip
DOWN = {
    "copy": ("authenticity", "wasserstein", "marginal", "q_privacy"),
    "collapse": ("beta_recall", "recall", "coverage", "alpha_precision", "q_diversity"),
    "independent": ("precision", "density", "coverage", "beta_recall"),
    "constant": ("recall", "coverage", "density"),
    "reversed": ("precision", "recall", "density", "coverage"),
    "missing": ("recall", "coverage", "beta_recall", "q_diversity"),
}
"""Besides, what each case leaves alone is not looked at: precision says nothing of collapse."""


def _with(table, **columns):
    return conform(table.frame.assign(**columns), table.schema)


def _case(name, train, fresh, unlink):
    numbers, rows = fresh.frame["x"], np.arange(len(fresh))
    match name.split():
        case ["collapse", count]:
            return fresh.take(rows % int(count))
        case ["copy"]:
            return train
        case ["independent"]:
            return unlink(fresh, 0)
        case ["constant"]:
            return _with(fresh, x=float(numbers.median()))
        case ["reversed"]:
            return _with(fresh, x=-numbers)
        case _:
            blank = {c: pd.Series([None] * len(fresh), dtype=fresh.frame[c].dtype) for c in "xnbck"}
            return _with(fresh, **blank)


def _values(train, test, synthetic):
    return {m.metric: m.value for m in measure(train, test, synthetic, 0) if m.column is None}


@pytest.mark.parametrize("name", ["collapse 1", "collapse 2", "collapse 5", *list(UP)[2:], "copy"])
def test_a_measure_moves_the_right_way(name, draw, unlink):
    train, test, fresh = draw(300, 0), draw(150, 1), draw(300, 2)
    usual = _values(train, test, fresh)
    found = _values(train, test, _case(name, train, fresh, unlink))
    kind = name.split()[0]
    assert [m for m in UP[kind] if not found[m] > usual[m] + 0.02] == []
    assert [m for m in DOWN[kind] if not found[m] < usual[m] - 0.02] == []


@pytest.mark.parametrize("value", ["a row", "ten times the largest"])
def test_copies_of_one_row_are_told_from_real_rows_with_certainty(value, draw):
    real = draw(150, 0)
    row = real.take(np.zeros(150, dtype=int))
    if value != "a row":
        row = _with(row, x=10 * real.frame["x"].max(), y=10 * real.frame["y"].max())
    assert detection_auc(real, row, 0) > 0.99


def test_numbers_whose_squares_overflow_have_the_correlation_of_smaller_ones(draw):
    real, other = draw(150, 0), draw(150, 3)
    usual = correlation_distance(real, other)
    vast = [_with(t, x=t.frame["x"] * 2.0**990) for t in (real, other)]
    assert correlation_distance(*vast) == pytest.approx(usual, rel=1e-9)


def test_a_reversed_association_of_flags_is_detected_whatever_the_seed():
    columns = tuple(Column(name, Kind.BOOLEAN) for name in "abc")
    schema = Schema((*columns, Column("y", Kind.CATEGORICAL, ("n", "p"))), "y", Task.BINARY)

    def flags(seed, turn):
        rng = np.random.default_rng(seed)
        a, c = rng.random((2, 200)) < 0.5
        b = (rng.random(200) < 0.9) == (a if not turn else ~a)
        y = np.where(rng.random(200) < 0.5, "p", "n")
        return conform(pd.DataFrame({"a": a, "b": b, "c": c, "y": y}), schema)

    real, same, turned = flags(0, False), flags(1, False), flags(2, True)
    assert [detection_auc(real, turned, seed) for seed in range(3)] == pytest.approx(
        [0.9] * 3, abs=0.05
    )
    assert [detection_auc(real, same, seed) for seed in range(3)] == pytest.approx(
        [0.5] * 3, abs=0.1
    )
