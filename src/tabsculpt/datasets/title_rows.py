"""Titles above the header of a sheet or a text file: which first rows are none of the table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tabsculpt.datasets.notes import Done, Fact

_AT_MOST = 10
_BEGINS_NO_WORD = re.compile(r"[\s\d.,+\-#%/]")


def title_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many first rows are titles: cells that are mostly empty, above a row of names.

    A title over merged cells has its text in the first of them. Names are distinct texts that begin
    with a letter. Rows that begin with the sign of a comment are no titles.

    Args:
        rows: the first ones, at least two; cells without blanks around, empty where there is none.

    Returns:
        0 where the first row is the header.
    """
    filled = [[cell for cell in row if cell] for row in rows]
    width = max(map(len, filled))
    above = 0
    for row, cells in zip(rows, filled, strict=True):
        if 2 * len(cells) > width and len(row) >= width:
            break
        if cells and (_is_comment(cells[0]) or (width <= 2 and not row[0])):
            return 0
        above += 1
    if not 0 < above <= _AT_MOST or above >= len(rows):
        return 0
    names = filled[above]
    words = not any(_BEGINS_NO_WORD.match(name) for name in names)
    return above if words and len(set(names)) == len(names) and len(names) > 1 else 0


def left_out(rows: Sequence[Sequence[str]]) -> list[Fact]:
    """A note on the rows above a header, with the text of each."""
    texts = list(filter(None, (" ".join(filter(None, row)) for row in rows)))
    if not texts:
        return []
    noun = "row" if len(texts) == 1 else f"{len(texts)} rows"
    return [Fact(Done.SOURCE, f"left out above the header, {noun}: {', '.join(map(repr, texts))}")]


def _is_comment(text: str) -> bool:
    return text.startswith(("#", "%", "//"))
