"""Train parts of a number of rows: nested, in the classes' shares, groups whole; the rest tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.bundled import Bundled
from tabsculpt.datasets.split import Splitting
from tabsculpt.engine.identity import describe
from tabsculpt.errors import UserError

DIABETES = Bundled("sklearn_diabetes", "diabetes").load()
CANCER = Bundled("breast_cancer", "breast_cancer").load()


def drawn(dataset, n_train, seed=0):
    return Splitting(0.33, seed, n_train=n_train).rows(dataset)


@pytest.mark.parametrize("dataset", [DIABETES, CANCER], ids=["regression", "binary"])
def test_draws_of_a_seed_are_nested_and_the_rest_is_tested_on(dataset):
    n = len(dataset.table)
    parts = [drawn(dataset, size) for size in (20, 50, 350)]
    for part, size in zip(parts, (20, 50, 350), strict=True):
        assert (len(part.train), len(part.test)) == (size, n - size)
        assert sorted([*part.train, *part.test]) == list(range(n))
    assert set(parts[0].train) < set(parts[1].train) < set(parts[2].train)
    assert set(drawn(dataset, 50, seed=1).train) != set(parts[1].train)


def test_classes_keep_their_shares_to_a_row():
    target = CANCER.table.target
    for seed in range(5):
        for size in (20, 51, 200):
            mine = target[drawn(CANCER, size, seed).train].mean() * size
            assert abs(mine - target.mean() * size) <= 1


def test_groups_stay_whole_and_nested():
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(40), rng.integers(1, 6, 40))
    frame = pd.DataFrame(
        {"x": rng.normal(size=len(who)), "who": who, "y": rng.normal(size=len(who))}
    )
    dataset = assemble(frame, "visits", Roles("y", "auto", [], "who", "keep"))
    small, large = drawn(dataset, 25), drawn(dataset, 60)
    assert not set(who[large.train]) & set(who[large.test])
    assert set(small.train) < set(large.train)
    assert 20 < len(small.train) <= 25


def test_a_fixed_test_part_stays():
    fixed = replace(DIABETES, test_rows=np.arange(100))
    split = drawn(fixed, 50)
    assert split.test.tolist() == list(range(100))
    assert len(split.train) == 50
    assert split.train.min() >= 100


def test_a_split_by_share_is_what_it_was():
    assert describe(Splitting(0.33, 7)) == {
        "is": "tabsculpt.datasets.Splitting", "test_size": 0.33, "seed": 7, "folds": None,
        "fold": None,
    }  # fmt: skip


@pytest.mark.parametrize("n_train", [4, 441, 9999])
def test_too_few_or_too_many_rows_are_refused(n_train):
    with pytest.raises(UserError, match="442 rows to draw from, so 5 to 440 are possible"):
        drawn(DIABETES, n_train)


def test_a_sweep_over_sizes(tmp_path):
    words = ["sweep", "dataset=sklearn_diabetes", "pipeline=real", "split.n_train=50,200",
             "~predictors.lightgbm", "~predictors.random_forest", "~predictors.knn",
             "hydra/launcher=serial", f"paths.outputs={tmp_path}"]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    rows = pd.read_parquet(tmp_path / "results")
    mine = rows[rows.metric == "rmse"].set_index("n_train")
    assert mine.n_test.to_dict() == {50: 392, 200: 242}
    assert mine.evaluation[50] == "n_train=50, missing=drop"
    assert mine.value[200] < mine.value[50]
    both = CliRunner().invoke(app, [*words[:4], "split.folds=3", *words[4:]])
    assert both.exit_code == 2
    assert "split.n_train draws" in both.output
