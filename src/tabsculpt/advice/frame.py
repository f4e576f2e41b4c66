"""Advice from Python: a frame in, a recommendation, what was tried, and the rows to add."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from tabsculpt.advice.advice import Recommendation
from tabsculpt.advice.candidates import candidates
from tabsculpt.advice.command import MOST_ROWS, final_job, rows_to_add
from tabsculpt.advice.decide import Decided, decide, goal_of, smaller
from tabsculpt.advice.nested import HeldRows
from tabsculpt.advice.request import read_budget
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.launch.serial import Serial
from tabsculpt.launch.timed import Clock, Engine
from tabsculpt.launch.work import Loaded
from tabsculpt.samplers.frames import Given
from tabsculpt.samplers.resample import value_errors
from tabsculpt.synthesis.command import keeping_gaps, real_rows
from tabsculpt.synthesis.frame import as_given, check_frame
from tabsculpt.synthesis.rows import RowRequest, make_rows


@dataclass(frozen=True, eq=False)
class Advice:
    """What is advised on a frame.

    Attributes:
        recommendation: see `tabsculpt.advice.advice.Recommendation`.
        table: what was tried on inner splits, the best first; see `scores.ranking`.
        synthetic: the rows to add, learnt from all rows, in the frame's own dtypes; None where the
            advice is to add none.
    """

    recommendation: Recommendation
    table: pd.DataFrame
    synthetic: pd.DataFrame | None

    def __str__(self) -> str:
        return "\n".join(self.recommendation.words)


def advise(
    frame: pd.DataFrame,
    target: Any,
    *,
    budget: str = "10m",
    metric: str = "auto",
    rope: float = 0.01,
    settings: Sequence[str] = (),
    task: str = "auto",
    seed: int = 0,
    outputs: str | Path | None = None,
    progress: bool = False,
) -> Advice:
    """Say whether synthetic rows help on a frame, as ``tabsculpt advise`` does, in this process.

    Args:
        frame: shape (n, d), values may be missing, but none of the target.
        target: the name of the column that is predicted.
        budget: the time that it may take, such as "90s", "10m" or "2h".
        metric: what is improved; "auto" for RMSE of numbers and the area under the ROC curve.
        rope: share of the metric that is no difference in practice.
        settings: of the command line, such as ``["generator=arf,smote", "predictors=boosted"]``.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        seed: of every draw.
        outputs: folder that keeps what was done, so that the same call goes on; None for none.
        progress: whether jobs are printed as they end.

    Raises:
        ValueError: the input, a setting, or their combination cannot work; one line says why.

    Example:
        ::

            from tabsculpt import advise

            advice = advise(frame, "outcome", budget="5m")
            print(advice)
            if advice.synthetic is not None:
                frame = pd.concat([frame, advice.synthetic])
    """
    with ExitStack() as stack:
        stack.enter_context(value_errors())
        folder = outputs or stack.enter_context(tempfile.TemporaryDirectory())
        clock = Clock(read_budget(budget))
        check_frame(frame, target)
        read = Given.of(frame.drop(columns=target), frame[target], task, seed)
        dataset = read.dataset
        goal = goal_of(metric, rope, dataset.table.schema.task)
        given = [*settings, f"seed={seed}", f'paths.outputs="{folder}"']
        tried, cannot = candidates(given, None, dataset, "impute")
        part, _ = smaller(dataset, seed, MOST_ROWS)
        engine = Engine(Serial(), Loaded(), Console(quiet=not progress, highlight=False))
        decided = decide(part, tried, cannot, goal, engine, clock, "advise")
        synthetic = _rows_to_add(decided, read, frame, target)
        return Advice(decided.recommendation, decided.table, synthetic)


def _rows_to_add(
    decided: Decided, read: Given, frame: pd.DataFrame, target: Any
) -> pd.DataFrame | None:
    if not decided.recommendation.use or decided.candidate is None:
        return None
    job = final_job(decided.candidate)
    job = keeping_gaps(replace(job, source=HeldRows.of(read.dataset, "impute")), read.dataset)
    runner = Runner(Store(job.outputs / "store"), lambda _step, _done: None)
    real = real_rows(job, read.dataset, False, runner)
    request = RowRequest(rows_to_add(decided, len(frame)))
    return as_given(make_rows(job, real, request, runner).table, read, frame, target)
