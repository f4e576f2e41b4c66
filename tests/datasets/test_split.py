"""Splits: shares, groups, classes, fixed test rows, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.bundled import Bundled
from tabsculpt.datasets.split import split_rows
from tabsculpt.errors import UserError


def made(y: object, **columns: object) -> Dataset:
    frame = pd.DataFrame({"x": np.arange(len(list(y))) / 3, **columns, "y": y})  # type: ignore[call-overload]
    group = "who" if "who" in columns else None
    return assemble(frame, "made", Roles("y", "auto", [], group, "keep"))


def test_parts_are_sorted_disjoint_and_all_rows() -> None:
    dataset = Bundled("sklearn_diabetes", "diabetes").load()
    split = split_rows(dataset, 0.33, 7)
    assert len(split.test) == int(np.ceil(0.33 * 442))
    assert np.array_equal(np.sort(np.concatenate([split.train, split.test])), np.arange(442))
    assert (np.diff(split.train) > 0).all()
    assert (np.diff(split.test) > 0).all()


def test_the_seed_alone_decides() -> None:
    dataset = Bundled("sklearn_diabetes", "diabetes").load()
    first = split_rows(dataset, 0.33, 7)
    np.random.seed(5)
    assert np.array_equal(split_rows(dataset, 0.33, 7).test, first.test)
    assert not np.array_equal(split_rows(dataset, 0.33, 8).test, first.test)


def test_classes_keep_their_shares() -> None:
    dataset = made(["rare"] * 30 + ["common"] * 270)
    split = split_rows(dataset, 0.2, 0)
    assert np.bincount(dataset.table.target[split.test]).tolist() == [54, 6]


def test_a_group_stays_in_one_part() -> None:
    who = np.repeat(np.arange(20), 5)
    dataset = made(np.random.default_rng(0).normal(size=100), who=who)
    split = split_rows(dataset, 0.3, 1)
    assert not set(who[split.train]) & set(who[split.test])
    assert len(set(who[split.test])) == 6


def test_fixed_test_rows_are_kept_whatever_the_size_and_seed() -> None:
    plain = made(np.random.default_rng(0).normal(size=20))
    fixed = Dataset(plain.name, plain.table, test_rows=np.array([17, 3, 5]))
    split = split_rows(fixed, 0.9, 3)
    assert split.test.tolist() == [3, 5, 17]
    assert len(split.train) == 17


@pytest.mark.parametrize("size", [0.0, 1.0, -0.2, 33, float("nan")])
def test_shares_out_of_range_are_refused(size: float) -> None:
    with pytest.raises(UserError, match=r"split\.test_size must be between 0 and 1"):
        split_rows(made(np.arange(20) / 7), size, 0)


def test_too_small_parts_are_refused() -> None:
    dataset = made(np.arange(12) / 7)
    with pytest.raises(UserError, match="2 train and 10 test rows"):
        split_rows(dataset, 0.8, 0)
    with pytest.raises(UserError, match="11 train and 1 test rows"):
        split_rows(dataset, 0.05, 0)
    with pytest.raises(UserError, match=r"split\.test_size=0\.02"):
        split_rows(made(["a", "b", "c"] * 20), 0.02, 0)
    two = made(np.random.default_rng(0).normal(size=20), who=["a", "b"] * 10)
    with pytest.raises(UserError, match="leaves one part without a group"):
        split_rows(two, 0.001 + 0.9985, 0)


def test_a_class_of_test_rows_only_is_refused() -> None:
    who = np.repeat(np.arange(4), 5)
    dataset = made(np.where(who == 0, "a", "b"), who=who)
    seeds = [s for s in range(30) if 0 in _test_groups(dataset, who, s)]
    assert seeds
    with pytest.raises(UserError, match="without a class"):
        split_rows(dataset, 0.25, seeds[0])


def _test_groups(dataset: Dataset, who: np.ndarray, seed: int) -> set[int]:
    try:
        return set(who[split_rows(dataset, 0.25, seed).test])
    except UserError:
        return {0}
