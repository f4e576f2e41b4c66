"""A job: one dataset x profiler x generator x pipeline x protocol, and the steps it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from tabsculpt.code import library_version
from tabsculpt.component import changed, instantiate
from tabsculpt.config import Composed
from tabsculpt.datasets import Dataset, DatasetSource
from tabsculpt.datasets.split import Splitting
from tabsculpt.datasets.steps import Part, Rows
from tabsculpt.errors import UserError
from tabsculpt.generators import Generator
from tabsculpt.generators.requirements import obstacle
from tabsculpt.metrics.steps import MeasureQuality, Strata
from tabsculpt.pipelines import Ingredients, Pipeline, Recipe
from tabsculpt.pipelines.real import Real
from tabsculpt.pipelines.steps import SyntheticRows
from tabsculpt.predictors.steps import Predictions
from tabsculpt.predictors.suite import Suite, evaluate
from tabsculpt.profilers import Profiler
from tabsculpt.profilers.auto import Auto
from tabsculpt.protocols import Evaluation, EvaluationProtocol, Ranking
from tabsculpt.protocols.trtr import TrainRealTestReal
from tabsculpt.step import Fetch, Step, describe, hashed
from tabsculpt.table import Table

NONE = "none"
DEVICES = ("auto", "cpu", "cuda")
COLUMNS = ("proportion", "proportions", "sample_seeds")
"""Settings of protocols that result rows have in columns of their own."""


@dataclass(frozen=True)
class Job:
    """What is to be done, as components; ``names`` are those of the command line.

    Parts that the pipeline does not use are None and named "none", and a job that trains on real
    rows is ``pipeline=real protocol=trtr`` whatever it was crossed with: a grid then holds each
    distinct piece of work once.
    """

    names: Mapping[str, str]
    source: DatasetSource
    profiler: Profiler | Auto | None
    generator: Generator | None
    pipeline: Pipeline
    protocol: EvaluationProtocol
    suite: Suite
    split: Splitting
    seed: int
    device: str
    outputs: Path
    experiment: str | None = None
    """The experiment that asked for it; no part of what is done, so two may share a job."""

    @classmethod
    def each(cls, composed: Composed) -> list[Job]:
        """The jobs of a composed configuration: one for each of its splits; see `of`."""
        split = composed.config.split
        repeats = range(_count(split.repeats, "split.repeats", 1))
        folds = [None] if split.folds is None else range(_count(split.folds, "split.folds", 2))
        job = cls.of(composed)
        return [
            replace(job, split=replace(job.split, seed=job.split.seed + repeat, fold=fold))
            for repeat in repeats
            for fold in folds
        ]

    @classmethod
    def of(cls, composed: Composed) -> Job:
        """Make the components of a composed configuration, with the first of its splits.

        Raises:
            UserError: a setting is wrong, or a component's extra is not installed.
        """
        config = composed.config
        names = {group: name for group, name in composed.names.items() if group != "experiment"}
        parts = {
            group: instantiate(_plain(config[group]), group)
            for group in ("dataset", "profiler", "generator", "pipeline", "protocol")
        }
        suite = {
            str(name): instantiate(_plain(node), f"predictors.{name}")
            for name, node in config.predictors.items()
        }
        protocol = parts["protocol"]
        if not protocol.uses_predictors:
            parts["pipeline"], suite = Real(), {}
            names |= {"pipeline": NONE, "predictors": NONE}
        elif isinstance(parts["pipeline"], Real) or not protocol.uses_synthetic:
            protocol = TrainRealTestReal()
            parts |= {"pipeline": Real(), "protocol": protocol}
            names |= {"pipeline": "real", "protocol": "trtr"}
        for group, used in (
            ("profiler", protocol.uses_profiler or parts["pipeline"].uses_profiler),
            ("generator", parts["pipeline"].uses_generator),
        ):
            if not used:
                parts[group], names[group] = None, NONE
        job = cls(
            names=names,
            source=parts["dataset"],
            profiler=parts["profiler"],
            generator=parts["generator"],
            pipeline=parts["pipeline"],
            protocol=parts["protocol"],
            suite=suite,
            split=Splitting(
                _fraction(config.split.test_size, "split.test_size"),
                _count(config.split.seed, "split.seed"),
                config.split.folds,
                None if config.split.folds is None else 0,
            ),
            seed=_count(config.seed, "seed"),
            device=choose_device(config.device),
            outputs=Path(config.paths.outputs),
            experiment=_chosen(composed.names.get("experiment")),
        )
        job._check_installed()
        return job

    def baseline(self) -> Job:
        """The job that trains the same predictors on the same real rows."""
        names = {"pipeline": "real", "protocol": "trtr", "profiler": NONE, "generator": NONE}
        return replace(
            self,
            names={**self.names, **names},
            profiler=None,
            generator=None,
            pipeline=Real(),
            protocol=TrainRealTestReal(),
        )

    def identity(self, data: str) -> str:
        """What the job's results are filed under: a hash of all that was asked for.

        Args:
            data: fingerprint of the data set.
        """
        return hashed([self.settings(), data])[:16]

    def settings(self) -> dict[str, Any]:
        """Everything that was asked for, as JSON-ready data; folders are not part of it."""
        parts = {
            "profiler": self.profiler,
            "generator": self.generator,
            "pipeline": self.pipeline,
            "protocol": self.protocol,
        }
        return {
            "names": {group: self.names[group] for group in sorted(self.names)},
            "parts": {name: part and describe(part) for name, part in parts.items()},
            "suite": {name: describe(part) for name, part in self.suite.items()},
            "missing": self.source.missing,
            "split": describe(self.split),
            "seed": self.seed,
            "device": self.device,
        }

    def changed(self, group: str) -> str:
        """The settings of a part of the job that differ from their defaults."""
        part = getattr(self, group)
        return changed(part, leave=COLUMNS) if part is not None else ""

    @property
    def threshold(self) -> float | None:
        """The profiler's cut; None where there is none, or where a search finds it."""
        return None if isinstance(self.profiler, Auto | None) else self.profiler.threshold

    def evaluation(self) -> str:
        """What must agree for scores to be compared."""
        parts = [str(self.split), f"missing={self.source.missing}"]
        for name, predictor in self.suite.items():
            if settings := changed(predictor):
                parts.append(f"{name}: {settings}")
        return ", ".join(parts)

    def impossible(self, dataset: Dataset) -> str | None:
        """Why the generator cannot learn the job's data set, whatever its rows; None if it can."""
        if self.generator is None:
            return None
        kept = self.source.missing == "keep"  # otherwise no missing value reaches it
        why = obstacle(self.generator, dataset.table if kept else dataset.table.take([]))
        return f"{self.names['generator']} {why} (dataset {dataset.name})" if why else None

    def versions(self) -> dict[str, str]:
        """Versions of the libraries that the job's components declare."""
        names = {"tabsculpt", "numpy", "pandas"}
        for part in self._components():
            names |= set(part.libraries)
        return {name: library_version(name) for name in sorted(names)}

    def _components(self) -> Iterator[Any]:
        yield from (part for part in (self.profiler, self.generator) if part is not None)
        if isinstance(self.profiler, Auto):
            yield from self.profiler.candidates.values()
        yield from self.suite.values()

    def _check_installed(self) -> None:
        for part in self._components():
            absent = [name for name in part.libraries if library_version(name) == "absent"]
            if absent:
                extra = getattr(part, "extra", None)
                package = f"'tabsculpt[{extra}]'" if extra else absent[0]
                raise UserError(
                    f"{type(part).__name__} needs {absent[0]}, which is not installed: "
                    f"pip install {package}"
                )


