"""A sentence encoder from a local folder: a transformer whose tokens are averaged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.pretrained import folders
from tabsculpt.table import FloatArray, TextUse

SETTING = "dataset.encoder"
_BATCH = 32
_LONGEST = 512


def content(folder: str) -> str:
    """A hash of the files of an encoder, which tells it from others wherever it lies.

    Raises:
        UserError: the folder lacks one of them.
    """
    return folders.content(folder, SETTING)


def encoded(use: TextUse, texts: pd.Series) -> FloatArray:
    """The mean of the last layer over the tokens of each text; of a missing one, missing numbers.

    N. Reimers and I. Gurevych, "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    2019, section 3, https://arxiv.org/abs/1908.10084. Nothing is learnt from the texts.

    Args:
        use: names the encoder.
        texts: shape (n,).

    Returns:
        Shape (n, width of the encoder).
    """
    _, model = _load(use.encoder, use.content)
    known = texts.notna().to_numpy()
    found = np.full((len(texts), int(model.config.hidden_size)), np.nan)
    if known.any():
        found[known] = _vectors(use.encoder, use.content, tuple(texts[known]))
    return found


@lru_cache(maxsize=8)
def _vectors(folder: str, hashed: str, texts: tuple[str, ...]) -> FloatArray:
    """Kept for the predictors that follow: each asks for the vectors of the same rows."""
    parts = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
    return np.vstack([_means(folder, hashed, part) for part in parts])


def _means(folder: str, hashed: str, texts: Sequence[str]) -> FloatArray:
    import torch

    tokenizer, model = _load(folder, hashed)
    most = min(_LONGEST, getattr(model.config, "max_position_embeddings", _LONGEST))
    codes = [tokenizer.encode(text).ids[:most] or [0] for text in texts]
    width = max(map(len, codes))
    tokens = torch.tensor([row + [0] * (width - len(row)) for row in codes])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in codes])
    with torch.no_grad():
        hidden = model(input_ids=tokens, attention_mask=mask).last_hidden_state
    means = (hidden * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
    return np.asarray(means.double().numpy())


@cache
def _load(folder: str, hashed: str) -> tuple[Any, Any]:
    """The tokenizer and the model in 32-bit floats, read once for each state of the files.

    Raises:
        UserError: the files changed, or cannot be read as a transformer.
    """
    if content(folder) != hashed:
        raise UserError(f"{SETTING}: {folder!r} changed while it was in use; run again")
    return folders.read_encoder(folder, SETTING)
