"""The training of CTGAN; imported where it is used: it needs torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.ctgan.blocks import Blocks
from tabsculpt.generators.ctgan.network import Codes, Outputs, count_conditions
from tabsculpt.generators.ctgan.networks import build_generator
from tabsculpt.generators.training.critic import build_critic, critic_outputs, gradient
from tabsculpt.table import FloatArray

_DROPOUT = 0.5
"""Share of the discriminator's units that a row is scored without."""

_PENALTY = 10.0
"""Weight of the gradient penalty."""

_TEMPERATURE = 0.2
"""Of the soft codes that the discriminator sees."""

_BETAS = (0.5, 0.9)
"""Of Adam, for both networks."""

OnEpoch = Callable[[nn.Module, int, float], bool]
"""From the generator, the epochs that it has seen and its loss to whether training is to go on."""


@dataclass(frozen=True)
class AdversarialSettings:
    """How the two networks are made and trained; see `tabsculpt.generators.ctgan.ctgan.CTGAN`."""

    embedding_dim: int
    generator_dim: list[int]
    discriminator_dim: list[int]
    generator_lr: float
    generator_decay: float
    discriminator_lr: float
    discriminator_decay: float
    discriminator_steps: int
    batch_size: int
    epochs: int
    pac: int
    log_frequency: bool
    one_sided: bool
    device: str


class Asked:
    """Draws the code that a row is asked for, and real rows that have it.

    Attributes:
        size: codes of all columns of codes together.
    """

    def __init__(self, matrix: Tensor, layout: Outputs, how: AdversarialSettings) -> None:
        blocks = Blocks(layout, how.device)
        self.size, self._n, self._device = count_conditions(layout), len(matrix), how.device
        if not self.size:
            return
        has = matrix[:, blocks.places].T > 0.5
        counts = has.sum(dim=1)
        self._counts, self._rows = counts, has.nonzero()[:, 1]
        self._first = counts.cumsum(0) - counts
        weights = (counts + 1.0).log() if how.log_frequency else counts.double()
        sizes = [len(part.codes) for part in layout if isinstance(part, Codes)]
        shares = [part / part.sum() for part in weights.double().split(sizes)]
        self._ends = torch.cat(shares).cumsum(0) / len(sizes)

    def codes(self, n: int, generator: torch.Generator) -> Tensor:
        """A code of a column drawn uniformly for each row, shape (n,), rare ones more often."""
        drawn = torch.rand(n, generator=generator, device=self._device, dtype=torch.float64)
        return torch.searchsorted(self._ends, drawn).clamp_max(self.size - 1)

    def rows(self, codes: Tensor, generator: torch.Generator) -> Tensor:
        """The place of a real row with each code, shape (n,)."""
        drawn = torch.rand(len(codes), generator=generator, device=self._device)
        counts = self._counts[codes]
        nth = (drawn * counts).long().minimum(counts - 1)
        return self._rows[self._first[codes] + nth]

    def any_rows(self, n: int, generator: torch.Generator) -> Tensor:
        """The places of real rows drawn with replacement, shape (n,)."""
        return torch.randint(self._n, (n,), generator=generator, device=self._device)


