"""How numbers (Gaussian) and codes (multinomial) become noise, step by step, and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tabsculpt.generators.training.denoiser import LARGEST

_OFFSET = 0.008
"""Of the cosine schedule, so that its first steps are not too small."""

_FLOOR = 1e-30
"""Chances are kept above this where their logarithm is taken."""

_CEILING = 1 - 1e-7
"""Uniform numbers are kept below this where -log of -log is taken."""

_LEAST_KEPT = 1e-5
"""What is kept of the variance at the end: so little that it is noise, and not 0, to divide by."""

_ABSENT = -1e4
"""The log-chance of a code that pads a column to the width of the widest."""


def cosine_schedule(steps: int) -> Any:
    """The share of the variance that is still the row's after each step, shape (steps + 1,).

    From 1 to almost 0. Source: A. Nichol, P. Dhariwal, "Improved denoising diffusion
    probabilistic models", 2021, section 3.2, https://arxiv.org/abs/2102.09672
    """
    import torch

    times = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    curve = torch.cos((times + _OFFSET) / (1 + _OFFSET) * math.pi / 2) ** 2
    return (curve / curve[0]).clamp(_LEAST_KEPT, 1).float()


@dataclass(frozen=True, eq=False)
class GaussianDiffusion:
    """Numbers of mean 0 and variance 1 become noise of the same mean and variance.

    Deviation from the source: the denoiser predicts the velocity, sqrt(kept) noise - sqrt(1 -
    kept) numbers, instead of the noise. At the last steps, where almost nothing of the numbers is
    kept, a predicted noise would be divided by almost 0.

    Sources: J. Ho, A. Jain, P. Abbeel, "Denoising diffusion probabilistic models", 2020, section
    2, https://arxiv.org/abs/2006.11239; T. Salimans, J. Ho, "Progressive distillation for fast
    sampling of diffusion models", 2022, section 4 (velocity), https://arxiv.org/abs/2202.00512

    Attributes:
        kept: `cosine_schedule`.
    """

    kept: Any

    def noised(self, numbers: Any, kept: Any, noise: Any) -> Any:
        """Numbers, shape (n, c), of whose variance a share ``kept``, shape (n,), is still there."""
        kept = kept[:, None]
        return kept.sqrt() * numbers + (1 - kept).sqrt() * noise

    def velocity(self, numbers: Any, times: Any, noise: Any) -> Any:
        """What the denoiser is to predict, shape (n, c)."""
        kept = self.kept[times][:, None]
        return kept.sqrt() * noise - (1 - kept).sqrt() * numbers

    def start(self, noised: Any, velocity: Any, times: Any) -> Any:
        """The numbers without noise that a velocity means, shape (n, c)."""
        kept = self.kept[times][:, None]
        found = kept.sqrt() * noised - (1 - kept).sqrt() * velocity
        return found.clamp(-LARGEST, LARGEST)

    def earlier(self, noised: Any, start: Any, times: Any, noise: Any) -> Any:
        """Numbers one step earlier, drawn given those now and those without noise."""
        before, now = self.kept[times - 1][:, None], self.kept[times][:, None]
        step = now / before
        mean = before.sqrt() * (1 - step) * start + step.sqrt() * (1 - before) * noised
        return mean / (1 - now) + ((1 - before) * (1 - step) / (1 - now)).sqrt() * noise


@dataclass(frozen=True, eq=False)
class MultinomialDiffusion:
    """Codes are replaced, now and then, by codes drawn uniformly.

    Works on log-chances, shape (n, k, m): n rows, k columns, m codes of the widest column.

    Source: E. Hoogeboom, D. Nielsen, P. Jaini, P. Forré, M. Welling, "Argmax flows and
    multinomial diffusion", 2021, section 4, https://arxiv.org/abs/2102.05379

    Attributes:
        kept: `cosine_schedule`.
        uniform: the log-chance of each code of pure noise, shape (k, 1).
        pads: 0 where a column has the code, else a large negative number, shape (k, m).
    """

    kept: Any
    uniform: Any
    pads: Any

    @classmethod
    def over(cls, kept: Any, sizes: tuple[int, ...]) -> MultinomialDiffusion:
        """For k columns of ``sizes`` codes."""
        import torch

        widths = torch.tensor(sizes, device=kept.device).reshape(-1, 1)
        places = torch.arange(max(sizes, default=0), device=kept.device)
        return cls(kept, -widths.float().log(), torch.where(places < widths, 0.0, _ABSENT))

    def hot(self, codes: Any) -> Any:
        """Codes, shape (n, k), as zeros and ones, shape (n, k, m)."""
        import torch

        places = torch.arange(self.pads.shape[1], device=codes.device)
        return (codes[..., None] == places).float()

    def certain(self, codes: Any) -> Any:
        """The log-chances of codes that are known, shape (n, k, m)."""
        return self.hot(codes).clamp(min=_FLOOR).log()

    def noised(self, chances: Any, kept: Any) -> Any:
        """The log-chances of codes of which a share ``kept``, shape (n,), is still there.

        Args:
            chances: log-chances before.
            kept: in [0, 1].
        """
        import torch

        stays = kept.clamp(min=_FLOOR).log()[:, None, None]
        goes = (1 - kept).clamp(min=_FLOOR).log()[:, None, None]
        return torch.logaddexp(stays + chances, goes + self.uniform) + self.pads

    def earlier(self, noised: Any, start: Any, times: Any) -> Any:
        """The log-chances one step earlier, given log-chances now and without noise."""
        return self._between(self._forward(noised, times), start, times)

    def _forward(self, noised: Any, times: Any) -> Any:
        """The log-chance of the codes now, given each code one step earlier."""
        return self.noised(noised, self.kept[times] / self.kept[times - 1])

    def _between(self, forward: Any, start: Any, times: Any) -> Any:
        import torch

        return torch.log_softmax(forward + self.noised(start, self.kept[times - 1]), dim=-1)

    def divergence(self, noised: Any, start: Any, found: Any, times: Any) -> Any:
        """KL of what a denoiser found from the truth one step earlier, in nats, shape (n, k).

        At the first step, which has no noise before it, this is the negative log-likelihood.
        """
        forward = self._forward(noised, times)
        true, model = (self._between(forward, one, times) for one in (start, found))
        return (true.exp() * (true - model)).sum(dim=-1)

    def draw(self, chances: Any, generator: Any) -> Any:
        """One code for each column of each row, shape (n, k), by the Gumbel-max trick."""
        import torch

        uniform = torch.rand(chances.shape, generator=generator, device=chances.device)
        gumbel = -(-uniform.clamp(_FLOOR, _CEILING).log()).log()
        if not chances.shape[-1]:
            return torch.zeros(chances.shape[:2], dtype=torch.int64, device=chances.device)
        return (chances + gumbel).argmax(dim=-1)
