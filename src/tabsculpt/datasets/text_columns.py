"""Columns of free text: which they are, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

import pandas as pd

from tabsculpt.datasets.hash_text import hash_text
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.errors import UserError
from tabsculpt.table import TextUse
from tabsculpt.text.encoder import content


class TextRole(StrEnum):
    """What becomes of columns of free text.

    aside: they are left out. hash: features of their words take their place, which nothing is
    learnt for. keep: they stay, as columns of kind text. reuse: they stay, and generators that
    write no text give each row the text of the nearest real row.
    """

    ASIDE = "aside"
    HASH = "hash"
    KEEP = "keep"
    REUSE = "reuse"


def add_text(
    whole: pd.DataFrame,
    frame: pd.DataFrame,
    role: TextRole,
    named: Sequence[str],
    facts: Sequence[Fact],
) -> tuple[pd.DataFrame, tuple[str, ...], list[Fact]]:
    """Give a frame the columns of text that are used.

    Args:
        whole: every column that is not dropped, shape (n, d), the named ones as they were read.
        frame: the columns that are used, without text.
        role: what becomes of text.
        named: columns of text that were named.
        facts: what was done so far; columns found to be free text are among it.

    Returns:
        The frame, columns of text in the place that they have in ``whole`` and hashed ones at the
        end; the names of those kept as text; and what was done.

    Raises:
        UserError: a column is called as a feature of text would be.
    """
    found = [fact.column for fact in facts if fact.code is Done.FREE_TEXT]
    texts = [name for name in whole.columns if name in {*named, *found}]
    if role is TextRole.ASIDE or not texts:
        return frame, (), list(facts)
    _refuse_names_of_features(list(whole.columns), texts)
    if role is TextRole.HASH:
        features, hashed = hash_text(whole[texts])
        return pd.concat([frame, features], axis=1), (), [*facts, *hashed]
    others = [fact for fact in facts if fact.code is not Done.FREE_TEXT]
    kept = [Fact(Done.TEXT_KEPT, "", name, int(whole[name].notna().sum())) for name in texts]
    written = whole[texts].map(str, na_action="ignore").astype(object)
    together = pd.concat([frame, written], axis=1)
    order = [name for name in whole.columns if name in together]
    return together[order], tuple(texts), [*others, *kept]


def _refuse_names_of_features(columns: Sequence[str], texts: Sequence[str]) -> None:
    """Two columns of one name would be read as one."""
    for text in texts:
        feature = re.compile(rf"{re.escape(text)} #\d+")
        if taken := [name for name in columns if feature.fullmatch(name)]:
            raise UserError(
                f"column {taken[0]!r} is called as features of the text {text!r} are; rename it, "
                "or leave it out by dataset.drop"
            )


def text_use(role: str, encoder: str | None) -> TextUse:
    """How text that is kept becomes numbers.

    Raises:
        UserError: the folder of the encoder has no model.
    """
    reuse = role == TextRole.REUSE
    return TextUse(reuse=reuse) if encoder is None else TextUse(encoder, content(encoder), reuse)
