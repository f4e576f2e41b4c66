"""What a generator can and cannot learn, checked in one place."""

from __future__ import annotations

from tabsculpt.engine.cuda import check_usable
from tabsculpt.errors import TooFewRowsError, UserError
from tabsculpt.generators import Generator, Given
from tabsculpt.table import Kind, Schema, Table


def check_table(name: str, generator: Generator, table: Table, device: str = "cpu") -> None:
    """Refuse what a generator declares that it cannot do; every ``fit`` begins with this.

    Args:
        name: as on the command line.
        generator: whose class variables say what it can do.
        table: the training rows.
        device: "cpu" or "cuda".

    Raises:
        TooFewRowsError: fewer than ``least_rows`` rows.
        UserError: a task, kind of column, missing values or device that it cannot do.
    """
    if why := obstacle(generator, table):
        raise UserError(f"{name} {why}")
    least = type(generator).least_rows
    if len(table) < least:
        raise TooFewRowsError(f"{name} needs at least {least} training rows, got {len(table)}")
    check_usable(device)


def takes_text(generator: Generator, schema: Schema) -> bool:
    """Whether a generator is given a table with its columns of text, if there are some."""
    return not schema.texts or Kind.TEXT in type(generator).kinds


def obstacle_in_use(generator: Generator, table: Table) -> str | None:
    """Why a generator cannot be used on a table, from which text that it does not write is kept."""
    schema = table.schema
    if takes_text(generator, schema):
        return obstacle(generator, table)
    if schema.text is not None and schema.text.reuse and hasattr(generator, "epsilon"):
        return "is private, and dataset.text=reuse gives its rows real text; use dataset.text=keep"
    if len(schema.texts) == len(schema.features):
        return (
            f"writes no text, and beside the target {schema.target!r} there is nothing else; use "
            "one that does, as generator=text_lm or generator=eda"
        )
    return obstacle(generator, table.without_text())


def obstacle(generator: Generator, table: Table) -> str | None:
    """Why a generator cannot learn any part of a table, however many rows; None if it can."""
    can, schema = type(generator), table.schema
    if getattr(can, "sequential", False) and schema.windows is None:
        return "learns sequences, and these rows are none; use dataset=sequence_csv for sequences"
    if getattr(can, "writes_text", False) and not schema.texts:
        return "writes text, and no column is text; use dataset.text=keep, or another generator"
    if getattr(can, "spatial", False) and schema.pixels is None:
        return (
            "learns images, and these rows have no layout of pixels; use dataset=digits or "
            "dataset=cifar10 for images"
        )
    if schema.task not in can.tasks:
        return f"does not do {schema.task}; it does {', '.join(can.tasks)}"
    for column in schema.features:
        if column.kind not in can.kinds:
            kinds = ", ".join(can.kinds)
            return f"takes no {column.kind} columns ({column.name!r}); it takes {kinds}"
    if not can.accepts_missing and (lacking := _first_with_missing(table)) is not None:
        return f"takes no missing values (column {lacking!r} has some); use dataset.missing=impute"
    return None


def check_given(given: Given, schema: Schema) -> None:
    """Refuse values that no row of a schema can have.

    Raises:
        UserError: an unknown column, an unknown category, or a text for a number,
            or a fraction for a whole number.
    """
    columns = {column.name: column for column in schema.columns}
    for name, value in given.items():
        if name not in columns:
            raise UserError(f"given: no column {name!r}; expected one of {', '.join(columns)}")
        column = columns[name]
        if column.kind is Kind.CATEGORICAL and str(value) not in column.categories:
            known = ", ".join(column.categories)
            raise UserError(f"given: column {name!r} has no category {value!r}; expected {known}")
        if column.kind is Kind.BOOLEAN and not isinstance(value, bool):
            raise UserError(f"given: column {name!r} is true or false, got {value!r}")
        if column.is_numeric and (isinstance(value, (bool, str))):
            raise UserError(f"given: column {name!r} is a number, got {value!r}")
        if column.kind is Kind.INTEGER and float(value) % 1:
            raise UserError(f"given: column {name!r} holds whole numbers, got {value!r}")


def refuse_text(name: str, given: Given, schema: Schema) -> None:
    """Refuse to be asked for a text.

    Raises:
        UserError: a column of text is given.
    """
    if texts := [column for column in given if column in schema.texts]:
        raise UserError(f"given: {name} cannot be asked for a text, as in {texts[0]!r}")


def _first_with_missing(table: Table) -> str | None:
    lacking = table.frame.isna().any()
    return next((str(name) for name, missing in lacking.items() if missing), None)
