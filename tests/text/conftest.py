"""Steps that hand a table on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from tabsculpt.engine.step import Step
from tabsculpt.table import Table


@dataclass(frozen=True)
class Given(Step[Table]):
    phase: ClassVar[str] = "data"
    stored: ClassVar[bool] = False

    content: str
    table: Table = field(compare=False, repr=False)

    def compute(self, fetch):
        return self.table


@pytest.fixture
def given():
    return lambda table: Given(table.fingerprint(), table)
