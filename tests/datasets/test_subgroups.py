"""Levels of subgroups: columns of every kind, bands, rows without a value, what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.split import Splitting
from tabsculpt.datasets.split_steps import SplitPart
from tabsculpt.datasets.subgroups import Subgroup, rows_tested, subgroup_levels, subgroups_of
from tabsculpt.errors import UserError

N = 90


@pytest.fixture
def clinic():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": np.arange(N) + 1,
            "dose": np.repeat([0.5, 1.0, 2.0], N // 3),
            "sex": np.where(np.arange(N) % 2, "M", "F").astype(object),
            "site": np.where(np.arange(N) % 3, "north", "south"),
            "note": [f"n{i}" for i in range(N)],
            "y": rng.normal(size=N),
        }
    )
    frame.loc[:8, "sex"] = None
    roles = Roles("y", "auto", ["site", "note"], None, "drop")
    return assemble(frame, "clinic", roles)


def levels(dataset, *subgroups):
    found = subgroup_levels(dataset, subgroups)
    return {
        column: {name: int(part.sum()) for name, part in mine.parts().items()}
        for column, mine in found.items()
    }


def test_bands_hold_their_lower_end_and_are_named_by_their_ends(clinic):
    found = levels(clinic, Subgroup("age", (40, 65)))
    assert found == {"age": {"below 40": 39, "40 to below 65": 25, "65 or more": 26}}


def test_without_cuts_numbers_are_cut_at_their_tertiles(clinic):
    found = levels(clinic, Subgroup("age"))["age"]
    assert found == {"below 31": 30, "31 to below 61": 30, "61 or more": 30}


def test_few_numbers_categories_and_dropped_columns_are_levels_as_they_are(clinic):
    found = levels(clinic, Subgroup("dose"), Subgroup("sex"), Subgroup("site"))
    assert found["dose"] == {"0.5": 30, "1": 30, "2": 30}
    assert found["sex"] == {"F": 40, "M": 41, "missing": 9}
    assert found["site"] == {"north": 60, "south": 30}


def test_the_tested_rows_are_those_of_the_test_part(clinic):
    split = Splitting(0.33, 3)
    part = SplitPart("", "test", "drop", split, clinic).compute(lambda step: None)
    rows = rows_tested(clinic, split, "drop")
    assert clinic.table.frame.age.to_numpy()[rows].tolist() == part.frame.age.tolist()
    assert len(rows) < len(split.rows(clinic).test)


@pytest.mark.parametrize(
    ("subgroup", "said"),
    [
        (Subgroup("sexx"), "did you mean 'sex'"),
        (Subgroup("y"), "y is the target"),
        (Subgroup("note"), "note has 90 levels; expected 2 to 20"),
        (Subgroup("sex", (1.0,)), "sex has cuts and holds no numbers"),
        (Subgroup("age", (200.0,)), "age has 1 levels"),
    ],
)
def test_what_is_no_subgroup_is_refused_in_a_line(clinic, subgroup, phrase):
    with pytest.raises(UserError, match=phrase):
        subgroup_levels(clinic, [subgroup])


def test_what_is_typed_is_read():
    assert subgroups_of(["sex", {"age": [40, 65]}, {"dose": 1}]) == (
        Subgroup("sex"), Subgroup("age", (40.0, 65.0)), Subgroup("dose", (1.0,)),
    )  # fmt: skip


@pytest.mark.parametrize(
    "node", ["sex", {"age": 1}, [{"age": [65, 40]}], [{"age": "old"}], ["sex", "sex"]]
)
def test_what_cannot_be_read_is_refused(node):
    with pytest.raises(UserError, match=r"dataset\.subgroups"):
        subgroups_of(node)
