from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabsculpt.errors import TooFewRowsError, UserError
from tabsculpt.profilers.cleanlab import Cleanlab
from tabsculpt.profilers.flips import Flip, flip_labels
from tabsculpt.profilers.random import Random
from tabsculpt.profilers.selection import Rule, Search, choose, search_cells
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

CLASSES = ("a", "b", "c")


def numbers(values: list[float]) -> Table:
    schema = Schema(
        (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION
    )
    return conform(pd.DataFrame({"x": np.arange(len(values)) * 0.1, "y": values}), schema)


def labels(values: list[str]) -> Table:
    target = Column("y", Kind.CATEGORICAL, CLASSES)
    schema = Schema((Column("x", Kind.CONTINUOUS), target), "y", Task.MULTICLASS)
    return conform(pd.DataFrame({"x": np.arange(len(values)) * 0.1, "y": values}), schema)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=30),
    st.floats(0.05, 0.9),
    st.floats(0.1, 1.0),
    st.integers(0, 99),
)
def test_a_permuted_number_is_another_rows_and_far_away(values, rate, distance, seed):
    table = numbers(values)
    changed, wrong = flip_labels(table, rate, Flip.PERMUTE, distance, seed)
    assert wrong.sum() == max(1, round(rate * len(values)))
    before, after = table.target, changed.target
    assert np.array_equal(before[~wrong], after[~wrong])
    assert np.isin(after, before).all()
    gap = distance * before.std()
    for was, now in zip(before[wrong], after[wrong], strict=True):
        reachable = (np.abs(before - was) >= gap * (1 + 1e-9)).any()
        if reachable:
            assert abs(now - was) >= gap * (1 - 1e-9)


def test_permuted_numbers_come_from_both_sides_in_proportion():
    table = numbers([0.0] * 30 + [1.0] * 40 + [2.0] * 30)
    taken = []
    for seed in range(60):
        changed, wrong = flip_labels(table, 0.3, Flip.PERMUTE, 0.5, seed)
        taken += changed.target[wrong & (table.target == 1.0)].tolist()
    assert set(taken) == {0.0, 2.0}
    assert 0.4 < np.mean(np.array(taken) == 2.0) < 0.6


def test_a_shift_is_as_long_as_asked_and_the_published_flip_is_one_minus():
    table = numbers([1.0, 2.0, 3.0, 21.2])
    changed, wrong = flip_labels(table, 0.5, Flip.SHIFT, 2.0, 0)
    assert np.abs(changed.target - table.target)[wrong] == pytest.approx(2 * table.target.std())
    changed, wrong = flip_labels(table, 0.99, Flip.PUBLISHED, 2.0, 0)
    assert wrong.all()
    assert changed.target == pytest.approx([0.0, -1.0, -2.0, -20.2])


@pytest.mark.parametrize("kind", [Flip.CLASSES, Flip.PERMUTE, Flip.PUBLISHED])
def test_a_flipped_class_is_another_class(kind):
    table = labels(["a"] * 60 + ["b"] * 30 + ["c"] * 10)
    changed, wrong = flip_labels(table, 0.5, kind, 0.5, 1)
    assert wrong.sum() == 50
    assert (changed.target[wrong] != table.target[wrong]).all()
    assert (changed.target[~wrong] == table.target[~wrong]).all()


def test_a_flip_that_does_not_go_with_the_task_is_refused():
    with pytest.raises(UserError, match="flip=classes needs classes"):
        flip_labels(numbers([1.0, 2.0, 3.0]), 0.5, Flip.CLASSES, 0.5, 0)
    with pytest.raises(UserError, match="flip=shift needs a numeric target"):
        flip_labels(labels(["a", "b", "c"]), 0.5, Flip.SHIFT, 0.5, 0)


def line(n: int = 120) -> Table:
    rng = np.random.default_rng(0)
    table = numbers(list(np.arange(n) * 0.1))
    noise = rng.normal(0, 0.3, n)
    return conform(table.frame.assign(y=table.frame.y + noise), table.schema)


def search(rates: tuple[float, ...] = (0.0, 0.1, 0.2)) -> Search:
    return Search((0.1, 0.2), rates, 2, Flip.PERMUTE, 0.5)


def test_a_search_counts_what_was_found():
    cells = search_cells({"cleanlab": Cleanlab(), "random": Random()}, search(), line(), 0)
    assert len(cells) == 2 * 3 * 2 * 2
    planted = cells[cells.flip_rate > 0]
    hits = planted.recall * planted.n_flipped
    assert np.allclose(planted.f1, 2 * hits / (planted.n_hard + planted.n_flipped))
    by_profiler = planted.groupby("profiler").f1.mean()
    assert by_profiler["cleanlab"] > 0.6 > 0.3 > by_profiler["random"]
    clean = cells[cells.flip_rate == 0]
    assert clean[["f1", "precision", "recall"]].isna().all(axis=None)
    assert (clean.false_alarms == clean.n_hard / 120).all()
    winner = choose(cells, Rule.EXPECTED_F1)
    best = planted.groupby(["profiler", "threshold"]).f1.mean()
    assert (winner.profiler, winner.threshold) == best.idxmax()
    assert winner.f1 == pytest.approx(best.max())


def test_a_search_repeats_itself_and_its_seed_counts():
    def run(seed: int) -> pd.DataFrame:
        return search_cells({"cleanlab": Cleanlab()}, search((0.2,)), line(60), seed)

    pd.testing.assert_frame_equal(run(1), run(1))
    assert not run(1).f1.equals(run(2).f1)


def cells(rows: list[tuple[str, float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["profiler", "flip_rate", "threshold", "f1"])


def test_the_published_rule_mixes_the_profiler_of_one_with_the_threshold_of_another():
    nan = np.nan
    found = cells([
        ("steady", 0.0, 0.1, nan), ("steady", 0.0, 0.2, nan),
        ("steady", 0.1, 0.1, 0.5), ("steady", 0.1, 0.2, 0.4),
        ("peaked", 0.0, 0.1, nan), ("peaked", 0.0, 0.2, nan),
        ("peaked", 0.1, 0.1, 0.0), ("peaked", 0.1, 0.2, 0.8),
    ])  # fmt: skip
    published = choose(found, Rule.PUBLISHED)
    assert (published.profiler, published.threshold) == ("steady", 0.2)
    assert published.f1 == pytest.approx(0.9 / 4)  # flip rate 0 pulls it down
    expected = choose(found, Rule.EXPECTED_F1)
    assert (expected.profiler, expected.threshold, expected.f1) == ("peaked", 0.2, 0.8)


def test_too_few_rows_for_a_candidate_are_refused():
    with pytest.raises(TooFewRowsError, match="cleanlab needs 10 rows, got 6"):
        search_cells({"cleanlab": Cleanlab()}, search(), line(6), 0)
