"""Variance components are those of statsmodels' mixed model and of the analysis of variance."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from tabsculpt.stats.components import variance_components


def crossed(rng, spreads, shape):
    places = [axis.ravel() for axis in np.indices(shape)]
    effects = [rng.normal(0, s, n)[at] for s, n, at in zip(spreads, shape, places, strict=False)]
    return np.sum(effects, axis=0) + rng.normal(0, spreads[-1], len(places[0])), places


@pytest.mark.parametrize("spreads", [(3, 1, 0.5), (0.1, 10, 1), (1, 100, 0.01), (2, 2, 1e-6)])
def test_with_every_combination_they_are_those_of_the_analysis_of_variance(spreads):
    y, levels = crossed(np.random.default_rng(1), spreads, (4, 12))
    table = y.reshape(4, 12)
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    rest = table - rows[:, None] - columns + table.mean()
    error = (rest**2).sum() / 33
    expected = (rows.var(ddof=1) - error / 12, columns.var(ddof=1) - error / 4, error)
    assert min(expected) > 0
    found = variance_components(y, levels)
    assert (*found.sources, found.residual) == pytest.approx(expected, abs=1e-5 * sum(expected))


@pytest.mark.parametrize("kept", [1.0, 0.6])
@pytest.mark.parametrize("seed", [0, 2])
def test_they_are_those_of_statsmodels_whatever_combinations_are_missing(kept, seed):
    formula = pytest.importorskip("statsmodels.formula.api")
    rng = np.random.default_rng(seed)
    y, levels = crossed(rng, (2, 1, 0.7, 1), (3, 4, 5))
    there = rng.random(60) < kept
    y, levels = y[there], [at[there] for at in levels]
    frame = pd.DataFrame({"y": y, "all": 1, **dict(zip("abc", levels, strict=True))})
    parts = {name: f"0 + C({name})" for name in "abc"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = formula.mixedlm("y ~ 1", frame, groups="all", vc_formula=parts).fit(reml=True)
    found = variance_components(y, levels)
    expected = (*model.vcomp, model.scale)
    assert (*found.sources, found.residual) == pytest.approx(expected, abs=2e-3 * sum(expected))


def test_pure_noise_has_small_shares():
    rng = np.random.default_rng(3)
    shares = []
    for _ in range(80):
        y, levels = crossed(rng, (0, 0, 1), (3, 4))
        found = variance_components(y, levels)
        shares.append(np.array(found.sources) / found.total)
    by_split, by_predictor = np.mean(shares, axis=0)
    assert by_split < 0.14  # the sum of squares between splits is 18 % of the whole
    assert by_predictor < 0.18  # 27 %
    assert np.median(shares, axis=0) == pytest.approx([0, 0.0], abs=0.05)


def test_the_unit_and_the_order_do_not_matter():
    rng = np.random.default_rng(4)
    y, levels = crossed(rng, (1, 2, 1), (5, 6))
    order = rng.permutation(len(y))
    found = variance_components(y, levels)
    turned = variance_components(7 - 100 * y[order], [at[order] for at in levels])
    assert turned.residual == pytest.approx(1e4 * found.residual, rel=1e-4)
    assert turned.sources == pytest.approx(1e4 * np.array(found.sources), rel=1e-4)
