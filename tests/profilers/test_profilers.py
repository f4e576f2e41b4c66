from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.metrics import roc_auc_score

from tabsculpt.component import instantiate
from tabsculpt.config import choices, conf_folder
from tabsculpt.errors import TooFewRowsError
from tabsculpt.profilers import Profile, Segment
from tabsculpt.profilers.dataiq import DataIQ
from tabsculpt.profilers.folds import folds
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

PROFILERS = choices("profiler")


def profiler(name: str):
    import yaml

    text = (conf_folder() / "profiler" / f"{name}.yaml").read_text()
    return instantiate(yaml.safe_load(text), "profiler")


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


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    return {
        "diabetes": table(load_diabetes, Task.REGRESSION),
        "breast_cancer": table(load_breast_cancer, Task.BINARY, 200),
        "wine": table(load_wine, Task.MULTICLASS),
    }


def flipped(data: Table, share: float = 0.1) -> tuple[Table, np.ndarray]:
    """Give some rows the target of a row that is far away, or another class."""
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


@pytest.mark.parametrize("name", PROFILERS)
@pytest.mark.parametrize("data", ["diabetes", "breast_cancer", "wine"])
def test_every_profiler_scores_every_row_and_repeats_itself(name, data, tables):
    first = profiler(name).profile(tables[data], 5)
    again = profiler(name).profile(tables[data], 5)
    assert first.hardness.shape == first.segment.shape == (len(tables[data]),)
    assert set(first.segment) <= {str(segment) for segment in Segment}
    assert np.array_equal(first.hardness, again.hardness)
    hard = first.segment == Segment.HARD
    if hard.any() and not hard.all() and name != "dataiq":  # dataiq's cut has a second condition
        assert first.hardness[hard].min() >= first.hardness[~hard].max()


@pytest.mark.parametrize("name", [name for name in PROFILERS if name != "random"])
@pytest.mark.parametrize("data", ["diabetes", "breast_cancer", "wine"])
def test_planted_flips_are_ranked_harder(name, data, tables):
    wrong_table, wrong = flipped(tables[data])
    assert roc_auc_score(wrong, profiler(name).profile(wrong_table, 0).hardness) > 0.8


@pytest.mark.parametrize("name", [name for name in PROFILERS if name != "random"])
def test_the_unit_of_the_target_does_not_matter(name, tables):
    data = tables["diabetes"]
    frame = data.frame.assign(target=data.frame.target * 37.5 - 1200)
    before = profiler(name).profile(data, 0)
    after = profiler(name).profile(conform(frame, data.schema), 0)
    assert (before.segment == after.segment).mean() > 0.99
    assert np.corrcoef(before.hardness, after.hardness)[0, 1] > 0.999


@pytest.mark.parametrize("name", ["cleanlab", "dataiq"])
def test_too_few_rows_are_refused(name, tables):
    with pytest.raises(TooFewRowsError, match="needs 10 rows, got 5"):
        profiler(name).profile(tables["diabetes"].take(np.arange(5)), 0)


@pytest.mark.parametrize("name", PROFILERS)
def test_missing_values_and_categories_are_taken(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=80)
    frame = pd.DataFrame({"x": np.where(rng.random(80) < 0.2, np.nan, x), "c": ["a", "b"] * 40,
                          "y": x + rng.normal(size=80)})  # fmt: skip
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("c", Kind.CATEGORICAL, ("a", "b")),
         Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION)  # fmt: skip
    assert np.isfinite(profiler(name).profile(conform(frame, schema), 0).hardness).all()


def test_dataiq_cuts_where_its_source_cuts():
    confidence = np.array([0.05, 0.3, 0.5, 0.8, 0.95, 0.1])
    uncertainty = np.array([0.04, 0.2, 0.25, 0.15, 0.04, 0.25])
    segments = DataIQ(threshold=0.25)._segments(confidence, uncertainty)
    assert segments.tolist() == ["hard", "ambiguous", "ambiguous", "easy", "easy", "ambiguous"]


def test_a_profile_with_all_rows_in_one_segment_is_degenerate():
    hardness = np.arange(300.0)
    one = np.full(300, "easy", dtype="<U9")
    assert "easy/ambiguous/hard = 300/0/0" in Profile(hardness, one, {}).degenerate()
    one[:2] = "hard"
    assert "298/0/2" in Profile(hardness, one, {}).degenerate()
    one[:60] = "hard"
    assert Profile(hardness, one, {}).degenerate() is None
    assert "same for every row" in Profile(np.ones(300), one, {}).degenerate()


def test_scores_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        Profile(np.array([1.0, np.nan]), np.array(["easy", "hard"]), {})


def test_cross_fitting_keeps_groups_whole(tables):
    groups = np.arange(len(tables["diabetes"])) % 12
    grouped = replace(tables["diabetes"], groups=groups)
    seen = []
    for fit, predict in folds(grouped, 5, 0):
        assert not set(groups[fit]) & set(groups[predict])
        seen.extend(predict)
    assert sorted(seen) == list(range(len(groups)))
