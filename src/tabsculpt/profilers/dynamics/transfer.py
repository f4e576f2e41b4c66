"""The paths of models trained on some rows, recorded on others that they never see in training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.dynamics.correctness import dynamics_of, residual_scale
from tabsculpt.profilers.dynamics.crossfit import Path, of_seen, weighted_cross_fit
from tabsculpt.profilers.features import own_order
from tabsculpt.table import FloatArray, Table, Task


def transfer(
    train: Table,
    scored: Table,
    features: Callable[[Table, Table], tuple[FloatArray, FloatArray]],
    path: Path,
    count: int,
    refits: int,
    seed: int,
) -> tuple[Dynamics, Dynamics]:
    """Record a path on train as `cross_fit` does, and on other rows as trained on all of train.

    The one model is fitted with the weights of train's last round. Residuals of both are judged by
    train's scale.

    Args:
        train: n rows.
        scored: m rows of the same schema; they move nothing but what is recorded of themselves.
        features: what the model sees of both tables, scaled by the first.
        path: fits a model and gives its checkpoints.
        count: number of folds on train; below 2, its rows are predicted by a model that has seen
            them.
        refits: rounds after the first, with weights.
        seed: of the order of the rows and the folds.

    Returns:
        The dynamics of the n rows and of the m rows.
    """

    def own(table: Table) -> FloatArray:
        return features(table, table)[1]

    outputs, weights = weighted_cross_fit(train, own, path, count, refits, seed)
    order = own_order(train, seed)
    seen, unseen = features(train, scored)
    regression = train.schema.task is Task.REGRESSION
    predict = path if regression else of_seen(path, len(train.schema.classes))
    found = predict(seen[order], train.target[order], weights[order], unseen)
    if not regression:
        return dynamics_of(train, outputs), dynamics_of(scored, found)
    scale = residual_scale(np.abs(outputs[-1] - train.target), train.target)
    return dynamics_of(train, outputs), dynamics_of(scored, found, scale)


def matrices(train: Table, scored: Table) -> tuple[FloatArray, FloatArray]:
    """`Table.matrix` of both."""
    return train.matrix(), scored.matrix()


def standard_matrices(train: Table, scored: Table) -> tuple[FloatArray, FloatArray]:
    """`standard_features` of train, and other rows filled, centred and scaled by train's values."""
    raw, other = matrices(train, scored)
    present = ~np.isnan(raw).all(axis=0)
    raw, other = raw[:, present], other[:, present]
    if not raw.size:
        return raw, other
    fill = np.nanmedian(raw, axis=0)
    raw, other = (np.where(np.isnan(values), fill, values) for values in (raw, other))
    varies = np.ptp(raw, axis=0) > 0
    raw, other = raw[:, varies], other[:, varies]
    centre, spread = raw.mean(axis=0), raw.std(axis=0)
    return (raw - centre) / spread, (other - centre) / spread
