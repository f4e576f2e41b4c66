"""The report: one HTML file that needs nothing else, with its figures and tables as files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.analysis.answers import Question
from tabsculpt.analysis.multiplicity import multiplicity
from tabsculpt.analysis.rankings import rankings
from tabsculpt.engine.writing import replacing
from tabsculpt.report import draw_columns, draw_overall, draw_ranking, draw_scores, draw_tables
from tabsculpt.report.against import against_line, against_section
from tabsculpt.report.answer import answer
from tabsculpt.report.by_predictor import predictor_section
from tabsculpt.report.classification import classification_scores
from tabsculpt.report.colours import css
from tabsculpt.report.combinations import combination_rows
from tabsculpt.report.figure import Figure, FigureGroup
from tabsculpt.report.head import LEGEND, cards, item, subtitle
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.next_steps import next_steps
from tabsculpt.report.page_data import page_data
from tabsculpt.report.pictures import image_section
from tabsculpt.report.probabilities import probability_section
from tabsculpt.report.registration import registration_section
from tabsculpt.report.sample_size import sample_size_section
from tabsculpt.report.section import MakeSection, Results, Section
from tabsculpt.report.subgroups import subgroup_section
from tabsculpt.report.tables import (
    Shown,
    classification_rows,
    cost_rows,
    failure_rows,
    quality_rows,
    score_rows,
    test_rows,
)
from tabsculpt.report.words import Sentence, sentences
from tabsculpt.report.written import text_section

SCRIPTS = ("draw.js", "figures.js", "tables.js", "page.js")
"""The parts of the page's script, in their order."""


@dataclass(frozen=True, eq=False)
class Report:
    """All that a report says, before it is written.

    Attributes:
        inputs: what it is made of.
        asked: the question of each data set, with its answer.
        words: its summary.
        sections: figures and tables.
        changed: what changed against other results, a line of HTML; empty without any.
    """

    inputs: Inputs
    asked: list[Question]
    words: list[Sentence]
    sections: list[Section]
    changed: str

    @property
    def figures(self) -> list[Figure]:
        """Every figure."""
        return [figure for block in self.blocks for figure in block.figures]

    @property
    def tables(self) -> list[Shown]:
        """Every table that has a row."""
        return [t for section in self.sections for t in section.tables if len(t.frame)]

    @property
    def blocks(self) -> list[FigureGroup]:
        """Every block that has a figure."""
        return [b for section in self.sections for b in section.blocks if b.figures]


def make_report(inputs: Inputs, before: Inputs | None = None) -> Report:
    """Compute everything that a report says.

    Args:
        inputs: result rows and the tables beside them; there may be none.
        before: those to say the changes against; None for none.
    """
    nothing = pd.DataFrame()
    if inputs.rows.empty:
        return Report(inputs, [], sentences(inputs.found, nothing, nothing), [], "")
    results = Results(inputs, before)
    words = sentences(inputs.found, results.scores, results.tests)
    changed = against_line(results.changes, None if before is None else before.outputs)
    made = [make(results) for make in SECTIONS]
    return Report(inputs, results.asked, words, made, changed)


def _overall(of: Results) -> Section:
    blocks = [
        _block(
            "improvement",
            "Improvement",
            draw_scores.improvements(of.scores),
            "no pipeline was run beside traditional.",
        ),
        _block(
            "significant",
            "Significant pairs",
            draw_overall.significant(of.tests),
            draw_overall.no_verdict(of.tests),
        ),
        _block(
            "ranks",
            "Ranks",
            draw_overall.ranks(rankings(of.cells)),
            "they need two data sets of one metric with the same pipelines.",
        ),
    ]
    combinations = _present(combination_rows, of.asked)
    return Section("overall", "Overall", "Over all data sets.", blocks, combinations)


def _scores(of: Results) -> Section:
    blocks = [
        _block("predictors", "By predictor", draw_scores.by_predictor(of.cells)),
        _block("curves", "By proportion", draw_scores.by_step(of.cells)),
        _block("boxes", "Spread by proportion", draw_scores.boxes_by_step(of.cells)),
    ]
    classes = _present(classification_rows, classification_scores(of.inputs.found))
    tables = [*_present(score_rows, of.scores), *classes]
    text = "Predictors are tested on the same real rows; the real baseline stands in every figure."
    return Section("scores", "Scores", text, blocks, tables)


