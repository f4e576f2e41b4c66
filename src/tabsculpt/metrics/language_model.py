"""A language model of three words, to tell how usual a text is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tabsculpt.text.words import LETTER, WORD_LETTER

Words = list[str]
Gram = tuple[str, ...]

ORDER = 3
DISCOUNT = 0.75
_PIECES = re.compile(rf"{LETTER}|{WORD_LETTER}+|[^\w\s]")
_START, _END = "<start>", "<end>"


def words_of(text: str) -> Words:
    """Words in lower case, and every mark by itself; see `tabsculpt.text.words`."""
    return _PIECES.findall(text.lower())


@dataclass(frozen=True, eq=False)
class NGrams:
    """Interpolated Kneser-Ney of order 3 with a discount of 0.75.

    S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language modeling",
    1999, section 3.3, https://doi.org/10.1006/csla.1999.0128. A word that the model has not seen
    shares the probability of one word of its vocabulary with all others unseen.

    Attributes:
        counts: by the number of words in them, how often runs of words occur; of one and two words,
            after how many different words they do.
        totals: by the number of words before, the sum of the counts of what follows them.
        kinds: likewise, how many different words follow them.
        vocabulary: number of different words, the end of a text among them.
    """

    counts: dict[int, Counter[Gram]]
    totals: dict[int, Counter[Gram]]
    kinds: dict[int, Counter[Gram]]
    vocabulary: int

    @classmethod
    def fit(cls, texts: Sequence[Words]) -> NGrams:
        """Count the words of some texts, at least one."""
        whole = Counter(gram for text in texts for gram in _grams(text))
        counts = {ORDER: whole}
        for n in range(ORDER - 1, 0, -1):
            counts[n] = Counter(gram[1:] for gram in counts[n + 1])
        totals = {n: Counter[Gram]() for n in counts}
        kinds = {n: Counter(gram[:-1] for gram in of) for n, of in counts.items()}
        for n, of in counts.items():
            for gram, count in of.items():
                totals[n][gram[:-1]] += count
        return cls(counts, totals, kinds, len(counts[1]))

    def probability(self, gram: Gram) -> float:
        """Of the last word, after those before it."""
        n = len(gram)
        if n == 0:
            return 1 / (self.vocabulary + 1)
        lower = self.probability(gram[1:])
        total = self.totals[n][gram[:-1]]
        if not total:
            return lower
        own = max(self.counts[n][gram] - DISCOUNT, 0.0)
        return (own + DISCOUNT * self.kinds[n][gram[:-1]] * lower) / total

    def perplexity(self, texts: Sequence[Words]) -> float:
        """How many words it chooses among at each place, on average.

        Formula: exp(− mean log p(word | the two before)), the end of a text is a word; in [1, inf).
        """
        logs = [math.log(self.probability(gram)) for text in texts for gram in _grams(text)]
        return math.exp(-sum(logs) / len(logs))


def _grams(text: Words) -> Iterator[Gram]:
    padded = [_START] * (ORDER - 1) + text + [_END]
    return (tuple(padded[i : i + ORDER]) for i in range(len(padded) - ORDER + 1))
