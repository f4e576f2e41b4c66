"""What a private generator promises of its rows, and what that does not cover, as notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tabsculpt.errors import unknown
from tabsculpt.notes import Code, Note
from tabsculpt.table import Schema

_NAMED = 5
"""So many columns are named in a note, and the rest counted."""


def check_public(public: Sequence[str], schema: Schema) -> None:
    """Refuse public columns that are none.

    Raises:
        UserError: a name that no column of the table has.
    """
    for name in public:
        if name not in schema.names:
            raise unknown("column of generator.public", name, schema.names)


def privacy_notes(
    generator: str,
    promised: tuple[float, float],
    schema: Schema,
    bounds: Collection[str],
    public: Sequence[str],
    spent: str = "",
) -> tuple[Note, ...]:
    """What one fit promises, and, where there is something, what was read from the data beside.

    Args:
        generator: as on the command line.
        promised: epsilon and delta.
        schema: of the training rows.
        bounds: the columns of numbers whose range was given.
        public: the columns that anyone may know.
        spent: how the fit came to these, where that is worth a word.
    """
    epsilon, delta = promised
    text = (
        f"{generator}: each fit is differentially private with epsilon={epsilon:g} and "
        f"delta={delta:g} (one row more or less){spent}"
    )
    promise = Note(Code.PRIVACY, text)
    private = [column for column in schema.columns if column.name not in public]
    read = {
        "range of": [c.name for c in private if c.is_numeric and c.name not in bounds],
        "categories of": [c.name for c in private if not c.is_numeric],
        "decimals and missing values of": [c.name for c in private],
    }
    found = " / ".join(f"{what} {_listed(names)}" for what, names in read.items() if names)
    if not found:
        return (promise,)
    text = f"{generator}: read from the data and not covered by epsilon: {found}"
    named = dict.fromkeys((name for names in read.values() for name in names), 0)
    return promise, Note(Code.NOT_PRIVATE, text, None, named)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
