"""The controls of parkinson: what is done to rows, and the page from the lines that are kept."""

import numpy as np
import pandas as pd
import pytest

from parkinson_controls import PAGE, ROWS
from parkinson_study.page import page
from parkinson_study.scores import regularised
from parkinson_study.tables import constant, jittered, shuffled
from segment_tables import diabetes
from tabsculpt.predictors.random_forest import RandomForest


@pytest.fixture
def table():
    return diabetes(200)


def test_the_page_is_written_from_the_lines_that_are_kept():
    assert page(pd.read_csv(ROWS, keep_default_na=False)) == PAGE.read_text(encoding="utf-8")


def test_noise_is_of_so_many_standard_deviations_and_spares_the_target(table):
    noisy = jittered(table, 0.5, np.random.default_rng(1))
    added = noisy.frame.bmi - table.frame.bmi
    assert added.std() == pytest.approx(0.5 * table.frame.bmi.std(), rel=0.15)
    assert (noisy.target == table.target).all()


def test_a_constant_feature_says_nothing_and_a_shuffled_one_keeps_its_values(table):
    flat = constant(table, ["age"])
    assert flat.frame.age.nunique() == 1
    assert flat.frame.dtypes.equals(table.frame.dtypes)
    assert (flat.frame.bmi == table.frame.bmi).all()
    mixed = shuffled(table, ["bmi"], np.random.default_rng(1))
    assert sorted(mixed.frame.bmi) == sorted(table.frame.bmi)
    assert (mixed.frame.bmi != table.frame.bmi).any()


def test_variants_go_on_from_the_most_regularised_one():
    assert [each.min_leaf_rows for each in regularised(RandomForest())] == [1, 5, 20, 100, 400]
