"""The dynamics of a small network: outputs, losses and gradients of every row at every epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.dynamics.correctness import pointwise_scores
from tabsculpt.profilers.dynamics.crossfit import partition
from tabsculpt.profilers.features import own_order, standard_features
from tabsculpt.profilers.placement import Device, torch_device
from tabsculpt.table import FloatArray, IntArray, Table, Task

LEAST_SPREAD = 1e-12


@dataclass(frozen=True)
class MLPRecorder:
    """A network of two hidden layers (ReLU, Adam), every epoch a checkpoint.

    With h the last hidden layer, p the softmax (the identity in a regression) and y the label
    (one-hot; the standardised number), the gradient of the loss with respect to the last layer is
    the outer product of p - y and (h, 1), and its norm |p - y| sqrt(|h|^2 + 1); no backward pass
    is needed for it (the factor 2 of the squared error is left out). One backward pass of the
    summed loss gives the input gradients of all rows; their variance over the epochs is
    accumulated (Welford), not stored.

    Args:
        epochs: passes over the rows, each a checkpoint.
        hidden: units of each hidden layer.
        learning_rate: of Adam.
        batch_size: rows of a batch; more where that would be above 64 batches an epoch.
        folds: number of folds of the cross-fitting; below 2, rows are watched while they are
            trained on, as in the sources of the scores that are made of this.
        device: where it is trained; different devices give slightly different numbers.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch", "scikit-learn")

    epochs: int = 30
    hidden: int = 64
    learning_rate: float = 0.01
    batch_size: int = 32
    folds: int = 1
    device: Device = Device.AUTO

    def record(self, table: Table, seed: int) -> Dynamics:
        """See `Recorder.record`."""
        import torch  # noqa: F401  # seeded_globals seeds torch only where it is imported

        order = own_order(table, seed)
        rows = table.take(order)
        features = standard_features(rows)
        watched = _Watched.empty(self.epochs, rows, features.shape[1])
        for fold, (fit, scored) in enumerate(partition(rows, self.folds, seed)):
            with seeded_globals((seed + fold) % 2**31):
                self._watch(rows, features, fit, scored, watched)
        outputs, norms = np.empty_like(watched.outputs), np.empty_like(watched.norms)
        variance = np.empty_like(watched.squares)
        outputs[:, order], norms[:, order] = watched.outputs, watched.norms
        variance[order] = watched.squares / self.epochs
        pointwise = pointwise_scores(table, outputs)
        return Dynamics(outputs, pointwise.correctness, pointwise.losses, norms, variance)

    def _watch(
        self, rows: Table, features: FloatArray, fit: IntArray, scored: IntArray, into: _Watched
    ) -> None:
        import torch

        device = torch_device(self.device)
        labels, centre, spread = _labels(rows, fit)
        x = torch.tensor(features, dtype=torch.float32, device=device)
        y = torch.tensor(labels, dtype=torch.float32, device=device)
        body, head = _network(x.shape[1], self.hidden, y.shape[1])
        body, head = body.to(device), head.to(device)
        part = torch.as_tensor(scored, device=device)
        epochs = self._train(body, head, x[fit], y[fit], rows.schema.task)
        for epoch, _ in enumerate(epochs):
            seen = _look(body, head, x[part], y[part], rows.schema.task)
            outputs = seen.outputs * spread + centre if into.outputs.ndim == 2 else seen.outputs
            into.add(epoch, scored, outputs, seen.norms, seen.gradients)

    def _train(self, body: Any, head: Any, x: Any, y: Any, task: Task) -> Iterator[None]:
        import torch

        size = max(self.batch_size, -(-len(x) // 64))
        parameters = [*body.parameters(), *head.parameters()]
        adam = torch.optim.Adam(parameters, lr=self.learning_rate)
        for _ in range(self.epochs):
            for batch in torch.randperm(len(x)).to(x.device).split(size):
                adam.zero_grad()
                _loss(head(body(x[batch])), y[batch], task, "mean").backward()
                adam.step()
            yield


@dataclass(frozen=True, eq=False)
class _Look:
    outputs: npt.NDArray[Any]
    norms: npt.NDArray[Any]
    gradients: npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class _Watched:
    """Arrays that are filled epoch by epoch; mean and squares are those of Welford's algorithm."""

    outputs: FloatArray
    norms: FloatArray
    mean: FloatArray
    squares: FloatArray

    @classmethod
    def empty(cls, epochs: int, rows: Table, inputs: int) -> _Watched:
        n, classes = len(rows), rows.schema.classes
        shape = (epochs, n, len(classes)) if classes else (epochs, n)
        norms, mean = np.empty((epochs, n)), np.zeros((n, inputs))
        return cls(np.empty(shape), norms, mean, np.zeros((n, inputs)))

    def add(
        self,
        epoch: int,
        scored: IntArray,
        outputs: npt.NDArray[Any],
        norms: npt.NDArray[Any],
        gradients: npt.NDArray[Any],
    ) -> None:
        self.outputs[epoch, scored] = outputs
        self.norms[epoch, scored] = norms
        before = gradients - self.mean[scored]
        self.mean[scored] += before / (epoch + 1)
        self.squares[scored] += before * (gradients - self.mean[scored])


def _labels(rows: Table, fit: IntArray) -> tuple[FloatArray, float, float]:
    """Labels as the network sees them, shape (n, outputs), with the centre and spread taken off."""
    target = rows.target
    if rows.schema.task is not Task.REGRESSION:
        return np.eye(len(rows.schema.classes))[target], 0.0, 1.0
    centre, spread = float(target[fit].mean()), float(target[fit].std())
    spread = spread if spread > LEAST_SPREAD * abs(centre) else 1.0
    return ((target - centre) / spread)[:, None], centre, spread


def _network(inputs: int, hidden: int, outputs: int) -> tuple[Any, Any]:
    from torch import nn

    first, second = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden)
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU()), nn.Linear(hidden, outputs)


def _loss(logits: Any, labels: Any, task: Task, reduction: str) -> Any:
    from torch.nn import functional

    if task is Task.REGRESSION:
        return functional.mse_loss(logits, labels, reduction=reduction)
    return functional.cross_entropy(logits, labels, reduction=reduction)


def _look(body: Any, head: Any, x: Any, y: Any, task: Task) -> _Look:
    import torch

    x = x.clone().requires_grad_(True)
    layer = body(x)
    logits = head(layer)
    regression = task is Task.REGRESSION
    (gradients,) = torch.autograd.grad(_loss(logits, y, task, "sum"), x)
    with torch.no_grad():
        outputs = logits if regression else logits.softmax(dim=1)
        norms = (outputs - y).norm(dim=1) * (layer.square().sum(dim=1) + 1).sqrt()
    found = outputs[:, 0] if regression else outputs
    return _Look(*(part.detach().cpu().double().numpy() for part in (found, norms, gradients)))