class AdversarialTraining:
    """A generator and a discriminator that learn from each other.

    Args:
        matrix: real rows, see `as_matrix`, shape (n, width).
        layout: of these.
        how: the networks and their training.
        seed: of every draw.
    """

    def __init__(
        self, matrix: FloatArray, layout: Outputs, how: AdversarialSettings, seed: int
    ) -> None:
        self.how = how
        self.real = torch.tensor(matrix, dtype=torch.float32, device=how.device)
        self.blocks, self.asked = Blocks(layout, how.device), Asked(self.real, layout, how)
        width, conditions = matrix.shape[1], self.asked.size
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            made = build_generator(how.embedding_dim + conditions, how.generator_dim, width)
            critic = build_critic(how.pac * (width + conditions), how.discriminator_dim)
        self.generator, self.critic = made.to(how.device), critic.to(how.device)
        self.draws = torch.Generator(how.device).manual_seed(derive_seed("contest", seed))
        self._generators = _adam(made, how.generator_lr, how.generator_decay)
        self._critics = _adam(critic, how.discriminator_lr, how.discriminator_decay)

    def train(self, on_epoch: OnEpoch) -> None:
        """Train until the epochs are over, or until ``on_epoch`` gives False.

        Args:
            on_epoch: called after each epoch; it must not draw from the generators of this
                training.
        """
        steps = max(len(self.real) // self.how.batch_size, 1)
        for epoch in range(self.how.epochs):
            for _ in range(steps):
                for _ in range(self.how.discriminator_steps):
                    _update(self._critics, self._critic_loss())
                self.critic.requires_grad_(False)  # its gradients would be thrown away
                loss = self._generator_loss()
                _update(self._generators, loss)
                self.critic.requires_grad_(True)
            if not on_epoch(self.generator, epoch + 1, float(loss.detach())):
                return

    def _made(self, codes: Tensor | None) -> tuple[Tensor, Tensor]:
        """Outputs of the generator, and as the critic sees them, beside what was asked for."""
        shape = (self.how.batch_size, self.how.embedding_dim)
        noise = torch.randn(shape, generator=self.draws, device=self.how.device)
        conditions = self._conditions(codes)
        outputs = self.generator(torch.cat([noise, conditions], dim=1))
        rows = self.blocks.activated(outputs, self.draws, _TEMPERATURE)
        return outputs, torch.cat([rows, conditions], dim=1)

    def _conditions(self, codes: Tensor | None) -> Tensor:
        if codes is None:
            return self.real.new_empty((self.how.batch_size, 0))
        return nn.functional.one_hot(codes, self.asked.size).float()

    def _codes(self) -> Tensor | None:
        return self.asked.codes(self.how.batch_size, self.draws) if self.asked.size else None

    def _truth(self, codes: Tensor | None) -> Tensor:
        """Real rows with the codes asked for, in another order, beside these."""
        if codes is None:
            return self.real[self.asked.any_rows(self.how.batch_size, self.draws)]
        order = torch.randperm(len(codes), generator=self.draws, device=codes.device)
        mixed = codes[order]
        return torch.cat(
            [self.real[self.asked.rows(mixed, self.draws)], self._conditions(mixed)], dim=1
        )

    def _scored(self, rows: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The critic's verdict on each pack of rows, and the slopes behind it."""
        packs = rows.reshape(len(rows) // self.how.pac, -1)
        return critic_outputs(self.critic, packs, self.draws, _DROPOUT)

    def _critic_loss(self) -> Tensor:
        """By how much the critic fails to tell real from made, and how far its slope is above 1."""
        codes = self._codes()
        with torch.no_grad():
            _, made = self._made(codes)
        real = self._truth(codes)
        packs = len(real) // self.how.pac
        share = torch.rand((packs, 1), generator=self.draws, device=real.device)
        share = share.repeat_interleave(self.how.pac, dim=0)
        verdicts, slopes = self._scored(torch.cat([real, made, made + share * (real - made)]))
        of_real, of_made, _ = verdicts.chunk(3)
        steepness = gradient(self.critic, [slope.chunk(3)[2] for slope in slopes]).norm(dim=1)
        excess = (steepness - 1).clamp_min(0) if self.how.one_sided else steepness - 1
        penalty: Tensor = _PENALTY * excess.square().mean()
        return of_made.mean() - of_real.mean() + penalty

    def _generator_loss(self) -> Tensor:
        """By how much the critic sees what is made, and the codes asked for that are not given."""
        codes = self._codes()
        outputs, made = self._made(codes)
        loss: Tensor = -self._scored(made)[0].mean()
        return loss if codes is None else loss + self.blocks.misses(outputs, codes).mean()


def _adam(network: nn.Module, rate: float, decay: float) -> torch.optim.Adam:
    weights = network.parameters()
    return torch.optim.Adam(weights, lr=rate, betas=_BETAS, weight_decay=decay, fused=True)


def _update(optimiser: torch.optim.Adam, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
