"""Runs a pipeline on rows in memory: the steps of a job, with nothing stored and nothing scored."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass, replace
from typing import Any

import numpy as np
from hydra.core.global_hydra import GlobalHydra

from tabsculpt.component import TARGET, instantiate, resolve
from tabsculpt.config import Composed, choices, load
from tabsculpt.contracts import check
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.steps import Part, Rows
from tabsculpt.errors import TooFewRowsError, UserError, unknown
from tabsculpt.generators.tuned import Tuned
from tabsculpt.job import Job
from tabsculpt.layout import data_fingerprint, ingredients
from tabsculpt.pipelines.steps import Synthetic
from tabsculpt.profilers import Profile
from tabsculpt.protocols.augmentation import SAMPLE_SEEDS, Augmentation
from tabsculpt.runner import Runner
from tabsculpt.step import StepError
from tabsculpt.table import Table

MISSING = ("keep", "impute")
INSTANCES = {"generator": ("least_rows", "conditional"), "profiler": ("hard_is", "candidates")}
"""What tells an instance, one of these at least; other groups take names alone."""
_ONE_AT_A_TIME = threading.Lock()
"""Hydra composes one configuration at a time, and a cross-validation may use threads."""


@dataclass(frozen=True, eq=False)
class Resampled:
    """What a pipeline made of some rows.

    Attributes:
        drawn: the synthetic rows that were asked for.
        made: all that it made.
        profile: of the real rows; None where none was made.
        notes: what the reader should know.
        warnings: the notes on profiles that tell nothing apart.
    """

    drawn: Table
    made: Synthetic
    profile: Profile | None
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class InMemory:
    """A `DatasetSource` of rows that are there already."""

    dataset: Dataset
    missing: str

    def load(self) -> Dataset:
        return self.dataset


def compose(
    dataset: Dataset,
    missing: str,
    parts: Mapping[str, Any],
    pipeline: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Job:
    """The job that the command line would do with the same settings.

    Args:
        dataset: all rows.
        missing: ``keep`` or ``impute``: what the pipeline sees of missing values.
        parts: what each group is set to; generator and profiler may be instances.
        pipeline: settings of the pipeline.
        settings: others.

    Raises:
        UserError: a setting is wrong, or the parts cannot work on such rows.
    """
    if missing not in MISSING:
        raise unknown("missing", str(missing), MISSING)
    instances = {group: part for group, part in parts.items() if not isinstance(part, str)}
    for group, part in instances.items():
        _check_instance(group, part)
    named = {group: part for group, part in parts.items() if group not in instances}
    composed = _compose([f"{key}={_bare(value)}" for key, value in {**named, **settings}.items()])
    _refuse_search(instances.get("generator", composed.config.generator[TARGET]))
    node = {TARGET: composed.config.pipeline[TARGET], **{k: _bare(v) for k, v in pipeline.items()}}
    job = replace(
        Job.of(composed),
        source=InMemory(dataset, missing),
        pipeline=instantiate(node, "pipeline"),
        **instances,
    )
    names = {group: type(part).__name__.lower() for group, part in instances.items()}
    job = replace(job, names={**job.names, **names})
    if why := job.impossible(dataset):
        raise UserError(why)
    return job


def resample(job: Job, proportion: float | None) -> Resampled:
    """Do the steps of a job up to the synthetic rows; every row of the data set is a train row.

    Args:
        job: see `compose`.
        proportion: synthetic rows drawn, as a share of the real ones; None for all.

    Raises:
        StepError: a step failed.
    """
    dataset = job.source.load()
    runner = Runner(None, lambda _step, _done: None)
    part = Part(data_fingerprint(dataset), "all", job.source.missing, job.split, dataset)
    given = ingredients(job, Rows("train", runner.result(part).fingerprint(), part))
    recipe = job.pipeline.build(given)
    assert recipe is not None
    [evaluation] = _protocol(proportion).lay_out(given, recipe)
    made = runner.result(recipe.synthetic)
    drawn = runner.result(evaluation.drawn) if evaluation.drawn is not None else None
    profiles = {of: runner.result(step) for of, step in recipe.profiles.items()}
    weak = tuple(
        f"{of} rows: {why}" for of, profile in profiles.items() if (why := profile.degenerate())
    )
    chosen = tuple(
        f"{of} rows: {profile.chosen}" for of, profile in profiles.items() if profile.chosen
    )
    said = drawn.notes if drawn is not None else ()
    return Resampled(
        drawn.table if drawn is not None else made.table,
        made,
        profiles.get("real"),
        (*dataset.notes, *chosen, *weak, *made.notes, *said),
        weak,
    )


@contextmanager
def value_errors() -> Iterator[None]:
    """Raise bad input as scikit-learn's users expect it; other failures as they happened.

    Raises:
        ValueError: in place of the errors that the command line formats; settings are then called
            as they are in Python, ``missing`` and not ``dataset.missing``.
    """
    try:
        yield
    except StepError as error:
        if isinstance(error.cause, (UserError, TooFewRowsError)):
            raise ValueError(_in_python(error.cause)) from error
        raise error.cause from None
    except (UserError, TooFewRowsError) as error:
        raise ValueError(_in_python(error)) from error


def _in_python(error: BaseException) -> str:
    return re.sub(r"\b(dataset|pipeline|protocol|split)\.(?=[a-z])", "", str(error))


def _compose(overrides: list[str]) -> Composed:
    """Compose a configuration, also inside a program that uses Hydra itself."""
    with _ONE_AT_A_TIME:
        users, GlobalHydra.instance().hydra = GlobalHydra.instance().hydra, None
        try:
            return load(overrides)
        finally:
            GlobalHydra.instance().hydra = users


def _protocol(proportion: float | None) -> Augmentation:
    proportions = None if proportion is None else [_bare(proportion)]
    name = f"{Augmentation.__module__}.{Augmentation.__qualname__}"
    node = {TARGET: name, "proportions": proportions, "sample_seeds": [SAMPLE_SEEDS[0]]}
    made: Augmentation = instantiate(node, "protocol")
    return made


def _check_instance(group: str, part: Any) -> None:
    if isinstance(part, type):
        raise UserError(f"{group} is a class; make an instance of it: {part.__name__}()")
    marks = INSTANCES.get(group, ())
    if is_dataclass(part) and any(hasattr(part, name) for name in marks):
        check(part, group)
    else:
        instance = f", or an instance of a class of tabsculpt.{group}s" if marks else ""
        raise UserError(
            f"{group} is {part!r}; expected a name, one of {', '.join(choices(group))}{instance}"
        )


def _refuse_search(generator: Any) -> None:
    cls = resolve(generator, "generator") if isinstance(generator, str) else type(generator)
    if issubclass(cls, Tuned):
        raise UserError(
            "generator=tuned chooses by rows that nothing is trained on, and a sampler returns all "
            "its rows to be trained on: search with 'tabsculpt run split.selection=0.2', and give "
            "the generator that it chose"
        )


def _bare(value: Any) -> Any:
    """Numbers and lists without NumPy around them, as a search over settings hands them over."""
    if isinstance(value, (np.ndarray, tuple, list)):
        return [_bare(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
