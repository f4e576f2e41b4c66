"""Advice as a command: audit, decision, the winner's file with its card, and the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from tabsculpt.advice.candidates import Candidate, candidates
from tabsculpt.advice.decide import Decided, decide, goal_of, smaller
from tabsculpt.advice.request import Request
from tabsculpt.advice.show import show
from tabsculpt.config.compose import load
from tabsculpt.datasets import Dataset
from tabsculpt.datasets import load as load_dataset
from tabsculpt.engine.writing import replacing
from tabsculpt.jobs.job import Job
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.refusals import check_writable, show_audit
from tabsculpt.launch.timed import Clock, Engine
from tabsculpt.launch.work import Loaded
from tabsculpt.report.command import report
from tabsculpt.synthesis.command import Options, keeping_gaps, write_synthetic
from tabsculpt.synthesis.request import Asked, check_target

MOST_ROWS = 20_000
"""Rows that splits are made of at most; of longer tables so many are drawn, and a note says so."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the command found and wrote.

    Attributes:
        decided: the recommendation and the ranking.
        card: of the file; None where none was written.
        file: the synthetic rows, or None.
        page: the report, or None.
    """

    decided: Decided
    card: dict[str, Any] | None
    file: Path | None
    page: Path | None

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        table = self.decided.table
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        return {
            "recommendation": self.decided.recommendation.record(),
            "tried": rows,
            "file": str(self.file) if self.file else None,
            "card": self.card,
            "report": str(self.page) if self.page else None,
        }


def advise_command(
    typed: Sequence[str],
    out: Path | None,
    force: bool,
    config_dir: Path | None,
    console: Console,
    began: float,
) -> Answer:
    """Say whether synthetic rows help on a table, and write them if they do.

    Args:
        typed: settings of a job, ``budget=``, ``metric=`` and ``rope=``.
        out: the file of synthetic rows; by default ``<outputs>/advice/DATASET_synthetic`` with
            the suffix of the source.
        force: whether a file that was named may be replaced.
        config_dir: the user's own configuration files.
        console: for progress and the answer.
        began: when the command was given, as `time.monotonic` has it.

    Raises:
        UserError: a setting is wrong, or the table cannot be split twice.
        WriteError: a folder cannot be written.
    """
    asked = Request.of(typed)
    clock = Clock(asked.budget, began)
    base = Job.of(load([*asked.other, "pipeline=real"], config_dir))
    check_writable(base.outputs)
    if out is not None:
        check_target(out, force)
    dataset = load_dataset(base.source)
    goal = goal_of(asked.metric, asked.rope, dataset.table.schema.task)
    show_audit(base, console)
    tried, cannot = candidates(asked.settings, config_dir, dataset, base.source.missing)
    part, note = smaller(dataset, base.seed, MOST_ROWS)
    if note:
        console.print(f"[yellow]note[/] {note}")
    label = f"advise_{dataset.name}"
    engine = Engine(LocalProcesses(), Loaded(), console)
    decided = decide(part, tried, cannot, goal, engine, clock, label)
    folder = base.outputs / "advice"
    file = out or folder / f"{dataset.name}_synthetic{_suffix(base)}"
    card = None
    if decided.recommendation.use and decided.candidate is not None:
        folder.mkdir(parents=True, exist_ok=True)
        card = write_winner(decided, dataset, file, console)
    page = (
        report(base.outputs, [], label, None, None, None, console)
        if decided.recommendation.splits
        else None
    )
    answer = Answer(decided, card, file if card else None, page)
    show(answer.decided, answer.file, clock.spent, console)
    with replacing(folder / f"{dataset.name}.json") as draft:
        draft.write_text(json.dumps(answer.record(), indent=2, default=str), encoding="utf-8")
    console.print(f"written down in {escape(str(folder / f'{dataset.name}.json'))}", soft_wrap=True)
    return answer


def write_winner(
    decided: Decided, dataset: Dataset, file: Path, console: Console
) -> dict[str, Any]:
    """Fit what is recommended on all rows and write the rows to add, with their card."""
    candidate = decided.candidate
    assert candidate is not None
    job = keeping_gaps(final_job(candidate), dataset)
    asked = Asked([], rows_to_add(decided, len(dataset.table)), {})
    return write_synthetic(job, dataset, asked, Options(file, force=True), console)


def final_job(candidate: Candidate) -> Job:
    """The job of a candidate on the whole table."""
    return replace(candidate.job, experiment=None)


def rows_to_add(decided: Decided, n: int) -> int | None:
    """How many rows are recommended for n real ones; None where the pipeline decides."""
    arm = decided.recommendation.arm
    assert arm is not None
    return None if arm.proportion is None else max(1, round(arm.proportion * n))


def _suffix(job: Job) -> str:
    """That of the source where rows are written so, else .csv."""
    from tabsculpt.datasets.write_table import SUFFIXES

    suffix = Path(str(getattr(job.source, "path", ""))).suffix.lower()
    return suffix if suffix in SUFFIXES else ".csv"
