"""A conditional Wasserstein GAN with gradient penalty."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.tensors import Parts
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import codes_given, draw_matching, with_given
from tabsculpt.generators.settings import check_counts, check_positive, check_shares
from tabsculpt.generators.training.contest import WassersteinSettings, train_maker
from tabsculpt.generators.training.critic import build_critic
from tabsculpt.generators.training.redraw import target_drawn_again
from tabsculpt.generators.training.target import TargetNetwork, TargetTraining
from tabsculpt.generators.wgan_gp.maker import Maker, build_maker
from tabsculpt.notes import Note
from tabsculpt.table import Kind, Table, Task

_CHUNK = 8192
_WEIGHTS = "maker.safetensors"
_MEANING = "meaning.json"


@dataclass(frozen=True, eq=False)
class FittedWGANGP:
    """A trained maker of rows on the CPU, and what its inputs and outputs mean.

    Attributes:
        maker: from noise and condition to encoded rows.
        parts: which columns it makes, and which are its condition.
        encoding: between tables and encoded rows.
        target: what draws the target anew given the rest of the row; None where nothing does.
        notes: what the reader of a result should know; not saved.
    """

    maker: Maker
    parts: Parts
    encoding: Encoding
    target: TargetNetwork | None = None
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`.

        A given target is a condition of the network. Other classes, categories and integers of few
        values are waited for: rows are drawn until enough have them.

        Raises:
            UserError: an unknown column or value, a number that is not the target, or values that
                it next to never gives.
        """
        import torch

        target = self.encoding.schema.target
        rest = {name: value for name, value in (given or {}).items() if name != target}
        codes = codes_given("wgan_gp", self.encoding, rest)
        condition = self.encoding.encode_given(
            {k: v for k, v in (given or {}).items() if k == target}
        )
        rng = np.random.default_rng(derive_seed("condition", seed))
        noise = torch.Generator().manual_seed(derive_seed("noise", seed))
        frame = draw_matching(lambda rows: self.draw(rows, condition, rng, noise), codes, n)
        return with_given(self.encoding.decode(frame), given or {})

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.maker.network.state_dict(), folder / _WEIGHTS)
        if self.target is not None:
            self.target.save(folder)
        meaning = {"parts": self.parts.to_json(), "encoding": self.encoding.to_json()}
        write_json(meaning, folder / _MEANING)

    def draw(
        self, n: int, condition: Mapping[str, float], rng: np.random.Generator, noise: Any
    ) -> pd.DataFrame:
        """``n`` encoded rows for the condition, a chunk at a time."""
        import torch

        frame = self.parts.draw_condition(n, condition, rng)
        with torch.no_grad():
            made = [
                self.maker.drawn(chunk, noise)
                for chunk in torch.split(self.parts.condition_of(frame), _CHUNK)
            ]
        frame = self.parts.frame_of(made, frame)
        if self.target is not None and not condition:
            frame = self.target.drawn(frame, noise)
        return frame[self.encoding.names]


