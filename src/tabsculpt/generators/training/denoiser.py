"""What networks that take noise out of encoded rows share: their training rows, and their files."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.tensors import Parts

LARGEST = 5.0
"""No normal score of a training row lies further from 0."""

ROUNDS = 5
"""How often each step is taken where some numbers are given."""

_COPIES = 128
"""Smaller tables are repeated to at least so many rows, each of which gets noise of its own."""

_WEIGHTS = "denoiser.safetensors"
_MEANING = "meaning.json"


def rows_to_noise(parts: Parts, frame: pd.DataFrame) -> tuple[Any, Any, Any]:
    """Encoded rows as numbers, codes and condition, see `Parts.tensors`; few rows are repeated."""
    copies = math.ceil(_COPIES / len(frame))
    numbers, codes, condition = (part.repeat(copies, 1) for part in parts.tensors(frame))
    return numbers, codes, condition


def save_denoiser(network: Any, parts: Parts, encoding: Encoding, folder: Path) -> None:
    """Write the weights as safetensors and the rest as JSON into an existing folder."""
    from safetensors.torch import save_file

    save_file(network.state_dict(), folder / _WEIGHTS)
    write_json({"parts": parts.to_json(), "encoding": encoding.to_json()}, folder / _MEANING)


def load_denoiser(folder: Path, build: Callable[[Parts], Any]) -> tuple[Any, Parts, Encoding]:
    """Read what `save_denoiser` wrote.

    Args:
        folder: as of `save_denoiser`.
        build: makes the network, with any weights.
    """
    from safetensors.torch import load_file

    meaning = read_json(folder / _MEANING)
    parts = Parts.from_json(meaning["parts"])
    with seeded_globals(0, uses_torch=True):
        network = build(parts).eval()
    network.load_state_dict(load_file(folder / _WEIGHTS))
    return network, parts, Encoding.from_json(meaning["encoding"])
