"""What CTGAN and TVAE share: what their networks' outputs mean, and sampling from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators import Given
from tabsculpt.generators.ctgan.calibration import Calibration
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.sampling.given import codes_given, draw_matching
from tabsculpt.generators.training.target import TargetNetwork
from tabsculpt.notes import Note
from tabsculpt.table import FloatArray, IntArray, Table

STEPS = 4.0
"""A normalised value of 1 lies this many standard deviations from its mode's mean."""

_CHUNK = 8192
_WEIGHTS = "network.safetensors"
_MEANING = "meaning.json"


@dataclass(frozen=True)
class Modes:
    """A numeric column: one normalised value, then one logit per mode of a Gaussian mixture.

    A single mode has no logit.
    """

    name: str
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]

    @property
    def width(self) -> int:
        return 1 + self.logits

    @property
    def logits(self) -> int:
        """How many of the outputs are logits."""
        return len(self.means) if len(self.means) > 1 else 0


@dataclass(frozen=True)
class Codes:
    """A discrete column: one logit per code; ``shares`` are the codes' shares of training rows."""

    name: str
    codes: tuple[int, ...]
    shares: tuple[float, ...]

    @property
    def width(self) -> int:
        return self.logits

    @property
    def logits(self) -> int:
        """How many of the outputs are logits: all."""
        return len(self.codes)


Outputs = tuple[Modes | Codes, ...]
"""What the outputs of a network mean, from first to last."""


