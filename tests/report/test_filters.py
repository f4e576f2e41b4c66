from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.errors import UserError
from tabsculpt.report.filters import keep

ROWS = pd.DataFrame(
    {
        "dataset": ["wine", "wine", "bodyfat", "bodyfat"],
        "generator": ["none", "arf", "none", "tvae"],
        "pipeline": ["real", "traditional", "real", "traditional"],
        "metric": ["auc_roc", "auc_roc", "rmse", "rmse"],
        "seed": [0, 0, 1234567, 1234568],
        "proportion": [np.nan, 0.5, np.nan, 0.1],
        "profiler_settings": ["", "a=1,b=2", "", None],
        "experiment": ["", "smoke,mine", "mine", ""],
    }
)


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (["dataset=wine"], [0, 1]),
        (["generator=arf,tvae"], [1, 3]),
        (["generator=arf, tvae", "dataset=bodyfat"], [3]),
        (["seed=1234568"], [3]),
        (["proportion=.50"], [1]),
        (["proportion=null"], [0, 2]),
        (["profiler_settings=a=1,b=2"], [1]),
        (["profiler_settings=null"], [3]),
        (["profiler_settings="], [0, 2]),
        (["experiment=mine"], [1, 2]),
        (["experiment=smoke,mine"], [1, 2]),
        ([], [0, 1, 2, 3]),
    ],
)
def test_rows_are_kept_by_value(filters, kept):
    assert keep(ROWS, filters).index.tolist() == kept


def test_the_baseline_stays_where_it_has_no_value_of_its_own():
    assert keep(ROWS, ["generator=arf"], with_baseline=True).index.tolist() == [0, 1, 2]
    assert keep(ROWS, ["dataset=wine"], with_baseline=True).index.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (["metric=auc"], "unknown metric in the rows 'auc'; did you mean 'auc_roc'? "
         "Choices: auc_roc, rmse"),
        (["dataset=clinik"], "Choices: bodyfat, wine"),
        (["generator=arf,tvea"], "'tvea'; did you mean 'tvae'"),
        (["dataset=wine", "metric=rmse"],
         "unknown metric among the rows with dataset=wine 'rmse'. Choices: auc_roc"),
        (["seed=one"], "Choices: 0, 1234567, 1234568"),
        (["datset=wine"], "did you mean 'dataset'"),
        (["wine"], "expected column=value"),
        (["experiment=smok"], "did you mean 'smoke'"),
    ],
)  # fmt: skip
def test_a_value_that_no_row_has_is_refused_with_those_there_are(filters, words):
    with pytest.raises(UserError) as caught:
        keep(ROWS, filters)
    assert words in str(caught.value)


def test_of_many_values_only_some_are_listed():
    many = pd.DataFrame({"value": np.arange(1000) / 7})
    with pytest.raises(UserError, match=r"it has 1000 values, such as 0, ") as caught:
        keep(many, ["value=x"])
    assert len(str(caught.value)) < 150
