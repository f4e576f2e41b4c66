"""How the identifiers of a column are built, and fresh ones of the same form."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

_ALPHABETS = {
    "9": string.digits,
    "h": "0123456789abcdef",
    "H": "0123456789ABCDEF",
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
}
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)
_LEAST_FREE = 1e6


@dataclass(frozen=True)
class IdentifierForm:
    r"""The form of the identifiers of a column.

    They are a number between a prefix and a suffix, or of one pattern.

    Attributes:
        prefix, suffix: around the number.
        width: of the number with its leading zeros; 0 where it has none.
        start: the first number that the source does not use.
        pattern: of each place of the identifier ``9`` for any digit, ``h`` and ``H`` for a
            hexadecimal one, ``A`` and ``a`` for any letter, or ``\\`` and the character itself;
            empty where they are numbered.
    """

    prefix: str = ""
    suffix: str = ""
    width: int = 0
    start: int = 0
    pattern: str = ""

    @classmethod
    def learn(cls, texts: Sequence[str]) -> IdentifierForm | None:
        """The form that all of some different texts share, or None.

        Args:
            texts: at least two.
        """
        return cls._numbered(texts) or cls._patterned(texts)

    @classmethod
    def _numbered(cls, texts: Sequence[str]) -> IdentifierForm | None:
        end = _common_end(texts)
        parts = [_NUMBERED.fullmatch(text.removesuffix(end)) for text in texts]
        if not all(parts):
            return None
        ends = {(part[1], part[3] + end) for part in parts if part}
        digits = [part[2] for part in parts if part]
        if len(ends) > 1:
            return None
        [(prefix, suffix)] = ends
        padded = any(len(d) > 1 and d.startswith("0") for d in digits)
        widths = {len(d) for d in digits}
        if padded and len(widths) > 1:
            return None
        width = widths.pop() if padded else 0
        return cls(prefix, suffix, width, max(map(int, digits)) + 1)

    @classmethod
    def _patterned(cls, texts: Sequence[str]) -> IdentifierForm | None:
        length = len(texts[0])
        if any(len(text) != length for text in texts):
            return None
        found = [_place(set(characters)) for characters in zip(*texts, strict=True)]
        if None in found:
            return None
        free = np.prod([len(_ALPHABETS.get(str(place), "1")) for place in found], dtype=float)
        enough = free >= max(_LEAST_FREE, 1000 * len(texts))
        return cls(pattern="".join(map(str, found))) if enough else None

    def fresh(self, n: int, seed: int) -> list[str]:
        """Identifiers that are unlike each other.

        Numbered ones go on where the source ends; those of a pattern are drawn, from at least a
        thousand times as many as the source holds.

        Args:
            n: how many.
            seed: of those that are drawn.
        """
        if not self.pattern:
            numbers = range(self.start, self.start + n)
            return [f"{self.prefix}{k:0{self.width}d}{self.suffix}" for k in numbers]
        rng = np.random.default_rng(seed)
        places = re.findall(r"\\.|.", self.pattern, re.DOTALL)
        drawn: dict[str, None] = {}
        while len(drawn) < n:
            columns = [_draw(place, n, rng) for place in places]
            drawn |= dict.fromkeys(map("".join, zip(*columns, strict=True)))
        return list(drawn)[:n]


def _common_end(texts: Sequence[str]) -> str:
    """What all end in, such as /21 of a year, from its first character that is no digit."""
    first, last = min(turned := [text[::-1] for text in texts]), max(turned)
    alike = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    )
    return first[:alike][::-1].lstrip(string.digits)


def _place(characters: set[str]) -> str | None:
    """What stands for the characters of one place."""
    if len(characters) == 1:
        return "\\" + characters.pop()
    return next((key for key, of in _ALPHABETS.items() if characters <= set(of)), None)


def _draw(place: str, n: int, rng: np.random.Generator) -> list[str]:
    if place.startswith("\\"):
        return [place[1]] * n
    alphabet = np.array(list(_ALPHABETS[place]))
    return [str(character) for character in alphabet[rng.integers(len(alphabet), size=n)]]
