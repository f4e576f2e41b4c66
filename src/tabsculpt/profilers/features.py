"""Rows as points: the features on one scale, and an order of the rows that is their own."""

from __future__ import annotations

import numpy as np

from tabsculpt.table import FloatArray, IntArray, Table


def standard_features(table: Table) -> FloatArray:
    """The features as numbers of mean 0 and standard deviation 1, shape (n, d').

    Missing values are the median of their column. Columns that are constant, or all missing, are
    left out, so that d' may be 0.

    Args:
        table: n rows.
    """
    raw = table.matrix()
    raw = raw[:, ~np.isnan(raw).all(axis=0)]
    filled = np.where(np.isnan(raw), np.nanmedian(raw, axis=0), raw) if raw.size else raw
    filled = filled[:, np.ptp(filled, axis=0) > 0]
    spread: FloatArray = (filled - filled.mean(axis=0)) / filled.std(axis=0)
    return spread


def standard_target(target: FloatArray) -> FloatArray:
    """A numeric target with its median at 0, in units of its spread, shape (n,).

    The spread is 1.4826 times the median absolute deviation (the standard deviation of normal
    values); the standard deviation where that is 0; 1 where both are.
    """
    centred = target - np.median(target)
    scale = 1.4826 * np.median(np.abs(centred)) or centred.std() or 1.0
    standard: FloatArray = centred / scale
    return standard


def own_order(table: Table, seed: int) -> IntArray:
    """An order of the rows that depends on what they hold, not on where they stand, shape (n,).

    What is computed on ``table.take(order)`` and put back with ``result[order] = ...`` moves with
    the rows when they are shuffled; rows that are equal in every way may change places. Rows are
    compared by their features and only then by their target, so that a change of its unit leaves
    the order as it is; where its sign changes, rows of equal features may change places.

    Args:
        table: n rows.
        seed: of the permutation that is drawn on top, without which rows of equal features would
            come in the order of their targets.
    """
    keys = [table.target, *table.matrix().T]  # the last one is looked at first
    if table.groups is not None:
        keys.append(np.unique(table.groups, return_inverse=True)[1])
    by_content = np.lexsort(keys)
    order: IntArray = by_content[np.random.default_rng(seed).permutation(len(table))]
    return order
