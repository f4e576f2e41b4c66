"""What another draw of the test rows would change in a difference, by the stored predictions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from tabsculpt.analysis.comparisons import mean
from tabsculpt.analysis.measurements import Cell
from tabsculpt.engine.store import Store
from tabsculpt.stats.influence import (
    Difference,
    auc_influence,
    paired_difference,
    rmse_influence,
)
from tabsculpt.table import FloatArray, IntArray, Table
from tabsculpt.table.files import read_table, read_test_predictions


def over_test_rows(
    cells: Sequence[Cell], first: str, second: str, store: Path
) -> Difference | None:
    """The difference of two arms over the units that both have, with its interval.

    None where they share no unit.

    Args:
        cells: of one data set, split and headline metric.
        first: an arm.
        second: another one.
        store: the store folder.

    Raises:
        FileNotFoundError: the predictions are no longer in the store.
    """
    of = cells[0].of
    both = [
        cell.at[:, [cell.arms.index(first), cell.arms.index(second)]]
        for cell in cells
        if {first, second} <= set(cell.arms)
    ]
    at = np.concatenate([np.empty((0, 2), dtype=np.int64), *both])
    at = at[(at >= 0).all(axis=1)]
    at = at[~np.isnan(of.values[at]).any(axis=1)]
    if not len(at):
        return None
    metric = str(cells[0].names["metric"])
    value = mean(of.values[at[:, 0]]) - mean(of.values[at[:, 1]])
    one, other = (_influence(cells[0], at[:, side], metric, store) for side in (0, 1))
    keys = json.loads(of.rows["keys"].iloc[int(at[0, 0])])
    test = _test_part(store, keys["test"])
    classes = None if metric == "rmse" else test.target
    return paired_difference(one, other, value, test.groups, classes)


def _influence(cell: Cell, places: IntArray, metric: str, store: Path) -> FloatArray:
    """The mean influence of each test row on some measurements; a place may occur repeatedly."""
    of = rmse_influence if metric == "rmse" else auc_influence
    found, counts = np.unique(places, return_counts=True)
    parts = []
    for text in cell.of.rows["keys"].iloc[found]:
        keys = json.loads(text)
        truth = _test_part(store, keys["test"]).target
        parts.append(of(truth, Store(store).load(keys["predictions"], read_test_predictions)))
    mean_: FloatArray = np.average(parts, axis=0, weights=counts)
    return mean_


@lru_cache(maxsize=1)
def _test_part(store: Path, key: str) -> Table:
    """Read once for all predictors of a table: their rows name the same part."""
    return Store(store).load(key, read_table)
