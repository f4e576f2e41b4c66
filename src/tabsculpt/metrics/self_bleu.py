"""How alike texts are among themselves."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

import numpy as np

from tabsculpt.metrics.language_model import Words
from tabsculpt.table import FloatArray

LONGEST = 4
_MOST_TEXTS = 200
_NO_MATCH = 0.1

Gram = tuple[str, ...]


def self_bleu(texts: Sequence[Words]) -> float:
    """The mean BLEU-4 of each text with all others as references; of the first 200 texts.

    Y. Zhu, S. Lu, L. Zheng, J. Guo, W. Zhang, J. Wang and Y. Yu, "Texygen: a benchmarking platform
    for text generation models", 2018, section 3.2, https://arxiv.org/abs/1802.01886; BLEU of K.
    Papineni, S. Roukos, T. Ward and W.-J. Zhu, 2002, https://doi.org/10.3115/1073083.1073135. Where
    no run of n words is shared, a tenth of one counts, as in NLTK's first method of smoothing; a
    text that shares no word at all has 0.

    Formula: mean of exp(min(0, 1 − r / c) + ¼ Σ log precision_n), c words beside r in the reference
    of nearest length; in [0, 1], NaN below two texts.
    """
    texts = texts[:_MOST_TEXTS]
    if len(texts) < 2:
        return math.nan
    logs, alone = np.zeros(len(texts)), np.zeros(len(texts), dtype=bool)
    for n in range(1, LONGEST + 1):
        counts = [Counter(tuple(t[i : i + n]) for i in range(len(t) - n + 1)) for t in texts]
        precisions = np.array(_precisions(counts))
        if n == 1:
            alone = precisions == 0
        logs += np.log(np.maximum(precisions, _NO_MATCH / _totals(counts))) / LONGEST
    lengths = [len(text) for text in texts]
    return float(np.mean(np.where(alone, 0.0, np.exp(logs + _brevity(lengths)))))


def _precisions(counts: list[Counter[Gram]]) -> list[float]:
    """Of each text, the share of its n-grams that are in some other text at least as often."""
    first: dict[Gram, tuple[int, int]] = {}
    second: Counter[Gram] = Counter()
    for place, own in enumerate(counts):
        for gram, count in own.items():
            most, _ = first.get(gram, (0, -1))
            if count > most:
                first[gram], second[gram] = (count, place), most
            else:
                second[gram] = max(second[gram], count)
    found = []
    for place, own in enumerate(counts):
        clipped = sum(
            min(count, second[gram] if first[gram][1] == place else first[gram][0])
            for gram, count in own.items()
        )
        found.append(clipped / max(1, own.total()))
    return found


def _totals(counts: list[Counter[Gram]]) -> FloatArray:
    return np.array([max(1.0, own.total()) for own in counts])


def _brevity(lengths: list[int]) -> list[float]:
    """The logarithm of each text's brevity penalty."""
    ordered = sorted(lengths)
    found = []
    for length in lengths:
        at = bisect_left(ordered, length)
        others = [*ordered[max(at - 1, 0) : at], *ordered[at + 1 : at + 2]]
        nearest = min(others, key=lambda other: (abs(other - length), other))
        found.append(min(0.0, 1 - nearest / length))
    return found
