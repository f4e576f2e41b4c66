"""Calibration and net benefit of the arms of binary tasks, from their stored predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.columns import CELL
from tabsculpt.engine.store import Store
from tabsculpt.stats.calibration import Line, Reliability, calibration_line, reliability
from tabsculpt.stats.net_benefit import THRESHOLDS, net_benefit, treat_all
from tabsculpt.table import FloatArray, IntArray, Task
from tabsculpt.table.files import read_table, read_test_predictions

SHOWN = (0.1, 0.2, 0.3, 0.5)
"""Thresholds of which the net benefit stands in the table."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """The predictions of an arm of a cell, one array for each predictor, split, fit and draw.

    Attributes:
        cell: where it stands.
        arm: its name.
        predictor: the name of each's predictor.
        truth: 1 for the positive class, one array for each.
        probability: of that class, likewise.
        gone: predictions that are no longer in the store.
        positive: the name of the positive class.
    """

    cell: Cell
    arm: str
    predictor: tuple[str, ...]
    truth: tuple[IntArray, ...]
    probability: tuple[FloatArray, ...]
    gone: int
    positive: str

    @property
    def reliability(self) -> Reliability:
        """Over all of them together: a test row counts once for each prediction of it."""
        return reliability(np.concatenate(self.truth), np.concatenate(self.probability))

    @property
    def benefit(self) -> FloatArray:
        """Mean net benefit at each of `THRESHOLDS`."""
        every = [net_benefit(*pair) for pair in self._pairs]
        mean: FloatArray = np.mean(every, axis=0)
        return mean

    @property
    def treat_all(self) -> FloatArray:
        """Mean net benefit of treating every row, on the same test rows."""
        every = [treat_all(float(truth.mean())) for truth in self.truth]
        mean: FloatArray = np.mean(every, axis=0)
        return mean

    @property
    def prevalence(self) -> float:
        """Share of the positive class among the test rows."""
        return float(np.mean([truth.mean() for truth in self.truth]))

    def records(self) -> Iterator[dict[str, Any]]:
        """A row for each predictor, see `calibration_table`."""
        lines = [calibration_line(*pair) for pair in self._pairs]
        errors = [reliability(*pair).ece for pair in self._pairs]
        benefits = [net_benefit(*pair, SHOWN) for pair in self._pairs]
        squares = [float(np.mean((p - y) ** 2)) for y, p in self._pairs]
        names = {column: self.cell.names[column] for column in CELL}
        for name in dict.fromkeys(self.predictor):
            mine = [place for place, each in enumerate(self.predictor) if each == name]
            yield {
                **names,
                "arm": self.arm,
                "predictor": name,
                **_line([lines[place] for place in mine]),
                "ece": float(np.mean([errors[place] for place in mine])),
                "brier": float(np.mean([squares[place] for place in mine])),
                **_benefits(np.mean([benefits[place] for place in mine], axis=0)),
                "fits": len(mine),
                "rows": float(np.mean([len(self.truth[place]) for place in mine])),
            }

    @property
    def _pairs(self) -> list[tuple[IntArray, FloatArray]]:
        return list(zip(self.truth, self.probability, strict=True))


def predicted(cells: Sequence[Cell], store: Path) -> list[Predicted]:
    """The stored predictions of every arm of the binary tasks.

    The real baseline is taken once for each data set and evaluation, though it stands in each cell.

    Args:
        cells: of the metrics that tasks are judged by.
        store: the store's folder.
    """
    found = []
    loaded = _Loaded(store)
    for cell in cells:
        if cell.names["task"] == Task.BINARY:
            found += [loaded(cell, arm) for arm in cell.arms]
    return [each for each in found if each.truth]


def calibration_table(found: Sequence[Predicted]) -> pd.DataFrame:
    """Calibration and net benefit by arm and predictor.

    Args:
        found: see `predicted`.

    Returns:
        The columns of `columns.CELL`, ``arm``, ``predictor``; means over splits, fits and draws of
        ``slope`` and ``intercept`` (see `tabsculpt.stats.calibration.Line`), ``ece`` over ten
        quantile bins, ``brier``, and ``benefit_0.1`` ... at thresholds; ``without_line``, how many
        have no slope; ``clipped`` probabilities; ``fits`` the means are over, and test ``rows``
        of each.
    """
    records = []
    seen = set()
    for each in found:
        for record in each.records():
            key = tuple(str(each.cell.names[name]) for name in ("dataset", "data", "predictors",
                        "evaluation", "device")), record["predictor"]  # fmt: skip
            if each.arm != REAL or key not in seen:
                records.append(record)
            seen |= {key} if each.arm == REAL else set()
    return pd.DataFrame(records)


class _Loaded:
    """Reads predictions and test parts, each once."""

    def __init__(self, store: Path) -> None:
        self._store = Store(store)
        self._truths: dict[str, tuple[IntArray, str]] = {}
        self._predictions: dict[str, FloatArray | None] = {}

    def __call__(self, cell: Cell, arm: str) -> Predicted:
        places = [place for place in cell.own(arm) if not np.isnan(cell.of.values[place])]
        rows = cell.of.rows.iloc[places]
        kept, truths, probabilities, gone, positive = [], [], [], 0, ""
        for name, text in zip(rows.predictor, rows["keys"], strict=True):
            keys = json.loads(text)
            probability = self._probability(keys.get("predictions"))
            if probability is None or (known := self._truth(keys["test"])) is None:
                gone += 1
                continue
            truth, positive = known
            kept.append(str(name))
            truths.append(truth)
            probabilities.append(probability)
        return Predicted(
            cell, arm, tuple(kept), tuple(truths), tuple(probabilities), gone, positive
        )

    def _probability(self, key: str | None) -> FloatArray | None:
        if key is None:
            return None
        if key not in self._predictions:
            try:
                found = self._store.load(key, read_test_predictions)
                self._predictions[key] = np.asarray(found[:, 1], dtype=np.float64)
            except FileNotFoundError:
                self._predictions[key] = None
        return self._predictions[key]

    def _truth(self, key: str) -> tuple[IntArray, str] | None:
        if key not in self._truths:
            try:
                table = self._store.load(key, read_table)
            except FileNotFoundError:
                return None
            self._truths[key] = table.target, table.schema.classes[1]
        return self._truths[key]


def _line(lines: Sequence[Line]) -> dict[str, Any]:
    slopes = np.array([line.slope for line in lines])
    known = slopes[~np.isnan(slopes)]
    intercepts = np.array([line.intercept for line in lines])
    return {
        "slope": float(known.mean()) if len(known) else np.nan,
        "intercept": float(np.nanmean(intercepts)) if (~np.isnan(intercepts)).any() else np.nan,
        "without_line": len(slopes) - len(known),
        "clipped": sum(line.clipped for line in lines),
    }


def _benefits(values: FloatArray) -> dict[str, float]:
    return {f"benefit_{cut:g}": float(value) for cut, value in zip(SHOWN, values, strict=True)}


__all__ = ["SHOWN", "THRESHOLDS", "Predicted", "calibration_table", "predicted"]
