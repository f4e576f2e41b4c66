"""Where the real data files lie, for the tests that read them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def data() -> str:
    """The data folder; the test is skipped where there is none."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("TABSCULPT_DATA") or beside)
    if not folder.is_dir():
        pytest.skip("needs the data folder: set TABSCULPT_DATA")
    return str(folder)
