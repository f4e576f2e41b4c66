from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import spearmanr
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.metrics import roc_auc_score

from tabsculpt.config.components import instantiate
from tabsculpt.config.compose import choices, conf_folder
from tabsculpt.profilers import Profile, Scores, Segment, SegmentRule
from tabsculpt.profilers.folds import folds
from tabsculpt.profilers.random import Random
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

OTHERS = ("auto", "knn_shapley_paper")  # a search over the rest; neighbours for large tables
pytestmark = pytest.mark.xdist_group("profilers")  # they share trainings
PROFILERS = [name for name in choices("profiler") if name not in OTHERS]


def profiler(name: str, **settings: object):
    node = yaml.safe_load((conf_folder() / "profiler" / f"{name}.yaml").read_text())
    return instantiate({**node, **settings}, "profiler")


@cache
def recorded(recorder, data: Table, seed: int, turn: int):
    """What several profilers read of one training; another ``turn`` trains once more."""
    return recorder.record(data, seed)


@cache
def profile(made, data: Table, seed: int = 0, turn: int = 0) -> Profile:
    dynamics = recorded(made.recorder, data, seed, turn) if made.recorder is not None else None
    return cut_scores(made, made.score(data, dynamics, seed))


def table(load, task: Task, rows: int | None = None) -> Table:
    frame = load(as_frame=True).frame.sample(frac=1, random_state=0).head(rows)
    columns = [Column(name, Kind.CONTINUOUS) for name in frame.columns if name != "target"]
    if task is Task.REGRESSION:
        target = Column("target", Kind.CONTINUOUS)
    else:
        names = tuple(sorted(frame.target.astype(str).unique()))
        target = Column("target", Kind.CATEGORICAL, names)
        frame = frame.assign(target=frame.target.astype(str))
    return conform(frame, Schema((*columns, target), "target", task))


TABLES = {
    "diabetes": table(load_diabetes, Task.REGRESSION),
    "breast_cancer": table(load_breast_cancer, Task.BINARY, 200),
    "wine": table(load_wine, Task.MULTICLASS),
}


@cache
def flipped(name: str, share: float = 0.1) -> tuple[Table, np.ndarray]:
    """Give some rows the target of a row that is far away, or another class."""
    data = TABLES[name]
    rng = np.random.default_rng(3)
    wrong = np.zeros(len(data), dtype=bool)
    wrong[rng.choice(len(data), int(share * len(data)), replace=False)] = True
    frame = data.frame.copy()
    if data.schema.task is Task.REGRESSION:
        y = frame.target.to_numpy()
        frame.loc[wrong, "target"] = np.where(y[wrong] > np.median(y), y.min(), y.max())
    else:
        classes = np.array(data.schema.classes)
        codes = (data.target[wrong] + 1) % len(classes)
        frame.loc[wrong, "target"] = classes[codes]
    return conform(frame, data.schema), wrong


@cache
def in_other_units() -> Table:
    data = TABLES["diabetes"]
    return conform(data.frame.assign(target=data.frame.target * 37.5 - 1200), data.schema)


@cache
def in_other_order(name: str) -> tuple[Table, np.ndarray]:
    order = np.random.default_rng(8).permutation(len(TABLES[name]))
    return TABLES[name].take(order), order


@pytest.mark.parametrize("name", PROFILERS)
@pytest.mark.parametrize("data", ["diabetes", "breast_cancer", "wine"])
def test_every_profiler_scores_every_row_and_repeats_itself(name, data):
    made = profiler(name)
    first, again = (profile(made, TABLES[data], turn=turn) for turn in range(2))
    assert first.hardness.shape == first.segment.shape == (len(TABLES[data]),)
    assert set(first.segment) <= {str(segment) for segment in Segment}
    assert np.array_equal(first.hardness, again.hardness)
    hard = first.segment == Segment.HARD
    if hard.any() and made.cut is not SegmentRule.PERCENTILE:
        assert first.hardness[hard].min() >= first.hardness[~hard].max()


@pytest.mark.parametrize("name", [name for name in PROFILERS if name != "random"])
@pytest.mark.parametrize("data", ["diabetes", "breast_cancer", "wine"])
def test_planted_flips_are_ranked_harder_than_by_chance(name, data):
    wrong_table, wrong = flipped(data)
    assert roc_auc_score(wrong, profile(profiler(name), wrong_table).hardness) > 0.65


