"""The training of TVAE; imported where it is used: it needs torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.ctgan.blocks import Blocks
from tabsculpt.generators.ctgan.network import Outputs
from tabsculpt.generators.ctgan.networks import Autoencoder
from tabsculpt.table import FloatArray

_DEVIATIONS = (0.01, 1.0)
"""Between which the deviation of a value around what the decoder says is kept."""

OnEpoch = Callable[[Autoencoder, int, float], bool]
"""From the networks, the epochs that they have seen and their loss to whether to go on."""


@dataclass(frozen=True)
class Variational:
    """How the autoencoder is made and trained; see `tabsculpt.generators.ctgan.tvae.PaperTVAE`."""

    embedding_dim: int
    compress_dims: list[int]
    decompress_dims: list[int]
    l2scale: float
    loss_factor: float
    batch_size: int
    epochs: int
    device: str


def train_autoencoder(
    matrix: FloatArray, layout: Outputs, how: Variational, seed: int, on_epoch: OnEpoch
) -> Autoencoder:
    """Train the networks and return them, on the device.

    Args:
        matrix: real rows, see `as_matrix`, shape (n, width).
        layout: of these.
        how: the networks and their training.
        seed: of every draw.
        on_epoch: called after each epoch; where it gives False, training ends there.
    """
    with seeded_globals(derive_seed("weights", seed), uses_torch=True):
        width = matrix.shape[1]
        networks = Autoencoder(width, how.compress_dims, how.embedding_dim, how.decompress_dims)
    networks = networks.to(how.device)
    real = torch.tensor(matrix, dtype=torch.float32, device=how.device)
    draws = torch.Generator(how.device).manual_seed(derive_seed("codes", seed))
    blocks = Blocks(layout, how.device)
    weights = networks.parameters()
    optimiser = torch.optim.Adam(weights, weight_decay=how.l2scale, fused=True)
    for epoch in range(how.epochs):
        order = torch.randperm(len(real), generator=draws, device=how.device)
        for picked in order.split(how.batch_size):
            loss = _loss(networks, real[picked], blocks, how.loss_factor, draws)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            with torch.no_grad():
                networks.deviations.clamp_(*_DEVIATIONS)
        if not on_epoch(networks, epoch + 1, float(loss.detach())):
            break
    return networks


def _loss(
    networks: Autoencoder, real: Tensor, blocks: Blocks, factor: float, draws: torch.Generator
) -> Tensor:
    """How improbable the rows are under what the decoder says of their codes, and the prior."""
    mean, log_variance = networks.encoder(real).chunk(2, dim=1)
    noise = torch.randn(mean.shape, generator=draws, device=mean.device)
    outputs = networks.decoder(noise * torch.exp(0.5 * log_variance) + mean)
    deviations, values = networks.deviations[blocks.values], blocks.values
    away = (real[:, values] - torch.tanh(outputs[:, values])) / deviations
    numbers = away.square().sum() / 2 + deviations.log().sum() * len(real)
    hot = torch.cat([places.flatten() for places in blocks.groups]) if blocks.groups else values[:0]
    codes = blocks.normalisers(outputs).sum() - (outputs[:, hot] * real[:, hot]).sum()
    prior = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
    return (factor * (numbers + codes) + prior) / len(real)