@dataclass(frozen=True, eq=False)
class FittedNetwork:
    """A trained generator network on the CPU, and what its inputs and outputs mean.

    Attributes:
        name: of the generator, for errors.
        network: maps inputs, shape (n, noise + conditions), to outputs, shape (n, width).
        deviations: of the noise that is added to each normalised value, shape (width,).
        noise: how many inputs are standard normal.
        conditional: whether one code of one discrete column is asked for in each row.
        calibration: of the numbers that it makes; None leaves them as they are.
        target: what draws the target anew given the rest of the row; None where nothing does.
        notes: what the reader of a result should know; not saved.
    """

    name: str
    network: Any
    deviations: FloatArray
    noise: int
    conditional: bool
    encoding: Encoding
    layout: Outputs
    calibration: Calibration | None = None
    target: TargetNetwork | None = None
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`. Discrete columns can be given.

        Raises:
            UserError: an unknown column or value, a number, or values that it next to never gives.
            ValueError: the training diverged.
        """
        fixed = codes_given(self.name, self.encoding, given or {})
        rng = np.random.default_rng(seed)
        frame = draw_matching(lambda rows: self.draw(rows, rng, fixed), fixed, n)
        if self.target is not None and self.target.name not in fixed:
            import torch

            draws = torch.Generator().manual_seed(derive_seed("target", seed))
            frame = self.target.drawn(frame, draws)
        return self.encoding.decode(frame)

    def draw(
        self, n: int, rng: np.random.Generator, fixed: Mapping[str, int] | None = None
    ) -> pd.DataFrame:
        """Draw ``n`` encoded rows, more of them with a code of ``fixed`` if it can be asked for."""
        inputs = rng.standard_normal((n, self.noise))
        if self.conditional:
            inputs = np.hstack([inputs, draw_conditions(self.layout, n, rng, fixed or {})])
        frame = _decode(self.layout, _forward(self.network, inputs), self.deviations, rng)
        return self.calibration.applied(frame) if self.calibration else frame

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        import torch
        from safetensors.torch import save_file

        weights = {f"network.{key}": value for key, value in self.network.state_dict().items()}
        weights["deviations"] = torch.from_numpy(self.deviations)
        save_file(weights, folder / _WEIGHTS)
        if self.target is not None:
            self.target.save(folder)
        meaning = {
            "name": self.name,
            "noise": self.noise,
            "conditional": self.conditional,
            "encoding": self.encoding.to_json(),
            "layout": [asdict(part) for part in self.layout],
            "calibration": self.calibration and asdict(self.calibration),
        }
        write_json(meaning, folder / _MEANING)


def load_network(folder: Path, build: Callable[[int, int], Any]) -> FittedNetwork:
    """Read what `FittedNetwork.save` wrote.

    Args:
        folder: where it was written.
        build: makes the untrained network from its number of inputs and of outputs.
    """
    from safetensors.torch import load_file

    meaning = read_json(folder / _MEANING)
    layout = tuple(
        Modes(part["name"], *(tuple(part[of]) for of in ("means", "deviations", "weights")))
        if "means" in part
        else Codes(part["name"], tuple(part["codes"]), tuple(part["shares"]))
        for part in meaning["layout"]
    )
    weights = load_file(folder / _WEIGHTS)
    deviations = weights.pop("deviations").numpy()
    conditions = count_conditions(layout) if meaning["conditional"] else 0
    network = build(meaning["noise"] + conditions, len(deviations))
    network.load_state_dict({k.removeprefix("network."): v for k, v in weights.items()})
    return FittedNetwork(
        name=meaning["name"],
        network=network.eval(),
        deviations=deviations,
        noise=meaning["noise"],
        conditional=meaning["conditional"],
        encoding=Encoding.from_json(meaning["encoding"]),
        layout=layout,
        calibration=Calibration(**known) if (known := meaning.get("calibration")) else None,
    )


def count_conditions(layout: Outputs) -> int:
    """How many codes the discrete columns have together."""
    return sum(part.width for part in layout if isinstance(part, Codes))


def draw_conditions(
    layout: Outputs, n: int, rng: np.random.Generator, fixed: Mapping[str, int]
) -> FloatArray:
    """One code of one discrete column per row, one-hot, shape (n, codes).

    The column is drawn uniformly and its code at the code's share of the training rows; of the
    codes in ``fixed``, by column, the rarest is taken in each row.
    """
    parts = [part for part in layout if isinstance(part, Codes)]
    if not parts:
        return np.empty((n, 0))
    chances = np.concatenate([part.shares for part in parts]) / len(parts)
    if fixed:
        places = [(part.name, code) for part in parts for code in part.codes]
        asked = [places.index(one) for one in fixed.items()]
        rarest = min(asked, key=lambda place: chances[place])
        chances = (np.arange(len(chances)) == rarest).astype(np.float64)
    chosen = rng.choice(len(chances), size=n, p=chances / chances.sum())
    return np.eye(len(chances))[chosen]


def _forward(network: Any, inputs: FloatArray) -> FloatArray:
    """The network's outputs, shape (n, width), a chunk of rows at a time to bound the memory."""
    import torch

    with torch.no_grad():
        rows = torch.from_numpy(inputs.astype(np.float32))
        chunks = [network(chunk).double().numpy() for chunk in torch.split(rows, _CHUNK)]
    outputs: FloatArray = np.vstack(chunks)
    if not np.isfinite(outputs).all():
        raise ValueError("the network gives values that are not finite: its training diverged")
    return outputs


def _decode(
    layout: Outputs, outputs: FloatArray, deviations: FloatArray, rng: np.random.Generator
) -> pd.DataFrame:
    """Outputs, shape (n, width), as the frame that `Encoding.decode` reads."""
    columns: dict[str, Any] = {}
    start = 0
    for part in layout:
        block = outputs[:, start : start + part.width]
        if isinstance(part, Codes):
            columns[part.name] = np.array(part.codes)[_pick(block, rng)]
        else:
            mode = _pick(block[:, 1:], rng) if part.logits else np.zeros(len(block), np.int64)
            value = rng.normal(np.tanh(block[:, 0]), deviations[start]).clip(-1.0, 1.0)
            spread = np.array(part.deviations)[mode]
            columns[part.name] = value * STEPS * spread + np.array(part.means)[mode]
        start += part.width
    return pd.DataFrame(columns, index=range(len(outputs)))


def _pick(logits: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw one index per row with probabilities softmax(logits) (the Gumbel-max trick)."""
    picked: IntArray = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
    return picked
