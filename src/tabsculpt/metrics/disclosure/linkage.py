"""Linkability and inference: what the nearest synthetic row says of a real one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tabsculpt.metrics.disclosure.risk import Risk, Share, risk_of
from tabsculpt.metrics.disclosure.values import Values, differences
from tabsculpt.table import FloatArray

TOLERANCE = 0.05
"""How near a guessed number is to be, as a share of the column's range without its tails."""
_ROUNDING = 1e-5
"""Of sums of differences, each at most 1, in single precision."""


@dataclass(frozen=True, eq=False)
class Attack:
    """Real rows, the synthetic ones they are compared with, and how columns are compared.

    Attributes:
        rows: shape (2n, d): n rows of train, then n rows of test.
        synthetic: shape (m, d).
        numeric: shape (d,), which columns are numbers.
        width: shape (d,), of the range of the synthetic and real values.
    """

    rows: FloatArray
    synthetic: FloatArray
    numeric: npt.NDArray[np.bool_]
    width: FloatArray

    @classmethod
    def of(cls, train: Values, test: Values, synthetic: Values) -> Attack:
        """Attack equally many rows of train and of test."""
        rows = np.vstack([train.matrix, test.matrix])
        whole = np.vstack([rows, synthetic.matrix])
        low = np.where(np.isnan(whole), np.inf, whole).min(axis=0)
        high = np.where(np.isnan(whole), -np.inf, whole).max(axis=0)
        width = np.where(np.isfinite(low), high - low, 0.0)
        return cls(rows, synthetic.matrix, train.numeric, width)

    def apart(self, column: int, rows: slice | npt.NDArray[np.int64] = slice(None)) -> FloatArray:
        """The distance of real rows from every synthetic one in a column, shape (n, m)."""
        return differences(
            self.rows[rows, column],
            self.synthetic[:, column],
            bool(self.numeric[column]),
            float(self.width[column]),
        )


def linkability_risk(attack: Attack, seed: int) -> Risk:
    """The risk that two parts of a person's record are found to belong together.

    The columns are cut into two halves. An attacker who has each half of a real row looks for the
    nearest synthetic row of each, and links the halves where it is the same one; of rows that are
    equally near, where any is.

    Source: Giomi et al. (see `risk.Risk`), section 5.2. Deviation: the halves are not named by a
    user but drawn, anew for each quarter of the rows, so that the risk is that of no one cut.

    Args:
        attack: of at least two columns.
        seed: of the halves.
    """
    rng, n = np.random.default_rng(seed), len(attack.rows) // 2
    linked = np.zeros(2 * n, dtype=bool)
    for quarter in np.array_split(np.arange(n), 4):
        rows = np.concatenate([quarter, quarter + n])
        order = rng.permutation(attack.rows.shape[1])
        halves = np.array_split(order, 2)
        first, second = (_nearest(_total(attack, rows, half)) for half in halves)
        linked[rows] = (first & second).any(axis=1)
    return _risk(linked[:n], linked[n:])


def inference_risks(attack: Attack) -> tuple[Risk, list[Risk]]:
    """The risk that a value is guessed by one who knows all others of the row.

    The guess is the value of the synthetic row that is nearest in the other columns. A category,
    or that a value is missing, is to be guessed exactly; a number to 5 % of the range between its
    5th and 95th percentile.

    Source: Giomi et al. (see `risk.Risk`), section 5.3. Deviation: there a number is to be guessed
    to 5 % of itself, which depends on where its scale begins.

    Args:
        attack: of at least two columns.

    Returns:
        The mean over the columns, with the interval of as many attacks as there are rows (those on
        one row are no independent ones), and the risk of each column.
    """
    n, d = len(attack.rows) // 2, attack.rows.shape[1]
    everything = np.arange(2 * n)
    total = _total(attack, everything, np.arange(d))
    right = np.column_stack(
        [
            _guessed(attack, column, (total - attack.apart(column)).argmin(axis=1))
            for column in range(d)
        ]
    )
    inside, outside = right[:n], right[n:]
    whole = _risk(inside.mean(axis=1), outside.mean(axis=1))
    return whole, [_risk(inside[:, j], outside[:, j]) for j in range(d)]


def _risk(inside: npt.NDArray[Any], outside: npt.NDArray[Any]) -> Risk:
    """The risk of attacks on n rows of train and n of test, each a success or a share of one."""
    n = len(inside)
    return risk_of(Share.of(float(inside.sum()), n), Share.of(float(outside.sum()), n), n)


def _total(
    attack: Attack, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]
) -> FloatArray:
    total = attack.apart(int(columns[0]), rows)
    for column in columns[1:]:
        total = total + attack.apart(int(column), rows)
    return total


def _nearest(distances: FloatArray) -> npt.NDArray[np.bool_]:
    """Which synthetic rows are nearest to each real one, but for rounding, shape (n, m)."""
    return np.asarray(distances <= distances.min(axis=1, keepdims=True) + _ROUNDING)


def _guessed(attack: Attack, column: int, nearest: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """For which rows the value of the nearest synthetic row is the right guess."""
    truth, guess = attack.rows[:, column], attack.synthetic[nearest, column]
    both_missing = np.isnan(truth) & np.isnan(guess)
    if not attack.numeric[column]:
        return np.asarray(both_missing | (truth == guess))
    known = attack.rows[~np.isnan(attack.rows[:, column]), column]
    low, high = np.percentile(known, [5, 95]) if len(known) else (0.0, 0.0)
    return np.asarray(both_missing | (np.abs(truth - guess) <= TOLERANCE * (high - low)))
