"""How well a ranking by hardness finds rows that were made hard on purpose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tabsculpt.table import FloatArray


def ranking_scores(wrong: npt.NDArray[np.bool_], hardness: FloatArray) -> dict[str, float]:
    """Area under the precision-recall curve (average precision), in both conventions.

    Args:
        wrong: shape (n,), the rows that were made hard.
        hardness: shape (n,), higher is harder.

    Returns:
        ``auprc``: the rows made hard are positive; an uninformed ranking has their share.
        ``auprc_published``: the others are positive, ranked by easiness, as in Table 1 of
        "Targeted synthetic data generation for tabular data via hardness characterization"
        (2024); an uninformed ranking has one minus that share.
    """
    from sklearn.metrics import average_precision_score

    return {
        "auprc": float(average_precision_score(wrong, hardness)),
        "auprc_published": float(average_precision_score(~wrong, -hardness)),
    }
