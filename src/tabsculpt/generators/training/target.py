"""The target, drawn given the rest of the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.tensors import Parts
from tabsculpt.generators.training.loop import Training
from tabsculpt.table import FloatArray, IntArray

_WEIGHTS = "target.safetensors"
_FREQUENCIES = 6
_RATE = 3e-3
_AVERAGE = 0.98


@dataclass(frozen=True)
class TargetTraining:
    """How the network of a target is trained.

    Attributes:
        steps: the most updates; 0 for no network.
        holdout: share of the rows by whose likelihood it is stopped, in [0, 1).
        seed: of all draws.
        device: "cpu" or "cuda".
    """

    steps: int
    holdout: float
    seed: int
    device: str


@dataclass(frozen=True, eq=False)
class TargetNetwork:
    """The distribution of the target that a network gives for the rest of a row.

    A mixture of normal distributions for a number, chances for a class. An adversary sees in a
    short training where rows are at large and not how far they are from a thin curve. So the
    target that it made is put in the place of one drawn from this network, which is trained on
    the rows themselves and stopped by the likelihood of rows held out; where that is better is
    decided by `tabsculpt.generators.training.redraw.target_drawn_again`.

    Source: see `tabsculpt.generators.training.mixture.Mixture`.

    Attributes:
        name: of the encoded column.
        others: the encoded columns of the rest.
        network: a `Mixture` or `Chances`, on the CPU.
    """

    name: str
    others: Parts
    network: Any

    @classmethod
    def untrained(
        cls, encoding: Encoding, widths: Sequence[int], seed: int
    ) -> TargetNetwork | None:
        """The network with its first weights; None where the target, or the rest, is constant.

        Args:
            encoding: of the rows; its numbers are normal scores.
            widths: of the network's hidden layers.
            seed: of the weights.
        """
        from tabsculpt.generators.training.mixture import Chances, Mixture

        name = encoding.name_of(encoding.schema.target)
        others = Parts.of(encoding, pd.DataFrame(), None).without(name)
        numbers = len(others.numbers)
        width = numbers + sum(others.sizes)
        if name not in encoding.names or not width:
            return None
        shape = width, numbers, list(widths), _FREQUENCIES
        classes = encoding.sizes[name]
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            network = Chances(*shape, classes) if classes else Mixture(*shape)
        return cls(name, others, network)

    def trained(
        self, frame: pd.DataFrame, how: TargetTraining, apart: IntArray | None = None
    ) -> TargetNetwork:
        """Train a copy on rows.

        Args:
            frame: encoded rows, shape (n, d).
            how: it is trained.
            apart: positions of the rows that are held out, in the place of a share that is drawn.

        Raises:
            ValueError: the training diverged.
        """
        import copy

        from tabsculpt.generators.training.mixture import train_target

        batch = min(max(len(frame) // 2, 16), 256)
        training = Training(how.steps, batch, _RATE, holdout=how.holdout, average=_AVERAGE)
        values, rows = frame[self.name].to_numpy(), self._rows(frame)
        first = copy.deepcopy(self.network)
        network = train_target(first, values, rows, training, how.seed, how.device, apart)
        return replace(self, network=network)

    def errors(self, frame: pd.DataFrame) -> FloatArray:
        """How far the target is from what is said of it, by row, shape (n,); lower is better.

        The continuous ranked probability score of a number, in standard deviations of its normal
        score; the Brier score of a class. Both are least in the mean for the true distribution.

        Args:
            frame: encoded rows, shape (n, d).
        """
        import torch

        with torch.no_grad():
            values = self.network.targets(frame[self.name].to_numpy())
            found: FloatArray = self.network.errors((values, self._rows(frame))).double().numpy()
        return found

    def drawn(self, frame: pd.DataFrame, generator: Any) -> pd.DataFrame:
        """Encoded rows with the target drawn anew.

        Args:
            frame: shape (n, d).
            generator: of torch, on the CPU.
        """
        import torch

        with torch.no_grad():
            values = self.network.draw(self._rows(frame), generator)[:, 0].numpy()
        return frame.assign(**{self.name: values.astype(frame[self.name].dtype)})

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.network.state_dict(), folder / _WEIGHTS)

    @classmethod
    def load(cls, folder: Path, encoding: Encoding, widths: Sequence[int]) -> TargetNetwork | None:
        """Read what `save` wrote; None where nothing was."""
        if not (folder / _WEIGHTS).exists():
            return None
        from safetensors.torch import load_file

        found = cls.untrained(encoding, widths, 0)
        assert found is not None
        found.network.load_state_dict(load_file(folder / _WEIGHTS))
        found.network.eval()
        return found

    def _rows(self, frame: pd.DataFrame) -> Any:
        numbers, codes, _ = self.others.tensors(frame)
        return self.others.flat(numbers, codes)
