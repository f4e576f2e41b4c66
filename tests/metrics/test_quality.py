"""All that is measured of a synthetic table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from given_step import Given
from tabsculpt import metrics
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.metrics.composite import Weights
from tabsculpt.metrics.disclosure.risks import RISKS
from tabsculpt.metrics.features import FeatureSpace
from tabsculpt.metrics.quality import measure
from tabsculpt.metrics.quality_steps import MeasureQuality, ScoresOfTest
from tabsculpt.metrics.sdmetrics import NAMES, sdmetrics_scores
from tabsculpt.metrics.wasserstein import quality, wasserstein_mean
from tabsculpt.table import Column, Kind, Schema, Task, conform

WHOLE = [
    "wasserstein", "marginal", "entropy_gap", "rare_categories_1", "rare_categories_5",
    "target_low_tail", "target_high_tail", "correlation", "association", "exact_copies",
    "wasserstein_joint", "alpha_precision", "beta_recall", "authenticity", "precision", "recall",
    "density", "coverage", "detection_auc", "closer_to_train", "membership_auc",
    "membership_accuracy", "membership_shadow", "singling_out", "singling_out_multivariate",
    "linkability", "inference", "q", "q_fidelity", "q_diversity", "q_privacy",
    *NAMES,
]  # fmt: skip


def whole(measurements):
    return {m.metric: m for m in measurements if m.column is None}


@pytest.fixture
def tables(draw):
    return draw(200, 0, missing=0.1), draw(100, 1, missing=0.1), draw(200, 2, missing=0.1)


def test_what_is_measured_of_a_table_with_holes_and_categories(tables):
    found = measure(*tables, 0)
    assert [m.metric for m in found if m.column is None] == WHOLE
    per_column = {(m.metric, m.column) for m in found if m.column}
    assert per_column == (
        {("wasserstein", name) for name in "xnbcyk"}
        | {("ks", name) for name in "xny"}
        | {("total_variation", name) for name in "bck"}
        | {("entropy", name) for name in "bck"}
        | {("inference", name) for name in "xnbcyk"}
    )
    assert all((m.value is None) == bool(m.reason) for m in found)
    unbounded = {"wasserstein", "wasserstein_joint", "density", "entropy_gap", "correlation"}
    for name in {*WHOLE} - unbounded - {"target_low_tail", "target_high_tail"}:
        value = whole(found)[name].value
        assert value is None or (-1 if name in RISKS else 0) <= value <= 1
    silent = {m.metric for m in found if m.value is None} - {*NAMES}
    assert silent == {"rare_categories_1"}


def test_the_column_distances_stay_as_they_were(tables):
    train, test, synthetic = tables
    found = measure(*tables, 0)
    here = {m.column: m for m in found if m.metric == "wasserstein"}
    assert {name: here[name].value for name in "xnbcyk"} == quality(train, synthetic)
    assert {name: here[name].reference for name in "xnbcyk"} == quality(train, test)
    assert here[None].value == pytest.approx(wasserstein_mean(train, synthetic))


def test_the_test_part_is_its_own_reference(tables):
    train, test, _ = tables
    for m in measure(train, test, test, 0):
        if m.metric not in WHOLE[10:]:  # those draw rows of both tables by different seeds
            assert m.value == m.reference


def test_a_second_sample_is_near_the_reference_and_copies_are_found(tables):
    train, test, synthetic = tables
    fresh, copied = (whole(measure(train, test, other, 0)) for other in (synthetic, train))
    for name in ("detection_auc", "recall", "coverage", "alpha_precision", "membership_auc"):
        assert fresh[name].value == pytest.approx(fresh[name].reference, abs=0.15)
    assert copied["exact_copies"].value == 1
    assert copied["membership_auc"].value == 1
    assert copied["q_privacy"].value == 0
    assert fresh["q"].value > copied["q"].value


def test_the_worse_the_table_the_worse_the_numbers(tables, unlink):
    train, test, synthetic = tables
    good = whole(measure(train, test, synthetic, 0))
    bad = whole(measure(train, test, unlink(synthetic, 0), 0))
    for name in ("correlation", "association", "wasserstein_joint", "detection_auc"):
        assert bad[name].value > good[name].value + 0.05
    assert bad["marginal"].value == pytest.approx(good["marginal"].value)


def test_too_few_rows_say_so(draw):
    found = whole(measure(draw(200, 0), draw(100, 1), draw(19, 2), 0))
    silent = {name for name, m in found.items() if m.value is None} - {*NAMES}
    no_rare = {"rare_categories_1", "rare_categories_5"}
    assert silent == {*WHOLE[10:19], "q", "q_diversity", *no_rare}
    assert found["recall"].reason == (
        "needs 20 rows of train, test and the synthetic table, got 19"
    )
    found = whole(measure(draw(60, 0), draw(30, 1), draw(60, 2), 0))
    assert found["membership_auc"].value is not None
    assert found["membership_shadow"].reason == "needs 40 rows of train and of test, got 30"


def test_numbers_alone_have_no_categories():
    schema = Schema((Column("y", Kind.CONTINUOUS),), "y", Task.REGRESSION)
    rng = np.random.default_rng(0)
    train, test, other = (
        conform(pd.DataFrame({"y": rng.normal(size=n)}), schema) for n in (60, 50, 60)
    )
    found = whole(measure(train, test, other, 0))
    silent = {name for name, m in found.items() if m.value is None} - {*NAMES}
    assert silent == {
        "entropy_gap", "rare_categories_1", "rare_categories_5", "correlation", "association",
        "linkability", "inference",
    }  # fmt: skip


def test_columns_that_are_empty_or_constant_are_no_obstacle(draw):
    tables = [draw(rows, seed) for seed, rows in enumerate((80, 60, 80))]
    train, test, synthetic = (
        conform(t.frame.assign(x=None, n=3, c=None), t.schema) for t in tables
    )
    found = whole(measure(train, test, synthetic, 0))
    assert found["recall"].value > 0.5
    assert FeatureSpace.fit(train).points(train).shape == (80, 5)


def test_a_classification_is_measured_too(draw, classes):
    tables = [draw(rows, seed, schema=classes) for seed, rows in enumerate((120, 90, 120))]
    found = whole(measure(*tables, 0))
    assert found["target_low_tail"].value is None
    assert found["q"].value > 0.5


def test_the_same_seed_measures_the_same(tables):
    assert measure(*tables, 5) == measure(*tables, 5)
    assert measure(*tables, 5) != measure(*tables, 6)


def test_tables_that_do_not_compare_are_refused(tables, draw, classes):
    train, test, synthetic = tables
    with pytest.raises(ValueError, match="same schema"):
        measure(train, draw(20, 0, schema=classes), synthetic, 0)
    with pytest.raises(ValueError, match="each have a row"):
        measure(train, test, synthetic.take([]), 0)


def test_the_step_gives_back_what_it_stored(tables, tmp_path):
    train, test, synthetic = (Given(name, table) for name, table in zip("abc", tables, strict=True))
    usual = ScoresOfTest(train, test)
    step = MeasureQuality(synthetic, train, test, usual, 0)
    first = Runner(Store(tmp_path), lambda *_: None).result(step)
    again = Runner(Store(tmp_path), lambda *_: None)
    again._compute = None  # nothing is computed
    assert again.result(step) == first == measure(*tables, step.random_seed)
    assert any(m.value is None for m in first) or any(m.reference is None for m in first)
    other = MeasureQuality(synthetic, train, test, usual, 0, Weights(1, 0, 0))
    assert other.key != step.key


def test_what_the_package_gives_of_the_test_rows_is_asked_once(tables, tmp_path, monkeypatch):
    pytest.importorskip("sdmetrics", reason="its scores are what is shared")
    train, test, made = (Given(name, table) for name, table in zip("abc", tables, strict=True))
    asked = []

    def counted(*tables):
        asked.append(tables)
        return sdmetrics_scores(*tables)

    for module in (metrics.quality, metrics.quality_steps):
        monkeypatch.setattr(module, "sdmetrics_scores", counted)
    runner, usual = Runner(Store(tmp_path), lambda *_: None), ScoresOfTest(train, test)
    of_test = {}
    for synthetic in (made, Given("d", tables[0])):
        found = whole(runner.result(MeasureQuality(synthetic, train, test, usual, 0)))
        of_test[synthetic.name] = [found[name].reference for name in NAMES]
    assert len(asked) == 3  # the test rows, then two synthetic tables
    assert of_test["c"] == of_test["d"] == list(sdmetrics_scores(*tables[:2]).values())
