"""Scores that are functions of recorded dynamics, against values computed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from tabsculpt.config.components import instantiate
from tabsculpt.errors import UserError
from tabsculpt.profilers.agreement import Agreement
from tabsculpt.profilers.aum import AUM
from tabsculpt.profilers.dataiq import DataIQ, Form
from tabsculpt.profilers.datamaps import DataMaps
from tabsculpt.profilers.detector import Detector
from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.el2n import EL2N
from tabsculpt.profilers.forgetting import Forgetting
from tabsculpt.profilers.grand import GraNd
from tabsculpt.profilers.sample_loss import SampleLoss
from tabsculpt.profilers.vog import VoG
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

X = Column("x", Kind.CONTINUOUS)
CLASSES = conform(
    pd.DataFrame({"x": [0.0, 1.0], "y": ["a", "b"]}),
    Schema((X, Column("y", Kind.CATEGORICAL, ("a", "b", "c"))), "y", Task.MULTICLASS),
)
NUMBERS = conform(
    pd.DataFrame({"x": [0.0, 1.0], "y": [1.0, 5.0]}),
    Schema((X, Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION),
)
PROBABILITIES = np.array([
    [[0.5, 0.25, 0.25], [0.5, 0.3, 0.2]],
    [[0.2, 0.6, 0.2], [0.6, 0.2, 0.2]],
    [[0.8, 0.1, 0.1], [0.9, 0.05, 0.05]],
])  # fmt: skip
GIVEN = np.array([[0.5, 0.3], [0.2, 0.2], [0.8, 0.05]])
OF_CLASSES = Dynamics(
    PROBABILITIES, GIVEN, -np.log(GIVEN),
    gradient_norms=np.array([[1.0, 2.0], [3.0, 2.0], [2.0, 5.0]]),
    gradient_variance=np.array([[1.0, 9.0], [4.0, 4.0]]),
)  # fmt: skip
RELATIVE = np.array([[1.0, 0.1], [2.0, 1.0], [0.5, 0.2]])  # |r| / s, all predictions too low
OF_NUMBERS = Dynamics(np.array([1.0, 5.0]) - RELATIVE, np.exp(-RELATIVE), RELATIVE**2)


def test_dataiq_averages_after_the_burn_in():
    scores = DataIQ(burn_in=0.5).score(CLASSES, OF_CLASSES, 0)  # leaves out the first of three
    assert scores.score == pytest.approx([0.5, 0.125])
    assert scores.uncertainty == pytest.approx([0.16, (0.2 * 0.8 + 0.05 * 0.95) / 2])
    assert DataIQ(burn_in=0).score(CLASSES, OF_CLASSES, 0).score == pytest.approx(GIVEN.mean(0))


def test_datamaps_has_mean_and_deviation():
    scores = DataMaps().score(CLASSES, OF_CLASSES, 0)
    assert scores.score == pytest.approx([0.5, 0.55 / 3])
    assert scores.uncertainty == pytest.approx(GIVEN.std(axis=0))


def test_aum_is_the_mean_margin():
    margins = np.log([[0.5 / 0.25, 0.3 / 0.5], [0.2 / 0.6, 0.2 / 0.6], [0.8 / 0.1, 0.05 / 0.9]])
    assert AUM().score(CLASSES, OF_CLASSES, 0).score == pytest.approx(margins.mean(axis=0))
    assert AUM().score(NUMBERS, OF_NUMBERS, 0).score == pytest.approx(1 - RELATIVE.mean(axis=0))


def test_el2n_is_the_length_of_the_error():
    first = [np.hypot(0.5, np.hypot(0.25, 0.25)), np.sqrt(0.64 + 0.36 + 0.04), np.sqrt(0.06)]
    assert EL2N().score(CLASSES, OF_CLASSES, 0).score[0] == pytest.approx(np.mean(first))
    assert EL2N().score(NUMBERS, OF_NUMBERS, 0).score == pytest.approx(RELATIVE.mean(axis=0))


def test_grand_is_the_mean_norm():
    assert GraNd().score(CLASSES, OF_CLASSES, 0).score == pytest.approx([2.0, 3.0])


def test_forgetting_counts_what_is_lost_again():
    found = Forgetting().score(CLASSES, OF_CLASSES, 0)  # right, wrong, right; never right
    assert found.details["events"].tolist() == [1, 3]
    assert found.score == pytest.approx([1 + 0.999 / 3, 3 + 0.999])
    numbers = Forgetting().score(NUMBERS, OF_NUMBERS, 0)  # wrong, wrong, right; right, wrong, right
    assert numbers.details["events"].tolist() == [0, 1]


def test_agreement_is_confidence_without_divergence():
    found = Agreement().score(CLASSES, OF_CLASSES, 0)

    def entropy(p):
        return -(p * np.log2(p)).sum()

    row = PROBABILITIES[:, 0]
    expected = (entropy(row.mean(axis=0)) - np.mean([entropy(p) for p in row])) / np.log2(3)
    assert found.details["divergence"][0] == pytest.approx(expected)
    assert found.score[0] == pytest.approx(0.5 - expected)
    spread = RELATIVE.std(axis=0)
    numbers = Agreement().score(NUMBERS, OF_NUMBERS, 0)
    assert numbers.score == pytest.approx(np.exp(-RELATIVE).mean(axis=0) - spread / (1 + spread))


def test_sample_loss_truncates_large_losses():
    losses = RELATIVE[:, 0] ** 2
    expected = np.log(1 + losses + losses**2 / 2).mean()
    assert SampleLoss().score(NUMBERS, OF_NUMBERS, 0).score[0] == pytest.approx(expected)


def test_vog_is_the_mean_spread_standardised_within_classes():
    numbers = Dynamics(OF_NUMBERS.outputs, OF_NUMBERS.correctness, OF_NUMBERS.losses, None,
                       OF_CLASSES.gradient_variance)  # fmt: skip
    assert VoG().score(NUMBERS, numbers, 0).score == pytest.approx([2.0, 2.0])
    four = CLASSES.take([0, 0, 1, 1])
    variance = np.array([[1.0, 9.0], [16.0, 16.0], [4.0, 4.0], [4.0, 4.0]])
    dynamics = Dynamics(PROBABILITIES[:, [0, 0, 1, 1]], GIVEN, GIVEN, None, variance)
    assert VoG().score(four, dynamics, 0).score == pytest.approx([-1, 1, 0, 0])


def diabetes() -> Table:
    frame = load_diabetes(as_frame=True).frame.head(150)
    columns = tuple(Column(name, Kind.CONTINUOUS) for name in frame.columns)
    return conform(frame, Schema(columns, "target", Task.REGRESSION))


def test_the_published_form_is_a_constant_model_in_the_targets_unit():
    rows = diabetes()
    profiler = DataIQ(form=Form.PUBLISHED)
    assert profiler.recorder is None
    scores = profiler.score(rows, None, 0)
    fitted = LinearRegression().fit(rows.matrix(), rows.target).predict(rows.matrix())
    assert scores.score == pytest.approx(fitted)
    assert scores.uncertainty.max() < 1e-20
    assert scores.details["r2"] == pytest.approx(np.full(150, r2_score(rows.target, fitted)))
    assert scores.details["pearson"][0] == pytest.approx(np.corrcoef(fitted, rows.target)[0, 1])
    rmse = np.sqrt(np.mean((fitted - rows.target) ** 2))
    assert scores.details["rmse"] == pytest.approx(np.full(150, rmse))
    with pytest.raises(UserError, match="form=calibrated"):
        profiler.score(CLASSES, None, 0)


def test_settings_out_of_their_range_are_refused():
    target = "tabsculpt.profilers.dataiq.DataIQ"
    for wrong in ({"burn_in": 1.0}, {"learner": "forest"}, {"folds": -1}, {"threshold": 0.0}):
        with pytest.raises(UserError, match=next(iter(wrong))):
            instantiate({"_target_": target, **wrong}, "profiler")


def test_the_detector_knows_a_wrong_course_from_a_right_one():
    rows = diabetes()
    right = np.linspace(0.3, 0.9, 50)[:, None] + np.zeros(149)
    wrong = np.linspace(0.3, 0.05, 50)[:, None]
    course = np.hstack([wrong, right])
    found = Detector().score(rows, Dynamics(course, course, course), 0).score
    assert found[0] > 0.15
    assert found[1:].max() < 0.02
