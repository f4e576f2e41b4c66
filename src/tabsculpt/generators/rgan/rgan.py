"""A recurrent conditional GAN that makes whole sequences."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.encoding.sequences import SequenceEncoding
from tabsculpt.generators.requirements import check_given, check_table
from tabsculpt.generators.settings import check_counts, check_positive, check_shares
from tabsculpt.generators.training.contest import WassersteinSettings, train_maker
from tabsculpt.generators.training.critic import build_critic
from tabsculpt.table import IntArray, Kind, Table, Task

_WEIGHTS = "network.safetensors"
_BETAS = (0.5, 0.9)


@dataclass(frozen=True, eq=False)
class FittedRGAN:
    """A trained network, and what is needed to make windows of what it makes.

    Attributes:
        maker: a ``PieceMaker``.
        settings: widths of its network and the steps of its pieces, by name.
        encoding: between windows and the steps that it makes.
    """

    maker: Any
    settings: dict[str, int]
    encoding: SequenceEncoding

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Make sequences and cut windows out of them, ``n`` in all.

        The static columns and the length of each are those of a training sequence drawn at
        random, of one that has the given values where there are some; see
        `ConditionalGenerator.sample`.

        Raises:
            UserError: a value is given of a column that varies within sequences, or values that no
                training sequence has.
        """
        among = self._matching(given) if given else None
        rng = np.random.default_rng(derive_seed("sequences", seed))
        picked, length = self.encoding.pick(n, rng, among)
        context = self.encoding.context(picked)
        made = self.maker.sequences(context, length, derive_seed("noise", seed))
        return self.encoding.table(made, picked, n)

    def save(self, folder: Path) -> None:
        """Write weights, codes and static columns into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.maker.network.state_dict(), folder / _WEIGHTS)
        self.encoding.save(folder, self.settings)

    def _matching(self, given: Given) -> IntArray:
        """The training sequences whose static columns have the given values."""
        check_given(given, self.encoding.schema)
        static = self.encoding.static
        fits = np.ones(len(static), dtype=bool)
        for name, value in given.items():
            if name not in static:
                known = f"expected one of {', '.join(static)}" if len(static.columns) else "none is"
                raise UserError(
                    f"given: rgan can be asked for what is the same in a whole sequence alone, and "
                    f"column {name!r} is not; {known}"
                )
            values = static[name].astype(str) if isinstance(value, str) else static[name]
            fits &= (values == value).to_numpy(dtype=bool)
        if not fits.any():
            raise UserError(f"given: no training sequence has {dict(given)}; ask for values of one")
        return np.flatnonzero(fits)


@dataclass(frozen=True)
class RGAN:
    """A recurrent net makes sequences of noise; a critic, which knows the class too, judges them.

    The study of GANs and VAEs for small data sets, from which sequences are a task here (S&P 500),
    names "RNN-GANs and Temporal GANs" with recurrent layers, and no network, loss or setting. This
    is the recurrent conditional GAN (RCGAN), which is the RNN-GAN that is told a class: each step
    gets noise and the condition, and no step made before is fed back. TimeGAN, the other
    candidate, has no condition, and trains five networks in three phases. The condition is all
    that does not vary within a sequence: static columns, and the class where sequences are
    classified.

    It is fitted on sequences, which are put together from the windows that are the rows of the
    table (`table.windows.chains`), and what it makes is cut into windows in the same way. Static
    columns and lengths are those of training sequences.

    Deviations from the source: a GRU for the LSTM, whose first state is made of noise; the critic
    is no recurrent net that judges each step, but the one of `wgan_gp`, which judges pieces of
    sequences as long as a row, so that what holds over more steps than a row has is not learnt;
    the loss is Wasserstein's with a one-sided penalty on the critic's slope, the source's cross
    entropy being unstable on tens of sequences; rates fall along a cosine, and the running average
    of the weights is kept. Numbers stay within the training rows'.

    Sources: C. Esteban, S. L. Hyland, G. Rätsch, "Real-valued (medical) time series generation with
    recurrent conditional GANs", 2017, https://arxiv.org/abs/1706.02633, section 3; J. Yoon,
    D. Jarrett, M. van der Schaar, "Time-series generative adversarial networks", 2019 (TimeGAN);
    those of `wgan_gp` for the loss

    Attributes:
        noise: how many random numbers each step is made from.
        hidden: width of the recurrent state.
        critic_dim: widths of the critic's hidden layers.
        generator_lr: learning rate of the recurrent net at the start; both fall to zero along a
            cosine.
        critic_lr: learning rate of the critic at the start.
        critic_steps: updates of the critic for each one of the recurrent net.
        penalty: weight of the penalty on slopes above 1.
        batch_size: pieces in each update, drawn with replacement.
        average: how much of the running average of the weights stays at each update, in [0, 1).
        steps: updates of the recurrent net; the cost does not grow with the rows.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = True
    sequential: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    noise: int = 8
    hidden: int = 32
    critic_dim: list[int] = field(default_factory=lambda: [128, 128])
    generator_lr: float = 2e-3
    critic_lr: float = 3e-3
    critic_steps: int = 3
    penalty: float = 10.0
    batch_size: int = 64
    average: float = 0.99
    steps: int = 500

    def __post_init__(self) -> None:
        counts = ("noise", "hidden", "critic_steps", "batch_size", "steps")
        check_counts("rgan", **{name: getattr(self, name) for name in counts})
        check_positive("rgan", generator_lr=self.generator_lr, critic_lr=self.critic_lr)
        check_shares("rgan", average=self.average)

    def fit(self, table: Table, seed: int, device: str) -> FittedRGAN:
        """Put the sequences together and train on pieces of them.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the rows are no windows, or values are missing.
            ValueError: the training diverged.
        """
        check_table("rgan", self, table, device)
        from tabsculpt.generators.rgan.network import pieces

        encoding, sequences = SequenceEncoding.learn(table)
        lengths = [len(sequence) for sequence in sequences]
        piece = min(encoding.windows.span, *lengths)
        real, condition = pieces(sequences, encoding.context(), piece)
        sizes = {"noise": self.noise, "hidden": self.hidden, "piece": piece}
        settings = {**sizes, "longest": max(lengths)}
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            maker = _maker(encoding, settings)
            critic = build_critic(real.shape[1] + condition.shape[1], self.critic_dim)
        contest = WassersteinSettings(
            steps=self.steps,
            critic_steps=self.critic_steps,
            batch_size=self.batch_size,
            maker_rate=self.generator_lr,
            critic_rate=self.critic_lr,
            betas=_BETAS,
            penalty=self.penalty,
            one_sided=True,
            average=self.average,
        )
        network = train_maker(maker, critic, (real, condition), contest, seed, "cpu")
        return FittedRGAN(replace(maker, network=network), settings, encoding)

    def load(self, folder: Path) -> FittedRGAN:
        """Read what `FittedRGAN.save` wrote."""
        from safetensors.torch import load_file

        encoding, content = SequenceEncoding.load(folder)
        settings = {name: content[name] for name in ("noise", "hidden", "piece", "longest")}
        with seeded_globals(0, uses_torch=True):
            maker = _maker(encoding, settings)
        maker.network.load_state_dict(load_file(folder / _WEIGHTS))
        maker.network.eval()
        return FittedRGAN(maker, settings, encoding)


def _maker(encoding: SequenceEncoding, settings: dict[str, int]) -> Any:
    """The network with its first weights, which come from torch's global generator."""
    from tabsculpt.generators.rgan.network import PieceMaker, SequenceMaker

    sizes = (encoding.numbers, *encoding.levels)
    network = SequenceMaker(
        settings["noise"], encoding.context_width, settings["hidden"], sum(sizes)
    )
    return PieceMaker(network, sizes, settings["piece"], settings["longest"])