@dataclass(frozen=True)
class Layout:
    """The steps of a job.

    Attributes:
        train, test: the two parts.
        recipe: the synthetic table, None where there is none.
        scored: what predictors learn from, with their predictions by name; or the ranking.
        quality: of each synthetic table, by the key of its step.
        strata: of the test rows.
    """

    train: Step[Table]
    test: Step[Table]
    recipe: Recipe | None
    scored: tuple[tuple[Evaluation, dict[str, Step[Predictions]]], ...] | Ranking
    quality: dict[str, MeasureQuality]
    strata: Strata

    def steps(self) -> dict[str, Step[Any]]:
        """Every step, by key, inputs before users."""
        found: dict[str, Step[Any]] = {}
        if isinstance(self.scored, Ranking):
            return self.scored.perturbed.ancestry() | self.scored.profile.ancestry()
        scoring: list[Step[Any]] = [*self.quality.values(), self.strata]
        for _, predictions in self.scored:
            scoring += predictions.values()
        for step in scoring:
            found |= step.ancestry()
        return found


def lay_out(job: Job, dataset: Dataset, fetch: Fetch) -> Layout:
    """Split the data and lay out every later step; nothing but the two parts is computed.

    Args:
        job: what is to be done.
        dataset: the job's data set, loaded.
        fetch: gets the two parts, whose content names all that follows.
    """
    train, test = lay_out_parts(job, dataset, fetch)
    given = Ingredients(train, job.profiler, job.generator, job.seed, job.device)
    recipe = job.pipeline.build(given)
    laid = job.protocol.lay_out(given, recipe)
    strata = Strata(train, test, seed=0)  # of the split, so that the user's seeds share them
    if isinstance(laid, Ranking):
        return Layout(train, test, recipe, laid, {}, strata)
    task = dataset.table.schema.task
    scored = tuple((e, evaluate(job.suite, task, e.training, test, job.seed)) for e in laid)
    made = {e.synthetic.key: e.synthetic for e in laid if e.synthetic is not None}
    quality = {
        key: MeasureQuality(SyntheticRows(synthetic), train, test, job.seed)
        for key, synthetic in made.items()
    }
    return Layout(train, test, recipe, scored, quality, strata)


