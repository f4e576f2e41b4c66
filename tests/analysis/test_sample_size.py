"""Equivalent sample size: of rows whose real learning curve is known exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.sample_size import real_curves, sample_size_table
from tabsculpt.results import Row
from tabsculpt.results.row import as_record
from tabsculpt.stats.learning_curve import LearningCurve, fit_curve

SIZES = (50, 100, 200, 400)


def row(pipeline, n_train, split, value, predictor="linear", metric="rmse", **changed):
    task = {"rmse": "regression", "auc_roc": "binary"}[metric]
    settled = dict(
        job=f"{pipeline}{n_train}{split}{predictor}", dataset="clinic", task=task, data="d",
        split_seed=split, profiler="none", generator="none" if pipeline == "real" else "arf",
        pipeline=pipeline, protocol="trtr" if pipeline == "real" else "tstr", seed=0,
        device="cpu", started="2026-01-01", predictors="quick", predictor=predictor,
        evaluation=f"n_train={n_train}, missing=impute", metric=metric, value=value,
        direction="min" if metric == "rmse" else "max", n_train=n_train, n_test=5000 - n_train,
    )  # fmt: skip
    return as_record(Row(**(settled | changed)))


def table(records):
    return sample_size_table(Measurements.of(pd.DataFrame(records)))


def real(curve, noise=0.0, splits=4):
    rng = np.random.default_rng(0)
    off = rng.normal(0, noise, size=splits)
    return [row("real", n, s, curve(n) + off[s]) for n in SIZES for s in range(splits)], off


def curve(n):
    return 2 + 30 * n**-0.5


@pytest.mark.parametrize(("a", "b", "c"), [(2.0, 30.0, 0.5), (0.1, 4.0, 1.0), (0.0, 1.0, 0.2)])
def test_an_inverse_power_law_is_found_again(a, b, c):
    sizes = np.array([20.0, 50, 100, 300, 1000])
    found = fit_curve(sizes, a + b * sizes**-c)
    middle = np.array([30.0, 150, 700])
    assert found.error(middle) == pytest.approx(a + b * middle**-c, rel=0.01)
    assert found.rows(a + b * 150**-c) == pytest.approx(150, rel=0.02)
    assert LearningCurve(a, b, c).rows(a / 2) == np.inf or a == 0


def test_errors_that_do_not_fall_have_a_flat_curve():
    found = fit_curve(np.array([50.0, 100, 200]), np.array([1.0, 1.1, 1.3]))
    assert found.b == 0
    assert np.isnan(found.rows(1.05))


def test_synthetic_rows_that_score_as_150_real_ones():
    reals, off = real(curve, noise=0.2)
    made = [row("traditional", 100, s, curve(150) + off[s]) for s in range(4)]
    [found] = table([*reals, *made]).to_dict("records")
    assert found["equivalent"] == pytest.approx(150, rel=0.02)
    assert found["ratio"] == pytest.approx(1.5, rel=0.02)
    assert found["low"] == pytest.approx(found["high"], rel=0.05)  # the noise of a split is shared
    assert found["words"].startswith("1")
    assert (found["n_train"], found["splits"], found["sizes"]) == (100, 4, "50, 100, 200, 400")


def test_the_interval_widens_with_the_noise_of_splits():
    reals, _ = real(curve)
    widths = []
    for noise in (0.02, 0.1):
        off = np.random.default_rng(1).normal(0, noise, size=4)
        made = [row("traditional", 100, s, curve(150) + off[s]) for s in range(4)]
        [found] = table([*reals, *made]).to_dict("records")
        assert found["low"] < 150 < found["high"]
        widths.append(np.log(found["high"] / found["low"]))
    assert widths[1] > 4 * widths[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [(curve(30), "fewer than 50 real rows"), (curve(900), "more than 400 real rows"),
     (1.9, "more than 400 real rows")],
)  # fmt: skip
def test_nothing_is_read_off_outside_what_was_measured(value, words):
    reals, _ = real(curve)
    [found] = table([*reals, row("traditional", 100, 0, value)]).to_dict("records")
    assert found["words"] == words
    assert np.isnan(found["equivalent"])


def test_where_more_rows_score_no_better_none_is_read_off():
    reals, _ = real(lambda n: 2 + n / 1000)
    [found] = table([*reals, row("traditional", 100, 0, 2.1)]).to_dict("records")
    assert found["words"] == "more real rows score no better, so none can be read off"


def test_high_is_good_of_other_metrics_and_only_shared_predictors_count():
    def area(n):
        return 0.9 - 0.5 * n**-0.3

    records = [row("real", n, s, area(n), metric="auc_roc") for n in SIZES for s in range(3)]
    records += [row("real", n, s, 0.5, "knn", "auc_roc") for n in SIZES for s in range(3)]
    records += [row("traditional", 50, s, area(250), metric="auc_roc") for s in range(3)]
    [found] = table(records).to_dict("records")
    assert found["equivalent"] == pytest.approx(250, rel=0.03)


def test_a_split_that_lacks_a_size_is_left_out():
    reals, _ = real(curve)
    reals = [r for r in reals if not (r["split_seed"] == 3 and r["evaluation"][8:11] == "400")]
    made = [row("traditional", 100, s, curve(150) + 9 * (s == 3)) for s in range(4)]
    [found] = table([*reals, *made]).to_dict("records")
    assert found["splits"] == 3
    assert found["equivalent"] == pytest.approx(150, rel=0.02)


def test_one_size_is_no_curve():
    records = [row("real", 50, s, 1.0) for s in range(3)]
    assert real_curves(Measurements.of(pd.DataFrame(records))) == []
    assert table(records).empty
