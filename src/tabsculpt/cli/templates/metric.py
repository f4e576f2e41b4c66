"""A metric of one's own: how many predictions are near the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from annotated_types import Gt

from tabsculpt.table import FloatArray, Task


@dataclass(frozen=True)
class Template:
    """The share of test rows whose prediction is near the truth, in [0, 1].

    Near is an error of at most ``tolerance`` standard deviations of the truth (numbers), or a
    probability of the true class of at least 1 - ``tolerance`` (classes).

    Args:
        tolerance: see above.
    """

    libraries: ClassVar[tuple[str, ...]] = ("numpy",)
    direction: ClassVar[Literal["min", "max"]] = "max"
    tasks: ClassVar[tuple[Task, ...]] = tuple(Task)

    tolerance: Annotated[float, Gt(0)] = 0.5

    def score(self, truth: npt.NDArray[Any], prediction: FloatArray) -> float:
        """Score predictions of the test part.

        Args:
            truth: shape (n,), numbers in the target's unit or class codes.
            prediction: shape (n,), or probabilities of shape (n, classes).
        """
        if prediction.ndim == 1:
            return float(np.mean(np.abs(prediction - truth) <= self.tolerance * np.std(truth)))
        of_truth = prediction[np.arange(len(truth)), truth]
        return float(np.mean(of_truth >= 1 - self.tolerance))
