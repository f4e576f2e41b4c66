"""The report as a command."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tabsculpt.report.inputs import read_before, read_inputs
from tabsculpt.report.page import make_report, write_report
from tabsculpt.report.paper import write_figures
from tabsculpt.report.paper_text import write_paper_text

LONGEST_NAME = 120


def report(
    outputs: Path,
    filters: Sequence[str],
    experiment: str | None,
    out: Path | None,
    figures: Path | None,
    against: Path | None,
    console: Console,
) -> Path:
    """Write a report and say where it is.

    A folder without any result gives a page that says so, so that a script that writes reports
    need not know whether there is anything to report.

    Args:
        outputs: the output folder.
        filters: ``column=value``.
        experiment: keep the jobs that were run under it.
        out: the folder of the report; by default named by experiment and filters.
        figures: a folder for every figure as SVG and PDF; None for none.
        against: another output folder, to say what changed since; None for none.
        console: where to say it.

    Returns:
        The page.

    Raises:
        UserError: a filter cannot be read, no job was run under that experiment, figures are asked
            for without matplotlib, or there is nothing to compare with.
        WriteError: a folder cannot be written.
    """
    inputs = read_inputs(outputs, filters, experiment, versions=against is not None)
    before = None if against is None else read_before(outputs, against, filters)
    title = " ".join(filter(None, [experiment, *filters])) or "all results"
    name = _file_name(title)
    folder = (
        out
        if out is not None
        else outputs / "reports" / (name if name != "all__results" else "all")
    )
    gc.disable()  # millions of small objects without a cycle: a twentieth of the time is looking
    try:
        made = make_report(inputs, before)
        path = write_report(made, folder, f"tabsculpt: {title}")
        write_paper_text(made, folder)
        if figures is not None:
            write_figures(made.figures, figures)
    finally:
        gc.enable()
    console.print(
        f"{len(inputs.rows)} rows, {len(made.figures)} figures, {len(made.tables)} tables"
    )
    console.print(str(path), soft_wrap=True)
    return path


def _file_name(title: str) -> str:
    """A title as the name of a folder; file systems take 255 bytes, some of them 143."""
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in title.replace(" ", "__"))
    if len(name.encode()) <= LONGEST_NAME:
        return name
    start = name.encode()[: LONGEST_NAME - 9].decode(errors="ignore")
    return f"{start}_{hashlib.sha256(title.encode()).hexdigest()[:8]}"
