"""What the tool says of the study's rows: its answers and verdicts, as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabsculpt.analysis.answers import Combination, questions
from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import RIVALS
from tabsculpt.analysis.estimates import Estimate
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pairs import pooled
from tabsculpt.analysis.sample_size import SIZE, sample_size_table


def size_of(evaluation: str) -> int:
    """The real rows that were trained on, of ``split.n_train``."""
    found = SIZE.search(evaluation)
    assert found is not None
    return int(found[1])


def answers(rows: pd.DataFrame) -> pd.DataFrame:
    """Each table and size: the best synthetic rows and the best way without, set against real rows.

    Returns:
        Columns table, rows, metric, real, best, gain, verdict, rival, rival_gain, rival_verdict,
        against: the verdict of the best synthetic rows against the best rival; gains in % of the
        real rows' score, better above 0, as (mean, low, high).
    """
    cells = list(Measurements.of(rows).cells(headline=True))
    found = []
    for asked in questions(cells, pd.DataFrame()):
        rival = asked.rivals[0] if asked.rivals else None
        against = asked.against_rival
        found.append(
            {
                "table": asked.names["dataset"],
                "rows": size_of(str(asked.names["evaluation"])),
                "metric": asked.names["metric"],
                "real": asked.best.real,
                "best": _named(asked.best),
                "gain": asked.best.gain,
                "verdict": asked.best.verdict,
                "rival": _named(rival) if rival else "",
                "rival_gain": rival.gain if rival else (np.nan,) * 3,
                "rival_verdict": rival.verdict if rival else "",
                "against": against.verdict if against else "",
            }
        )
    return pd.DataFrame(found).sort_values(["table", "rows"], ignore_index=True)


def verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    """Each way of training against the real rows as they are, by itself, on each table and size.

    Returns:
        Columns table, rows, pipeline, generator, gain (% of the real rows' score, better above 0)
        and verdict; a pipeline without a generator once.
    """
    found: dict[tuple[object, ...], dict[str, object]] = {}
    for cell in Measurements.of(rows).cells(headline=True):
        for arm in set(cell.arms) - {REAL}:
            made = "" if arm in RIVALS else str(cell.names["generator"])
            where = cell.names["dataset"], size_of(str(cell.names["evaluation"])), arm, made
            estimate = pooled([cell], arm, REAL)
            if estimate is not None and where not in found:
                found[where] = {
                    **dict(zip(("table", "rows", "pipeline", "generator"), where, strict=True)),
                    "gain": _gain(estimate, cell),
                    "verdict": estimate.verdict,
                }
    return pd.DataFrame(found.values())


def probabilities(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over tables with classes, splits and predictors, by pipeline and size.

    Returns:
        Index pipeline; columns (rows, metric) for the area under the ROC curve, macro F1, the
        expected calibration error and the slope.
    """
    metrics = ["auc_roc", "macro_f1", "ece", "calibration_slope"]
    mine = rows[rows.metric.isin(metrics) & (rows.task != "regression") & rows.value.notna()]
    where = ["dataset", "evaluation", "split_seed"]
    tried = mine.groupby(where).pipeline.transform("nunique")
    mine = mine[tried == mine.pipeline.nunique()]  # the same draws for every pipeline
    mine = mine.assign(size=mine.evaluation.map(size_of))
    each = mine.groupby([*where, "size", "pipeline", "metric"]).value.mean()  # over generators too
    slopes = mine[mine.metric == "calibration_slope"].groupby(["pipeline", "size", "metric"]).value
    mean = each.groupby(["pipeline", "size", "metric"]).mean()
    mean.update(slopes.median())
    return mean.unstack(["size", "metric"])


def worth(rows: pd.DataFrame) -> pd.DataFrame:
    """How many real rows alone score as each way with synthetic rows does; see the tool's table."""
    return sample_size_table(Measurements.of(rows))


def _named(one: Combination) -> str:
    return " ".join(part for part in (one.names["generator"], one.names["arm"]) if part)


def _gain(estimate: Estimate, cell: Cell) -> float:
    percent = estimate.over.mean / estimate.rope if estimate.rope else float("nan")
    return -percent if cell.direction == "min" else percent
