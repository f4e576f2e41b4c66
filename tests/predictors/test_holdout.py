"""The validation part: AutoGluon's sizes and rows, and classes that stay in training."""

import numpy as np
import pandas as pd
import pytest

from tabsculpt.errors import TooFewRowsError
from tabsculpt.predictors.holdout import holdout, holdout_fraction
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform


def classes_table(labels) -> Table:
    categories = tuple(sorted(set(labels)))
    columns = (Column("x", Kind.CONTINUOUS), Column("y", Kind.CATEGORICAL, categories))
    frame = pd.DataFrame({"x": np.arange(len(labels), dtype=float), "y": list(labels)})
    return conform(frame, Schema(columns, "y", Task.MULTICLASS))


@pytest.mark.extra("autogluon")
@pytest.mark.parametrize("rows", [5, 100, 2500, 4000, 4999, 5000, 20_000, 25_000, 60_000, 10**6])
def test_the_share_is_that_of_autogluon(rows):
    from autogluon.core.utils import utils

    assert holdout_fraction(rows) == utils.default_holdout_frac(rows)


@pytest.mark.extra("autogluon")
@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("seed", [0, 7])
def test_the_rows_are_those_of_autogluon(task, seed, bundled):
    from autogluon.core.utils import utils

    table = bundled[task]
    kept, held, *_ = utils.generate_train_test_split(
        table.frame,
        pd.Series(table.target),
        problem_type=task.value,
        test_size=utils.default_holdout_frac(len(table)),
        random_state=seed,
        min_cls_count_train=1,
    )
    train, validation = holdout(table, seed)
    assert list(train) == list(kept.index)
    assert list(validation) == list(held.index)


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("rows", range(5, 21))
def test_small_tables_are_parted_without_loss(task, rows, mixed):
    table = mixed(task, rows)
    train, validation = holdout(table, rows)
    assert sorted([*train, *validation]) == list(range(rows))
    assert 1 <= len(validation) <= int(np.ceil(rows / 5))
    if task is not Task.REGRESSION:
        assert set(table.target[train]) == set(table.target)


def test_the_same_seed_gives_the_same_parts_and_another_others(bundled):
    table = bundled[Task.REGRESSION]
    first, again, other = (holdout(table, seed) for seed in (1, 1, 2))
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])


def test_class_shares_are_kept():
    table = classes_table("a" * 60 + "b" * 30 + "c" * 10)
    _, validation = holdout(table, 0)
    assert list(np.bincount(table.target[validation])) == [12, 6, 2]


@pytest.mark.parametrize("seed", range(20))
def test_rare_classes_stay_in_training(seed):
    table = classes_table("aaaaaaaabbccdde")
    train, validation = holdout(table, seed)
    assert set(table.target[train]) == {0, 1, 2, 3, 4}
    assert 14 not in validation
    assert len(validation) >= 1


def test_too_few_rows_are_refused(mixed):
    with pytest.raises(TooFewRowsError, match=r"4 training rows: .* needs 5"):
        holdout(mixed(Task.REGRESSION, 4), 0)
    with pytest.raises(TooFewRowsError, match="one training row"):
        holdout(classes_table("abcdef"), 0)
