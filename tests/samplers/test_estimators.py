"""Pipelines as samplers: what comes back, in which types, and that it is what a job makes."""

from __future__ import annotations

import doctest
import warnings

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score

from tabsculpt import Profile2Gen, TargetedAugmentation, Upsampler
from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.generators.arf.arf import ARF
from tabsculpt.generators.bootstrap import Bootstrap
from tabsculpt.generators.ctgan.tvae import PaperTVAE
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.profilers.knn_shapley import KNNShapley
from tabsculpt.samplers import estimators

SAMPLERS = [
    Profile2Gen("bayesian_network", "knn_shapley"),
    TargetedAugmentation("bayesian_network", shares=[0.3]),
    Upsampler("bayesian_network"),
]


def mixed(n: int = 240, classes: bool = True) -> tuple[pd.DataFrame, pd.Series]:
    """Every dtype that a frame may have, gaps, an index of its own and names that are awkward."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "real": x,
            "float32": x.astype(np.float32),
            "whole": rng.integers(0, 40, n).astype(np.int16),
            "whole as float": rng.integers(0, 40, n).astype(float),
            "nullable": pd.array(rng.integers(0, 9, n), dtype="Int64"),
            "text": rng.choice(["a", "b", "ü"], n),
            "flag": rng.random(n) < 0.3,
            "level": pd.Categorical(rng.choice([10, 20], n), categories=[20, 10, 30]),
            "7": rng.choice([1.5, 2.5], n),
        },
        index=[f"row {i}" for i in range(n)],
    )
    frame.loc[rng.random(n) < 0.1, ["real", "nullable", "text"]] = None
    noisy = x + 0.5 * rng.normal(size=n)
    target = np.where(noisy > 0.8, "ill", "well") if classes else noisy
    return frame, pd.Series(target, index=frame.index, name="state")


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: type(s).__name__)
def test_a_frame_of_mixed_types_with_gaps_comes_back_as_one(sampler):
    x, y = mixed()
    more_x, more_y = clone(sampler).fit_resample(x, y)
    n = len(x)
    assert len(more_x) == len(more_y) > n
    assert more_x.columns.tolist() == x.columns.tolist()
    assert more_x.dtypes.equals(x.dtypes)
    assert (more_y.name, more_y.dtype) == ("state", y.dtype)
    assert more_x.index.equals(pd.RangeIndex(len(more_x)))
    assert more_y.index.equals(more_x.index)
    pd.testing.assert_frame_equal(more_x.head(n), x.reset_index(drop=True))
    assert more_y.head(n).tolist() == y.tolist()
    made = more_x.tail(len(more_x) - n)
    assert set(made["text"].dropna()) <= {"a", "b", "ü"}
    assert made["level"].isin([10, 20]).all()
    assert made["7"].between(1.5, 2.5).all()
    assert (made["whole as float"] % 1 == 0).all()
    assert set(more_y) == {"ill", "well"}


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: type(s).__name__)
def test_what_comes_back_is_of_the_type_that_went_in(sampler):
    frame, series = load_wine(return_X_y=True, as_frame=True)
    array, labels = frame.to_numpy(dtype=np.float32), series.to_numpy(dtype=np.int8)
    found = clone(sampler).fit_resample(array, labels)
    assert [(type(part), part.dtype) for part in found] == [
        (np.ndarray, np.float32),
        (np.ndarray, np.int8),
    ]
    assert np.array_equal(found[0][: len(array)], array)
    lists = clone(sampler).fit_resample(array.tolist(), labels.tolist())
    assert [type(part) for part in lists] == [list, list]
    x, y = clone(sampler).fit_resample(frame, series.to_frame())
    assert isinstance(y, pd.DataFrame)
    assert y.columns.tolist() == ["target"]
    assert len(x) == len(y) > len(frame)


def test_imputation_is_for_the_generator_and_real_rows_keep_their_gaps():
    x, y = mixed()
    sampler = Profile2Gen("bayesian_network", "knn_shapley", missing="impute")
    more_x, _ = sampler.fit_resample(x, y)
    pd.testing.assert_frame_equal(more_x.head(len(x)), x.reset_index(drop=True))
    assert not more_x.tail(len(more_x) - len(x)).isna().to_numpy().any()
    kept, _ = clone(sampler).set_params(missing="keep").fit_resample(x, y)
    assert kept.tail(len(kept) - len(x)).isna().to_numpy().any()


ADDED = "protocol=augmentation", "protocol.proportions=[0.454]"
JOBS = {
    "profile2gen": (
        Profile2Gen("arf", "dataiq", proportion=0.454, random_state=3),
        ["pipeline=profile2gen", "profiler=dataiq", *ADDED],
    ),
    "profile2gen alone": (
        Profile2Gen("arf", "knn_shapley", keep_real=False, random_state=3),
        ["pipeline=profile2gen", "profiler=knn_shapley", "protocol=tstr"],
    ),
    "targeted": (
        TargetedAugmentation("arf", shares=[0.1, 0.3], proportion=0.454, random_state=3),
        ["pipeline=targeted", "pipeline.shares=[0.1,0.3]", "profiler=knn_shapley", *ADDED],
    ),
    "upsample": (
        Upsampler("arf", ratio=0.9, random_state=3),
        ["pipeline=upsample", "pipeline.ratio=0.9"],
    ),
}


# upsample is for classes alone
CASES = [
    (name, dataset)
    for name in JOBS
    for dataset in ("wine", "sklearn_diabetes", "csv")
    if (name, dataset) != ("upsample", "sklearn_diabetes")
]


@pytest.mark.parametrize(("name", "dataset"), CASES)
def test_the_rows_are_those_of_the_command_line(tmp_path, name, dataset):
    sampler, overrides = JOBS[name]
    sampler = clone(sampler)
    own = [f"dataset={dataset}"]
    if dataset == "csv":
        x, y = mixed()
        x.assign(state=y).to_csv(tmp_path / "mine.csv", index=False)
        own += [f"dataset.path={tmp_path / 'mine.csv'}", "dataset.target=state"]
        own += ["dataset.missing=keep"]
    job = Job.of(load(["generator=arf", "seed=3", *own, *overrides]))
    runner = Runner(Store(tmp_path), lambda _step, _done: None)
    layout = build_graph(job, job.source.load(), runner.result)
    train = runner.result(layout.train)
    assert isinstance(layout.scored, tuple)
    evaluation = layout.scored[0][0]
    expected = runner.result(evaluation.training).frame
    labels = train.frame[train.schema.target]
    x, y = sampler.fit_resample(train.features, labels)
    assert len(expected) > 50
    found = x.assign(**{train.schema.target: y})
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("generator", ["arf", "bayesian_network", "gaussian_copula"])
def test_names_of_columns_move_no_draw(generator):
    x, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    sampler = Profile2Gen(generator, "knn_shapley", keep_real=False)
    rows, target = sampler.fit_resample(x, y)
    renamed, _ = sampler.fit_resample(x.set_axis([f"z {name}" for name in x], axis=1), y)
    assert renamed.columns[0] == "z age"
    assert renamed.to_numpy().tolist() == rows.to_numpy().tolist()
    array, labels = sampler.fit_resample(x.to_numpy(), y.to_numpy())
    assert array.tolist() == rows.to_numpy().tolist()
    assert labels.tolist() == target.tolist()
    moved, _ = sampler.fit_resample(x[x.columns[::-1]], y)
    assert not np.array_equal(moved[x.columns], rows)


def test_what_was_found_is_left_as_attributes():
    x, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    sampler = Profile2Gen(Bootstrap(), KNNShapley())
    more_x, more_y = sampler.fit_resample(x, y)
    counts = pd.Series(sampler.segments_).value_counts()
    assert sampler.segments_.shape == sampler.hardness_.shape == y.shape
    hard = sampler.hardness_[sampler.segments_ == "hard"]
    assert hard.min() > sampler.hardness_[sampler.segments_ != "hard"].max()
    assert len(sampler.synthetic_) + len(sampler.dropped_) == len(x)
    assert len(sampler.dropped_) > 0
    assert len(sampler.origin_) == len(sampler.synthetic_)
    copies = sampler.synthetic_.assign(y=sampler.synthetic_target_)
    real = x.assign(y=y)
    for name in counts.index:  # each segment's generator copies its own rows
        rows = real[sampler.segments_ == name].drop_duplicates()
        assert len(copies[sampler.origin_ == name].merge(rows)) == (sampler.origin_ == name).sum()
    assert len(more_x) == len(x) + len(sampler.synthetic_)
    assert more_y.tail(len(sampler.synthetic_)).tolist() == sampler.synthetic_target_.tolist()
    assert (sampler.task_, sampler.sampling_strategy_) == ("regression", {})


def test_upsampling_says_how_many_rows_of_each_class_it_made():
    x, y = load_wine(return_X_y=True)
    sampler = Upsampler("naive")
    _, more_y = sampler.fit_resample(x, y)
    assert np.bincount(more_y).tolist() == [71, 71, 71]
    assert sampler.sampling_strategy_ == {0: 12, 2: 23}
    balanced = np.repeat([0, 1], 30)
    again = sampler.fit_resample(x[:60], balanced)
    assert again[0].shape == (60, 13)
    assert sampler.sampling_strategy_ == {}
    assert "as even as asked for" in sampler.notes_[-1].text


@pytest.mark.parametrize("regression", [True, False])
def test_a_pipeline_is_cross_validated(regression):
    x, y = (load_diabetes if regression else load_wine)(return_X_y=True, as_frame=True)
    last = Ridge(0.01) if regression else RandomForestClassifier(30, random_state=0)
    sampler = Profile2Gen("arf", "knn_shapley", proportion=0.3)
    alone, more = (
        cross_val_score(make_pipeline(s, last), x, y, cv=3) for s in ("passthrough", sampler)
    )
    assert more.shape == (3,)
    assert not np.array_equal(alone, more)
    assert np.abs(alone - more).max() < 0.3
    again = cross_val_score(make_pipeline(sampler, last), x, y, cv=3, n_jobs=2)
    assert again.tolist() == more.tolist()


def test_settings_are_searched_and_reach_the_pipeline():
    x, y = load_wine(return_X_y=True)
    model = make_pipeline(Upsampler("naive"), RandomForestClassifier(5, random_state=0))
    grid = {"upsampler__ratio": np.linspace(0.7, 1.0, 2), "upsampler__generator": ["naive", ARF()]}
    search = GridSearchCV(model, grid, cv=2).fit(x, y)
    assert len(search.cv_results_["params"]) == 4
    assert search.best_estimator_[0].sampling_strategy_ is not None


def test_the_seed_decides_and_none_draws_anew():
    x, y = load_wine(return_X_y=True)

    def rows(random_state):
        return Upsampler("arf", random_state=random_state).fit_resample(x, y)[0].tolist()

    assert rows(1) == rows(1) != rows(2)
    assert rows(np.random.RandomState(0)) == rows(np.random.RandomState(0))
    assert rows(None) != rows(None)


@pytest.mark.parametrize(
    ("sampler", "words"),
    [
        (Profile2Gen("tvea"), r"unknown generator 'tvea'; did you mean 'tvae'\?"),
        (Profile2Gen(PaperTVAE), r"generator is a class; make an instance of it: PaperTVAE\(\)"),
        (Profile2Gen(profiler=PaperTVAE()), "profiler is .*; expected a name, one of agreement, "),
        (Profile2Gen(None), "generator is None; expected a name, one of adasyn, "),
        (Profile2Gen("tuned"), "a sampler returns all its rows to be trained on"),
        (Profile2Gen(Tuned({"tvae": PaperTVAE()})), "a sampler returns all its rows to be trained on"),  # noqa: E501
        (Profile2Gen("tvae,ctgan"), "unknown generator 'tvae,ctgan'"),
        (Profile2Gen("arf", small_segments="drop"), "^small_segments: input should be 'merge' or"),
        (Profile2Gen("arf", proportion=0), "^proportions.* greater than 0, got 0$"),
        (Profile2Gen("arf", missing="drop"), "unknown missing 'drop'. Choices: impute, keep"),
        (Profile2Gen("arf", task="binary"), "has 3 classes; use task=multiclass"),
        (Profile2Gen("smoter"), "smoter does not do multiclass; it does regression"),
        (Profile2Gen("arf", device="gpu"), "device is 'gpu'; expected one of auto, cpu, cuda"),
        (TargetedAugmentation("arf", shares=[]), "^shares: list should have at least 1 item"),
        (TargetedAugmentation("arf", shares=[0.1, 2]), "^shares.1: .* less than or equal to 1"),
        (TargetedAugmentation("arf", predictors="slow"), "unknown predictors 'slow'"),
        (TargetedAugmentation("tvae", shares=[0.01]), "tvae needs at least 5 training rows, got 2"),
        (Upsampler("smotenc", ratio=-1), "^ratio: input should be greater than 0, got -1$"),
    ],
)  # fmt: skip
def test_bad_settings_are_value_errors_of_one_line(sampler, words):
    x, y = load_wine(return_X_y=True)
    with pytest.raises(ValueError, match=words) as caught:
        sampler.fit_resample(x, y)
    assert "\n" not in str(caught.value)


def test_bad_rows_are_value_errors_of_one_line():
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    with pytest.raises(ValueError, match="Unknown label type"):
        Upsampler().fit_resample(x, y + 0.5)
    gaps = x.mask(x > 0.1)
    with pytest.raises(ValueError, match=r"takes no missing values .*; use missing=impute"):
        Profile2Gen("smotenc").fit_resample(gaps, y > 100)
    for bad, words in (
        (x.assign(empty=np.nan), "without a single value: empty"),
        (x.rename(columns={"bmi": "age "}), "several columns are named age"),
    ):
        with pytest.raises(ValueError, match=words):
            Profile2Gen("arf").fit_resample(bad, y)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        Profile2Gen("arf").fit_resample(x, y.mask(y > 300))
    with pytest.raises(ValueError, match="Input y contains NaN"):
        Upsampler("arf").fit_resample(x, [None, *["a", "b"] * 220, "a"])


def test_whole_numbers_are_classes_whatever_the_number_of_rows():
    x, y = load_wine(return_X_y=True)
    few = np.r_[0:8, 60:68, 140:148]  # three values in 24 rows: for a file, a number
    sampler = Profile2Gen("bootstrap", "knn_shapley").fit(x[few], y[few])
    assert sampler.task_ == "multiclass"
    assert sampler.set_params(task="regression").fit(x[few], y[few]).task_ == "regression"
    assert sampler.set_params(task="auto").fit(x, np.arange(len(x))).task_ == "regression"


def test_a_profile_that_tells_nothing_apart_is_warned_of():
    x, y = load_diabetes(return_X_y=True)
    from tabsculpt.profilers.random import Random

    with pytest.warns(UserWarning, match="degenerate profile"):
        Profile2Gen("bootstrap", Random(threshold=1e-6)).fit_resample(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Profile2Gen("bootstrap", "knn_shapley").fit_resample(x, y)


def test_a_program_that_uses_hydra_keeps_its_own(tmp_path):
    from hydra import compose, initialize_config_dir

    (tmp_path / "mine.yaml").write_text("a: 1\n")
    x, y = load_wine(return_X_y=True)
    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        Upsampler("naive").fit_resample(x, y)
        assert compose("mine").a == 1


def test_threads_may_share_a_process():
    from joblib import parallel_backend

    x, y = load_wine(return_X_y=True)
    model = make_pipeline(Upsampler("naive"), RandomForestClassifier(5, random_state=0))
    alone = cross_val_score(model, x, y, cv=4)
    with parallel_backend("threading", n_jobs=4):
        assert cross_val_score(model, x, y, cv=4).tolist() == alone.tolist()


def test_the_examples_run():
    found = doctest.testmod(estimators, raise_on_error=True)
    assert found.attempted >= 12
