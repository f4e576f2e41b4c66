"""Seeds derived from identities, and a fence around libraries that draw from global state."""

from __future__ import annotations

import hashlib
import importlib
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


def derive_seed(*parts: object) -> int:
    """Derive a seed from what identifies a piece of work.

    Args:
        parts: anything whose ``str`` is stable; the order counts.

    Returns:
        An integer in [0, 2**31), the range that every library here accepts.
    """
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 2**31


@contextmanager
def seeded_globals(seed: int, *, uses_torch: bool = False) -> Iterator[None]:
    """Seed the global generators of random, NumPy and torch, and put them back after.

    For libraries that cannot be handed a generator: inside, their draws depend on ``seed`` alone;
    outside, nothing has moved.

    Args:
        seed: in [0, 2**31).
        uses_torch: import torch if it is not yet; it could not be seeded if it were imported
            inside the block only. Otherwise it is seeded where it is already there.
    """
    torch = importlib.import_module("torch") if uses_torch else sys.modules.get("torch")
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    torch_before = torch.get_rng_state() if torch else None
    cuda_before = torch.cuda.get_rng_state_all() if torch and torch.cuda.is_initialized() else None
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if torch:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002
        if torch and torch_before is not None:
            torch.set_rng_state(torch_before)
        if torch and cuda_before is not None:
            torch.cuda.set_rng_state_all(cuda_before)
