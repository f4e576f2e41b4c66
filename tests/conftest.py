"""What holds for every test: one thread, and a skip means that this machine lacks something."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

import needs

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
