"""What holds for every test: one thread, and a skip means that this machine lacks something."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator

import pytest

import needs

AWKWARD = {
    "raises": "_target_: awkward.Raises\n",
    "exits": "_target_: awkward.Exits\n",
    "exits_once": "_target_: awkward.ExitsOnce\nmark: ???\n",
    "kills_its_carrier": "_target_: awkward.KillsItsCarrier\nmark: ???\n",
    "locks": "_target_: awkward.Locks\n",
    "swells_itself": "_target_: awkward.SwellsItself\n",
    "swells": "_target_: awkward.Swells\n",
    "sleeps": "_target_: awkward.Sleeps\nmark: ???\n",
    "accounts": "_target_: awkward.Accounts\nlog: ???\nseconds: 0.0\n",
    "waits_once": "_target_: awkward.WaitsOnce\nmark: ???\n",
}
"""Generators that misbehave, see tests/awkward.py."""

# pytest-xdist already uses the cores, and threads would fight for them.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"


@pytest.fixture(scope="session", autouse=True)
def one_split_and_seed() -> Iterator[None]:
    """Jobs are repeated only where a test asks for it."""
    from tabsculpt.launch import repeats

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "USUAL", repeats.ONE)
        yield


@pytest.fixture
def awkward(tmp_path) -> list[str]:
    """The arguments by which the awkward generators are reached."""
    folder = tmp_path / "conf" / "generator"
    folder.mkdir(parents=True)
    module = re.sub(r"\W", "_", f"awkward_{tmp_path.name}")  # another one for each folder
    (tmp_path / "conf" / f"{module}.py").write_text("from awkward import *\n")
    for name, text in AWKWARD.items():
        (folder / f"{name}.yaml").write_text(text.replace("awkward.", f"{module}."))
    return ["--config-dir", str(tmp_path / "conf")]


def pytest_itemcollected(item: pytest.Item) -> None:
    """A parameter that is a component brings the mark of the extra that it declares."""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    for mark in needs.extras_of(*values):
        item.add_marker(mark)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if why := needs.lacking(item):
        pytest.skip(why)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tested, and what to type so that it is."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.section("not tested on this machine")
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count:5} {'test' if count == 1 else 'tests'}: {reason}")
