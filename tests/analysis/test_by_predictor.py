"""Verdicts by predictor: of rows whose differences are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.analysis.by_predictor import predictor_table
from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.results import Row
from tabsculpt.results.row import as_record


def rows(gains, splits=6):
    """RMSE about 10 of real rows, and of an arm that is better by a gain for each predictor."""
    rng = np.random.default_rng(0)
    records = []
    for split in range(splits):
        for predictor, gain in gains.items():
            base = 10 + rng.normal(0, 0.5)
            for pipeline, value in (("real", base), ("traditional", base - gain)):
                real = pipeline == "real"
                records.append(as_record(Row(
                    job=f"{pipeline}{split}", dataset="clinic", task="regression", data="d",
                    split_seed=split, profiler="none", generator="none" if real else "arf",
                    pipeline=pipeline, protocol="trtr" if real else "tstr", seed=0, device="cpu",
                    started="2026-01-01", predictors="quick", evaluation="test_size=0.33",
                    predictor=predictor, metric="rmse", direction="min",
                    value=value + rng.normal(0, 0.02), n_train=200, n_test=100,
                )))  # fmt: skip
    return pd.DataFrame(records)


def found(gains):
    [record] = predictor_table(Measurements.of(rows(gains)).cells("rmse")).to_dict("records")
    return record


def test_all_agree():
    record = found({"linear": -1.0, "forest": -1.1, "knn": -0.9})
    assert (record["first"], record["verdict"]) == ("real", "better")
    assert (record["better"], record["worse"]) == (3, 0)
    assert record["conclusion"] == "the same without any of them; 3 of 3 say so alone"
    assert record["against"] == record["hangs_on"] == ""


def test_one_turns_the_verdict():
    record = found({"linear": 1.0, "forest": 1.1, "knn": -0.9})
    assert record["verdict"] == "worse"
    assert (record["against"], record["conclusion"]) == ("knn", "turned by knn")


def test_a_verdict_hangs_on_one_predictor():
    record = found({"linear": 1.0, "forest": 0.0, "knn": 0.0})
    assert record["verdict"] == "worse"
    assert record["hangs_on"] == "linear"
    assert record["conclusion"] == "another without linear"
    assert (record["worse"], record["equal"]) == (1, 2)


def test_each_is_what_the_comparison_of_its_rows_says():
    every = rows({"linear": 1.0, "knn": -0.3})
    record = predictor_table(Measurements.of(every).cells("rmse")).to_dict("records")[0]
    for name in ("linear", "knn"):
        [alone] = compare(every[every.predictor == name], "rmse").to_dict("records")
        assert f"{name} {alone['difference']:+.4g} ({alone['verdict']})" in record["each"]


def test_a_single_predictor_is_no_choice():
    assert predictor_table(Measurements.of(rows({"linear": 1.0})).cells("rmse")).empty


def test_two_splits_are_not_enough_for_any():
    table = predictor_table(Measurements.of(rows({"a": 1.0, "b": 1.0}, splits=2)).cells("rmse"))
    assert table.not_enough.item() == 2
    assert table.verdict.item() == "not enough data"
