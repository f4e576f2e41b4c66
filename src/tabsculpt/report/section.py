"""What a section of the page is, and what sections are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from tabsculpt.analysis.answers import Question, questions
from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.changes import Changes, changes
from tabsculpt.analysis.comparisons import compare_cells
from tabsculpt.analysis.scores import score_table
from tabsculpt.report.figure import FigureGroup
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.tables import Shown


@dataclass(frozen=True, eq=False)
class Results:
    """What every section is made of; each part is computed once, when it is first asked for.

    Attributes:
        inputs: result rows and the tables beside them; at least one row.
        before: those to say the changes against; None for none.
    """

    inputs: Inputs
    before: Inputs | None = None

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the metrics that tasks are judged by."""
        return list(self.inputs.found.cells(headline=True))

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Every pair of arms in these cells, see `compare_cells`."""
        return compare_cells(self.cells)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every arm in these cells, see `score_table`."""
        return score_table(self.cells, self.tests)

    @cached_property
    def asked(self) -> list[Question]:
        """The question of each data set, with its answer, see `questions`."""
        return questions(self.cells, self.inputs.quality)

    @cached_property
    def changes(self) -> Changes | None:
        """What changed, see `changes`; None without results to compare with."""
        if self.before is None:
            return None
        jobs = (self.before.jobs, self.inputs.jobs)
        return changes(self.before.found, self.inputs.found, jobs)


@dataclass(frozen=True, eq=False)
class Section:
    """A heading with the figures and tables below it.

    Attributes:
        name: of its anchor.
        heading: as shown.
        text: one or two sentences below the heading; empty for none.
        blocks: figures; those of none are left out, or say why they have none.
        tables: those without a row are left out.
        more: long prose, folded away: what its link says, and paragraphs.
    """

    name: str
    heading: str
    text: str = ""
    blocks: Sequence[FigureGroup] = ()
    tables: Sequence[Shown] = ()
    more: dict[str, list[str]] = field(default_factory=dict)


MakeSection = Callable[[Results], Section]
"""How a section is made; `page.SECTIONS` lists them in the order of the page."""
