"""What `run` and `sweep` end with: the results of their jobs, and where everything lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console


def show_outcome(jobs: Sequence[str], outputs: Path, console: Console, anew: bool = True) -> None:
    """Print results; their tests are worked out again only where some job was run."""
    from tabsculpt.analysis.comparisons import tests_file, write_tests
    from tabsculpt.report.terminal import METRICS, UNSEEN, show
    from tabsculpt.results import count_rows, read_rows

    rows = read_rows(outputs / "results", jobs, METRICS, UNSEEN)
    show(rows, outputs / "store", console)
    console.print(f"{count_rows(outputs / 'results', jobs)} rows in {outputs / 'results'}")
    path: Path | None = tests_file(rows.job, outputs / "tests")
    if anew or path is None or not path.exists():
        path = write_tests(rows, outputs / "tests")
    if path:
        console.print(f"every pair of pipelines tested, in {path}: tabsculpt tests shows them")
