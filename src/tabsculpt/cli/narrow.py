"""Tables on a terminal that is too narrow for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

LEAST, LONGEST = 12, 24
"""Characters that a column of sentences needs to be read, and from which a word may be broken."""


def fitting(thing: Any, console: Console) -> Any:
    """What to print: a table that does not fit, as one block of lines for each of its rows."""
    from rich.table import Table

    if not isinstance(thing, Table):
        return thing
    for column in thing.columns:
        column.overflow = "fold"  # a long word is broken rather than cut
    if _needs(thing, console) <= console.width:
        return thing
    from rich.console import Group

    return Group(*_blocks(thing, console))


def _needs(table: Table, console: Console) -> int:
    """Characters that a table takes without breaking any but the longest words."""
    from rich.measure import Measurement

    unlimited = console.options.update(width=10_000)
    frame = 1 + 3 * len(table.columns)
    widths = []
    for column in table.columns:
        cells = [column.header, *column.cells]
        found = [Measurement.get(console, unlimited, cell) for cell in cells]
        whole = max(each.maximum for each in found)
        word = max(each.minimum for each in found)
        widths.append(whole if column.no_wrap else max(min(word, LONGEST), min(whole, LEAST)))
    return frame + sum(widths)


def _blocks(table: Table, console: Console) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.table import Table as Grid
    from rich.text import Text

    def text(content: Any, style: str = "") -> Text:
        shown = console.render_str(content) if isinstance(content, str) else Text.assemble(content)
        shown.stylize(style)
        return shown

    if table.title:
        yield text(table.title, "bold")
    names = [text(column.header, "dim") for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        block = Grid.grid(padding=(0, 1))
        block.add_column(max_width=console.width // 3, overflow="fold")
        block.add_column(overflow="fold")
        for name, cell in zip(names, row, strict=True):
            if str(cell):
                block.add_row(name, cell)
        yield Padding(block, (0, 0, 1, 0))
    if table.caption:
        yield text(table.caption, "dim italic")
