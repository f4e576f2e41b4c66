"""What another draw of the test rows would change in a difference, by the stored predictions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.pairs import mean
from tabsculpt.engine.store import Store
from tabsculpt.stats.delta_method import (
    Difference,
    auc_influence,
    paired_difference,
    rmse_influence,
)
from tabsculpt.stats.swaps import swapped_difference
from tabsculpt.table import FloatArray, IntArray, Table
from tabsculpt.table.files import read_table, read_test_predictions

_INFLUENCE: dict[str, Callable[[Any, FloatArray], FloatArray]] = {
    "rmse": rmse_influence,
    "auc_roc": auc_influence,
}
FEW_OF_A_CLASS, FEW_ROWS = 20, 30
"""With fewer test rows the variance is hardly known, and equal scores would differ too often: the
interval is then that of a permutation test, as it is for scores whose influences are not known."""


def over_test_rows(
    cells: Sequence[Cell], first: str, second: str, store: Path, looks: int = 1
) -> Difference | None:
    """The difference of two arms over the units that both have, with its interval.

    None where they share no unit.

    Args:
        cells: of one data set, split and metric: rmse, auc_roc, auc_pr or macro_f1.
        first: an arm.
        second: another one.
        store: the store folder.
        looks: among how many pairs this one was chosen for its values; see `pairs.pooled`.

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
    metric, level = str(cells[0].names["metric"]), 1 - 0.05 / looks
    keys = json.loads(of.rows["keys"].iloc[int(at[0, 0])])
    test = _test_part(store, keys["test"])
    classes = None if metric == "rmse" else test.target
    if metric not in _INFLUENCE or _few(test, classes):
        made = [_predictions(cells[0], at[:, side], store) for side in (0, 1)]
        return swapped_difference(metric, test.target, made[0], made[1], test.groups, level)
    value = mean(of.values[at[:, 0]]) - mean(of.values[at[:, 1]])
    one, other = (_influence(cells[0], at[:, side], metric, store) for side in (0, 1))
    return paired_difference(one, other, value, test.groups, classes, level)


def _few(test: Table, classes: IntArray | None) -> bool:
    units = len(test) if test.groups is None else len(np.unique(test.groups))
    smallest = (
        FEW_OF_A_CLASS if classes is None else np.unique(classes, return_counts=True)[1].min()
    )
    return units < FEW_ROWS or smallest < FEW_OF_A_CLASS


def _predictions(cell: Cell, places: IntArray, store: Path) -> list[FloatArray]:
    """What was predicted of the test part for each of some measurements."""
    found, back = np.unique(places, return_inverse=True)
    named = (json.loads(text)["predictions"] for text in cell.of.rows["keys"].iloc[found])
    read = [Store(store).load(name, read_test_predictions) for name in named]
    return [read[place] for place in back]


def _influence(cell: Cell, places: IntArray, metric: str, store: Path) -> FloatArray:
    """The mean influence of each test row on some measurements; a place may occur repeatedly."""
    of = _INFLUENCE[metric]
    truth = _test_part(store, json.loads(cell.of.rows["keys"].iloc[int(places[0])])["test"]).target
    parts = [of(truth, prediction) for prediction in _predictions(cell, places, store)]
    mean_: FloatArray = np.mean(parts, axis=0)
    return mean_


@lru_cache(maxsize=1)
def _test_part(store: Path, key: str) -> Table:
    """Read once for all predictors of a table: their rows name the same part."""
    return Store(store).load(key, read_table)
