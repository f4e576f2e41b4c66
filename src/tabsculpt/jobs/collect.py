"""The result rows of a job, made of the results of its steps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tabsculpt.engine.step import Step, StepError
from tabsculpt.errors import TooFewRowsError
from tabsculpt.jobs.failures import failure, one_line
from tabsculpt.jobs.images import image_records
from tabsculpt.jobs.predictor_rows import predictor_rows
from tabsculpt.jobs.records import (
    Outcome,
    common_columns,
    distribution_records,
    profile_records,
    quality_records,
    segment_counts,
)
from tabsculpt.jobs.subgroup_rows import count_rows, score_rows, tested_levels
from tabsculpt.jobs.texts import text_records
from tabsculpt.metrics import metrics_for, quality, strata
from tabsculpt.metrics.measurement import Measurement
from tabsculpt.metrics.ranking import ranking_scores
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.predictors.prediction_steps import Predictions
from tabsculpt.protocols import Evaluation, Ranking
from tabsculpt.results import Row, Status
from tabsculpt.table import FloatArray

if TYPE_CHECKING:
    from tabsculpt.datasets import Dataset
    from tabsculpt.engine.runner import Runner
    from tabsculpt.jobs.graph import JobGraph
    from tabsculpt.jobs.job import Job

RANKING_METRICS = ("auprc", "auprc_published")
Scored = Sequence[tuple[Evaluation, dict[str, Step[Predictions]]]]


class Collector:
    """Gathers the rows of one job."""

    def __init__(
        self, job: Job, dataset: Dataset, graph: JobGraph, runner: Runner, base: Row
    ) -> None:
        self.job, self.graph, self.runner, self.base = job, graph, runner, base
        self.train = runner.result(graph.train)
        self.test = runner.result(graph.test)
        self.targets = self.train.target, self.test.target
        self.metrics = metrics_for(self.train.schema.task, job.own_metrics)
        self.quality: list[dict[str, Any]] = []
        self.distributions: list[dict[str, Any]] = []
        self.images: list[dict[str, Any]] = []
        self.texts: list[dict[str, Any]] = []
        self.subgroups = tested_levels(job, dataset)
        self.strata = self._strata()

    def collect(self) -> Outcome:
        scored = self.graph.scored
        rows = (
            self._ranking(scored)
            if isinstance(scored, Ranking)
            else [*self._rounds(scored), *count_rows(self.base, self.subgroups)]
        )
        return Outcome(
            self.base.job,
            rows,
            self.quality,
            self._log(),
            self.distributions,
            self.images,
            self.texts,
            dict(self._profiles()),
        )

    def _rounds(self, scored: Scored) -> Iterator[Row]:
        """The rows of each round, until one cannot be made."""
        done = -1
        for number, evaluations in groupby(scored, lambda pair: pair[0].round):
            base = replace(self.base, round=number)
            present = list(evaluations)
            synthetic = present[0][0].synthetic
            if synthetic is not None:
                base, row, error = self._synthetic(synthetic, base)
                if error is not None and number:
                    yield self._stopped(done, error)
                    return
                yield row
            for evaluation, predictions in present:
                yield from self._evaluation(evaluation, predictions, base)
            done = number if number is not None else done
        if done >= 0:
            yield self._stopped(done, None)

    def _stopped(self, done: int, error: StepError | None) -> Row:
        """How many rounds went through, and what stopped them."""
        row = replace(self.base, metric="rounds", direction=None, value=float(done))
        if error is None:
            return replace(row, reason="the number of rounds that was asked for")
        ended = failure(error)
        status = Status.OK if ended["status"] == Status.SKIPPED else ended["status"]
        return replace(row, **{**ended, "status": status})

    def _synthetic(
        self, synthetic: Step[Synthetic], base: Row
    ) -> tuple[Row, Row, StepError | None]:
        """What every row records of a synthetic table, the row on its quality, and why not."""
        pipeline_steps = self.graph.pipeline_steps
        assert pipeline_steps is not None
        row = replace(base, metric="wasserstein", direction="min")
        try:
            kept = self.runner.result(synthetic)
            generated = self.runner.result(pipeline_steps.generated)
        except StepError as error:
            base = replace(base, notes=self._notes())
            row = replace(row, notes=base.notes, **failure(error), **self._cost(error.step))
            return base, row, error
        fields: dict[str, Any] = {
            "n_synthetic": len(kept.table),
            "n_dropped": len(generated.table) - len(kept.table),
            "segments": json.dumps(segment_counts(generated, kept)),
            "notes": (*self._notes(), *kept.notes),
        }
        base = replace(base, **fields)
        keys = {**self._keys(), "synthetic": synthetic.key}
        row = replace(row, keys=json.dumps(keys), **fields, **self._cost(synthetic))
        drawn = quality.sampled(self.train, self.test, kept.table)
        row = replace(row, notes=(*row.notes, *drawn))
        if not len(kept.table):
            return base, replace(row, reason="no synthetic row was made"), None
        if synthetic.key not in self.graph.quality:
            return base, replace(row, reason="not measured: predictors alone are scored"), None
        try:
            measured = self.runner.result(self.graph.quality[synthetic.key])
        except StepError as error:
            return base, replace(row, **failure(error)), None
        common = self._common(base)
        self.quality += quality_records(measured, kept, self.train, common)
        tables = {"train": self.train, "test": self.test, "synthetic": kept.table}
        self.distributions += distribution_records(tables, common)
        shown = (self.train, kept.table, kept.dropped, self._hardness())
        if not self.images:  # of the first round, where there are some
            self.images = list(image_records(*shown, common))
        if not self.texts:
            self.texts = list(text_records(*shown, common))
        [whole] = [m for m in measured if m.metric == "wasserstein" and m.column is None]
        return base, replace(row, value=whole.value), None

    def _hardness(self) -> FloatArray | None:
        """Of the train rows; None where they were not profiled, or could not be."""
        assert self.graph.pipeline_steps is not None
        step = self.graph.pipeline_steps.profiles.get("real")
        if step is None:
            return None
        try:
            return self.runner.result(step).hardness
        except StepError:
            return None  # the rows of this job carry this failure as their reason

    def _log(self) -> list[dict[str, Any]]:
        """The log of a loop's rounds; the quality of each that added rows joins the others'."""
        pipeline_steps = self.graph.pipeline_steps
        if pipeline_steps is None or pipeline_steps.log is None:
            return []
        try:
            log = self.runner.result(pipeline_steps.log)
        except StepError:
            return []  # the rows of this job carry this failure as their reason
        grew = pipeline_steps.rounds[: max(record["round"] for record in log)]
        for number, grown in enumerate(grew if self.graph.quality else (), start=1):
            kept = self.runner.result(grown)
            try:
                measured = self.runner.result(self.graph.quality[grown.key])
            except StepError as error:
                reason = one_line(error.cause)
                measured = [Measurement("wasserstein", None, None, None, "min", reason)]
            common = self._common(replace(self.base, round=number))
            self.quality += quality_records(measured, kept, self.train, common)
        return [{**self._common(self.base), **record} for record in log]

    def _common(self, base: Row) -> dict[str, Any]:
        return common_columns(base, self.job.names)

    def _profiles(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The rows of each profile that could be made."""
        pipeline_steps = self.graph.pipeline_steps
        for of, step in pipeline_steps.profiles.items() if pipeline_steps else ():
            try:
                profile = self.runner.result(step)
            except StepError:
                continue  # the rows of this job carry this failure as their reason
            yield step.key, profile_records(profile, self.base, of)

    def _strata(self) -> Any:
        """The segments of the test rows; None if not asked for, or train is too small."""
        if self.graph.strata is None:
            large = () if self.job.scores_only else strata.too_large(self.train.schema)
            self.base = replace(self.base, notes=(*self.base.notes, *large))
            return None
        notes = strata.sampled(len(self.train))
        try:
            return self.runner.result(self.graph.strata)
        except StepError as error:
            if not isinstance(error.cause, TooFewRowsError):
                raise
            notes = (Note(Code.NO_STRATA, one_line(error.cause), len(self.train)),)
            return None
        finally:
            self.base = replace(self.base, notes=(*self.base.notes, *notes))

    def _evaluation(
        self, evaluation: Evaluation, predictions: dict[str, Step[Predictions]], base: Row
    ) -> Iterator[Row]:
        """The rows of every predictor that learns from one table."""
        base = replace(base, proportion=evaluation.proportion, sample_seed=evaluation.sample_seed)
        if evaluation.drawn is None and evaluation.proportion is not None:
            with suppress(StepError):  # the predictors' rows carry a failure as their reason
                base = replace(base, n_train=len(self.runner.result(evaluation.training)))
        if evaluation.drawn is not None:
            try:
                drawn = self.runner.result(evaluation.drawn)
                notes = (*base.notes, *drawn.notes)
                base = replace(base, n_synthetic=len(drawn.table), notes=notes)
            except StepError:
                pass  # the predictors' rows carry this failure as their reason
        for name, step in predictions.items():
            yield from self._predictor(name, step, base)
        for name, why in self.graph.left_out.items():
            skipped = replace(base, predictor=name, status=Status.SKIPPED, reason=f"{name} {why}")
            for metric in self.metrics:
                yield replace(skipped, metric=metric.name, direction=metric.direction)

    def _predictor(self, name: str, step: Step[Predictions], base: Row) -> list[Row]:
        keys = {**self._keys(), "predictions": step.key, "predictions_step": type(step).__name__}
        base = replace(base, predictor=name, keys=json.dumps(keys))
        try:
            predictions = self.runner.result(step)
        except StepError as error:
            base = replace(base, **failure(error), **self._cost(step))
            return [replace(base, metric=m.name, direction=m.direction) for m in self.metrics]
        notes = (note.within(name, " ") for note in predictions.notes)
        base = replace(base, notes=(*base.notes, *notes), **self._cost(step))
        of_levels = score_rows(base, self.test, self.metrics, predictions, self.subgroups)
        scored = predictor_rows(
            base, self.train.schema, self.targets, self.metrics, predictions, self.strata
        )
        return [*scored, *of_levels]

    def _ranking(self, ranking: Ranking) -> list[Row]:
        perturbed, profile = ranking.perturbed, ranking.profile
        keys = {"train": self.graph.train.key, "profile": profile.key}
        base = replace(self.base, direction="max", keys=json.dumps(keys))
        names = RANKING_METRICS
        try:
            wrong = self.runner.result(perturbed).perturbed
            hardness = self.runner.result(profile).hardness
        except StepError as error:
            failed = {**failure(error), **self._cost(profile)}
            return [replace(base, metric=name, **failed) for name in names]
        values = ranking_scores(wrong, hardness)
        cost = self._cost(profile)
        return [replace(base, metric=name, value=values[name], **cost) for name in names]

    def _cost(self, step: Step[Any]) -> dict[str, Any]:
        """What the steps behind a row cost by phase, when they were computed."""
        seconds: dict[str, float] = {}
        cpu: dict[str, float] = {}
        peak: dict[str, float] = {}
        for parent in step.ancestry().values():
            record = self.runner.record(parent)
            if record is not None:
                seconds[record.phase] = seconds.get(record.phase, 0.0) + record.seconds
                cpu[record.phase] = cpu.get(record.phase, 0.0) + record.cpu_seconds
                peak[record.phase] = max(peak.get(record.phase, 0.0), record.peak_mb)
        return {"seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak}

    def _keys(self) -> dict[str, str]:
        """The steps behind every row, by role."""
        graph = self.graph
        keys = {"train": graph.train.key, "test": graph.test.inputs[0].key}
        if graph.pipeline_steps is not None:
            keys["synthetic"] = graph.pipeline_steps.synthetic.key
            keys |= {f"profile_{of}": p.key for of, p in graph.pipeline_steps.profiles.items()}
        return keys

    def _notes(self) -> tuple[Note, ...]:
        """Notes on the data and of each profile that could be made."""
        notes = [*self.base.notes]
        pipeline_steps = self.graph.pipeline_steps
        for of, step in pipeline_steps.profiles.items() if pipeline_steps else ():
            with suppress(StepError):  # the rows of this job carry this failure as their reason
                notes += [n.within(f"{of} rows") for n in self.runner.result(step).notes]
        return tuple(notes)
