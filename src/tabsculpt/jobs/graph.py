"""The steps that a job takes, laid out before any is computed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.minority import CutMinority
from tabsculpt.datasets.reserved_rows import Purpose, ReservedRows
from tabsculpt.datasets.split_steps import Rows, SplitPart
from tabsculpt.datasets.subgroups import subgroup_levels
from tabsculpt.engine.identity import hashed
from tabsculpt.engine.step import Fetch, Step, ancestry
from tabsculpt.errors import check_returned
from tabsculpt.jobs.job import Job
from tabsculpt.metrics.class_balance import MatchedClassBalance
from tabsculpt.metrics.image_steps import FeatureNetwork
from tabsculpt.metrics.quality_steps import MeasureQuality, ScoresOfTest, Strata
from tabsculpt.metrics.strata import too_large
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.real_rows import trained_by
from tabsculpt.pipelines.synthetic_steps import Synthetic, SyntheticRows
from tabsculpt.predictors.prediction_steps import Predictions
from tabsculpt.predictors.suite import prediction_steps
from tabsculpt.protocols import Evaluation, Ranking
from tabsculpt.table import Schema, Table, Task


@dataclass(frozen=True)
class JobGraph:
    """The steps of a job.

    Attributes:
        train, test: the two parts.
        pipeline_steps: the synthetic table, None where there is none.
        scored: what predictors learn from, with their predictions by name; or the ranking.
        quality: of each synthetic table, by the key of its step; empty where only predictors are
            scored.
        strata: of the test rows; None where only predictors are scored, or rows are large images.
        left_out: why predictors for the task are not trained, by name.
    """

    train: Step[Table]
    test: Step[Table]
    pipeline_steps: PipelineSteps | None
    scored: tuple[tuple[Evaluation, dict[str, Step[Predictions]]], ...] | Ranking
    quality: dict[str, MeasureQuality]
    strata: Strata | None
    left_out: dict[str, str] = field(default_factory=dict)

    def steps(self) -> dict[str, Step[Any]]:
        """Every step, by key, inputs before users."""
        if isinstance(self.scored, Ranking):
            return ancestry([self.scored.perturbed, self.scored.profile])
        scoring: list[Step[Any]] = [*self.quality.values()]
        scoring += [self.strata] if self.strata else []
        for _, predictions in self.scored:
            scoring += predictions.values()
        return ancestry(scoring)

    def stored(self) -> list[str]:
        """Keys of the stored steps that the job rests on, those of its log and profiles too."""
        steps, pipeline_steps = self.steps(), self.pipeline_steps
        if pipeline_steps is not None:
            reported: list[Step[Any]] = [
                pipeline_steps.generated,
                *pipeline_steps.profiles.values(),
                *pipeline_steps.rounds,
            ]
            reported += [pipeline_steps.log] if pipeline_steps.log else []
            steps |= ancestry(reported)
        return sorted(key for key, step in steps.items() if step.stored)


def build_graph(job: Job, dataset: Dataset, fetch: Fetch) -> JobGraph:
    """Split the data and lay out every later step; nothing but the two parts is computed.

    Args:
        job: what is to be done.
        dataset: the job's data set, loaded.
        fetch: gets the two parts, whose content names all that follows.
    """
    return graph_from_parts(job, dataset.table.schema, *split_parts(job, dataset, fetch))


def graph_from_parts(job: Job, schema: Schema, train: Step[Table], test: Step[Table]) -> JobGraph:
    """Lay out every step that follows from the two parts; reads and computes nothing."""
    task = schema.task
    given = pipeline_inputs(job, train)
    train = given.train
    pipeline_steps = job.pipeline.build(given)
    if pipeline_steps is not None:
        check_returned(job.pipeline, "pipeline", "build", pipeline_steps, PipelineSteps)
    laid = job.protocol.evaluations(given, pipeline_steps)
    if isinstance(laid, Ranking):
        return JobGraph(train, test, pipeline_steps, laid, {}, None)
    suite, left_out = trained_by(job.pipeline, job.suite, task)
    prior = pipeline_steps.prior if pipeline_steps is not None else None
    scored = tuple(
        (e, prediction_steps(suite, task, e.training, test, job.seed, prior)) for e in laid
    )
    made = [e.synthetic for e in laid if e.synthetic is not None]
    if pipeline_steps is not None:
        made += pipeline_steps.rounds
    if job.scores_only:
        return JobGraph(train, test, pipeline_steps, scored, {}, None, left_out)
    # of the split, so that the user's seeds share them
    strata = None if too_large(schema) else Strata(train, test, seed=0)
    images = schema.pixels is not None and task is not Task.REGRESSION
    network = FeatureNetwork(train, seed=0) if images else None  # of the split, as strata are
    quality = {
        step.key: replace(
            _quality(step, pipeline_steps, (train, test), job.seed),
            network=network,
            inception=job.inception if images else None,
        )
        for step in made
    }
    return JobGraph(train, test, pipeline_steps, scored, quality, strata, left_out)


def _quality(
    synthetic: Step[Synthetic],
    pipeline_steps: PipelineSteps | None,
    parts: tuple[Step[Table], ...],
    seed: int,
) -> MeasureQuality:
    """How a synthetic table is measured: against both parts, or against rows in its own mix."""
    train, test = parts
    rows = SyntheticRows(synthetic)
    if pipeline_steps is not None and pipeline_steps.like is not None:
        like = pipeline_steps.like
        train, test = MatchedClassBalance(like, rows, like), MatchedClassBalance(test, rows, like)
    return MeasureQuality(rows, train, test, ScoresOfTest(train, test), seed)


def pipeline_inputs(job: Job, rows: Step[Table]) -> PipelineInputs:
    """What the pipeline works with: the train side, or what is left where some is set aside."""
    parts: list[Step[Table] | None] = [
        ReservedRows(rows, job.reserved, str(purpose)) if share else None
        for purpose, share in (
            (Purpose.FIT, job.reserved.valuation + job.reserved.selection),
            (Purpose.VALUATION, job.reserved.valuation),
            (Purpose.SELECTION, job.reserved.selection),
        )
    ]
    left, valuation, selection = parts
    return PipelineInputs(
        left or rows,
        job.profiler,
        job.generator,
        job.seed,
        job.device,
        valuation,
        selection,
        job.suite,
    )


def split_parts(job: Job, dataset: Dataset, fetch: Fetch) -> tuple[Step[Table], Step[Table]]:
    """The train and the test part of a job's data set; arguments as `build_graph`.

    Raises:
        UserError: the data cannot be split as asked, or has no such subgroups.
    """
    subgroup_levels(dataset, job.subgroups)  # refused before any work
    data = data_fingerprint(dataset)
    train, test = (
        _named(role, SplitPart(data, role, job.source.missing, job.split, dataset), fetch)
        for role in ("train", "test")
    )
    if job.minority is not None:
        train = _named("train", CutMinority(train, job.minority, job.split.seed), fetch)
    return train, test


def data_fingerprint(dataset: Dataset) -> str:
    """A hash of the rows and their fixed test part."""
    return hashed(dataset.fingerprints)


def _named(role: str, origin: Step[Table], fetch: Fetch) -> Rows:
    return Rows.of(role, fetch(origin), origin)
