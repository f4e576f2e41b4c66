"""What a word is, in scripts that put blanks between words and in those that do not."""

from __future__ import annotations

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Chinese characters
)
LETTER = f"[{_UNSPACED}]"
"""A letter of a script without blanks between words, which counts as a word: a pattern of `re`."""
WORD_LETTER = rf"[^\W{_UNSPACED}]"
"""A letter, digit or underscore of every other script: words are runs of these."""
FEATURE = rf"{LETTER}|{WORD_LETTER}{{2,}}"
"""What becomes a feature: scikit-learn's words, of two letters or more, and such single letters."""
