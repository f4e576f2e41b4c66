"""DP-SGD: steps of Adam on noisy sums of clipped gradients; imported where it is used."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.extras import require
from tabsculpt.generators.dp_nade.network import NADE, clipped_loss
from tabsculpt.generators.training.loop import RunningAverage

_CHUNK = 2048
"""Rows whose gradients are summed at a time, to bound the memory."""

_AVERAGE = 0.98
_REPORTS = 50


@dataclass(frozen=True)
class Private:
    """How a network is trained.

    Attributes:
        steps: how many, whatever comes out of them.
        sample_rate: the chance of each row to be in the batch of a step.
        learning_rate: of Adam at the start; it falls to zero along a cosine.
        max_norm: the most that one row may move the sum of the gradients.
        noise: its standard deviation over ``max_norm``.
    """

    steps: int
    sample_rate: float
    learning_rate: float
    max_norm: float
    noise: float


def train_privately(
    network: NADE, codes: Tensor, training: Private, accountant: Any, seed: int
) -> NADE:
    """Train a network, and return the running average of its weights.

    Nothing but the noisy sums depends on the rows, not even on how many they are: a step is as long
    for Adam whatever the length of the gradient, and there are as many as asked for.

    Args:
        network: with its first weights.
        codes: of the rows, shape (n, d).
        training: how.
        accountant: of opacus, which is told of each step.
        seed: of the batches and of the noise.
    """
    generator = torch.Generator().manual_seed(derive_seed("batches", seed))
    optimiser = _optimiser(network, training, seed)
    optimiser.attach_step_hook(accountant.get_optimizer_hook_fn(training.sample_rate))
    average = RunningAverage.of(network, _AVERAGE)
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    for step in range(training.steps):
        for group in optimiser.param_groups:
            group["lr"] = training.learning_rate * _decay(step / training.steps)
        batch = codes[torch.rand(len(codes), generator=generator) < training.sample_rate]
        optimiser.zero_grad(set_to_none=False)
        for chunk in batch.split(_CHUNK) if len(batch) else ():
            clipped_loss(network, chunk, training.max_norm).backward()
        optimiser.step()
        average.follow()
        if (step + 1) % max(1, training.steps // _REPORTS) == 0:
            report_progress(step + 1, training.steps)  # without the loss, which is not private
    return average.module.eval()


def _optimiser(network: NADE, training: Private, seed: int) -> Any:
    """Adam behind opacus' optimiser, which adds the noise to what is clipped already.

    The noise is a sum of several draws, so that it does not give itself away by how numbers are
    rounded (opacus' secure mode).
    """
    optimisers = require("dp", "opacus.optimizers", "dp_nade")
    return optimisers.DPOptimizerFastGradientClipping(
        torch.optim.Adam(network.parameters(), lr=training.learning_rate),
        noise_multiplier=training.noise,
        max_grad_norm=training.max_norm,
        expected_batch_size=None,
        loss_reduction="sum",
        generator=torch.Generator().manual_seed(derive_seed("noise of steps", seed)),
        secure_mode=True,
    )


def _decay(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * share))
