"""Freezing a plan: what is to be compared, written before anything is run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
from rich.console import Console

from tabsculpt.analysis.columns import HEADLINE
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.registration import FOLDER, HASH, frozen_plan
from tabsculpt.datasets.sql import without_password
from tabsculpt.engine.fingerprints import library_version
from tabsculpt.engine.writing import replacing
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import data_fingerprint
from tabsculpt.jobs.rows import base_row
from tabsculpt.launch.work import WorkPlan
from tabsculpt.results.row import as_record


def freeze(
    batch: WorkPlan, typed: Sequence[str], outputs: Path, path: Path, console: Console
) -> None:
    """Write the comparisons of a plan, with hash and time, to a file and beside the results.

    Args:
        batch: the plan.
        typed: its settings, as on the command line.
        outputs: gets the copy that ``tabsculpt report`` looks at.
        path: the file, such as for a registry or a supplement.
        console: where to say it.

    Raises:
        UserError: the file is there already, or there is nothing to compare.
        WriteError: it cannot be written.
    """
    if path.exists():
        raise UserError(
            f"{path} is there already; a frozen plan is not written over, so name another file"
        )
    planned = _planned(batch)
    shown = [without_password(word) for word in typed]
    plan = frozen_plan(planned, shown, library_version("tabsculpt"), list(batch.finished))
    if not plan["hypotheses"]:
        raise UserError(
            "the plan compares nothing; add a pipeline, as in pipeline=real,traditional"
        )
    text = json.dumps(plan, indent=2, sort_keys=True) + "\n"
    for place in (path, outputs / FOLDER / f"{plan[HASH]}.json"):
        with replacing(place) as draft:
            draft.write_text(text, encoding="utf-8")
    message = f"{len(plan['hypotheses'])} comparisons frozen in {path}, hash {plan[HASH]}"
    console.print(message, markup=False, soft_wrap=True)
    if batch.finished:
        console.print(
            f"{len(batch.finished)} of {len(batch.titles)} jobs are finished: what rests on them "
            "is marked in the report as measured before",
            style="yellow",
        )


def _planned(batch: WorkPlan) -> Measurements:
    """A row for each job of the plan that trains predictors, in place of its measurements."""
    records = []
    for job, dataset in batch.jobs.values():
        base = base_row(job, dataset, data_fingerprint(dataset))
        if job.suite:
            metric, suite = HEADLINE[base.task], job.names["predictors"]
            planned = replace(base, predictor=suite, metric=metric, value=0.0, direction="min")
            records.append(as_record(planned))
    return Measurements.of(pd.DataFrame(records))