@dataclass(frozen=True)
class WGANGP:
    """A network makes rows for a target; a critic, which knows the target too, tells them apart.

    The critic's slope is held near 1 between real rows and made ones, so that it measures the
    Wasserstein distance. The condition is the class, or the normal score of the number, that is
    the target. It is a vector of any width to both networks: a further condition becomes
    further columns of it (`Parts.condition`).

    The target is drawn anew in the end by a network of its own, given the rest of the row
    (`TargetNetwork`), unless it was given, where real rows that are held out show that this is
    better (`tabsculpt.generators.training.redraw.target_drawn_again`; a note says what came out):
    the critic, whose slope is bounded, sees in a short training where rows are at large and not
    how far they are from a thin curve. Between features that a curve holds together, noise
    remains.

    Only a slope above 1 is punished (``one_sided``). The source punishes one below 1 as well, so
    that the critic pushes with the same force when nothing is left to push: with the rates of a
    short training the rows of a single normal column then swing to either side and end anywhere.

    Deviations from the source, which describes the method in outline only: numbers become normal
    scores, where it has both min-max scaling and CTGAN's modes; codes are softened by
    Gumbel-softmax; the running average of the network's weights is kept; and the defaults are set
    for tables of tens to thousands of rows, with higher rates, the critic's the highest, which
    fall along a cosine (the source: 2e-4 for both over 500 epochs; ``wgan_gp_paper``).

    Sources: N. Shreyas et al., "Synthetic Data Generation and Its Role in Machine Learning Model
    Development", sections V and VI; I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin,
    A. Courville, "Improved training of Wasserstein GANs", 2017, https://arxiv.org/abs/1704.00028;
    H. Petzka, A. Fischer, D. Lukovnikov, "On the regularization of Wasserstein GANs", 2018,
    https://arxiv.org/abs/1709.08894 (one-sided)

    Attributes:
        noise: how many random numbers a row is made from.
        generator_dim: widths of the hidden layers of the network that makes rows.
        critic_dim: widths of the critic's hidden layers.
        generator_lr: learning rate of the former at the start; both fall to zero along a cosine.
        critic_lr: learning rate of the critic at the start.
        beta1: of Adam, for both.
        beta2: of Adam, for both.
        critic_steps: updates of the critic for each one of the generator.
        penalty: weight of the gradient penalty.
        one_sided: whether slopes below 1 go unpunished.
        batch_size: rows in each update, drawn with replacement.
        average: how much of the running average of the weights stays at each update, in [0, 1).
        epochs: passes of the critic over the rows; None for as many as make ``steps``.
        steps: updates of the generator, where ``epochs`` is None; the cost does not grow with the
            rows.
        target_steps: updates of the network of the target; 0 leaves the target that the row was
            made for, as in the source.
        holdout: share of the rows by whose likelihood that network is stopped, in [0, 1).
        extrapolate: whether numbers may leave the range of the training rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    noise: int = 32
    generator_dim: list[int] = field(default_factory=lambda: [128, 128])
    critic_dim: list[int] = field(default_factory=lambda: [128, 128])
    generator_lr: float = 2e-3
    critic_lr: float = 3e-3
    beta1: float = 0.5
    beta2: float = 0.9
    critic_steps: int = 5
    penalty: float = 10.0
    one_sided: bool = True
    batch_size: int = 128
    average: float = 0.99
    epochs: int | None = None
    steps: int = 500
    target_steps: int = 1000
    holdout: float = 0.1
    extrapolate: bool = False

    def __post_init__(self) -> None:
        counts = ("noise", "critic_steps", "batch_size", "epochs", "steps")
        check_counts("wgan_gp", **{name: getattr(self, name) for name in counts})
        check_positive("wgan_gp", generator_lr=self.generator_lr, critic_lr=self.critic_lr)
        if self.target_steps < 0:
            raise UserError(f"wgan_gp: target_steps is {self.target_steps}, expected 0 or more")
        shares = ("beta1", "beta2", "average", "holdout")
        check_shares("wgan_gp", **{name: getattr(self, name) for name in shares})

    def fit(self, table: Table, seed: int, device: str) -> FittedWGANGP | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
            ValueError: the training diverged.
        """
        check_table("wgan_gp", self, table, device)
        encoding = Encoding.learn(table, Numbers.NORMAL, self.extrapolate)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, derive_seed("encode", seed))
        parts = Parts.of(encoding, frame, table.schema.target)
        numbers, codes, condition = parts.tensors(frame)
        real = parts.flat(numbers, codes)
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            maker = self._maker(parts)
            critic = build_critic(real.shape[1] + parts.condition_width, self.critic_dim)
        settings = self._settings(len(table))
        network = train_maker(maker, critic, (real, condition), settings, seed, device)
        fitted = FittedWGANGP(replace(maker, network=network), parts, encoding)
        return self._with_target(fitted, frame, derive_seed("target", seed), device)

    def load(self, folder: Path) -> FittedWGANGP | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        from safetensors.torch import load_file

        meaning = read_json(folder / _MEANING)
        parts = Parts.from_json(meaning["parts"])
        with seeded_globals(0, uses_torch=True):
            maker = self._maker(parts)
        maker.network.load_state_dict(load_file(folder / _WEIGHTS))
        maker.network.eval()
        encoding = Encoding.from_json(meaning["encoding"])
        target = TargetNetwork.load(folder, encoding, self.generator_dim)
        return FittedWGANGP(maker, parts, encoding, target)

    def _with_target(
        self, fitted: FittedWGANGP, frame: pd.DataFrame, seed: int, device: str
    ) -> FittedWGANGP:
        """With a network that draws the target anew, where that is better."""
        import torch

        def make(n: int) -> pd.DataFrame:
            rng = np.random.default_rng(derive_seed("made", seed))
            noise = torch.Generator().manual_seed(derive_seed("made", seed))
            return fitted.draw(n, {}, rng, noise)

        how = TargetTraining(self.target_steps, self.holdout, seed, device)
        target, notes = target_drawn_again(
            "wgan_gp", fitted.encoding, self.generator_dim, frame, make, how
        )
        return replace(fitted, target=target, notes=notes)

    def _maker(self, parts: Parts) -> Maker:
        """The network with its first weights, which come from torch's global generator."""
        outputs = len(parts.numbers) + sum(parts.sizes)
        network = build_maker(self.noise + parts.condition_width, self.generator_dim, outputs)
        return Maker(network, len(parts.numbers), parts.sizes, self.noise)

    def _settings(self, rows: int) -> WassersteinSettings:
        seen = self.batch_size * self.critic_steps
        return WassersteinSettings(
            steps=math.ceil(self.epochs * rows / seen) if self.epochs else self.steps,
            critic_steps=self.critic_steps,
            batch_size=self.batch_size,
            maker_rate=self.generator_lr,
            critic_rate=self.critic_lr,
            betas=(self.beta1, self.beta2),
            penalty=self.penalty,
            one_sided=self.one_sided,
            average=self.average,
        )
