"""Pipelines that train otherwise on the real rows: what the predictors learn, and what is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.launch.work import Loaded
from tabsculpt.metrics.classification import brier, calibration_slope, macro_f1
from tabsculpt.notes import Code
from tabsculpt.pipelines.mixup import Mixup, mixed
from tabsculpt.pipelines.oversample import Oversample
from tabsculpt.pipelines.real_rows import TrainedBy, trained_by
from tabsculpt.pipelines.regularised import Regularised
from tabsculpt.pipelines.threshold import Threshold, best_decision
from tabsculpt.pipelines.undersample import Undersample
from tabsculpt.pipelines.weighted import Weighted
from tabsculpt.predictors.knn import NearestNeighbours
from tabsculpt.predictors.lightgbm import LightGBM
from tabsculpt.predictors.linear import Linear
from tabsculpt.predictors.prior_shift import class_shares, prior_ratio, rescaled
from tabsculpt.predictors.random_forest import RandomForest
from tabsculpt.predictors.xgboost import XGBoost
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

WEIGHED = [Linear(), RandomForest(trees=20), LightGBM(), XGBoost(rounds=20), NearestNeighbours()]
NAMES = ("weighted", "threshold", "oversample", "undersample", "regularised", "mixup")
KNN = "~predictors.random_forest", "~predictors.lightgbm"


def rare(n: int = 400, share: float = 0.1, seed: int = 0, law: float = 1.0) -> Table:
    """Two classes, one of them rare, told apart by ``x`` with errors."""
    rng = np.random.default_rng(seed)
    ill = rng.random(n) < share
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n) + law * ill,
            "k": rng.integers(0, 50, n),
            "sex": rng.choice(["f", "m"], n),
            "y": np.where(ill, "ill", "well"),
        }
    )
    columns = (
        Column("x", Kind.CONTINUOUS), Column("k", Kind.INTEGER),
        Column("sex", Kind.CATEGORICAL, ("f", "m")), Column("y", Kind.CATEGORICAL, ("ill", "well")),
    )  # fmt: skip
    return conform(frame, Schema(columns, "y", Task.BINARY))


@dataclass(frozen=True)
class Seen:
    """A predictor that predicts the class shares of what it was given."""

    libraries: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset(Task)
    stochastic: ClassVar[bool] = False
    uses_validation: ClassVar[bool] = False

    def fit(self, train, validation, seed):
        return SeenModel(train)


@dataclass(frozen=True)
class SeenModel:
    train: Table

    def predict(self, features):
        counts = np.bincount(self.train.target, minlength=len(self.train.schema.classes))
        return np.tile(counts / counts.sum(), (len(features), 1))


def job_rows(tmp_path, *overrides):
    job = Job.of(load(["dataset=breast_cancer", f"paths.outputs={tmp_path}", *KNN, *overrides]))
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    return done, pd.DataFrame([vars(row) for row in done.rows])


@pytest.mark.parametrize("predictor", WEIGHED, ids=lambda p: type(p).__name__)
def test_weights_move_the_mean_probability_to_even_classes(predictor):
    table, test = rare(law=0.0), rare(seed=1, law=0.0)
    plain = predictor.fit(table, None, 0).predict(test.features)[:, 0].mean()
    weighed = Weighted().train(predictor, table, None, 0).predict(test.features)[:, 0].mean()
    assert plain < 0.2
    assert weighed > plain + 0.04


def test_a_weight_of_two_is_a_row_twice():
    table = rare(60, 0.3)
    twice = table.take(np.repeat(np.arange(60), np.where(table.target == 0, 2, 1)))
    weights = np.where(table.target == 0, 2.0, 1.0)
    few = LightGBM(rounds=5, min_leaf_rows=1)
    weighed = few.fit(table, None, 0, weights).predict(table.features)
    assert weighed == pytest.approx(few.fit(twice, None, 0).predict(table.features), abs=0.1)
    assert weighed[:, 0].mean() > few.fit(table, None, 0).predict(table.features)[:, 0].mean()


def test_a_neighbours_vote_counts_by_its_weight():
    frame = pd.DataFrame({"x": [0.0, 1.0, 2.0, 50.0], "y": ["a", "b", "b", "b"]})
    columns = Column("x", Kind.CONTINUOUS), Column("y", Kind.CATEGORICAL, ("a", "b"))
    table = conform(frame, Schema(columns, "y", Task.BINARY))
    weights = np.array([6.0, 1.0, 2.0, 9.0])
    model = NearestNeighbours(neighbours=3).fit(table, None, 0, weights)
    assert model.predict(table.features[:1])[0] == pytest.approx([6 / 9, 3 / 9])


@pytest.mark.parametrize(("pipeline", "size"), [(Oversample(), 360 * 2), (Undersample(), 40 * 2)])
def test_plain_resampling_evens_the_classes(pipeline, size):
    base = rare(2000)
    ill, well = np.flatnonzero(base.target == 0)[:40], np.flatnonzero(base.target == 1)[:360]
    table = base.take(np.concatenate([ill, well]))
    seen = pipeline.train(Seen(), table, None, 0)
    assert len(seen.model.train) == size
    assert seen.predict(table.features[:1])[0] == pytest.approx([0.5, 0.5])
    corrected = type(pipeline)(correct_prior=True).train(Seen(), table, None, 0)
    assert corrected.predict(table.features[:1])[0] == pytest.approx([0.1, 0.9])
    rows = seen.model.train.frame.merge(table.frame.drop_duplicates())
    assert len(rows) == size  # real rows, and nothing else


def test_the_correction_is_that_of_undersampling():
    beta = 0.25  # rows of the frequent class that were kept
    p = np.array([[0.7, 0.3], [0.2, 0.8]])
    shares, balanced = np.array([0.8, 0.2]), np.array([0.8 * beta, 0.2])
    found = rescaled(p, prior_ratio(balanced / balanced.sum(), shares))
    rare_class = p[:, 1]
    assert found[:, 1] == pytest.approx(beta * rare_class / (beta * rare_class - rare_class + 1))


@pytest.mark.parametrize("pipeline", [Weighted, Oversample, Undersample])
def test_correction_of_the_prior_brings_calibration_back(pipeline):
    table, test = rare(4000, 0.05), rare(4000, 0.05, seed=1)
    truth, slopes, errors = test.target, [], []
    for trained in (None, pipeline(), pipeline(correct_prior=True)):
        model = trained.train(Linear(), table, None, 0) if trained else Linear().fit(table, None, 0)
        p = model.predict(test.features)
        errors.append(brier(truth, p))
        slopes.append(calibration_slope(truth, p))
    plain, wrecked, corrected = errors
    assert wrecked > 2 * plain
    assert corrected == pytest.approx(plain, rel=0.02)
    assert slopes == pytest.approx([1, 1, 1], abs=0.25)  # a shift of the log-odds leaves the slope


def test_upsample_corrects_by_the_shares_of_the_real_rows(tmp_path):
    found = []
    for correct in ("false", "true"):
        asked = ["pipeline=upsample", "generator=bootstrap", "split.minority=0.05", *KNN]
        asked += [f"pipeline.correct_prior={correct}", "~predictors.knn", "dataset=breast_cancer"]
        job = Job.of(load(asked))
        runner = Runner(Store(tmp_path), lambda _step, _done: None)
        layout = build_graph(job, job.source.load(), runner.result)
        [(_, predictions)] = layout.scored
        found.append(runner.result(predictions["linear"]).test)
        real = class_shares(runner.result(layout.train))
    plain, corrected = (p[:, 0] / p[:, 1] for p in found)
    some = (plain > 1e-6) & (plain < 1e6)
    assert corrected[some] / plain[some] == pytest.approx(real[0] / real[1])


def test_the_threshold_is_the_best_one_on_the_rows_it_is_chosen_on():
    rng = np.random.default_rng(0)
    truth = (rng.random(300) < 0.1).astype(np.int64)
    p = np.clip(0.1 + 0.2 * truth + 0.08 * rng.normal(size=300), 0.01, 0.99)
    probabilities = np.column_stack([1 - p, p])
    decision = best_decision(truth, probabilities)
    best = max(macro_f1(truth, np.column_stack([p < t, p >= t]) * 1.0) for t in np.unique(p))
    assert macro_f1(truth, rescaled(probabilities, decision)) == pytest.approx(best)
    assert best > macro_f1(truth, probabilities) + 0.2


def test_of_several_classes_each_but_the_first_has_a_factor():
    rng = np.random.default_rng(1)
    truth = rng.choice(3, 400, p=[0.6, 0.3, 0.1])
    scores = 0.05 + rng.dirichlet([1, 1, 1], 400) + np.eye(3)[truth] * 0.4
    scores[:, 2] *= 0.3
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    decision = best_decision(truth, probabilities)
    assert decision[0] == 1
    assert (decision[1:] != 1).any()
    assert macro_f1(truth, rescaled(probabilities, decision)) > macro_f1(truth, probabilities)


def test_a_threshold_changes_the_class_and_no_probability(tmp_path):
    minority = "split.minority=0.05"
    done, moved = job_rows(tmp_path, "pipeline=threshold", "~predictors.knn", minority)
    _, plain = job_rows(tmp_path, "pipeline=real", "~predictors.knn", minority)
    moved, plain = (rows.set_index("metric").value for rows in (moved, plain))
    for name in ("auc_roc", "brier", "ece", "calibration_slope"):
        assert moved[name] == pytest.approx(plain[name])
    for name in ("recall_class_0", "macro_f1", "accuracy"):
        assert moved[name] != plain[name]
    [note] = [note for note in done.rows[0].notes if note.code == Code.DECISION_CHOSEN]
    assert f"{done.rows[0].predictor} predicts '1' from a probability of" in note.text
    assert note.about == done.rows[0].predictor


def test_a_model_that_fits_noise_is_regularised():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 30)), columns=[f"x{i}" for i in range(30)])
    frame["y"] = frame.x0 + rng.normal(size=60) * 2
    columns = tuple(Column(name, Kind.CONTINUOUS) for name in frame)
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    model = Regularised().train(Linear(penalty=0.001), table, None, 0)
    assert "has penalty=" in model.notes[0].text
    assert "the best of 4 on 12 held-out rows" in model.notes[0].text
    assert model.notes[0].count == 12
    rows = conform(
        pd.DataFrame(rng.normal(size=(500, 30)), columns=list(frame)[:30]).assign(y=0.0),
        table.schema,
    )
    plain = Linear(penalty=0.001).fit(table, None, 0).predict(rows.features)
    own = model.predict(rows.features)
    truth = rows.frame.x0.to_numpy()
    assert np.mean((own - truth) ** 2) < np.mean((plain - truth) ** 2)


@pytest.mark.parametrize("predictor", WEIGHED, ids=lambda p: type(p).__name__)
def test_variants_are_ever_more_regularised(predictor):
    table = rare(300, 0.4, law=0.3)
    spread = [
        each.fit(table, None, 0).predict(table.features)[:, 0].std()
        for each in predictor.regularised()
    ]
    assert len(spread) >= 3
    assert spread == sorted(spread, reverse=True)


def test_mixed_rows_lie_between_their_parents():
    table = rare(50)
    frame = table.frame.assign(k=table.frame.k.mask(np.arange(50) < 10))
    table = Table(frame, table.schema)
    found = mixed(table, 0.5, 3).frame
    assert len(found) == 50
    assert found.x.between(frame.x.min(), frame.x.max()).all()
    assert not set(found.x) <= set(frame.x)
    assert set(found.y) | set(found.sex) <= {"ill", "well", "f", "m"}
    assert found.k.dtype == "Int64"
    assert found.k.isna().mean() < frame.k.isna().mean()
    many = mixed(table.take(np.tile(np.arange(50), 40)), 0.5, 0)
    assert many.frame.x.mean() == pytest.approx(frame.x.mean(), abs=0.1)
    assert (many.target == 0).mean() == pytest.approx((table.target == 0).mean(), abs=0.03)


def test_mixup_learns_as_many_rows_again():
    table = rare(50)
    model = Mixup().train(Seen(), table, None, 0)
    assert len(model.model.train) == 100
    assert model.model.train.frame.head(50).equals(table.frame)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_job_of_real_rows_whatever_it_is_crossed_with(tmp_path, name):
    done, rows = job_rows(tmp_path, f"pipeline={name}", "protocol=augmentation")
    assert done.ok
    assert set(rows.pipeline) == {name}
    assert set(rows.protocol) == {"trtr"}
    assert set(rows.generator) | set(rows.profiler) == {"none"}
    assert rows.n_synthetic.isna().all()
    assert set(rows.predictor) == {"linear", "knn"}
    other = Job.of(load(["dataset=breast_cancer", f"pipeline={name}", "protocol=tstr", *KNN,
                         "generator=arf", f"paths.outputs={tmp_path}"]))  # fmt: skip
    assert other.identity("x") == replaced(tmp_path, name).identity("x")


def replaced(tmp_path, name) -> Job:
    return Job.of(
        load([f"pipeline={name}", "dataset=breast_cancer", f"paths.outputs={tmp_path}", *KNN])
    )


@pytest.mark.parametrize("name", NAMES[:4])
def test_numbers_have_no_classes(name):
    job = Job.of(load(["dataset=sklearn_diabetes", f"pipeline={name}"]))
    assert "needs classes, and 'target' is a number" in job.impossible(job.source.load())


def test_a_predictor_that_cannot_is_left_out_with_the_reason():
    suite = {"seen": Seen(), "linear": Linear()}
    kept, left_out = trained_by(Weighted(), suite, Task.BINARY)
    assert list(kept) == ["linear"]
    assert isinstance(kept["linear"], TrainedBy)
    assert left_out == {"seen": "takes no weights of rows, which weighted needs"}
    kept, left_out = trained_by(Regularised(), suite, Task.BINARY)
    assert left_out == {"seen": "has no more regularised variant"}
    assert trained_by(Threshold(), suite, Task.BINARY)[1] == {}


def test_no_file_of_rows_comes_of_them():
    from tabsculpt.synthesis.rows import RowRequest, check_request

    job = Job.of(load(["dataset=breast_cancer", "pipeline=weighted"]))
    with pytest.raises(UserError, match="pipeline=weighted makes no rows"):
        check_request(job, job.source.load().table.schema, RowRequest())


@pytest.mark.parametrize("name", ["weighted", "threshold", "oversample", "undersample"])
def test_on_a_number_it_is_planned_as_impossible_and_skipped_with_its_reason(name, tmp_path):
    chosen = ("~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn")
    job = Job.of(load([f"pipeline={name}", *chosen, f"paths.outputs={tmp_path}"]))
    why = Loaded().impossible(job)
    assert why is not None
    assert why.startswith(f"pipeline={name} needs classes")
    done = run_job(job, job.source.load(), lambda _layout: None, lambda _step, _done: None)
    scored = [row for row in done.rows if row.predictor]
    assert {row.status for row in scored} == {"skipped"}
    assert all(row.reason.startswith(f"{name} needs classes") for row in scored)
