"""Missing values of the features: rows dropped, values imputed from train rows, or kept."""

from __future__ import annotations

import warnings
from dataclasses import replace
from enum import StrEnum

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.split import LEAST_TEST, LEAST_TRAIN, Split
from tabsculpt.errors import UserError, unknown
from tabsculpt.table import FloatArray, Kind, Schema, Table
from tabsculpt.table.grid import Grid

_ROUNDS = 5


class Missing(StrEnum):
    """What becomes of rows that lack the value of a feature."""

    DROP = "drop"
    IMPUTE = "impute"
    KEEP = "keep"


def missing_of(word: str) -> Missing:
    """The policy that a user's word names.

    Raises:
        UserError: there is no such policy.
    """
    if word not in list(Missing):
        raise unknown("dataset.missing", word, Missing)
    return Missing(word)


def train_part(dataset: Dataset, split: Split, missing: str) -> Table:
    """The train rows, made without a look at a test row.

    Args:
        dataset: all rows.
        split: which rows are which.
        missing: ``drop``, ``impute`` or ``keep``.

    Raises:
        UserError: too few rows are left, or a feature has no value in any train row.
    """
    return _part(dataset, split, missing, dataset.table.take(split.train), LEAST_TRAIN, "train")


def test_part(dataset: Dataset, split: Split, missing: str) -> Table:
    """The test rows, imputed by what the train rows say; arguments and errors as `train_part`."""
    return _part(dataset, split, missing, dataset.table.take(split.test), LEAST_TEST, "test")


def _part(
    dataset: Dataset, split: Split, missing: str, part: Table, least: int, name: str
) -> Table:
    policy = missing_of(missing)
    if policy is Missing.KEEP or not part.features.isna().to_numpy().any():
        return part
    if policy is Missing.IMPUTE:
        filled = _imputed(dataset.table.take(split.train).without_text(), part.without_text())
        return replace(part, frame=part.frame.assign(**dict(filled.frame.items())))
    complete = part.features.notna().all(axis=1).to_numpy()
    if complete.sum() < least:
        raise UserError(
            f"{complete.sum()} of {len(part)} {name} rows have no missing value and {least} are "
            "needed; use dataset.missing=impute"
        )
    return part.take(complete)


def _imputed(train: Table, part: Table) -> Table:
    """Fill the features of ``part`` by what is learnt from those of ``train``; text stays missing.

    Numbers and booleans are predicted from each other by chained regressions (S. van Buuren and
    K. Groothuis-Oudshoorn, "mice: Multivariate Imputation by Chained Equations in R", 2011,
    https://doi.org/10.18637/jss.v045.i03) with scikit-learn's ``IterativeImputer``: ridge
    regression on columns of unit variance, five rounds, and a single imputation by the mean
    instead of several drawn ones. Booleans are rounded, numbers get the decimals and steps of the
    train rows (`tabsculpt.table.grid`), and everything is clipped to the range of the train rows. A
    category gets the most frequent one. The target is not used, so that it cannot leak into the
    features.
    """
    _require_values(train)
    frame = part.frame.copy()
    for column in part.schema.features:
        if column.kind is Kind.CATEGORICAL:
            counts = train.frame[column.name].value_counts(sort=False)
            frame[column.name] = frame[column.name].fillna(counts.idxmax())
    names = [c.name for c in part.schema.features if c.kind is not Kind.CATEGORICAL]
    if names and frame[names].isna().to_numpy().any():
        filled = _regressed(_numbers(train.frame[names]), _numbers(part.frame[names]))
        for position, name in enumerate(names):
            values = _filled(frame[name], filled[:, position], part.schema)
            frame[name] = _on_grid(values, frame[name].isna(), train.frame[name])
    return Table(frame, part.schema, part.groups)


def _require_values(train: Table) -> None:
    empty = [c.name for c in train.schema.features if train.frame[c.name].isna().all()]
    if empty:
        raise UserError(
            f"no train row has a value of {', '.join(empty)}, so it cannot be imputed; "
            f"add it to dataset.drop or choose another seed"
        )


def _regressed(train: FloatArray, part: FloatArray) -> FloatArray:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer
    from sklearn.linear_model import Ridge

    mean, spread = np.nanmean(train, axis=0), np.nanstd(train, axis=0)
    spread[spread == 0] = 1.0
    imputer = IterativeImputer(Ridge(), max_iter=_ROUNDS, random_state=0)
    with warnings.catch_warnings():
        # A fixed number of rounds is meant, converged or not.
        warnings.simplefilter("ignore", ConvergenceWarning)
        imputer.fit((train - mean) / spread)
    filled = imputer.transform((part - mean) / spread) * spread + mean
    return np.asarray(np.clip(filled, np.nanmin(train, axis=0), np.nanmax(train, axis=0)))


def _filled(values: pd.Series, imputed: FloatArray, schema: Schema) -> pd.Series:
    """The values, with the imputed ones only where none was there."""
    kind = next(column.kind for column in schema.columns if column.name == values.name)
    missing = values.isna().to_numpy()
    if kind is Kind.CONTINUOUS:
        return values.mask(missing, imputed)
    # the greatest number of double precision that int64 holds is below 2**63
    whole = np.clip(np.rint(imputed), -(2.0**63), np.nextafter(2.0**63, 0))
    fill = pd.Series(whole, index=values.index).astype("Int64").astype(values.dtype)
    return values.mask(missing, fill)


def _on_grid(values: pd.Series, missing: pd.Series, train: pd.Series) -> pd.Series:
    """The values, where they were missing, with the decimals and steps of the train rows."""
    grid = None if values.dtype.name == "boolean" else Grid.learn(train)
    return values if grid is None else values.mask(missing, grid.snap(values))


def _numbers(frame: pd.DataFrame) -> FloatArray:
    return np.column_stack(
        [frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in frame]
    )
