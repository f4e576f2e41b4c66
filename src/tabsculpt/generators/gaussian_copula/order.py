"""The order of categories: a copula knows of each whether it is more or less than another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tabsculpt.generators.encoding.columns import Discrete
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.table import FloatArray, IntArray, Kind, Table


def in_order(encoding: Encoding, table: Table, seed: int) -> Encoding:
    """The encoding with categories in the order of the target's mean in their rows.

    The classes of a target are first put in the order of their rows along the first principal
    component of the numbers. Integers and booleans, whose order means something, keep theirs.

    Args:
        encoding: of the rows.
        table: the training rows.
        seed: of the values that stand for missing ones.
    """
    frame = encoding.encode(table, seed)
    target = encoding.name_of(encoding.schema.target)
    if target not in frame:
        return encoding
    guide = frame[target].to_numpy(dtype=np.float64)
    columns = list(encoding.columns)
    if encoding.sizes[target]:
        numbers = frame[encoding.continuous].to_numpy(dtype=np.float64)
        order = _order(guide.astype(int), _first_component(numbers), encoding.sizes[target])
        columns[int(target)] = _sorted(columns[int(target)], order)
        guide = np.argsort(order)[guide.astype(int)].astype(np.float64)
    for place, spec in enumerate(encoding.schema.columns):
        name = f"{place}"
        if spec.kind is Kind.CATEGORICAL and name != target and name in frame:
            order = _order(frame[name].to_numpy(), guide, encoding.sizes[name])
            columns[place] = _sorted(columns[place], order)
    return replace(encoding, columns=tuple(columns))


def _order(codes: IntArray, guide: FloatArray, size: int) -> IntArray:
    """The codes by the mean of the guide in their rows, shape (size,)."""
    means = pd.Series(guide).groupby(codes).mean().reindex(range(size), fill_value=guide.mean())
    return np.argsort(means.to_numpy(), kind="stable")


def _sorted(column: object, order: IntArray) -> Discrete:
    assert isinstance(column, Discrete)
    return Discrete(tuple(column.levels[code] for code in order))


def _first_component(numbers: FloatArray) -> FloatArray:
    """Shape (n,); zeros where there is no number."""
    if not numbers.shape[1]:
        return np.zeros(len(numbers))
    scaled = numbers - numbers.mean(axis=0)
    scaled = scaled / np.where(scaled.std(axis=0) > 0, scaled.std(axis=0), 1.0)
    _, _, directions = np.linalg.svd(scaled, full_matrices=False)
    return np.asarray(scaled @ directions[0])
