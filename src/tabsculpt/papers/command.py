"""A paper as a command: run what fits the budget, and write the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from tabsculpt.config.choices import varied
from tabsculpt.engine.store import Store
from tabsculpt.engine.writing import replacing
from tabsculpt.errors import UserError
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.plan import judged
from tabsculpt.launch.sweep import PreparedSweep, prepare_sweep, spent
from tabsculpt.launch.timed import Clock, Engine
from tabsculpt.launch.work import Loaded, prepare
from tabsculpt.papers.counts import Tally, tally
from tabsculpt.papers.markdown import as_html
from tabsculpt.papers.order import blocks_of, in_order, to_time
from tabsculpt.papers.page import Beside, page, set_beside
from tabsculpt.papers.source import Paper
from tabsculpt.papers.too_long import Bounded, TooLong
from tabsculpt.results import Status, read_rows

ONE_JOB = 0.25
"""The share of the budget that one job may take, so that no cell takes all of it."""
UNSAID = ("paths.", "hydra.", "hydra/")
"""What is typed and says nothing of what was run."""


@dataclass(frozen=True, eq=False)
class Reproduced:
    """What came of it.

    Attributes:
        paper: which.
        beside: its figures and ours.
        done: what was run.
        pages: the files, Markdown first.
    """

    paper: Paper
    beside: Beside
    done: Tally
    pages: tuple[Path, ...]

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        figures = self.beside.figures.astype(object)
        return {
            "paper": self.paper.name,
            "jobs": self.done.record(),
            "verdicts": self.beside.verdicts(),
            "figures": figures.where(figures.notna(), None).to_dict("records"),
            "pages": [str(path) for path in self.pages],
        }


def reproduce(
    paper: Paper,
    given: Sequence[str],
    clock: Clock,
    config_dir: Path | None,
    console: Console,
) -> Reproduced:
    """Run what is missing of a paper's table within a budget, and set its figures beside results.

    Args:
        paper: see `tabsculpt.papers.source.read_paper`.
        given: settings, the paper's experiment among them.
        clock: an infinite budget has no end.
        config_dir: the user's own configuration files.
        console: for progress.

    Raises:
        UserError: a setting is wrong, or another experiment is named.
        WriteError: a folder cannot be written; the same command goes on where it was.
    """
    own = f"experiment={paper.experiment}"
    beside_it = [text for text in given if text != own]
    if any(text.lstrip("+~").startswith("experiment") for text in beside_it):
        raise UserError(
            f"{paper.name} is run by {own}; type what else is to be changed, or run another "
            "experiment by 'tabsculpt sweep'"
        )
    grid = prepare_sweep([own, *beside_it], config_dir, console)
    too_long = TooLong(grid.outputs / "papers" / f"{paper.name}_too_long.json")
    ended = run(grid, paper, clock, too_long, console)
    rows = read_rows(grid.outputs / "results", list(ended)) if ended else pd.DataFrame()
    cpu_seconds = spent(grid.batch, Store(grid.outputs / "store"))
    done = tally(grid, ended, too_long.jobs, rows, cpu_seconds)
    beside = set_beside(paper, rows)
    said = [text for text in beside_it if not text.startswith(UNSAID)]
    command = " ".join(["tabsculpt reproduce", paper.name, *said])
    text = page(paper, beside, done, command, _preset(paper, said, config_dir), _when(rows))
    return Reproduced(
        paper, beside, done, _write(grid.outputs / "papers", paper.name, text, beside)
    )


def run(
    grid: PreparedSweep, paper: Paper, clock: Clock, too_long: TooLong, console: Console
) -> dict[str, bool]:
    """Get done what fits the budget.

    Some whole cells come first where nothing is known of what their steps take, then the others
    in the order of `tabsculpt.papers.order.in_order`. One job may take a quarter of the budget,
    where no other limit was set; one that takes longer is left out, and nothing is written of it.

    Args:
        grid: looked through, nothing of it run yet.
        paper: what its table compares.
        clock: an infinite budget has no end.
        too_long: jobs that were left out before, to which those of now are added.
        console: for progress.

    Returns:
        The jobs that were run, now or before, by id, and whether they ended well.
    """
    load, store = Loaded(), grid.outputs / "store"
    most = _most_for_one(grid, clock.budget)
    engine = Engine(_limited(grid, most, too_long), load, console)
    ended = {name: found.status == Status.OK for name, found in grid.batch.finished.items()}
    failed = grid.batch.failed
    ended |= dict.fromkeys(failed, False)
    now: set[str] = set()
    for timing in (True, False):
        left = [
            task.job for task in grid.batch.tasks if task.id not in now and not ended.get(task.id)
        ]
        if not left or clock.left() <= 0:
            break
        batch = prepare(left, load)
        tried = [task for task in batch.tasks if not too_long.stays_out(task, most)]
        tasks = judged(tried, batch.steps, store)
        every = [job for job, _ in grid.batch.jobs.values()]
        blocks = blocks_of(tasks, paper.arms, batch.steps, every)
        order = to_time(blocks) if timing else in_order(blocks, failed)
        what = "first, to learn what each part takes" if timing else "cheap cells first"
        done = engine.run([task.job for task in order], clock.left(), what)
        now |= done.keys()  # what failed now is not tried again in this call
        ended |= done
    return ended


def _most_for_one(grid: PreparedSweep, budget: float) -> float:
    """Seconds that one job is given; infinite where a limit was typed, which makes it fail."""
    launcher = grid.launcher
    ours = isinstance(launcher, LocalProcesses) and not launcher.timeout
    return ONE_JOB * budget if ours else math.inf


def _limited(grid: PreparedSweep, most: float, too_long: TooLong) -> PreparedSweep:
    """The sweep with that limit."""
    if math.isinf(most) or not isinstance(grid.launcher, LocalProcesses):
        return grid
    return replace(grid, launcher=Bounded(grid.launcher, most, too_long))


def _preset(paper: Paper, said: Sequence[str], config_dir: Path | None) -> str:
    """What the experiment crosses, where something else was typed than that alone."""
    if not said:
        return ""
    axes = {
        key: str(value).split(",") for key, value in varied(paper.experiment, config_dir).items()
    }
    combinations = math.prod(map(len, axes.values()))
    named = "; ".join(f"{key} {', '.join(values)}" for key, values in axes.items())
    return (
        f"experiment={paper.experiment} has {combinations:,} combinations ({named}); with what is "
        "typed here it has other ones, or fewer."
    )


def _when(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    days = sorted({str(text)[:10] for text in rows.started})
    return f"Rows of {days[0] if len(days) == 1 else f'{days[0]} to {days[-1]}'}. "


def _write(folder: Path, name: str, text: str, beside: Beside) -> tuple[Path, ...]:
    files = {
        f"{name}.md": text,
        f"{name}.html": as_html(text, name),
        f"{name}.csv": beside.figures.to_csv(index=False),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        with replacing(folder / file) as draft:
            draft.write_text(content, encoding="utf-8")
    return tuple(folder / file for file in files)
