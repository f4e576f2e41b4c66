"""Text as tokens: words that several rows have, and single letters for all others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from tabsculpt.generators.text_columns import cut_note
from tabsculpt.notes import Note
from tabsculpt.table import IntArray

PAD, END, MISSING = 0, 1, 2
_SPECIAL = 3
_PIECES = re.compile(r" ?\w+| ?[^\w\s]|\s+")
_LEAST_ROWS = 2


@dataclass(frozen=True)
class Vocabulary:
    """The pieces that text is written with.

    A word, or a mark, with the blank before it, is one token if at least two rows have it; every
    other piece is written letter by letter. So a word of a single row, as a name, is not learnt as
    a whole, and yet every text of the training rows can be written.

    Attributes:
        pieces: the frequent ones, then the letters that no piece is, in sorted order.
    """

    pieces: tuple[str, ...]

    @classmethod
    def learn(cls, texts: Iterable[str], most: int) -> Vocabulary:
        """Find the pieces of some texts.

        Args:
            texts: of the training rows.
            most: of the words and marks; letters come besides.
        """
        rows: Counter[str] = Counter()
        letters: set[str] = set()
        for text in texts:
            rows.update(set(_PIECES.findall(text)))
            letters |= set(text)
        shared = [(piece, count) for piece, count in rows.items() if count >= _LEAST_ROWS]
        frequent = sorted(shared, key=lambda pair: (-pair[1], pair[0]))[:most]
        words = [piece for piece, _ in frequent]
        return cls((*words, *sorted(letters - set(words))))

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {piece: code for code, piece in enumerate(self.pieces, _SPECIAL)}

    def __len__(self) -> int:
        """Number of tokens, with those for padding, the end of a text and a missing one."""
        return len(self.pieces) + _SPECIAL

    def encode(self, text: str | None) -> list[int]:
        """A text as tokens, the last of which is the end; letters never seen are left out."""
        if text is None:
            return [MISSING, END]
        codes: list[int] = []
        for piece in _PIECES.findall(text):
            known = self._codes.get(piece)
            letters = [self._codes[letter] for letter in piece if letter in self._codes]
            codes += letters if known is None else [known]
        return [*codes, END]

    def decode(self, tokens: Sequence[int]) -> str | None:
        """The inverse of `encode`, of tokens up to the first end; a missing text is None.

        Args:
            tokens: what comes after the end does not matter.
        """
        found: list[str] = []
        for token in tokens:
            if token == MISSING:
                return None
            if token == END:
                break
            if token != PAD:
                found.append(self.pieces[token - _SPECIAL])
        return "".join(found)


def cut(
    texts: pd.DataFrame, vocabulary: Vocabulary, longest: int
) -> tuple[IntArray, tuple[Note, ...]]:
    """Texts as tokens, shape (columns, n, most tokens of one), padded; and what was cut."""
    codes = [[vocabulary.encode(text) for text in texts[name]] for name in texts]
    long = {
        str(name): sum(len(tokens) > longest for tokens in of)
        for name, of in zip(texts, codes, strict=True)
    }
    width = min(longest, max(len(tokens) for of in codes for tokens in of))
    padded = [[(tokens[:width] + [PAD] * width)[:width] for tokens in of] for of in codes]
    return np.array(padded, dtype=np.int64), cut_note("text_lm", longest, long)
