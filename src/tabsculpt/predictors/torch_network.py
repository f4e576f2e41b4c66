"""AutoGluon's torch network, trained by a loop that does the same with less in between."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from autogluon.core.constants import BINARY, REGRESSION
from autogluon.core.utils.early_stopping import SimpleES
from autogluon.tabular.models import TabularNeuralNetTorchModel
from numpy.typing import NDArray


class TorchNetwork(TabularNeuralNetTorchModel):  # type: ignore[misc]
    """``NN_TORCH`` with its architecture, batches, losses, optimiser and stopping rule.

    On small tables AutoGluon's loop spends most of its time around the sums: batches pass through
    a loader, modes are switched module by module, parameters updated one by one, the network
    written to a buffer at every gain. Here rows are tensors from the start, all parameters lie in
    one vector that a fused optimiser updates, and the best weights are a copy of it. Draws are
    the same in the same order, so that what is learnt differs by rounding alone.
    """

    def _train_net(
        self,
        train_dataset: Any,
        loss_kwargs: dict[str, Any],
        batch_size: int,
        num_epochs: int,
        epochs_wo_improve: int | None,
        val_dataset: Any = None,
        **_: Any,
    ) -> None:
        network = self.model
        network.init_params()
        loss = loss_kwargs.get("loss_function", "auto")
        loss = self._get_default_loss_function() if isinstance(loss, str) else loss
        train, held = _Rows(train_dataset), _Rows(val_dataset)
        labels = val_dataset.get_labels().ravel()
        weights, gradient = _side_by_side(network)
        optimizer = type(self.optimizer)([weights], fused=True, **self._optimizer_settings())
        if epochs_wo_improve is None:
            stopping = self._get_early_stopping_strategy(num_rows_train=len(train_dataset))
        else:
            stopping = SimpleES(patience=epochs_wo_improve)
        best, best_score = weights.detach().clone(), -math.inf
        for epoch in range(num_epochs):
            network.train()
            for batch, target in train.batches(batch_size):
                gradient.zero_()
                loss(self._shaped(network(batch)), target).backward()
                optimizer.step()
            network.eval()
            score = self._held_score(network, held, labels)
            if math.isnan(score):
                if epoch == 0:
                    raise ValueError(
                        f"{self.name}: the predictions after one epoch are not numbers"
                    )
                break
            gained = score > best_score
            if score >= best_score:
                best.copy_(weights.detach())
                best_score = score
            if stopping.update(cur_round=epoch, is_best=gained):
                break
        with torch.no_grad():
            weights.copy_(best)

    def _optimizer_settings(self) -> dict[str, Any]:
        """What AutoGluon gave to the optimiser that it made for the separate parameters."""
        return {name: self.optimizer.defaults[name] for name in ("lr", "weight_decay")}

    def _shaped(self, predicted: torch.Tensor) -> torch.Tensor:
        return predicted.flatten() if self.problem_type == REGRESSION else predicted

    def _held_score(self, network: Any, held: _Rows, labels: NDArray[Any]) -> float:
        """The stopping metric of the held-out rows, higher is better."""
        with torch.no_grad():
            predicted = self._shaped(network(held.inputs))
            if self.problem_type != REGRESSION:
                predicted = network.softmax(predicted)
            if self.problem_type == BINARY:
                predicted = predicted[:, 1]
        return float(
            self.score_with_y_pred_proba(labels, predicted.numpy(), metric=self.stopping_metric)
        )


class _Rows:
    """A data set of AutoGluon's as tensors: its inputs in the network's order, and its target."""

    def __init__(self, dataset: Any) -> None:
        arrays = [torch.from_numpy(np.ascontiguousarray(values)) for values in dataset.data_list]
        self.target = arrays[dataset.label_index].flatten()
        self.vector = arrays[dataset.vectordata_index] if dataset.has_vector_features else None
        self.codes = [arrays[place] for place in dataset.embed_indices]
        self.inputs = self._inputs(slice(None))

    def batches(self, size: int) -> Iterator[tuple[list[Any], torch.Tensor]]:
        """All rows in a new order, the last ones left out where they fill no batch."""
        order = np.arange(len(self.target))
        np.random.shuffle(order)  # noqa: NPY002 (AutoGluon's draws are from the global generator)
        torch.empty((), dtype=torch.int64).random_()  # the seed that a loader draws for its workers
        places = torch.from_numpy(order)
        for start in range(0, len(order) - size + 1, size):
            some = places[start : start + size]
            yield self._inputs(some), self.target[some]

    def _inputs(self, rows: Any) -> list[Any]:
        inputs: list[Any] = [] if self.vector is None else [self.vector[rows]]
        return [*inputs, [codes[rows] for codes in self.codes]] if self.codes else inputs


def _side_by_side(network: torch.nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Lay the parameters of a network in one vector, and their gradients in another."""
    parameters = list(network.parameters())
    weights = torch.cat([parameter.detach().flatten() for parameter in parameters])
    gradient = torch.zeros_like(weights)
    start = 0
    for parameter in parameters:
        part = slice(start, start + parameter.numel())
        parameter.data = weights[part].view_as(parameter)
        parameter.grad = gradient[part].view_as(parameter)
        start = part.stop
    weights.requires_grad_().grad = gradient
    return weights, gradient
