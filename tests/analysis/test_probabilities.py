"""Calibration and decision curves of a run: from its stored predictions, in the report."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss
from typer.testing import CliRunner

from tabsculpt.analysis.probabilities import calibration_table, predicted
from tabsculpt.cli.main import app
from tabsculpt.report.inputs import read_inputs
from tabsculpt.report.page import make_report

RUN = ["run", "dataset=breast_cancer", "generator=bootstrap", "pipeline=traditional",
       "~predictors.lightgbm", "~predictors.random_forest"]  # fmt: skip


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probabilities")
    done = CliRunner().invoke(app, [*RUN, f"paths.outputs={folder}"])
    assert done.exit_code == 0, done.output
    return folder


def test_the_table_is_of_the_stored_predictions(outputs):
    inputs = read_inputs(outputs, [], None)
    found = predicted(list(inputs.found.cells(headline=True)), outputs / "store")
    rows = pd.read_parquet(outputs / "results")
    table = calibration_table(found).set_index(["arm", "predictor"])
    assert len(table) == 4
    for of in (("real", "linear"), ("traditional", "knn")):
        mine = rows[(rows.pipeline == of[0]) & (rows.predictor == of[1]) & (rows.metric == "brier")]
        assert table.loc[of].brier == pytest.approx(mine.value.item())
    [real] = [each for each in found if each.arm == "real"]
    assert (real.positive, real.prevalence) == ("1", pytest.approx(357 / 569, abs=0.01))
    assert brier_score_loss(real.truth[0], real.probability[0]) == pytest.approx(
        table.loc[("real", real.predictor[0])].brier
    )
    assert real.benefit[49] <= real.prevalence
    assert real.reliability.counts.sum() == 2 * len(real.truth[0])


def test_the_report_draws_them_and_says_what_is_gone(outputs):
    report = make_report(read_inputs(outputs, [], None))
    figures = {f.block: f for block in report.blocks for f in block.figures}
    assert {"perfect", "real", "traditional"} == set(figures["calibration"].series)
    assert {"treat all", "real", "traditional"} == set(figures["decisions"].series)
    first = next((outputs / "store/TrainAndPredict").glob("*/*/predictions.npz"))
    kept = first.parent.rename(outputs / "kept")
    try:
        [section] = [s for s in make_report(read_inputs(outputs, [], None)).sections
                     if s.name == "probabilities"]  # fmt: skip
    finally:
        kept.rename(first.parent)
    assert "1 predictions are no longer in the store" in section.text
    assert np.isfinite(section.tables[0].frame.ece).all()


def test_a_regression_has_none(tmp_path):
    words = ["run", "pipeline=real", "~predictors.lightgbm", "~predictors.random_forest"]
    assert CliRunner().invoke(app, [*words, f"paths.outputs={tmp_path}"]).exit_code == 0
    report = make_report(read_inputs(tmp_path, [], None))
    assert [b.name for b in report.blocks if b.name in ("calibration", "decisions")] == []
