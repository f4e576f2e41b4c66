"""The report as a command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tabsculpt.errors import UserError
from tabsculpt.report.inputs import read_inputs
from tabsculpt.report.page import make_report, write_report


def report(
    outputs: Path,
    filters: Sequence[str],
    experiment: str | None,
    out: Path | None,
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
        console: where to say it.

    Returns:
        The page.

    Raises:
        UserError: a filter cannot be read, no job was run under that experiment, or the folder
            cannot be written.
    """
    inputs = read_inputs(outputs, filters, experiment)
    title = " ".join(filter(None, [experiment, *filters])) or "all results"
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in title.replace(" ", "__"))
    folder = (
        out
        if out is not None
        else outputs / "reports" / (name if name != "all__results" else "all")
    )
    made = make_report(inputs)
    try:
        path = write_report(made, folder, f"tabsculpt: {title}")
    except OSError as error:
        raise UserError(f"cannot write to {str(folder)!r} ({error.strerror})") from error
    figures = sum(len(block.figures) for block in made.blocks)
    console.print(f"{len(inputs.rows)} rows, {figures} figures, {len(made.tables)} tables")
    console.print(str(path), soft_wrap=True)
    return path
