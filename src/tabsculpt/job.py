"""A job: one dataset x profiler x generator x pipeline x protocol, and the steps it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from tabsculpt.code import library_version
from tabsculpt.component import changed, instantiate
from tabsculpt.config import Composed
from tabsculpt.datasets import Dataset, DatasetSource
from tabsculpt.datasets.steps import Part, Rows
from tabsculpt.errors import UserError
from tabsculpt.generators import Generator
from tabsculpt.pipelines import Ingredients, Pipeline, Recipe
from tabsculpt.pipelines.real import Real
from tabsculpt.predictors.steps import Predictions
from tabsculpt.predictors.suite import Suite, evaluate
from tabsculpt.profilers import Profile, Profiler
from tabsculpt.profilers.auto import Auto
from tabsculpt.profilers.perturbations import Perturbed, PerturbedRows
from tabsculpt.profilers.steps import profile_rows
from tabsculpt.protocols import EvaluationProtocol
from tabsculpt.protocols.hardness import Hardness
from tabsculpt.protocols.trtr import TrainRealTestReal
from tabsculpt.step import Fetch, Step, describe, hashed
from tabsculpt.table import Table

NONE = "none"
DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Job:
    """What is to be done, as components; ``names`` are those of the command line.

    Parts that the pipeline does not use are None and named "none", and a job that trains on real
    rows is ``pipeline=real protocol=trtr`` whatever it was crossed with: a grid then holds each
    distinct piece of work once. The protocol "hardness" uses a profiler and nothing else.
    """

    names: Mapping[str, str]
    source: DatasetSource
    profiler: Profiler | Auto | None
    generator: Generator | None
    pipeline: Pipeline
    protocol: EvaluationProtocol
    suite: Suite
    test_size: float
    split_seed: int
    seed: int
    device: str
    outputs: Path

    @classmethod
    def of(cls, composed: Composed) -> Job:
        """Make the components of a composed configuration.

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
        ranks = isinstance(parts["protocol"], Hardness)
        if ranks:
            parts["pipeline"], suite = Real(), {}
            names |= {"pipeline": NONE, "predictors": NONE}
        elif isinstance(parts["pipeline"], Real) or not parts["protocol"].uses_synthetic:
            parts |= {"pipeline": Real(), "protocol": TrainRealTestReal()}
            names |= {"pipeline": "real", "protocol": "trtr"}
        for group, used in (
            ("profiler", ranks or parts["pipeline"].uses_profiler),
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
            test_size=_fraction(config.split.test_size, "split.test_size"),
            split_seed=_count(config.split.seed, "split.seed"),
            seed=_count(config.seed, "seed"),
            device=choose_device(config.device),
            outputs=Path(config.paths.outputs),
        )
        job._check_installed()
        return job

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
            "test_size": self.test_size,
            "split_seed": self.split_seed,
            "seed": self.seed,
            "device": self.device,
        }

    def changed(self, group: str) -> str:
        """The settings of the profiler, generator or pipeline that differ from their defaults."""
        part = getattr(self, group)
        return changed(part) if part is not None else ""

    @property
    def threshold(self) -> float | None:
        """The profiler's cut; None where there is none, or where a search finds it."""
        return None if isinstance(self.profiler, Auto | None) else self.profiler.threshold

    def evaluation(self) -> str:
        """What must agree for scores to be compared."""
        parts = [f"test_size={self.test_size:g}", f"missing={self.source.missing}"]
        if isinstance(self.protocol, Hardness):
            parts.append(f"perturbation={self.protocol.perturbation}")
        for name, predictor in self.suite.items():
            if settings := changed(predictor):
                parts.append(f"{name}: {settings}")
        return ", ".join(parts)

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
        recipe: the synthetic table, None for the baseline.
        training: what the predictors learn from.
        predictions: by predictor.
        ranking: for the protocol "hardness": the perturbed rows and their profile.
    """

    train: Step[Table]
    test: Step[Table]
    recipe: Recipe | None
    training: Step[Table]
    predictions: dict[str, Step[Predictions]]
    ranking: tuple[Step[Perturbed], Step[Profile]] | None = None

    def steps(self) -> dict[str, Step[Any]]:
        """Every step, by key, inputs before users."""
        found: dict[str, Step[Any]] = {}
        for step in (*self.predictions.values(), *(self.ranking or ())):
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
    if isinstance(job.protocol, Hardness) and job.profiler is not None:
        perturbed = job.protocol.perturb(train, job.seed)
        profile = profile_rows(job.profiler, PerturbedRows(perturbed), job.seed)
        return Layout(train, test, None, train, {}, (perturbed, profile))
    given = Ingredients(train, job.profiler, job.generator, job.seed, job.device)
    recipe = job.pipeline.build(given)
    training = job.protocol.training_rows(train, recipe.synthetic if recipe else None)
    task = dataset.table.schema.task
    return Layout(
        train, test, recipe, training, evaluate(job.suite, task, training, test, job.seed)
    )


def lay_out_parts(job: Job, dataset: Dataset, fetch: Fetch) -> tuple[Step[Table], Step[Table]]:
    """The train and the test part of a job's data set; arguments as `lay_out`."""
    data = data_fingerprint(dataset)
    train, test = (
        _rows(Part(data, role, job.source.missing, job.test_size, job.split_seed, dataset), fetch)
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


def _fraction(value: float, key: str) -> float:
    if not 0 < value < 1:
        raise UserError(f"{key} is {value}; expected a share between 0 and 1, such as 0.33")
    return float(value)


def _count(value: int, key: str) -> int:
    if value < 0:
        raise UserError(f"{key} is {value}; expected a whole number of at least 0")
    return int(value)
