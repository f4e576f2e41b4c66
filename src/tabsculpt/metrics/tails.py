"""Whether what is rare in the real rows is there in the synthetic ones.

Source: Souza, Zanchettin, "Breaking the Barrier of Hard Samples: A Data-Centric Approach to
Synthetic Data for Medical Tasks", ICML 2025, section 5.6, which compares histograms by eye and
gives no number; the numbers here are this project's.
"""

from __future__ import annotations

import numpy as np

from tabsculpt.metrics.features import category_counts
from tabsculpt.table import Table, Task


def rare_categories_kept(train: Table, other: Table, rarer_than: float) -> float:
    """The share of train's rare categories that occur in another table; in [0, 1], high is good.

    A category of any column, the target among them, is rare when it occurs in train, in fewer than
    that share of the rows. Missing is no category. NaN where none is rare.

    Args:
        train: at least one row.
        other: of the same schema.
        rarer_than: a share in (0, 1).
    """
    kept = []
    for column in train.schema.columns:
        if not column.is_numeric:
            counts = category_counts(train.frame[column.name], column)[1:]
            rare = (counts > 0) & (counts < rarer_than * len(train))
            kept += list(category_counts(other.frame[column.name], column)[1:][rare] > 0)
    return float(np.mean(kept)) if kept else float("nan")


def target_tails(train: Table, other: Table) -> dict[str, float]:
    """How much of the target's tails another table has, as a multiple of what train has.

    ``target_low_tail``: the share of rows with a target below train's 10th percentile over the
    share of train's own rows there (10 % without ties); ``target_high_tail``: the same above the
    90th. At least 0; 1 is good, less is lost, more is exaggerated. NaN for a classification, and
    where no row of train lies beyond the percentile.

    Args:
        train: at least one row.
        other: at least one row of the same schema.
    """
    if train.schema.task is not Task.REGRESSION:
        return {"target_low_tail": float("nan"), "target_high_tail": float("nan")}
    low, high = np.percentile(train.target, [10, 90])
    return {
        "target_low_tail": _ratio((other.target < low).mean(), (train.target < low).mean()),
        "target_high_tail": _ratio((other.target > high).mean(), (train.target > high).mean()),
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
