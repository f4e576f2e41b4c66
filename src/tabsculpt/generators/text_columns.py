"""The columns of text of rows, for generators that write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tabsculpt.notes import Code, Note
from tabsculpt.table import TEXT, Schema, Table, conform


def known_texts(table: Table) -> pd.DataFrame:
    """The columns of text of some rows, None where a text is missing."""
    plain = table.frame[list(table.schema.texts)].astype(object)
    return plain.where(plain.notna(), None)


def with_texts(rows: Table, texts: Any, schema: Schema) -> Table:
    """Rows with columns of text beside their others.

    Args:
        rows: without text, n of them.
        texts: shape (n, columns of text), None where one is missing.
        schema: of the rows with text.
    """
    columns = list(schema.texts)
    written = pd.DataFrame(texts, index=rows.frame.index, columns=columns).astype(TEXT)
    return conform(pd.concat([rows.frame, written], axis=1), schema)


def cut_note(generator: str, longest: int, cut: Mapping[str, int]) -> tuple[Note, ...]:
    """A note, or none where nothing was cut.

    Args:
        generator: that learns the texts.
        longest: tokens of a text.
        cut: how many texts had more, by column.
    """
    lost = {name: count for name, count in cut.items() if count}
    if not lost:
        return ()
    shown = ", ".join(f"{name} ({count} rows)" for name, count in lost.items())
    text = f"{generator} learns the first {longest} tokens of a text, and longer ones cut: {shown}"
    return (Note(Code.TEXT_CUT, text, sum(lost.values()), lost),)
