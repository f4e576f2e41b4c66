"""Columns of text in the sentence of a row: at its end, each as a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.generators.great.text import MISSING
from tabsculpt.pretrained.quiet import one_thread
from tabsculpt.table import IntArray

PAD = -1


@dataclass(frozen=True)
class TextColumns:
    """Columns of text as they are written.

    Attributes:
        names: by which the columns are written, without commas.
        gaps: whether some training row has none, by column.
        longest: tokens of a text, with the one that ends it.
    """

    names: tuple[str, ...]
    gaps: tuple[bool, ...]
    longest: int


@dataclass(frozen=True, eq=False)
class Texts:
    """The texts of some rows in tokens, one column after the other.

    Attributes:
        tokens: each column's name, "is" and its text, shape (n, m), `PAD` at the end.
        scored: which of them are text, shape (n, m).
        cut: how many texts were cut, in the order of the columns.
    """

    tokens: IntArray
    scored: npt.NDArray[np.bool_]
    cut: tuple[int, ...]


def escaped(text: str | None) -> str:
    """A text on one line, unlike the word for a missing one."""
    if text is None:
        return MISSING
    if text == MISSING:
        return f"\\{text}"
    return text.replace("\\", r"\\").replace("\n", r"\n").replace("\r", r"\r")


def unescaped(line: str) -> str:
    """The inverse of `escaped`, of a text that is not missing."""
    return re.sub(r"\\(.)", lambda found: _MEANT.get(found[1], found[1]), line)


_MEANT = {"n": "\n", "r": "\r"}


def lines_of(frame: pd.DataFrame) -> Iterable[str]:
    """The texts of columns as they are written, without those that are missing."""
    return (f" {escaped(text)}" for name in frame for text in frame[name] if text is not None)


def encode(tokenizer: Any, end: int, texts: Sequence[str | None]) -> list[list[int]]:
    """Each text in tokens, with the one that ends it."""
    lines = [f" {escaped(text)}" for text in texts]
    with one_thread():
        found = tokenizer.encode_batch(lines, add_special_tokens=False)
    return [[*each.ids, end] for each in found]


def decode(tokenizer: Any, end: int, tokens: list[int], may_lack: bool) -> str | None:
    """The inverse of `encode`, of tokens up to the first end; the word for a missing text is None.

    Args:
        tokenizer: that the tokens are of.
        end: the token that ends a text.
        tokens: one at least.
        may_lack: whether a text may be missing.
    """
    with one_thread():
        line: str = tokenizer.decode(tokens[: tokens.index(end)] if end in tokens else tokens)
    line = line.removeprefix(" ")
    return None if line == MISSING and may_lack else unescaped(line)


def laid_out(
    found: Sequence[list[list[int]]], names: Sequence[tuple[int, ...]], longest: int
) -> Texts:
    """The columns of text of each row in a line.

    Args:
        found: of each column the texts of all rows, of `encode`.
        names: the tokens of each column's name and "is".
        longest: tokens of a text; what follows is cut.
    """
    rows: list[list[int]] = [[] for _ in found[0]]
    scored: list[list[bool]] = [[] for _ in found[0]]
    for head, texts in zip(names, found, strict=True):
        for row, said, text in zip(rows, scored, texts, strict=True):
            row += [*head, *text[:longest]]
            said += [False] * len(head) + [True] * len(text[:longest])
    width = max(map(len, rows))
    return Texts(
        np.array([row + [PAD] * (width - len(row)) for row in rows], dtype=np.int64),
        np.array([said + [False] * (width - len(said)) for said in scored], dtype=bool),
        tuple(sum(len(text) > longest for text in texts) for texts in found),
    )