def lay_out_parts(job: Job, dataset: Dataset, fetch: Fetch) -> tuple[Step[Table], Step[Table]]:
    """The train and the test part of a job's data set; arguments as `lay_out`."""
    data = data_fingerprint(dataset)
    train, test = (
        _rows(Part(data, role, job.source.missing, job.split, dataset), fetch)
        for role in ("train", "test")
    )
    return train, test


def data_fingerprint(dataset: Dataset) -> str:
    """A hash of the rows and their fixed test part."""
    fixed = None if dataset.test_rows is None else dataset.test_rows.tolist()
    return hashed([dataset.table.fingerprint(), fixed])


def choose_device(device: str) -> str:
    """Resolve "auto" to the device there is.

    Raises:
        UserError: an unknown device, or cuda where there is none.
    """
    if device not in DEVICES:
        raise UserError(f"device is {device!r}; expected one of {', '.join(DEVICES)}")
    if device == "cpu" or not _has_nvidia():
        if device == "cuda":
            raise UserError("device=cuda, but no CUDA device is usable; use device=cpu or auto")
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise UserError("device=cuda, but torch finds no CUDA device; use device=cpu or auto")
    return "cpu"


def _has_nvidia() -> bool:
    """Whether asking torch is worth its import."""
    return Path("/proc/driver/nvidia").exists() or Path("/dev/nvidia0").exists()


def _rows(part: Part, fetch: Fetch) -> Rows:
    return Rows(part.role, fetch(part).fingerprint(), part)


def _plain(node: Any) -> dict[str, Any]:
    plain = OmegaConf.to_container(node, resolve=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def _chosen(name: str | None) -> str | None:
    return None if name in (None, "None", "null") else name


def _fraction(value: float, key: str) -> float:
    if not 0 < value < 1:
        raise UserError(f"{key} is {value}; expected a share between 0 and 1, such as 0.33")
    return float(value)


def _count(value: int, key: str, least: int = 0) -> int:
    if value < least:
        raise UserError(f"{key} is {value}; expected a whole number of at least {least}")
    return int(value)
