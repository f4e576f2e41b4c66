"""CTGAN: a conditional generative adversarial network for tables."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.ctgan.best import Encoded, Kept, RunningMean, distance_from
from tabsculpt.generators.ctgan.calibration import Calibration
from tabsculpt.generators.ctgan.network import FittedNetwork, load_network
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts, check_shares
from tabsculpt.generators.training.redraw import target_drawn_again
from tabsculpt.generators.training.target import TargetNetwork, TargetTraining
from tabsculpt.table import Kind, Table, Task

if TYPE_CHECKING:
    from tabsculpt.generators.ctgan.adversary import AdversarialSettings

_DRAWN = 10_000
"""Rows from which the quantiles of made numbers are learnt."""


@dataclass(frozen=True)
class CTGAN:
    """A generator network trained against a discriminator, asked for one category in each row.

    The target is drawn anew in the end by a network of its own, given the rest of the row
    (`tabsculpt.generators.training.target.TargetNetwork`), unless it was given, where real rows
    that are held out show that this is better
    (`tabsculpt.generators.training.redraw.target_drawn_again`; a note says what came out): a
    discriminator that sees rows for a short time tells where they are at large, and not how far
    they are from a thin curve. Between features that a curve holds together, noise remains; a mean
    that turns with a category is learnt to .89 of what real rows teach, where the adversary mixes
    the category up and the redraw is not clearly better.
    ``ctgan_paper`` has neither this nor the next deviation, and follows no curve that turns twice
    within some hundred rows.

    Deviations from the authors' package ``ctgan``: only a slope of the discriminator above 1 is
    punished (see `tabsculpt.generators.wgan_gp.wgan_gp.WGANGP` for why); numbers are made normal
    by their quantiles first, after which one mode is enough for each (the package finds up to ten
    in the numbers as they are); made numbers are moved to the quantiles of real ones
    (``calibrate``), as a short training makes them too narrow; what is kept is the running average
    of the generator's weights, as theirs circle; rows are drawn with the batch normalisation in
    evaluation mode, so that a row does not depend on the rows drawn beside it (the package leaves
    it in training mode and draws whole batches); the categories asked for are drawn at their share
    of the training rows, as the paper says (the package draws them by the logarithm of their
    counts, which favours rare ones);
    rows with given values are asked for by the rarest of these and drawn until the others come too
    (the package returns what it gets); and the defaults are set for tables of tens to thousands of
    rows (the package's are: layers of 256, both learning rates 2e-4, a batch of 500, packs of 10
    and 300 epochs, which on 200 rows is worse than predicting the mean). The gradient that the
    penalty is of is worked out layer by layer, and the generator's is not while the discriminator
    learns: the same numbers for half of the work. Sampling is on the CPU, so that a stored model
    gives the rows that the fresh one gives.

    Source: L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni, "Modeling tabular data
    using conditional GAN", 2019, https://arxiv.org/abs/1907.00503. A discriminator that learns
    faster than the generator: M. Heusel et al., "GANs trained by a two time-scale update rule
    converge to a local Nash equilibrium", 2017, https://arxiv.org/abs/1706.08500. The average of
    the weights: Y. Yazici et al., "The unusual effectiveness of averaging in GAN training", 2019,
    https://arxiv.org/abs/1806.04498

    Attributes:
        embedding_dim: how many random numbers the generator starts from.
        generator_dim: widths of the generator's residual layers.
        discriminator_dim: widths of the discriminator's layers.
        generator_lr: learning rate of the generator.
        generator_decay: weight decay of the generator.
        discriminator_lr: learning rate of the discriminator.
        discriminator_decay: weight decay of the discriminator.
        discriminator_steps: updates of the discriminator for each one of the generator.
        log_frequency: whether rare categories are asked for more often in training.
        pac: rows that the discriminator judges together.
        one_sided: whether slopes of the discriminator below 1 go unpunished.
        batch_size: rows in a step, even and divisible by ``pac``; None for about a quarter of the
            rows, 16 to 500.
        epochs: passes over the rows; None for as many as make ``steps``.
        steps: generator updates, where ``epochs`` is None; the cost does not grow with the rows.
        average: how much of the running average of the generator's weights stays at each update;
            0 keeps the weights themselves.
        patience: looks at drawn rows, 40 over the whole training, without a gain before it stops
            and goes back to the best; None trains to the end. It is off because the columns come
            close before their dependence does: with 10 looks, forests trained on bodyfat's
            synthetic rows erred 1.4 times as much.
        max_clusters: the most modes of a number.
        calibrate: whether made numbers are moved to the quantiles that those of the rows have, by a
            rising function of each column (`tabsculpt.generators.ctgan.calibration.Calibration`).
        target_steps: updates of the network of the target; 0 leaves the target as the generator
            made it.
        holdout: share of the rows by whose likelihood that network is stopped, in [0, 1).
        extrapolate: whether numbers may leave the range of the training rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "torch")
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    embedding_dim: int = 128
    generator_dim: list[int] = field(default_factory=lambda: [128, 128])
    discriminator_dim: list[int] = field(default_factory=lambda: [128, 128])
    generator_lr: float = 3e-4
    generator_decay: float = 1e-6
    discriminator_lr: float = 1e-3
    discriminator_decay: float = 1e-6
    discriminator_steps: int = 1
    log_frequency: bool = True
    pac: int = 1
    one_sided: bool = True
    batch_size: int | None = None
    epochs: int | None = None
    steps: int = 1500
    average: float = 0.99
    patience: int | None = None
    max_clusters: int = 1
    calibrate: bool = True
    target_steps: int = 1000
    holdout: float = 0.1
    extrapolate: bool = False

    def __post_init__(self) -> None:
        check_counts(
            "ctgan",
            embedding_dim=self.embedding_dim,
            discriminator_steps=self.discriminator_steps,
            pac=self.pac,
            epochs=self.epochs,
            steps=self.steps,
            patience=self.patience,
            max_clusters=self.max_clusters,
        )
        check_shares("ctgan", average=self.average, holdout=self.holdout)
        if self.target_steps < 0:
            raise UserError(f"ctgan: target_steps is {self.target_steps}, expected 0 or more")
        unit = math.lcm(2, self.pac)
        if self.batch_size is not None and (self.batch_size < unit or self.batch_size % unit):
            raise UserError(
                f"ctgan: batch_size is {self.batch_size}, expected a multiple of {unit} "
                f"(even, and divisible by pac={self.pac}); null scales it with the rows"
            )

    def fit(self, table: Table, seed: int, device: str) -> FittedNetwork | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
        """
        check_table("ctgan", self, table, device)
        encoding = Encoding.learn(table, Numbers.NORMAL, extrapolate=self.extrapolate)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        from tabsculpt.generators.ctgan.adversary import AdversarialTraining

        rows = Encoded.of(table, encoding, self.max_clusters, seed)
        how = self._how(len(table), device)
        mean = RunningMean(self.average ** max(len(table) // how.batch_size, 1))
        kept = Kept(
            how.epochs,
            self.patience,
            lambda _: self._freeze(mean.network, rows),
            distance_from(rows, seed),
        )

        def after(network: Any, epoch: int, loss: float) -> bool:
            mean.follow(network)
            return kept.after(network, epoch, loss)

        training = AdversarialTraining(rows.matrix, rows.layout, how, seed)
        training.train(after)
        fitted = kept.best(training.generator)
        if self.calibrate:
            made = fitted.draw(_DRAWN, np.random.default_rng(derive_seed("calibrate", seed)))
            fitted = replace(fitted, calibration=Calibration.learn(made, encoding.continuous))
        return self._with_target(fitted, rows.frame, derive_seed("target", seed), device)

    def load(self, folder: Path) -> FittedNetwork | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        fitted = load_network(folder, self._generator)
        target = TargetNetwork.load(folder, fitted.encoding, self.generator_dim)
        return replace(fitted, target=target)

    def _with_target(
        self, fitted: FittedNetwork, frame: pd.DataFrame, seed: int, device: str
    ) -> FittedNetwork:
        """With a network that draws the target anew, where that is better."""

        def make(n: int) -> pd.DataFrame:
            return fitted.draw(n, np.random.default_rng(derive_seed("made", seed)))

        how = TargetTraining(self.target_steps, self.holdout, seed, device)
        target, notes = target_drawn_again(
            "ctgan", fitted.encoding, self.generator_dim, frame, make, how
        )
        return replace(fitted, target=target, notes=notes)

    def _freeze(self, network: Any, rows: Encoded) -> FittedNetwork:
        return FittedNetwork(
            name="ctgan",
            network=copy.deepcopy(network).cpu().eval(),
            deviations=np.zeros(rows.matrix.shape[1]),
            noise=self.embedding_dim,
            conditional=True,
            encoding=rows.encoding,
            layout=rows.layout,
        )

    def _how(self, rows: int, device: str) -> AdversarialSettings:
        from tabsculpt.generators.ctgan.adversary import AdversarialSettings

        unit = math.lcm(2, self.pac)
        batch = self.batch_size or max(min(max(rows // 4, 16), 500) // unit, 1) * unit
        return AdversarialSettings(
            embedding_dim=self.embedding_dim,
            generator_dim=self.generator_dim,
            discriminator_dim=self.discriminator_dim,
            generator_lr=self.generator_lr,
            generator_decay=self.generator_decay,
            discriminator_lr=self.discriminator_lr,
            discriminator_decay=self.discriminator_decay,
            discriminator_steps=self.discriminator_steps,
            batch_size=batch,
            epochs=self.epochs or math.ceil(self.steps / max(rows // batch, 1)),
            pac=self.pac,
            log_frequency=self.log_frequency,
            one_sided=self.one_sided,
            device=device,
        )

    def _generator(self, inputs: int, outputs: int) -> Any:
        from tabsculpt.generators.ctgan.networks import build_generator

        with seeded_globals(0, uses_torch=True):  # its weights are overwritten
            return build_generator(inputs, self.generator_dim, outputs)
