"""Runs a pipeline on rows in memory: the steps of a job, with nothing stored and nothing scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tabsculpt.config.components import TARGET, instantiate
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.notes import as_notes
from tabsculpt.datasets.split import Splitting
from tabsculpt.datasets.split_steps import Rows, SplitPart
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.step import StepError
from tabsculpt.errors import TooFewRowsError, UserError, unknown
from tabsculpt.jobs.device import choose_device, is_open
from tabsculpt.jobs.graph import data_fingerprint, pipeline_inputs
from tabsculpt.jobs.job import Job
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.profilers import Profile
from tabsculpt.protocols.augmentation import SAMPLE_SEEDS, Augmentation
from tabsculpt.samplers.parts import part_of, settings_of
from tabsculpt.table import Table

MISSING = ("keep", "impute")


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
    notes: tuple[Note, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class InMemory:
    """A `DatasetSource` of rows that are there already."""

    dataset: Dataset
    missing: str

    def load(self) -> Dataset:
        return self.dataset


def job_of(
    dataset: Dataset,
    missing: str,
    pipeline: str,
    settings: Mapping[str, Any],
    parts: Mapping[str, Any],
    seed: int,
    device: str,
) -> Job:
    """The job that the command line would do with the same settings.

    Args:
        dataset: all rows.
        missing: ``keep`` or ``impute``: what the pipeline sees of missing values.
        pipeline: its name.
        settings: of the pipeline.
        parts: what generator, profiler and predictors are set to, by group, where they are used;
            generator and profiler may be instances.
        seed: of every draw.
        device: "auto", "cpu" or "cuda".

    Raises:
        UserError: a setting is wrong, or the parts cannot work on such rows.
    """
    if missing not in MISSING:
        raise unknown("missing", str(missing), MISSING)
    found = {group: part_of(group, given) for group, given in parts.items()}
    made = {group: part for group, (_, part) in found.items()}
    target, chosen = settings_of("pipeline", pipeline)[TARGET], choose_device(device)
    job = Job(
        names={"pipeline": pipeline, **{group: name for group, (name, _) in found.items()}},
        source=InMemory(dataset, missing),
        profiler=made.get("profiler"),
        generator=made["generator"],
        pipeline=instantiate({TARGET: target, **{k: _bare(v) for k, v in settings.items()}}, ""),
        protocol=Augmentation(proportions=None),
        suite=made.get("predictors", {}),
        split=Splitting(0.0, 0),
        minority=None,
        seed=seed,
        device=chosen,
        device_is_open=is_open(device, chosen),
        outputs=Path(),
    ).on_its_device(len(dataset.table))
    job.check()
    if why := job.impossible(dataset):
        raise UserError(why)
    return job


def resample(job: Job, proportion: float | None) -> Resampled:
    """Do the steps of a job up to the synthetic rows; every row of the data set is a train row.

    Args:
        job: see `job_of`.
        proportion: synthetic rows drawn, as a share of the real ones; None for all.

    Raises:
        StepError: a step failed.
    """
    dataset = job.source.load()
    runner = Runner(None, lambda _step, _done: None)
    part = SplitPart(data_fingerprint(dataset), "all", job.source.missing, job.split, dataset)
    given = pipeline_inputs(job, Rows.of("train", runner.result(part), part))
    pipeline_steps = job.pipeline.build(given)
    assert pipeline_steps is not None
    [evaluation] = _protocol(proportion).evaluations(given, pipeline_steps)
    made = runner.result(pipeline_steps.synthetic)
    drawn = runner.result(evaluation.drawn) if evaluation.drawn is not None else None
    profiles = {of: runner.result(step) for of, step in pipeline_steps.profiles.items()}
    of_profiles = [
        note.within(f"{of} rows") for of, profile in profiles.items() for note in profile.notes
    ]
    draw_notes = drawn.notes if drawn is not None else ()
    return Resampled(
        drawn.table if drawn is not None else made.table,
        made,
        profiles.get("real"),
        (*as_notes(dataset.notes), *of_profiles, *made.notes, *draw_notes),
        tuple(note.text for note in of_profiles if note.code == Code.DEGENERATE_PROFILE),
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
    message = str(error)
    for name in ("missing", "task", "target", "drop"):
        message = message.replace(f"dataset.{name}", name)
    return message


def _protocol(proportion: float | None) -> Augmentation:
    proportions = None if proportion is None else [_bare(proportion)]
    name = f"{Augmentation.__module__}.{Augmentation.__qualname__}"
    node = {TARGET: name, "proportions": proportions, "sample_seeds": [SAMPLE_SEEDS[0]]}
    made: Augmentation = instantiate(node, "")
    return made


def _bare(value: Any) -> Any:
    """Numbers and lists without NumPy around them, as a search over settings hands them over."""
    if isinstance(value, (np.ndarray, tuple, list)):
        return [_bare(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
