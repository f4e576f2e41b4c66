"""What random over- and undersampling share: predictors learn other numbers of the real rows."""

from __future__ import annotations

import numpy as np

from tabsculpt.notes import Code, Note
from tabsculpt.pipelines.real_rows import TrainedModel
from tabsculpt.predictors import Model, Predictor
from tabsculpt.predictors.prior_shift import class_shares, prior_ratio
from tabsculpt.table import IntArray, Table


def repeated_rows(codes: IntArray, seed: int) -> IntArray:
    """All rows, then rows of rarer classes again, until each class is as frequent as the first.

    Args:
        codes: class of each row, shape (n,).
        seed: of the draw, with replacement.

    Returns:
        Positions; n or more.
    """
    rng = np.random.default_rng(seed)
    sizes = np.bincount(codes)
    drawn = [
        rng.choice(np.flatnonzero(codes == code), sizes.max() - size)
        for code, size in enumerate(sizes)
        if 0 < size < sizes.max()
    ]
    return np.concatenate([np.arange(len(codes)), *drawn])


def kept_rows(codes: IntArray, seed: int) -> IntArray:
    """As many rows of each class as the rarest that occurs has, drawn without replacement.

    Args:
        codes: class of each row, shape (n,).
        seed: of the draw.

    Returns:
        Positions, ascending; n or fewer.
    """
    rng = np.random.default_rng(seed)
    present, sizes = np.unique(codes, return_counts=True)
    kept = [rng.choice(np.flatnonzero(codes == c), sizes.min(), replace=False) for c in present]
    return np.sort(np.concatenate(kept))


def train_on(
    places: IntArray,
    correct_prior: bool,
    predictor: Predictor,
    train: Table,
    validation: Table | None,
    seed: int,
) -> Model:
    """Train on rows at some positions of the training rows; validation rows stay as they are."""
    rows = train.take(places)
    model = predictor.fit(rows, validation, seed)
    more = len(rows) - len(train)
    text = f"learns {abs(more):,} {'repeated' if more > 0 else 'fewer'} rows"
    remarks = (Note(Code.ROWS_RESAMPLED, text, abs(more)),) if more else ()
    ratio = prior_ratio(class_shares(rows), class_shares(train)) if correct_prior else None
    return TrainedModel(model, remarks, ratio)
