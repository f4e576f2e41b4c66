"""A step that hands a table on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from tabsculpt.engine.step import Fetch, Step
from tabsculpt.table import Table


@dataclass(frozen=True)
class Given(Step[Table]):
    """A table under a name, which is all that its identity knows of it."""

    phase: ClassVar[str] = "data"
    stored: ClassVar[bool] = False

    name: str
    table: Table = field(compare=False, repr=False)

    def compute(self, fetch: Fetch) -> Table:
        return self.table
