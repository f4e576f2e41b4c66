"""Runs a job and turns what came of it into rows: every outcome is a row, failures too."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

from tabsculpt.datasets import Dataset
from tabsculpt.errors import TooFewRowsError, UserError
from tabsculpt.job import Job, Layout, data_fingerprint, lay_out
from tabsculpt.metrics import Metric, metrics_for, wasserstein
from tabsculpt.metrics.ranking import ranking_scores
from tabsculpt.pipelines.steps import Synthetic
from tabsculpt.profilers import Profile, Segment
from tabsculpt.profilers.perturbations import Perturbed
from tabsculpt.results import Row, Status, write_rows, write_table
from tabsculpt.runner import Runner, StepError, refusals
from tabsculpt.step import Step
from tabsculpt.store import Store
from tabsculpt.table import FloatArray, Table

OnStep = Callable[[Step[Any], bool], None]
OnStart = Callable[[Layout], None]


@dataclass(frozen=True)
class Outcome:
    """What a job left: its rows, and the rows of its table of synthetic-data quality."""

    job: str
    rows: list[Row]
    quality: list[dict[str, Any]]

    @property
    def ok(self) -> bool:
        return all(row.status == Status.OK for row in self.rows)


def run_job(job: Job, dataset: Dataset, on_start: OnStart, on_step: OnStep) -> Outcome:
    """Run a job against its store and write its rows.

    Args:
        job: what is to be done.
        dataset: the job's data set, loaded.
        on_start: called once with the steps.
        on_step: called as steps begin and end, see `Runner`.

    Returns:
        The rows, which are also in ``<outputs>/results/<job>.parquet``.

    Raises:
        UserError: the data cannot be split or treated as asked.
    """
    runner = Runner(Store(job.outputs / "store"), on_step)
    base = _base_row(job, dataset)
    with refusals():
        layout = lay_out(job, dataset, runner.result)
    on_start(layout)
    outcome = _Collector(job, layout, runner, base).collect()
    write_rows(outcome.rows, job.outputs / "results")
    if outcome.quality:
        write_table(outcome.quality, job.outputs / "quality" / f"{outcome.job}.parquet")
    write_table([_job_record(job, outcome)], job.outputs / "jobs" / f"{outcome.job}.parquet")
    return outcome


class _Collector:
    """Gathers the rows of one job."""

    def __init__(self, job: Job, layout: Layout, runner: Runner, base: Row) -> None:
        self.job, self.layout, self.runner, self.base = job, layout, runner, base
        self.train = runner.result(layout.train)
        self.test = runner.result(layout.test)

    def collect(self) -> Outcome:
        self.base = replace(self.base, n_train=len(self.train), n_test=len(self.test))
        quality: list[dict[str, Any]] = []
        rows: list[Row] = []
        if self.layout.recipe is not None:
            quality, row = self._quality()
            rows.append(row)
        for name, step in self.layout.predictions.items():
            rows += self._predictor(name, step)
        if self.layout.ranking is not None:
            rows += self._ranking(*self.layout.ranking)
        ended = datetime.now(UTC).isoformat()
        return Outcome(self.base.job, [replace(row, ended=ended) for row in rows], quality)

    def _quality(self) -> tuple[list[dict[str, Any]], Row]:
        recipe = self.layout.recipe
        assert recipe is not None
        try:
            synthetic = self.runner.result(recipe.synthetic)
            generated = self.runner.result(recipe.generated)
        except StepError as error:
            self.base = replace(self.base, notes=self._notes(None))
            step = error.step
            row = replace(self.base, metric="wasserstein", direction="min", **_failure(error))
            return [], replace(row, **self._cost(step))
        self.base = replace(
            self.base,
            n_synthetic=len(synthetic.table),
            n_dropped=len(generated.table) - len(synthetic.table),
            segments=json.dumps(_segment_counts(generated, synthetic)),
            notes=self._notes(synthetic),
        )
        by_column = wasserstein.quality(self.train, synthetic.table)
        row = replace(
            self.base,
            metric="wasserstein",
            value=_finite(fmean(by_column.values())),
            direction="min",
            keys=self._keys(),
            **self._cost(recipe.synthetic),
        )
        common = {"job": self.base.job, **self.job.names, "seed": self.job.seed}
        records = [
            {**common, "column": column, "metric": "wasserstein", "value": _finite(value)}
            for column, value in by_column.items()
        ]
        return records, row

    def _predictor(self, name: str, step: Step[Any]) -> list[Row]:
        metrics = metrics_for(self.train.schema.task)
        base = replace(self.base, predictor=name, keys=self._keys(step), **self._cost(None))
        empty = [replace(base, metric=m.name, direction=m.direction) for m in metrics]
        try:
            predictions = self.runner.result(step)
        except StepError as error:
            failed = {**_failure(error), **self._cost(step)}
            return [replace(row, **failed) for row in empty]
        cost = self._cost(step)
        scored = zip(empty, metrics, strict=True)
        return [
            replace(row, **cost, **_score(metric, self.test, predictions.test))
            for row, metric in scored
        ]

    def _ranking(self, perturbed: Step[Perturbed], profile: Step[Profile]) -> list[Row]:
        keys = {"train": self.layout.train.key, "profile": profile.key}
        base = replace(self.base, direction="max", keys=json.dumps(keys))
        names = ("auprc", "auprc_published")
        try:
            wrong = self.runner.result(perturbed).perturbed
            hardness = self.runner.result(profile).hardness
        except StepError as error:
            failed = {**_failure(error), **self._cost(profile)}
            return [replace(base, metric=name, **failed) for name in names]
        values = ranking_scores(wrong, hardness)
        cost = self._cost(profile)
        return [replace(base, metric=name, value=values[name], **cost) for name in names]

    def _cost(self, step: Step[Any] | None) -> dict[str, Any]:
        """Seconds and peak memory by phase of the steps behind a row, when they were computed."""
        seconds: dict[str, float] = {}
        peak: dict[str, float] = {}
        for parent in step.ancestry().values() if step else ():
            record = self.runner.record(parent)
            if record is not None:
                seconds[record.phase] = seconds.get(record.phase, 0.0) + record.seconds
                peak[record.phase] = max(peak.get(record.phase, 0.0), record.peak_mb)
        return {"seconds": seconds, "peak_mb": peak}

    def _keys(self, step: Step[Any] | None = None) -> str:
        layout = self.layout
        keys = {"train": layout.train.key, "test": layout.test.inputs[0].key}
        if layout.recipe is not None:
            keys["synthetic"] = layout.recipe.synthetic.key
            keys |= {f"profile_{of}": p.key for of, p in layout.recipe.profiles.items()}
        if step is not None:
            keys |= {"predictions": step.key, "predictions_step": type(step).__name__}
        return json.dumps(keys)

    def _notes(self, synthetic: Synthetic | None) -> str:
        notes = [*self.base.notes.split("; ")] if self.base.notes else []
        recipe = self.layout.recipe
        for of, step in recipe.profiles.items() if recipe else ():
            try:
                profile = self.runner.result(step)
            except StepError:
                continue  # the rows of this job carry this failure as their reason
            words = filter(None, [profile.chosen, profile.degenerate()])
            notes += [f"{of} rows: {said}" for said in words]
        notes += synthetic.notes if synthetic else ()
        return "; ".join(notes)


def _base_row(job: Job, dataset: Dataset) -> Row:
    data = data_fingerprint(dataset)
    return Row(
        job=job.identity(data),
        dataset=dataset.name,
        task=dataset.table.schema.task,
        split_seed=job.split_seed,
        profiler=job.names["profiler"],
        generator=job.names["generator"],
        pipeline=job.names["pipeline"],
        protocol=job.names["protocol"],
        predictors=job.names["predictors"],
        evaluation=job.evaluation(),
        profiler_settings=job.changed("profiler"),
        generator_settings=job.changed("generator"),
        pipeline_settings=job.changed("pipeline"),
        seed=job.seed,
        device=job.device,
        threshold=job.threshold,
        proportion=getattr(job.protocol, "proportion", None),
        data=data,
        notes="; ".join(dataset.notes),
        versions=json.dumps(job.versions()),
        started=datetime.now(UTC).isoformat(),
    )


def _job_record(job: Job, outcome: Outcome) -> dict[str, Any]:
    first = outcome.rows[0]
    return {
        "job": outcome.job,
        **{group: job.names[group] for group in sorted(job.names)},
        "dataset": first.dataset,
        "seed": job.seed,
        "split_seed": job.split_seed,
        "rows": len(outcome.rows),
        "not_ok": sum(row.status != Status.OK for row in outcome.rows),
        "settings": json.dumps(job.settings(), sort_keys=True),
        "started": first.started,
        "ended": first.ended,
    }


def _segment_counts(generated: Synthetic, kept: Synthetic) -> dict[str, dict[str, int]]:
    order = [str(segment) for segment in Segment]
    names = sorted(generated.trained_on, key=lambda name: order.index(name) if name in order else 0)
    return {
        name: {
            "real": generated.trained_on[name],
            "generated": int((generated.origin == name).sum()),
            "kept": int((kept.origin == name).sum()),
        }
        for name in names
    }


def _score(metric: Metric, test: Table, prediction: FloatArray) -> dict[str, Any]:
    try:
        value = metric.function(test.target, prediction)
    except ValueError as error:
        return {"status": Status.FAILED, "phase": "score", "reason": _one_line(error)}
    if math.isnan(value):
        return {"value": None, "reason": f"{metric.name} is not defined on this test part"}
    return {"value": float(value)}


def _failure(error: StepError) -> dict[str, Any]:
    match error.cause:
        case MemoryError():
            status = Status.OUT_OF_MEMORY
        case TooFewRowsError():
            status = Status.SKIPPED
        case _:
            status = Status.FAILED
    return {"status": status, "phase": error.step.phase, "reason": _one_line(error.cause)}


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    shown = text if len(text) <= 500 else f"{text[:500]}..."
    known = isinstance(error, (TooFewRowsError, UserError))
    return shown if known else f"{type(error).__name__}: {shown}"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
