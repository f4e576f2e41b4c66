"""Steps that hand a table on."""

from __future__ import annotations

import pytest

from given_step import Given


@pytest.fixture
def given():
    return lambda table: Given(table.fingerprint(), table)
