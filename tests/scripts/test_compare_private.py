import numpy as np
import pandas as pd
import pytest

import compare_private
from tabsculpt.table import Column, Kind, Schema, Task, conform


def rows(seed: int, n: int = 400):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    frame = pd.DataFrame({"x": x, "y": np.where(x + 0.3 * rng.normal(size=n) > 0, "1", "0")})
    columns = (Column("x", Kind.CONTINUOUS), Column("y", Kind.CATEGORICAL, ("0", "1")))
    return conform(frame, Schema(columns, "y", Task.BINARY))


@pytest.mark.extra("dp")
def test_private_rows_teach_more_than_independent_columns_and_less_than_real_ones():
    train, test = rows(0), rows(1)
    real = compare_private.score(train, test, 0)
    floor = compare_private.measured("marginal", None, train, test, 0)["score"]
    cell = compare_private.measured("dp_nade", 10.0, train, test, 0)
    assert floor + 0.2 < cell["score"] < real + 0.02
    assert cell["seconds"] > 0


def test_rows_of_one_class_teach_nothing():
    train = rows(0)
    alike = train.take(np.flatnonzero(train.frame["y"] == "1"))
    assert compare_private.score(alike, rows(1), 0) == 0.5


def test_a_cell_is_the_mean_over_splits_with_the_lowest_and_the_highest(capsys):
    cells = [
        {"table": "wine", "split": split, "generator": name, "epsilon": epsilon, "score": score,
         "rows": 119 if name == "real" else None, "seconds": 2.0 + split}
        for name, epsilon, scores in (
            ("real", None, (0.9, 1.0)), ("marginal", None, (0.4, 0.5)), ("mst", 1.0, (0.6, 0.7)),
            ("dp_nade", 1.0, (0.5, 0.8)),
        )
        for split, score in enumerate(scores)
    ]  # fmt: skip
    compare_private.show(pd.DataFrame(cells), [1.0])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| table | rows | real | marginal | mst 1 | dp_nade 1 |"
    assert lines[2] == (
        "| wine | 119 | 0.950 (0.900 to 1.000) | 0.450 (0.400 to 0.500) | "
        "0.650 (0.600 to 0.700) | 0.650 (0.500 to 0.800) |"
    )
    assert lines[-1] == "| wine | 2.5 | 2.5 |"