def _synthetic(of: Results) -> Section:
    columns = list(draw_columns.column_figures(of.inputs))
    blocks = [
        _block("wasserstein", "Wasserstein distance", draw_tables.distances(of.inputs)),
        _block("dropped", "Rows dropped", draw_tables.dropped(of.inputs)),
        _block("target", "Target", (f for f in columns if f.block == "target")),
        _block("violins", "Columns", (f for f in columns if f.block == "violins")),
    ]
    return Section("synthetic", "Synthetic tables", "", blocks, [quality_rows(of.inputs)])


def _hard_rows(of: Results) -> Section:
    blocks = [
        _block("segments", "Segments", draw_tables.segment_maps(of.inputs)),
        _block("hard", "Hard rows", draw_tables.searches(of.inputs.selection)),
        _block("ranking", "Planted hard rows", draw_ranking.rankings(of.inputs.found)),
        _block("removal", "Removal", draw_ranking.removals(of.inputs.found)),
    ]
    return Section("hard-rows", "Hard rows", "What the profilers say of the real rows.", blocks)


def _tests(of: Results) -> Section:
    caption = f"{multiplicity(of.tests).sentence}." if len(of.tests) else ""
    return Section("tests", "Tests", caption, tables=_present(test_rows, of.tests))


def _failures(of: Results) -> Section:
    return Section("failures", "Failures", tables=[failure_rows(of.inputs.rows)])


def _cost(of: Results) -> Section:
    rows = of.inputs.rows
    blocks = [_block("cost", "Cost", draw_overall.costs(rows))]
    return Section("cost", "Cost", blocks=blocks, tables=[cost_rows(rows)])


SECTIONS: tuple[MakeSection, ...] = (
    against_section,
    _overall,
    _scores,
    subgroup_section,
    probability_section,
    sample_size_section,
    _synthetic,
    image_section,
    text_section,
    _hard_rows,
    _tests,
    predictor_section,
    registration_section,
    _failures,
    _cost,
)
"""The sections of the page, in its order; one that has nothing to show is left out."""


def write_report(report: Report, folder: Path, title: str) -> Path:
    """Write the page and its tables.

    Args:
        report: see `make_report`.
        folder: gets ``report.html`` and ``tables/``.
        title: of the page.

    Returns:
        The page.

    Raises:
        WriteError: one of them cannot be written.
    """
    for table in report.tables:
        table.write(folder / "tables")
    path = folder / "report.html"
    text = _html(report, title)
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")
    return path


def _block(name: str, heading: str, figures: Any, nothing: str = "") -> FigureGroup:
    return FigureGroup(name, heading, list(figures), nothing)


def _present(make: Any, frame: Any) -> list[Shown]:
    return [make(frame)] if len(frame) else []


def _html(report: Report, title: str) -> str:
    from jinja2 import StrictUndefined, Template

    assets = files("tabsculpt.report") / "assets"
    rows = report.inputs.rows
    flaws = [sentence for sentence in report.words if sentence.bad]
    data = page_data(report.inputs, report.sections, report.figures)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    parts = {
        "title": escape(title),
        "subtitle": escape(subtitle(rows)),
        "style": css() + (assets / "report.css").read_text(encoding="utf-8"),
        "cards": "".join(cards(report.inputs.found)),
        "answer": answer(report.asked),
        "changed": report.changed,
        "next": next_steps(report.asked, report.inputs.jobs),
        "flaws": "".join(map(item, flaws)),
        "words": "".join(item(sentence) for sentence in report.words if sentence not in flaws),
        "legend": LEGEND if any(sentence.pairs for sentence in report.words) else "",
        "footer": f"Written by tabsculpt on {now} from {len(rows)} result rows.",
        "data": json.dumps(data, separators=(",", ":"), allow_nan=False).replace("</", "<\\/"),
        "script": "".join((assets / name).read_text(encoding="utf-8") for name in SCRIPTS),
    }
    page = (assets / "report.html").read_text(encoding="utf-8")
    template = Template(page, undefined=StrictUndefined, keep_trailing_newline=True)
    return template.render(parts)
