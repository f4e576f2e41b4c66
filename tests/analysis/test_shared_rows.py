"""What splits share: m/n of splits by share, less of small train parts; intervals hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.analysis.shared_rows import shared_rows
from tabsculpt.stats.resampled import resampled_difference


def share(n_train, n_test, evaluation):
    frame = {"n_train": [n_train], "n_test": [n_test], "evaluation": [evaluation]}
    return shared_rows(pd.DataFrame(frame)).item()


def test_of_splits_by_share_it_is_test_rows_by_train_rows():
    assert share(296, 146, "test_size=0.33, missing=drop") == pytest.approx(146 / 296)
    assert np.isnan(share(None, 146, "test_size=0.33"))


def test_of_small_train_parts_it_is_near_what_they_share():
    r = 0.9 * 30 / 442 + 0.1 * 412 / 442
    assert share(30, 412, "n_train=30, missing=drop") == pytest.approx(r / (1 - r))
    assert share(350, 92, "n_train=350, missing=drop") == pytest.approx(92 / 350)


def _difference(x, y, train, test):
    """RMSE of least squares less that of a ridge regression."""
    errors = []
    for penalty in (1e-6, 30.0):
        gram = x[train].T @ x[train] + penalty * np.eye(x.shape[1])
        weights = np.linalg.solve(gram, x[train].T @ y[train])
        errors.append(np.sqrt(np.mean((y[test] - x[test] @ weights) ** 2)))
    return errors[0] - errors[1]


def _draw(rng, n):
    x = rng.normal(size=(n, 8))
    return x, x @ np.r_[1, 0.5, 0.25, np.zeros(5)] + 1.5 * rng.standard_t(4, size=n)


@pytest.mark.parametrize("n_train", [30, 100])
def test_intervals_hold_the_difference_on_fresh_tables_and_are_no_wider_than_needed(n_train):
    rng = np.random.default_rng(0)
    n, splits, tables = 442, 5, 200
    first = np.arange(n_train), np.arange(n_train, n)
    truth = np.mean([_difference(*_draw(rng, n), *first) for _ in range(800)])
    shared = share(n_train, n - n_train, f"n_train={n_train}")
    held, widths = [], []
    for _ in range(tables):
        x, y = _draw(rng, n)
        orders = (rng.permutation(n) for _ in range(splits))
        values = [np.array([_difference(x, y, o[:n_train], o[n_train:])]) for o in orders]
        found = resampled_difference(values, shared, 0.0)
        plain = resampled_difference(values, (n - n_train) / n_train, 0.0)
        held.append(found.low <= truth <= found.high)
        widths.append((plain.high - plain.low) / (found.high - found.low))
    assert 0.92 <= np.mean(held) <= 1
    assert np.mean(widths) > 1.8
