"""Training a torch module by its loss: batches, decay, averaging and early stopping."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.table import IntArray

CHECKS = 50
"""How often, over the longest training, the rows held out are looked at."""


@dataclass(frozen=True)
class Training:
    """How a module is trained.

    Attributes:
        steps: the most updates.
        batch_size: rows in each.
        learning_rate: of AdamW at the start; it falls to zero along a cosine.
        weight_decay: of AdamW.
        holdout: share of the rows that is held out to tell when to stop, in [0, 1); 0 trains on
            all rows for all steps.
        patience: looks at the rows held out without a gain, after which it stops.
        average: how much of the running average of the weights stays at each update; the average
            is what is kept. 0 keeps the weights themselves.
    """

    steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    holdout: float = 0.0
    patience: int = 10
    average: float = 0.0


def share_held(share: float, rows: int) -> float:
    """The share to hold out of a table: where any is asked for, two rows or a fifth at least.

    Args:
        share: asked for, in [0, 1).
        rows: of the table, at least 1.
    """
    return max(share, min(0.2, 2 / rows)) if share else 0.0


Loss = Callable[[Any, tuple[Any, ...], Any], Any]
"""From the module, a batch of tensors and a ``torch.Generator`` to the mean loss of the batch."""


def train_module(
    module: Any,
    loss: Loss,
    rows: Sequence[Any],
    training: Training,
    seed: int,
    device: str,
    apart: IntArray | None = None,
) -> Any:
    """Train a module and return it on the CPU, in evaluation mode, as it was when it was best.

    The batches are drawn on the device and the loss is read at the looks alone, so that a GPU
    does not wait for the host at each step.

    Args:
        module: with its first weights.
        loss: what is minimised.
        rows: tensors of the same length n, on the CPU.
        training: how.
        seed: of the batches and of every draw of the loss.
        device: "cpu" or "cuda".
        apart: positions of the rows that are held out, in the place of a share that is drawn.

    Raises:
        ValueError: the loss is not finite: the training diverged.
    """
    import torch

    held, kept = _part(len(rows[0]), training.holdout, seed, apart)
    train_rows = tuple(values[kept].to(device) for values in rows)
    held_rows = tuple(values[held].to(device) for values in rows)
    module = module.to(device).train()
    weights, rate = list(module.parameters()), training.learning_rate
    optimiser = torch.optim.AdamW(weights, rate, weight_decay=training.weight_decay, fused=True)
    decay = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: 0.5 * (1 + math.cos(math.pi * step / training.steps))
    )
    generator = torch.Generator(device).manual_seed(derive_seed("batches", seed))
    average = RunningAverage.of(module, training.average) if training.average else None
    averaged = module if average is None else average.module
    every = max(1, training.steps // CHECKS)
    best, best_state, since = math.inf, None, 0
    for step in range(training.steps):
        batch = _batch(train_rows, training.batch_size, generator)
        value = loss(module, batch, generator)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        decay.step()
        if average is not None:
            average.follow()
        if (step + 1) % every and step + 1 < training.steps:
            continue
        seen = float(value.detach())
        if not math.isfinite(seen):
            raise ValueError("the loss is not finite: the training diverged; lower the rate")
        report_progress(step + 1, training.steps, seen)
        if not len(held):
            continue
        look = _look(averaged, loss, held_rows, seed, device)
        if look < best:
            best, best_state, since = look, copy.deepcopy(averaged.state_dict()), 0
        elif (since := since + 1) >= training.patience:
            break
    if best_state is not None:
        averaged.load_state_dict(best_state)
    return averaged.cpu().eval()


def _part(n: int, share: float, seed: int, apart: IntArray | None) -> tuple[Any, Any]:
    """Positions of the rows held out, and of the others."""
    import torch

    if apart is not None:
        rest = np.setdiff1d(np.arange(n), apart)
        return torch.from_numpy(apart), torch.from_numpy(rest)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(derive_seed("held", seed)))
    count = round(share * n)
    return order[:count], order[count:]


def _batch(rows: tuple[Any, ...], size: int, generator: Any) -> tuple[Any, ...]:
    """Rows drawn with replacement; all of them where a batch would hold as many."""
    import torch

    n = len(rows[0])
    if size >= n:
        return rows
    drawn = torch.randint(n, (size,), generator=generator, device=generator.device)
    return tuple(values[drawn] for values in rows)


@dataclass(eq=False)
class RunningAverage:
    """The running average of a module's weights, as a module of its own.

    The first weights count in full only once: early on, the average follows faster.

    Attributes:
        module: the average.
        stays: how much of it stays at each update, once there were many.
        pairs: parameters of the average and of what it follows, then the buffers of both; looked up
            once, as a module takes long to list them.
        times: updates so far.
    """

    module: Any
    stays: float
    pairs: tuple[list[Any], list[Any], list[Any], list[Any]]
    times: int = 0

    @classmethod
    def of(cls, followed: Any, stays: float) -> RunningAverage:
        """Begin with the weights as they are, on their device."""
        module = copy.deepcopy(followed)
        parameters = list(module.parameters()), list(followed.parameters())
        return cls(module, stays, (*parameters, list(module.buffers()), list(followed.buffers())))

    def follow(self) -> None:
        """Move towards the weights; buffers are copied."""
        import torch

        averages, weights, mine, theirs = self.pairs
        stays = min(self.stays, (1 + self.times) / (10 + self.times))
        self.times += 1
        with torch.no_grad():
            torch._foreach_lerp_(averages, weights, 1 - stays)
            for own, other in zip(mine, theirs, strict=True):
                own.copy_(other)


def _look(module: Any, loss: Loss, rows: tuple[Any, ...], seed: int, device: str) -> float:
    """The loss on the rows held out, with the same draws at each look."""
    import torch

    generator = torch.Generator(device).manual_seed(derive_seed("look", seed))
    module.eval()
    with torch.no_grad():
        value = float(loss(module, rows, generator))
    module.train()
    return value
