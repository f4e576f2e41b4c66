"""Constraints of a data set: refused where they cannot be meant, counted where they do not hold."""

from __future__ import annotations

from collections.abc import Mapping

from tabsculpt.datasets.check import require_columns
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.time_form import TimeForm
from tabsculpt.errors import UserError
from tabsculpt.table import Schema, Table
from tabsculpt.table.constraints import Constraint, Rules


def require_sound(schema: Schema, times: Mapping[str, TimeForm | None]) -> None:
    """Refuse constraints that cannot be checked.

    Args:
        schema: of the table, with its constraints.
        times: how columns of dates, times of day and durations are held.

    Raises:
        UserError: a constraint cannot be read, names a column that is not used, computes with
            categories, or compares times of different units.
    """
    kinds = {column.name: column for column in schema.columns}
    for text in schema.constraints:
        try:
            constraint = Constraint(text)
        except ValueError as error:
            raise UserError(f"dataset.constraints: {text!r} cannot be read: {error}") from None
        require_columns(schema.names, f"dataset.constraints: {text!r}", constraint.columns)
        if constraint.is_fixed:
            continue
        words = [name for name in constraint.columns if not kinds[name].is_numeric]
        if words:
            raise UserError(
                f"dataset.constraints: {text!r} computes with {words[0]}, which holds no numbers; "
                "fixed(a, b) is for combinations of categories"
            )
        held = {(t.clock, t.unit) for name in constraint.columns if (t := times.get(name))}
        if len(held) > 1:
            units = " and ".join(sorted(f"{clock}s in {unit}" for clock, unit in held))
            raise UserError(f"dataset.constraints: {text!r} mixes {units}; they do not compare")


def violations(table: Table) -> list[Fact]:
    """A note for each constraint that does not hold in all rows."""
    if not table.schema.constraints:
        return []
    notes = []
    rules = Rules.learn(table.schema.constraints, table.frame)
    for constraint, known in zip(rules.constraints, rules.known, strict=True):
        broken = int((~constraint.holds(table.frame, known)).sum())
        if broken:
            notes.append(Fact(Done.CONSTRAINT, constraint.text, "", broken))
    return notes
