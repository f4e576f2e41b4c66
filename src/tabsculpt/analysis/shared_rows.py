"""How much the splits of a table share, as the corrected resampled t-test takes it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.table import FloatArray

DRAWN = "n_train="
"""How the evaluation of rows begins whose train part was drawn in number (``split.n_train``)."""
OF_TEST = 0.1
"""Share of a difference's variance over small train parts that is taken as the test rows'."""


def shared_rows(rows: pd.DataFrame) -> FloatArray:
    """Test rows by training rows of each measurement, m/n; NaN where the rows do not say.

    Nadeau and Bengio's m/n is r / (1 - r) for the correlation r = m/N of two splits of N rows: it
    takes all variance as the test rows', which splits share in that measure. Of a small train part
    with the rest as test rows nearly all variance is the train part's, and two of them share n/N:
    m/n gave intervals seven times too wide (n = 30 of 442 rows). There r is (1 - w) n/N + w m/N
    with w = 0.1, where that gives less than m/n; coverage of the 95 % intervals by simulation:
    ``tests/analysis/test_shared_rows.py``.

    Args:
        rows: with ``n_train``, ``n_test`` and ``evaluation``.
    """
    train, test = (rows[name].to_numpy(np.float64, na_value=np.nan)
                   for name in ("n_train", "n_test"))  # fmt: skip
    plain = test / np.where(train > 0, train, np.nan)
    drawn = rows.evaluation.fillna("").str.startswith(DRAWN).to_numpy()
    r = ((1 - OF_TEST) * train + OF_TEST * test) / (train + test)
    with np.errstate(invalid="ignore"):
        less = np.minimum(plain, r / (1 - r))
    shares: FloatArray = np.where(drawn, less, plain)
    return shares
