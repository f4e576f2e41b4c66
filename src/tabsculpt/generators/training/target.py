"""The target of a regression, drawn given the rest of the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.tensors import Parts
from tabsculpt.generators.training.loop import Training
from tabsculpt.table import FloatArray, Task

_WEIGHTS = "target.safetensors"
_FREQUENCIES = 6
_RATE = 3e-3
_AVERAGE = 0.98


@dataclass(frozen=True, eq=False)
class TargetNetwork:
    """A mixture of normal distributions that a network gives for the rest of a row.

    An adversary sees in a short training where rows are at large and not how far they are from a
    thin curve. So the target that it made is put in the place of one drawn from this network, which
    is trained on the rows themselves and stopped by the likelihood of rows held out.

    Source: see `tabsculpt.generators.training.mixture.Mixture`.

    Attributes:
        name: of the encoded column.
        others: the encoded columns of the rest.
        mixture: the network, on the CPU.
    """

    name: str
    others: Parts
    mixture: Any

    @classmethod
    def untrained(
        cls, encoding: Encoding, widths: Sequence[int], seed: int
    ) -> TargetNetwork | None:
        """The network with its first weights; None where the target is no number, or all there is.

        Args:
            encoding: of the rows; its numbers are normal scores.
            widths: of the network's hidden layers.
            seed: of the weights.
        """
        from tabsculpt.generators.training.mixture import Mixture

        schema = encoding.schema
        name = encoding.name_of(schema.target)
        if schema.task is not Task.REGRESSION or encoding.sizes.get(name, 1):
            return None
        others = Parts.of(encoding, pd.DataFrame(), None)
        others = replace(others, numbers=tuple(n for n in others.numbers if n != name))
        numbers = len(others.numbers)
        if not (width := numbers + sum(others.sizes)):
            return None
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            return cls(name, others, Mixture(width, numbers, list(widths), _FREQUENCIES))

    def trained(
        self, frame: pd.DataFrame, steps: int, holdout: float, seed: int, device: str
    ) -> TargetNetwork:
        """Train on rows.

        Args:
            frame: encoded rows, shape (n, d).
            steps: updates.
            holdout: share of the rows by whose likelihood it is stopped, in [0, 1).
            seed: of the batches.
            device: "cpu" or "cuda".

        Raises:
            ValueError: the training diverged.
        """
        from tabsculpt.generators.training.mixture import train_mixture

        batch = min(max(len(frame) // 2, 16), 256)
        training = Training(steps, batch, _RATE, holdout=holdout, average=_AVERAGE)
        values, rows = frame[self.name].to_numpy(), self._rows(frame)
        mixture = train_mixture(self.mixture, values, rows, training, seed, device)
        return replace(self, mixture=mixture)

    def drawn(self, frame: pd.DataFrame, generator: Any) -> pd.DataFrame:
        """Encoded rows with the target drawn anew.

        Args:
            frame: shape (n, d).
            generator: of torch, on the CPU.
        """
        import torch

        with torch.no_grad():
            values: FloatArray = self.mixture.draw(self._rows(frame), generator).numpy()
        return frame.assign(**{self.name: values.astype(np.float64)[:, 0]})

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.mixture.state_dict(), folder / _WEIGHTS)

    @classmethod
    def load(cls, folder: Path, encoding: Encoding, widths: Sequence[int]) -> TargetNetwork | None:
        """Read what `save` wrote; None where nothing was."""
        if not (folder / _WEIGHTS).exists():
            return None
        from safetensors.torch import load_file

        found = cls.untrained(encoding, widths, 0)
        assert found is not None
        found.mixture.load_state_dict(load_file(folder / _WEIGHTS))
        found.mixture.eval()
        return found

    def _rows(self, frame: pd.DataFrame) -> Any:
        numbers, codes, _ = self.others.tensors(frame)
        return self.others.flat(numbers, codes)
