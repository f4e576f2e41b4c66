"""What is measured of a column of text: fluency, variety, and what was copied."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.metrics.copied_runs import copied_runs
from tabsculpt.metrics.language_model import NGrams, Words, words_of
from tabsculpt.metrics.measurement import Measurement, measurement
from tabsculpt.metrics.self_bleu import self_bleu, why_not
from tabsculpt.table import Table

NAMES = (
    "text_perplexity", "text_distinct_1", "text_distinct_2", "text_self_bleu", "text_copied_run",
    "text_longest_copied_run", "text_copies",
)  # fmt: skip
MOST_TEXTS = 1000
MOST_WORDS = 500
"""Of a text; what follows is not looked at."""
_LEAST = 2


def measure_text(train: Table, test: Table, synthetic: Table, seed: int) -> Iterator[Measurement]:
    """Measure every column of text; arguments as `tabsculpt.metrics.quality.measure`.

    Values and references are of equally many texts, at most 1,000, drawn by the seed, of 500 words
    at most. Runs of words are looked for in all train texts. `NGrams` is fitted on the test texts,
    which no generator has seen; the reference of the perplexity is that of the train texts.
    """
    for name in train.schema.texts:
        texts = [_known(table, name) for table in (train, test, synthetic)]
        size = min(MOST_TEXTS, *map(len, texts))
        if size < _LEAST:
            short = "the synthetic rows have" if len(texts[2]) < _LEAST else "train or test has"
            reason = f"{short} fewer than {_LEAST} texts in this column"
            yield from (measurement(m, math.nan, None, name, reason) for m in NAMES)
            continue
        real, held, made = (
            _drawn(each, size, derive_seed(seed, role))
            for role, each in zip(("train", "test", "synthetic"), texts, strict=True)
        )
        value = _of_texts(made, texts[0]) | {"text_perplexity": NGrams.fit(held).perplexity(made)}
        usual = _of_texts(held, texts[0]) | {"text_perplexity": NGrams.fit(held).perplexity(real)}
        for metric in NAMES:
            reason = why_not() if metric == "text_self_bleu" else ""
            yield measurement(metric, value[metric], usual[metric], name, reason)


def _of_texts(texts: list[Words], train: list[Words]) -> dict[str, float]:
    """Every number but the perplexity, by name."""
    runs = copied_runs(texts, train)
    known = {tuple(text) for text in train}
    return {
        "text_distinct_1": distinct(texts, 1),
        "text_distinct_2": distinct(texts, 2),
        "text_self_bleu": math.nan if why_not() else self_bleu(texts),
        "text_copied_run": float(np.mean(runs)),
        "text_longest_copied_run": float(max(runs)),
        "text_copies": float(np.mean([tuple(text) in known for text in texts])),
    }


def distinct(texts: list[Words], n: int) -> float:
    """The share of different ones among all runs of n words.

    J. Li, M. Galley, C. Brockett, J. Gao and B. Dolan, "A diversity-promoting objective function
    for neural conversation models", 2016, section 5, https://arxiv.org/abs/1510.03055. It falls
    with the number of words, so that texts are compared with as many others.

    Formula: different n-grams / n-grams; in [0, 1], NaN without any.
    """
    grams = [tuple(text[i : i + n]) for text in texts for i in range(len(text) - n + 1)]
    return len(set(grams)) / len(grams) if grams else math.nan


def _known(table: Table, name: str) -> list[Words]:
    texts: pd.Series = table.frame[name].dropna()
    read = (words_of(text)[:MOST_WORDS] for text in texts)
    return [words for words in read if words]


def _drawn(texts: list[Words], size: int, seed: int) -> list[Words]:
    places = np.random.default_rng(seed).permutation(len(texts))[:size]
    return [texts[place] for place in places]
