"""How alike texts are among themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from tabsculpt.extras import absent, require, to_install
from tabsculpt.metrics.language_model import Words

EXTRA = "text"
LIBRARY = "nltk"
_MOST_TEXTS = 100


def why_not() -> str:
    """Why it cannot be measured here; empty where it can."""
    return f"needs {LIBRARY}: {to_install(EXTRA)}" if absent([LIBRARY]) else ""


def self_bleu(texts: Sequence[Words]) -> float:
    """The mean BLEU-4 of each text with all others as references; of the first 100 texts.

    Y. Zhu, S. Lu, L. Zheng, J. Guo, W. Zhang, J. Wang and Y. Yu, "Texygen: a benchmarking platform
    for text generation models", 2018, section 3.2, https://arxiv.org/abs/1802.01886. More
    references make it greater, so that texts are compared with as many others.

    Formula: mean of exp(min(0, 1 − r / c) + ¼ Σ log precision_n), c words beside r in the reference
    of nearest length; in [0, 1], NaN below two texts.

    Raises:
        UserError: the extra is not installed.
    """
    texts = texts[:_MOST_TEXTS]
    if len(texts) < 2:
        return math.nan
    return fmean(bleu(text, [*texts[:i], *texts[i + 1 :]]) for i, text in enumerate(texts))


def bleu(text: Words, references: Sequence[Words]) -> float:
    """BLEU-4 of a text as NLTK has it, with its first method of smoothing, as in Texygen.

    K. Papineni, S. Roukos, T. Ward and W.-J. Zhu, "BLEU: a method for automatic evaluation of
    machine translation", 2002, https://doi.org/10.3115/1073083.1073135. Where no run of n words is
    shared, a tenth of one counts; a text that shares no word at all has 0.
    """
    module = require(EXTRA, "nltk.translate.bleu_score", "text_self_bleu")
    smoothing = module.SmoothingFunction().method1
    return float(module.sentence_bleu(references, text, smoothing_function=smoothing))
