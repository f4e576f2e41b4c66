"""Are the rows that were dropped merely outliers?"""

from __future__ import annotations

import numpy as np

from tabsculpt.table import FloatArray, Table

LIMITS = (3.0, 4.0)


def outlier_shares(rows: Table, reference: Table) -> dict[str, float]:
    """The share of rows with some number far from the reference's mean.

    Args:
        rows: such as the synthetic rows that were dropped; NaN for none.
        reference: whose means and standard deviations count, such as the real train part.

    Returns:
        ``outliers_3`` and ``outliers_4``: shares of the rows with |z| above 3 and 4 in at least
        one numeric column; a missing value is no outlier.

    References:
        Profile2Gen, Souza and Zanchettin, 2025, section 5.7
    """
    numeric = [column.name for column in rows.schema.columns if column.is_numeric]
    values, known = (_numbers(table, numeric) for table in (rows, reference))
    spread = np.nanstd(known, axis=0)
    varying = spread > 0
    scores = np.abs(values - np.nanmean(known, axis=0))[:, varying] / spread[varying]
    shares = {}
    for limit in LIMITS:
        far = (scores > limit).any(axis=1)
        shares[f"outliers_{limit:g}"] = float(far.mean()) if len(far) else float("nan")
    return shares


def _numbers(table: Table, names: list[str]) -> FloatArray:
    columns = [table.frame[n].to_numpy(dtype=np.float64, na_value=np.nan) for n in names]
    return np.column_stack(columns) if columns else np.empty((len(table), 0))
