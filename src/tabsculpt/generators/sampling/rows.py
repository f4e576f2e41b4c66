"""Rows from a network that turns noise, and a condition, into numbers and codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators import Given
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.tensors import Parts
from tabsculpt.generators.sampling.given import draw_matching, with_given
from tabsculpt.table import Table

_CHUNK = 8192

Draw = Callable[[Any, Mapping[int, float], Any], tuple[Any, Any]]
"""From conditions, shape (n, p), numbers that all rows are to have, by position, and a
``torch.Generator`` to numbers, shape (n, c), and codes, shape (n, k)."""


def sample_rows(
    encoding: Encoding, parts: Parts, draw: Draw, n: int, seed: int, given: Given
) -> Table:
    """Draw ``n`` rows with given values; see `ConditionalGenerator.sample`.

    Given codes that are no condition are waited for; given numbers are the network's to put in.

    Args:
        encoding: between tables and encoded rows.
        parts: which encoded columns the network makes, and which are its condition.
        draw: with the network.
        n: how many rows.
        seed: of every draw.
        given: values by column.

    Raises:
        UserError: an unknown column or value, or values that the network next to never gives.
    """
    import torch

    fixed = encoding.encode_given(given)
    codes = {name: int(fixed[name]) for name in parts.codes if name in fixed}
    numbers = {p: fixed[name] for p, name in enumerate(parts.numbers) if name in fixed}
    rng = np.random.default_rng(derive_seed("condition", seed))
    noise = torch.Generator().manual_seed(derive_seed("noise", seed))

    def rows(count: int) -> pd.DataFrame:
        frame = parts.draw_condition(count, fixed, rng)
        chunks = torch.split(parts.condition_of(frame), _CHUNK)
        made = [draw(chunk, numbers, noise) for chunk in chunks]
        return parts.frame_of(made, frame)[encoding.names]

    return with_given(encoding.decode(draw_matching(rows, codes, n)), given)
