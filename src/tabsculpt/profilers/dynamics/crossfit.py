"""The paths of models that can be weighted: cross-fitted, and fitted again with trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tabsculpt.notes import Code, Note
from tabsculpt.profilers.dynamics.correctness import trust
from tabsculpt.profilers.features import own_order
from tabsculpt.profilers.folds import folds
from tabsculpt.table import FloatArray, IntArray, Table, Task

MOST_ROWS = 20_000
"""Rows that a model of one fold is fitted on; of more, these are drawn."""
Path = Callable[[FloatArray, FloatArray | IntArray, FloatArray, FloatArray], FloatArray]
"""Features and labels and weights to fit on, features to predict -> outputs.

Labels are numbers, or codes 0 to k - 1 that all occur; the outputs have shape (E, m), or
(E, m, k).
"""


def partition(table: Table, count: int, seed: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Rows to fit on and rows to predict; for a count below 2, all rows are both.

    The rows to fit on come in an order drawn from the seed, so that the first 20,000 are a draw.
    """
    if count < 2:
        rows = np.arange(len(table), dtype=np.int64)
        yield rows, rows
        return
    for fit, scored in folds(table, count, seed):
        yield fit[:MOST_ROWS], scored


def sampled(rows: int, count: int) -> Note | None:
    """The note where `partition` leaves rows of equal folds out; else None."""
    fitted = rows - -(-rows // count) if count > 1 else 0
    if fitted <= MOST_ROWS:
        return None
    text = f"each model of a fold is fitted on {MOST_ROWS:,} of {fitted:,} rows, drawn"
    return Note(Code.ROWS_DRAWN, text, MOST_ROWS)


def cross_fit(
    table: Table,
    features: Callable[[Table], FloatArray],
    path: Path,
    count: int,
    refits: int,
    seed: int,
) -> FloatArray:
    """Record a path of outputs for every row from models that have not seen it.

    Labels that do not fit pull a model towards them and hide behind each other. After the first
    round each row is weighted by `trust` in its own, cross-fitted prediction, and the models are
    fitted again; the last round is what is recorded.

    Args:
        table: n rows.
        features: what the model sees of rows, shape (n, d).
        path: fits a model and gives its checkpoints.
        count: number of folds; below 2, every row is predicted by a model that has seen it.
        refits: rounds after the first, with weights.
        seed: of the order of the rows and the folds.

    Returns:
        Outputs in the order of the table, shape (E, n), or (E, n, classes).
    """
    return weighted_cross_fit(table, features, path, count, refits, seed)[0]


def weighted_cross_fit(
    table: Table,
    features: Callable[[Table], FloatArray],
    path: Path,
    count: int,
    refits: int,
    seed: int,
) -> tuple[FloatArray, FloatArray]:
    """As `cross_fit`; also the weights of the rows in the last round, shape (n,)."""
    order = own_order(table, seed)
    rows = table.take(order)
    matrix = features(rows)
    parts = list(partition(rows, count, seed))
    weights = np.ones(len(rows))
    ordered = _round(rows, matrix, path, weights, parts)
    for _ in range(refits):
        weights = trust(rows, ordered[-1])
        ordered = _round(rows, matrix, path, weights, parts)
    outputs, own = np.empty_like(ordered), np.empty_like(weights)
    outputs[:, order], own[order] = ordered, weights
    return outputs, own


def _round(
    rows: Table,
    matrix: FloatArray,
    path: Path,
    weights: FloatArray,
    parts: list[tuple[IntArray, IntArray]],
) -> FloatArray:
    predict = (
        path if rows.schema.task is Task.REGRESSION else of_seen(path, len(rows.schema.classes))
    )
    found = [predict(matrix[fit], rows.target[fit], weights[fit], matrix[of]) for fit, of in parts]
    # Rows of one class give a single checkpoint, which stands for each of the other folds'.
    checkpoints = max(len(part) for part in found)
    outputs = np.zeros((checkpoints, len(rows), *found[0].shape[2:]))
    for part, (_, scored) in zip(found, parts, strict=True):
        outputs[:, scored] = part
    return outputs


def of_seen(path: Path, classes: int) -> Path:
    """A path for labels of which some classes may be absent: their probability is 0."""

    def predict(
        features: FloatArray, labels: FloatArray | IntArray, weights: FloatArray, scored: FloatArray
    ) -> FloatArray:
        seen, codes = np.unique(labels, return_inverse=True)
        shape = (len(scored), classes)
        if len(seen) == 1:
            only = np.zeros((1, *shape))
            only[:, :, seen[0]] = 1.0
            return only
        found = path(features, codes, weights, scored)
        outputs = np.zeros((len(found), *shape))
        outputs[:, :, seen] = found
        return outputs

    return predict
