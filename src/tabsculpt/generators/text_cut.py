"""What is said of texts that were too long for what learns them."""

from __future__ import annotations

from collections.abc import Mapping

from tabsculpt.notes import Code, Note


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