@pytest.mark.parametrize("name", [name for name in PROFILERS if name != "random"])
def test_the_unit_of_the_target_does_not_matter(name):
    before = profile(profiler(name), TABLES["diabetes"])
    after = profile(profiler(name), in_other_units())
    assert (before.segment == after.segment).mean() > 0.99
    assert spearmanr(before.hardness, after.hardness).statistic > 0.999


@pytest.mark.parametrize("name", [name for name in PROFILERS if name != "random"])
@pytest.mark.parametrize("data", ["diabetes", "wine"])
def test_scores_move_with_their_rows(name, data):
    made = profiler(name)
    moved, order = in_other_order(data)
    before = profile(made, TABLES[data]).hardness
    after = profile(made, moved).hardness
    assert after == pytest.approx(before[order], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", PROFILERS)
def test_missing_values_and_categories_are_taken(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=80)
    frame = pd.DataFrame({"x": np.where(rng.random(80) < 0.2, np.nan, x), "c": ["a", "b"] * 40,
                          "y": x + rng.normal(size=80)})  # fmt: skip
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("c", Kind.CATEGORICAL, ("a", "b")),
         Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION)  # fmt: skip
    assert profile(profiler(name), conform(frame, schema)).hardness.shape == (80,)


@pytest.mark.parametrize("name", PROFILERS)
def test_a_fraction_is_the_hardest_share_exactly(name):
    found = profile(profiler(name, cut="fraction", threshold=0.2), TABLES["diabetes"])
    hard = found.segment == Segment.HARD
    assert hard.sum() == round(0.2 * 442)
    assert found.hardness[hard].min() >= found.hardness[~hard].max()


def cut(cut: SegmentRule, threshold: float, score: list[float], uncertainty: list[float] | None):
    made = Random(cut, threshold)
    values = None if uncertainty is None else np.array(uncertainty)
    return cut_scores(made, Scores(np.array(score), values)).segment.tolist()


def test_scores_are_cut_where_they_should_be():
    confidence = [0.05, 0.3, 0.5, 0.8, 0.95, 0.1]
    uncertainty = [0.04, 0.2, 0.25, 0.15, 0.04, 0.24]
    hard, ambiguous, easy = "hard", "ambiguous", "easy"
    by_threshold = [hard, ambiguous, ambiguous, easy, easy, hard]
    assert cut(SegmentRule.THRESHOLD, 0.25, confidence, uncertainty) == by_threshold
    # As the source has it, uncertainty above its median (0.175) is ambiguous.
    by_percentile = [hard, ambiguous, ambiguous, easy, easy, ambiguous]
    assert cut(SegmentRule.PERCENTILE, 0.25, confidence, uncertainty) == by_percentile
    by_fraction = [hard, easy, ambiguous, easy, easy, easy]
    assert cut(SegmentRule.FRACTION, 1 / 6, confidence, uncertainty) == by_fraction
    assert cut(SegmentRule.THRESHOLD, 0.25, confidence, None) == [
        hard,
        easy,
        easy,
        easy,
        easy,
        hard,
    ]


def test_high_scores_are_hard_where_high_means_hard():
    @dataclass(frozen=True)
    class High(Random):
        hard_is = "high"

    found = cut_scores(High(SegmentRule.THRESHOLD, 0.5), Scores(np.array([0.2, 0.6, 0.5])))
    assert found.segment.tolist() == ["easy", "hard", "easy"]
    assert found.hardness.tolist() == [0.2, 0.6, 0.5]


def made_profile(hardness: np.ndarray, segment: np.ndarray) -> Profile:
    return Profile(Scores(-hardness), hardness, segment)


def test_a_profile_with_all_rows_in_one_segment_is_degenerate():
    hardness = np.arange(300.0)
    one = np.full(300, "easy", dtype="<U9")
    assert "easy/ambiguous/hard = 300/0/0" in str(made_profile(hardness, one).degenerate())
    one[:2] = "hard"
    assert "298/0/2" in str(made_profile(hardness, one).degenerate())
    one[:60] = "hard"
    assert made_profile(hardness, one).degenerate() is None
    assert "same for every row" in str(made_profile(np.ones(300), one).degenerate())


def test_scores_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        Scores(np.array([1.0, np.nan]))


def test_cross_fitting_keeps_groups_whole():
    groups = np.arange(len(TABLES["diabetes"])) % 12
    grouped = replace(TABLES["diabetes"], groups=groups)
    seen = []
    for fit, predict in folds(grouped, 5, 0):
        assert not set(groups[fit]) & set(groups[predict])
        seen.extend(predict)
    assert sorted(seen) == list(range(len(groups)))
