from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes

from tabsculpt.errors import UserError
from tabsculpt.metrics.ranking import ranking_scores
from tabsculpt.profilers.perturbations import Perturbation, perturb
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform


@pytest.fixture(scope="module")
def table() -> Table:
    frame = load_diabetes(as_frame=True, scaled=False).frame
    columns = tuple(Column(name, Kind.CONTINUOUS) for name in frame)
    return conform(frame, Schema(columns, "target", Task.REGRESSION))


@pytest.mark.parametrize("kind", Perturbation)
def test_only_the_chosen_rows_change_and_only_where_they_should(kind, table):
    found = perturb(table, kind, 0.1, 3)
    assert found.perturbed.sum() == 44
    same = (found.table.frame == table.frame).to_numpy()
    assert same[~found.perturbed].all()
    target = table.frame.columns.get_loc("target")
    changed = ~same[found.perturbed]
    if kind is Perturbation.MISLABELLED:
        assert changed[:, target].all()
        assert not np.delete(changed, target, axis=1).any()
    else:
        assert not changed[:, target].any()
        assert changed.any(axis=1).all()


def test_out_of_distribution_is_outside_and_atypical_inside_the_range(table):
    low, high = table.features.min(), table.features.max()
    far = perturb(table, Perturbation.OUT_OF_DISTRIBUTION, 0.1, 0)
    rows = far.table.features[far.perturbed]
    assert ((rows < low) | (rows > high)).all(axis=None)
    rare = perturb(table, Perturbation.ATYPICAL, 0.1, 0)
    rows = rare.table.features[rare.perturbed]
    assert ((rows >= low) & (rows <= high)).all(axis=None)
    tails = (rows <= table.features.quantile(0.02)) | (rows >= table.features.quantile(0.98))
    assert 0.4 < tails.to_numpy().mean() < 0.75


def test_a_table_without_numbers_cannot_be_moved():
    schema = Schema(
        (Column("c", Kind.CATEGORICAL, ("a", "b")), Column("y", Kind.CONTINUOUS)),
        "y",
        Task.REGRESSION,
    )
    table = conform(pd.DataFrame({"c": ["a", "b"] * 10, "y": range(20)}), schema)
    with pytest.raises(UserError, match="perturbation=atypical needs a numeric feature"):
        perturb(table, Perturbation.ATYPICAL, 0.1, 0)


def test_an_uninformed_ranking_has_the_share_and_a_perfect_one_has_one():
    rng = np.random.default_rng(0)
    wrong = rng.random(20_000) < 0.05
    uninformed = ranking_scores(wrong, rng.random(20_000))
    assert uninformed["auprc"] == pytest.approx(0.05, abs=0.01)
    assert uninformed["auprc_published"] == pytest.approx(0.95, abs=0.01)
    assert ranking_scores(wrong, wrong + 0.1 * rng.random(20_000)) == {
        "auprc": 1.0, "auprc_published": 1.0,
    }  # fmt: skip
