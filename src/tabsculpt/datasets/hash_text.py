"""Free text as features: counts of its words in a few columns, chosen by their hash."""

from __future__ import annotations

import pandas as pd

from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.text.words import FEATURE

FEATURES = 16


def hash_text(texts: pd.DataFrame) -> tuple[pd.DataFrame, list[Fact]]:
    """Turn columns of text into columns of numbers.

    K. Weinberger, A. Dasgupta, J. Langford, A. Smola and J. Attenberg, "Feature Hashing for Large
    Scale Multitask Learning", 2009, https://arxiv.org/abs/0902.2206, without its signs, each row of
    unit length. Nothing is learnt from any row.

    Args:
        texts: shape (n, k); missing cells are a text without words.

    Returns:
        Shape (n, 16 k), and what was done.
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(n_features=FEATURES, alternate_sign=False, token_pattern=FEATURE)
    parts, notes = [], []
    for name in texts.columns:
        words = texts[name].astype(object).where(texts[name].notna(), "").map(str)
        counts = hashing.transform(words).toarray()
        columns = [f"{name} #{place}" for place in range(FEATURES)]
        parts.append(pd.DataFrame(counts.round(6), texts.index, columns))
        notes.append(Fact(Done.TEXT_HASHED, str(FEATURES), str(name), len(texts)))
    return pd.concat([texts[[]], *parts], axis=1), notes
