"""Training a network that makes rows against a critic that tells them from real ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators.training.critic import critic_outputs, gradient
from tabsculpt.generators.training.loop import RunningAverage

_LOOKS = 50
"""How often, over the training, the loss is read."""

_TEMPERATURE = 0.5
"""Of the soft codes that the critic sees: the lower, the closer to zeros and ones."""

_FLOOR = 1e-20
_CEILING = 1 - 1e-7


class RowMaker(Protocol):
    """What is trained: a network, and how rows come out of it."""

    @property
    def network(self) -> Any:
        """The module whose weights are learnt."""
        ...

    def rows(self, condition: Any, generator: Any) -> Any:
        """A row for each condition, shape (n, width), with codes that the loss can pass."""
        ...


@dataclass(frozen=True)
class WassersteinSettings:
    """How the two networks are trained.

    Attributes:
        steps: updates of the maker.
        critic_steps: updates of the critic for each of them.
        batch_size: rows in each update, drawn with replacement.
        maker_rate: learning rate of the maker; both rates fall to zero along a cosine.
        critic_rate: learning rate of the critic.
        betas: of Adam, for both.
        penalty: weight of the gradient penalty.
        one_sided: whether slopes below 1 go unpunished.
        average: how much of the running average of the maker's weights stays at each update.
    """

    steps: int
    critic_steps: int
    batch_size: int
    maker_rate: float
    critic_rate: float
    betas: tuple[float, float]
    penalty: float
    one_sided: bool
    average: float


def soft_codes(logits: Any, generator: Any) -> Any:
    """Codes drawn by their logits, shape (n, codes), as shares that a gradient can pass.

    Source: E. Jang, S. Gu, B. Poole, "Categorical reparameterization with Gumbel-softmax",
    2017, https://arxiv.org/abs/1611.01144
    """
    import torch

    return torch.softmax((logits + _gumbel(logits, generator)) / _TEMPERATURE, dim=1)


def hard_codes(logits: Any, generator: Any) -> Any:
    """Codes drawn by their logits, shape (n, 1)."""
    return (logits + _gumbel(logits, generator)).argmax(dim=1, keepdim=True)


def train_maker(
    maker: RowMaker,
    critic: Any,
    rows: tuple[Any, Any],
    settings: WassersteinSettings,
    seed: int,
    device: str,
) -> Any:
    """Train and return the average of the maker's network, on the CPU.

    Nothing is read from the device but at a few looks.

    Args:
        maker: with its first weights.
        critic: with its first weights; of a row beside its condition.
        rows: real rows, shape (n, width), and their conditions, shape (n, p), on the CPU.
        settings: how.
        seed: of every draw.
        device: "cpu" or "cuda".

    Raises:
        ValueError: the critic's verdicts are not finite: the training diverged.
    """
    import torch

    generator = torch.Generator(device).manual_seed(derive_seed("contest", seed))
    network, critic = maker.network.to(device).train(), critic.to(device).train()
    average = RunningAverage.of(network, settings.average)
    real, condition = (values.to(device) for values in rows)
    makers, critics = (
        torch.optim.Adam(part.parameters(), rate, settings.betas, fused=True)
        for part, rate in ((network, settings.maker_rate), (critic, settings.critic_rate))
    )
    decays = [_decay(optimiser, settings.steps) for optimiser in (makers, critics)]
    size, every = settings.batch_size, max(1, settings.steps // _LOOKS)
    for step in range(settings.steps):
        shape = ((settings.critic_steps + 1) * size,)
        picked = torch.randint(len(real), shape, generator=generator, device=device)
        conditions = condition[picked]
        with torch.no_grad():
            fakes = maker.rows(conditions[size:], generator).split(size)
        pairs = zip(
            real[picked[size:]].split(size), fakes, conditions[size:].split(size), strict=True
        )
        for truth, fake, under in pairs:
            loss = _critic_loss(critic, truth, fake, under, settings, generator)
            _update(critics, loss)
        made = torch.cat([maker.rows(conditions[:size], generator), conditions[:size]], dim=1)
        _update(makers, -critic_outputs(critic, made)[0].mean())
        average.follow()
        for decay in decays:
            decay.step()
        if not (step + 1) % every or step + 1 == settings.steps:
            _look(step + 1, settings.steps, float(loss.detach()))
    return average.module.cpu().eval()


def _critic_loss(
    critic: Any, real: Any, fake: Any, condition: Any, settings: WassersteinSettings, generator: Any
) -> Any:
    """By how much the critic fails to tell real from made, and how far its slope is above 1."""
    import torch

    share = torch.rand((len(real), 1), generator=generator, device=real.device)
    between = fake + share * (real - fake)
    seen = torch.cat([torch.cat([real, fake, between]), condition.repeat(3, 1)], dim=1)
    verdicts, slopes = critic_outputs(critic, seen)
    of_real, of_fake, _ = verdicts.chunk(3)
    slopes = [slope.chunk(3)[2] for slope in slopes]
    steepness = gradient(critic, slopes)[:, : real.shape[1]].norm(dim=1)
    excess = (steepness - 1).clamp(min=0) if settings.one_sided else steepness - 1
    return of_fake.mean() - of_real.mean() + settings.penalty * excess.square().mean()


def _update(optimiser: Any, loss: Any) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


def _decay(optimiser: Any, steps: int) -> Any:
    import torch

    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps))
    )


def _look(done: int, total: int, loss: float) -> None:
    if not math.isfinite(loss):
        raise ValueError("the critic's loss is not finite: the training diverged; lower the rates")
    report_progress(done, total, loss)


def _gumbel(logits: Any, generator: Any) -> Any:
    import torch

    uniform = torch.rand(logits.shape, generator=generator, device=logits.device)
    return -(-uniform.clamp(_FLOOR, _CEILING).log()).log()
