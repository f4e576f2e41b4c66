"""What a report writes for a paper beside its page: methods, table of results, checklist."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tabsculpt.engine.writing import replacing
from tabsculpt.report.checklist import checklist
from tabsculpt.report.methods import methods
from tabsculpt.report.page import Report
from tabsculpt.report.paper_table import results_table


def write_paper_text(report: Report, folder: Path) -> None:
    """Write ``methods.md``, ``methods.tex``, ``table.tex`` and ``checklist.md``.

    Args:
        report: see `tabsculpt.report.page.make_report`; of no row nothing is written.
        folder: of the page.

    Raises:
        WriteError: one of them cannot be written.
    """
    if report.inputs.rows.empty:
        return
    tests = next((t.frame for t in report.tables if t.name == "tests"), pd.DataFrame())
    paragraphs = methods(report.inputs)
    texts = {
        "methods.md": paragraphs.markdown(),
        "methods.tex": paragraphs.latex(),
        "table.tex": results_table(tests),
        "checklist.md": checklist(report.inputs, tests),
    }
    for name, text in texts.items():
        with replacing(folder / name) as draft:
            draft.write_text(text, encoding="utf-8")
