"""Training dynamics: what a model says of each row at each checkpoint, recorded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from tabsculpt.table import FloatArray, Table


@dataclass(frozen=True, eq=False)
class Dynamics:
    """Arrays over E checkpoints and n rows; every dynamics-based score is a function of them.

    Attributes:
        outputs: what the model predicts: shape (E, n) in the target's own unit for a regression,
            (E, n, classes) probabilities for a classification.
        correctness: shape (E, n), in [0, 1]: the probability of the given class, or what takes
            its place in a regression (see `profilers.dynamics.correctness`).
        losses: shape (E, n): cross-entropy, or squared error in units of the residual scale.
        gradient_norms: shape (E, n), norm of the loss's gradient with respect to the parameters
            of the last layer; None where the model has none (trees).
        gradient_variance: shape (n, d), variance over the checkpoints of the gradient of the
            loss with respect to each standardised input; None where the model has none. It is
            kept in place of the E x n x d gradients.
    """

    outputs: FloatArray
    correctness: FloatArray
    losses: FloatArray
    gradient_norms: FloatArray | None = None
    gradient_variance: FloatArray | None = None


class Recorder(Protocol):
    """A frozen dataclass of settings: a model, and how it is trained while it is watched."""

    libraries: ClassVar[tuple[str, ...]]

    def record(self, table: Table, seed: int) -> Dynamics:
        """Train on the rows and record every checkpoint.

        What is recorded of a row does not depend on where it stands in the table: rows are put
        into `tabsculpt.profilers.features.own_order` before anything is drawn.
        """
        ...
