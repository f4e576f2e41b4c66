"""Rows made of noise; imported where it is used: it needs torch."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from tabsculpt.generators.cdtd.network import RowDenoiser
from tabsculpt.generators.training.denoiser import LARGEST, ROUNDS


@torch.no_grad()
def solve(
    network: RowDenoiser,
    condition: Tensor,
    steps: int,
    eta: float,
    given: Mapping[int, float],
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Make rows of noise, taking the noise away step by step, on the CPU.

    What a row is without noise is told by the numbers and the mean point of the codes that the
    network expects. Steps are of the second order, by what was expected at the step before, but
    for the first, which has none, and the last, over which the noise falls too far.

    Numbers that are given are put, with the noise of the time, in the place of those made. Each
    step is then taken `ROUNDS` times, at first order, noise being added in between, so that what
    is made comes to agree with what is given.

    Sources: C. Lu et al., "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic
    models", 2022, algorithm 2, https://arxiv.org/abs/2211.01095; J. Song, C. Meng, S. Ermon,
    "Denoising diffusion implicit models", 2021, section 4.1 (eta), https://arxiv.org/abs/2010.02502;
    A. Lugmayr et al., "RePaint: inpainting using denoising diffusion probabilistic models", 2022,
    section 4, https://arxiv.org/abs/2201.09865

    Args:
        network: trained.
        condition: of n rows, shape (n, p).
        steps: from noise to rows; the network is asked once in each, and at the end.
        eta: how much noise is drawn anew in a step, from 0, none, to 1, as if each step drew from
            the rows that can have come to where it starts.
        given: numbers that every row is to have, by position.
        generator: of every draw.

    Returns:
        Numbers, shape (n, c), and codes, shape (n, k).
    """
    times = torch.linspace(1, 0, steps + 1)
    noise = network.spread(network.schedule.noise(times))
    table, n = network.table(), len(condition)
    rows = noise[0] * torch.randn((n, noise.shape[1]), generator=generator)
    before: Tensor | None = None
    for at in range(steps):
        now, later = noise[at], noise[at + 1]
        for left in reversed(range(ROUNDS if given else 1)):
            found, logits = network(rows, times[at].expand(n), now.expand(n, -1), condition)
            start = _start(found, logits, table)
            ahead = start
            if before is not None and at < steps - 1:
                ahead = _ahead(start, before, noise[at - 1 : at + 2])
            rows = _step(rows, ahead, now, later, eta, generator)
            _put(given, rows, later, generator)
            if left:
                back = (now.square() - later.square()).sqrt()
                rows = rows + back * torch.randn(rows.shape, generator=generator)
        before = None if given else start
    found, logits = network(rows, times[-1].expand(n), noise[-1].expand(n, -1), condition)
    return found.clamp(-LARGEST, LARGEST), _likeliest(logits)


def _start(found: Tensor, logits: Tensor, table: Tensor) -> Tensor:
    """Rows without noise as they are expected, shape (n, w)."""
    points = torch.einsum("nkm,kmd->nkd", torch.softmax(logits, dim=-1), table)
    return torch.cat([found.clamp(-LARGEST, LARGEST), points.flatten(1)], dim=1)


def _ahead(start: Tensor, before: Tensor, noise: Tensor) -> Tensor:
    """What is expected in the middle of a step, by what was at its start and one step before.

    Args:
        start: shape (n, w).
        before: shape (n, w).
        noise: one step before, at the start and at the end, shape (3, w).
    """
    passed, coming = (noise[:-1] / noise[1:]).log()
    return torch.lerp(before, start, 1 + coming / (2 * passed))


def _step(
    rows: Tensor, ahead: Tensor, now: Tensor, later: Tensor, eta: float, generator: torch.Generator
) -> Tensor:
    """Rows with the noise ``later``, from rows with the noise ``now`` and what is ``ahead``."""
    fresh = eta * later * (1 - (later / now).square()).sqrt()
    kept = (later.square() - fresh.square()).sqrt() / now
    drawn = torch.randn(rows.shape, generator=generator)
    return ahead + kept * (rows - ahead) + fresh * drawn


def _put(
    given: Mapping[int, float], rows: Tensor, noise: Tensor, generator: torch.Generator
) -> None:
    """Put the given numbers in their places, with noise."""
    for place, number in given.items():
        drawn = torch.randn(len(rows), generator=generator)
        rows[:, place] = number + noise[place] * drawn


def _likeliest(logits: Tensor) -> Tensor:
    """The code of the greatest logit in each column, shape (n, k)."""
    if not logits.shape[1]:
        return torch.zeros(logits.shape[:2], dtype=torch.int64)
    return logits.argmax(dim=-1)
