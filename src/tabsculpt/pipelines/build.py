"""The parts that several pipelines are put together from."""

from __future__ import annotations

from tabsculpt.engine.step import Step
from tabsculpt.generators.fit_steps import Fit, Fitted, Sample
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.hardest import FromRows
from tabsculpt.pipelines.synthetic_steps import (
    CutSegments,
    DropHard,
    Pool,
    SegmentRows,
    SmallSegments,
    Synthetic,
    SyntheticRows,
    Whole,
)
from tabsculpt.pipelines.tuning import tune
from tabsculpt.profilers import Segment
from tabsculpt.profilers.profile_steps import profile_rows
from tabsculpt.table import Table


def fit_rows(given: PipelineInputs, rows: Step[Table], small: str = "refuse") -> Step[Fitted]:
    """The generator fitted on some rows, after a search where it is to be searched for.

    Args:
        given: with a generator.
        rows: what it is fitted on.
        small: as in `Fit`.
    """
    assert given.generator is not None
    if isinstance(given.generator, Tuned):
        return tune(given, given.generator, rows, small)
    return Fit(given.generator, rows, given.seed, device_of(given), small)


def sample_like(given: PipelineInputs, fit: Step[Fitted], rows: Step[Table]) -> Sample:
    """Synthetic rows in the number of some real ones."""
    return Sample(fit, rows, given.seed, given.times, given.batch)


def whole(given: PipelineInputs) -> PipelineSteps:
    """One generator on all rows, sampled at their number."""
    assert given.generator is not None
    fit = fit_rows(given, given.train)
    table = Whole(sample_like(given, fit, given.train), fit, given.train)
    return PipelineSteps(table, table, {})


def from_rows(given: PipelineInputs, rows: Step[Table], name: str) -> PipelineSteps:
    """One generator on some of the rows, which have a name, sampled at the number of all."""
    assert given.generator is not None
    fit = fit_rows(given, rows)
    table = FromRows(sample_like(given, fit, given.train), fit, rows, name)
    return PipelineSteps(table, table, {})


def by_segment(given: PipelineInputs, small: SmallSegments) -> PipelineSteps:
    """One generator per segment, each sampled at its segment's number of rows, pooled."""
    assert given.generator is not None
    assert given.profiler is not None
    generator = given.generator
    profile = profile_rows(given.profiler, given.train, given.seed, given.device, given.valuation)
    cut = CutSegments(profile, type(generator).least_rows, small)
    names = tuple(str(segment) for segment in Segment)
    rows = tuple(SegmentRows(given.train, cut, name) for name in names)
    fallback = "bootstrap" if small is SmallSegments.BOOTSTRAP else "refuse"
    fits = tuple(fit_rows(given, part, fallback) for part in rows)
    samples = tuple(sample_like(given, *pair) for pair in zip(fits, rows, strict=True))
    pool = Pool(samples, fits, rows, names, cut)
    return PipelineSteps(pool, pool, {"real": profile})


def drop_hard(given: PipelineInputs, before: PipelineSteps) -> PipelineSteps:
    """Profile the synthetic table itself and drop what is hard in it."""
    assert given.profiler is not None
    synthetic: Step[Synthetic] = before.synthetic
    profile = profile_rows(given.profiler, SyntheticRows(synthetic), given.seed, given.device)
    refined = DropHard(synthetic, profile)
    return PipelineSteps(refined, synthetic, {**before.profiles, "synthetic": profile})


def device_of(given: PipelineInputs) -> str:
    """The job's device if the generator gains from it: a fit on the CPU is then one on any box."""
    assert given.generator is not None
    return given.device if given.device in type(given.generator).devices else "cpu"
