"""PAR: a probabilistic autoregressive network that learns whole sequences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.encoding.sequences import SequenceEncoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts
from tabsculpt.table import Kind, Table, Task

_WEIGHTS = "network.safetensors"


@dataclass(frozen=True, eq=False)
class FittedPAR:
    """A trained network, and what is needed to make windows of what it draws.

    Attributes:
        network: a ``SequenceNetwork``.
        hidden: width of its state.
        encoding: between windows and the steps that it draws.
    """

    network: Any
    hidden: int
    encoding: SequenceEncoding

    def sample(self, n: int, seed: int) -> Table:
        """Draw sequences and cut windows out of them, ``n`` in all; see `FittedGenerator.sample`.

        The static columns and the length of each are those of a training sequence drawn at random.
        """
        from tabsculpt.generators.par.network import draw

        rng = np.random.default_rng(seed)
        picked, length = self.encoding.pick(n, rng)
        seed = int(rng.integers(2**31))
        drawn = draw(self.network, self.encoding.context(picked), length, seed)
        return self.encoding.table(drawn, picked, n)

    def save(self, folder: Path) -> None:
        """Write weights, codes and static columns into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.network.state_dict(), folder / _WEIGHTS)
        self.encoding.save(folder, {"hidden": self.hidden})


@dataclass(frozen=True)
class PAR:
    """Draws each step of a sequence from a distribution that a recurrent net makes of those before.

    Numbers are normal, categories multinomial, given the steps before and the static columns. It
    is fitted on sequences, which are put together from the windows that are the rows of the table
    (`table.windows.chains`), and what it draws is cut into windows in the same way. Where the
    rows are a part of the table, as in a segment, the sequences are the runs of rows that are left.

    This is the model of SDV's ``PARSynthesizer`` (package ``deepecho``), written anew because that
    one compares sequences that are shorter than the longest with the wrong steps of its output
    (0.8.1), orders categories by Python's hash seed, so that a run cannot be repeated, and draws
    one sequence at a time. Deviations besides: no value is missing, so none is modelled as such; a
    sequence's length is drawn, not modelled; static columns are those of a training sequence,
    where SDV draws them from a copula; gradients are clipped, the learning rate falls along a
    cosine; there are 1,000 steps, not 128 (neighbouring prices of dataset=simulated_prices then
    correlate 0.89, not 0.85, where real ones have 0.91); numbers stay within the training rows'.

    Source: K. Zhang, N. Patki, K. Veeramachaneni, "Sequential Models in the Synthetic Data Vault",
    2022, https://arxiv.org/abs/2207.14406

    Attributes:
        hidden: width of the recurrent state.
        steps: of the optimiser, each on all sequences (500 at most).
        learning_rate: of its first step.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = False
    sequential: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    hidden: int = 32
    steps: int = 1000
    learning_rate: float = 1e-3

    def __post_init__(self) -> None:
        check_counts("par", hidden=self.hidden, steps=self.steps)
        if self.learning_rate <= 0:
            raise UserError(f"par: learning_rate is {self.learning_rate}, expected above 0")

    def fit(self, table: Table, seed: int, device: str) -> FittedPAR:
        """Put the sequences together and train on them.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the rows are no windows, or values are missing.
        """
        check_table("par", self, table, device)
        from tabsculpt.generators.par.network import train

        encoding, sequences = SequenceEncoding.learn(table)
        context, shape = encoding.context(), _shape(encoding)
        with seeded_globals(seed, uses_torch=True):
            network = train(sequences, context, shape, self.hidden, self.steps, self.learning_rate)
        return FittedPAR(network, self.hidden, encoding)

    def load(self, folder: Path) -> FittedPAR:
        """Read what `FittedPAR.save` wrote."""
        from safetensors.torch import load_file

        from tabsculpt.generators.par.network import SequenceNetwork

        encoding, settings = SequenceEncoding.load(folder)
        network = SequenceNetwork(_shape(encoding), settings["hidden"])
        network.load_state_dict(load_file(folder / _WEIGHTS))
        return FittedPAR(network.eval(), settings["hidden"], encoding)


def _shape(encoding: SequenceEncoding) -> Any:
    from tabsculpt.generators.par.network import Shape

    return Shape(encoding.numbers, encoding.levels, encoding.context_width)
