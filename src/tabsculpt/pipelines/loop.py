"""What a loop between a learner and a generator decides by: scores by part, plateaus, shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tabsculpt.metrics.class_balance import TargetParts
from tabsculpt.table import FloatArray, IntArray, Table, Task


@dataclass(frozen=True)
class Loop:
    """What decides on the next round.

    Attributes:
        tau: score below which a part of the target gets rows.
        share: rows of a round, as a share of the real rows that are learnt from.
        gain: least rise of the mean score that is no plateau.
        patience: rounds without such a rise that are waited for.
        bins: ranges that a number is cut into.
        most_draws: rows drawn at most for each row to add, where the generator cannot be asked.
    """

    tau: float
    share: float
    gain: float
    patience: int
    bins: int
    most_draws: float

    def stopped(self, means: Sequence[float], scores: Sequence[float | None]) -> str | None:
        """Why there is no further round; None where there is one.

        Args:
            means: mean score of each round so far, round 0 (real rows alone) first.
            scores: of the parts, in the last round; None where there is no validation row.
        """
        if all(score is None or score >= self.tau for score in scores):
            return f"every part of the target reaches tau={self.tau:g} on validation rows"
        best, waited = -np.inf, 0
        for mean in means:
            risen = mean > best + self.gain
            best, waited = (mean, 0) if risen else (best, waited + 1)
        if waited >= self.patience:
            return f"no gain of more than {self.gain:g} on validation rows in {waited} rounds"
        return None

    def counts(self, scores: Sequence[float | None], n: int) -> IntArray:
        """Rows of each part, shape (parts,): in proportion to what it lacks of tau.

        Args:
            scores: of the parts.
            n: real rows that are learnt from.
        """
        lacks = np.array([0.0 if s is None else max(0.0, self.tau - s) for s in scores])
        rows = np.round(self.share * n * lacks / lacks.sum())
        return np.where(lacks > 0, np.maximum(1, rows), 0).astype(np.int64)


@dataclass(frozen=True)
class Assessment:
    """How well a learner does on validation rows.

    Attributes:
        scores: of each part of the target, F1 of a class or `skill` of a range; None where there
            is no validation row.
        mean: of those there are.
    """

    scores: tuple[float | None, ...]
    mean: float


def part_scores(
    parts: TargetParts, learn: Table, validation: Table, prediction: FloatArray
) -> tuple[float | None, ...]:
    """The score of each part of the target: 1 is perfect, and 0 no skill.

    F1 of each class; of each range of a number 1 - RMSE / s, at least 0, with s the standard
    deviation of the target in the rows learnt from. None where there is no validation row.
    """
    from sklearn.metrics import f1_score

    codes = parts.codes(validation)
    if validation.schema.task is not Task.REGRESSION:
        labels = list(range(len(parts.names)))
        guessed = prediction.argmax(axis=1)
        found = f1_score(codes, guessed, labels=labels, average=None, zero_division=0)
    else:
        spread = float(learn.target.std()) or 1.0
        squares = (prediction - validation.target) ** 2
        sizes = np.maximum(1, parts.sizes(validation))
        error = np.sqrt(np.bincount(codes, squares, len(parts.names)) / sizes)
        found = np.maximum(0, 1 - error / spread)
    sizes = parts.sizes(validation)
    return tuple(float(s) if size else None for s, size in zip(found, sizes, strict=True))


def held_out(table: Table, size: float, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Whether each row is for validation, shape (n,).

    Args:
        table: its groups stay together; without them every class gives its share and keeps a row.
        size: the share of the rows, or groups, that is held out.
        rng: draws them.
    """
    n = len(table)
    held = np.zeros(n, dtype=bool)
    if table.groups is not None:
        names = rng.permutation(np.unique(table.groups))
        chosen: npt.NDArray[np.bool_] = np.isin(table.groups, names[: round(size * len(names))])
        return chosen
    codes = np.zeros(n, dtype=int) if table.schema.task is Task.REGRESSION else table.target
    for code in np.unique(codes):
        rows = rng.permutation(np.flatnonzero(codes == code))
        held[rows[: min(round(size * len(rows)), len(rows) - 1)]] = True
    return held
