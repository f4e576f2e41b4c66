"""The longest runs of words that texts share with others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tabsculpt.metrics.language_model import Words
from tabsculpt.table import IntArray

MOST = 200
"""Words of a run; a longer one counts as so long."""
_GAP = -1


def copied_runs(texts: Sequence[Words], others: Sequence[Words]) -> IntArray:
    """The length in words of the longest run of each text that is in one of some others.

    Formula: max k with k words in a row that are so in some other text; in [0, 200].

    Args:
        texts: n texts.
        others: in which their runs are looked for.

    Returns:
        Shape (n,).
    """
    words = [word for text in [*texts, *others] for word in [*text, None]]
    codes = np.append(pd.factorize(np.array(words, dtype=object))[0], _GAP)  # None has the code -1
    of = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
    longest = np.zeros(len(texts), dtype=np.int64)
    starts = np.flatnonzero(codes != _GAP)
    grams = codes[starts]
    for length in range(1, MOST + 1):
        mine = starts < len(of)
        shared = np.isin(grams, np.intersect1d(grams[mine], grams[~mine]))
        starts, grams, mine = starts[shared], grams[shared], mine[shared]
        if not len(starts):
            break
        longest[of[starts[mine]]] = length
        following = codes[starts + length]
        goes_on = following != _GAP
        starts, grams = starts[goes_on], grams[goes_on]
        longer = grams.astype(np.int64) * (codes.max() + 1) + following[goes_on]
        grams = np.unique(longer, return_inverse=True)[1]
    return longest
