"""A job: one dataset x profiler x generator x pipeline x protocol, and the steps it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from tabsculpt.code import library_version
from tabsculpt.component import changed, instantiate
from tabsculpt.config import Composed, as_shipped
from tabsculpt.datasets import Dataset, DatasetSource
from tabsculpt.datasets.aside import Aside, Carved, Purpose
from tabsculpt.datasets.minority import CutMinority
from tabsculpt.datasets.split import Splitting
from tabsculpt.datasets.steps import Part, Rows
from tabsculpt.errors import UserError
from tabsculpt.generators import Generator
from tabsculpt.generators.requirements import obstacle
from tabsculpt.generators.tuned import Tuned
from tabsculpt.metrics.mix import SameMix
from tabsculpt.metrics.steps import MeasureQuality, Strata
from tabsculpt.pipelines import Ingredients, Pipeline, Recipe, adds_to_real
from tabsculpt.pipelines import obstacle as nothing_to_do
from tabsculpt.pipelines.real import Real
from tabsculpt.pipelines.steps import Synthetic, SyntheticRows
from tabsculpt.predictors.steps import Predictions
from tabsculpt.predictors.suite import Suite, evaluate
from tabsculpt.profilers import Profiler
from tabsculpt.profilers.auto import Auto
from tabsculpt.protocols import Evaluation, EvaluationProtocol, Ranking
from tabsculpt.protocols.augmentation import Augmentation
from tabsculpt.protocols.trtr import TrainRealTestReal
from tabsculpt.results import local_folder
from tabsculpt.step import Fetch, Step, ancestry, describe, hashed
from tabsculpt.table import Table, Task

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
    minority: float | None
    seed: int
    device: str
    outputs: Path
    aside: Aside = field(default_factory=Aside)
    experiment: str | None = None
    """The experiment that asked for it; no part of what is done, so two may share a job."""

    @classmethod
    def each(
        cls, composed: Composed, made: dict[str, Any] | None = None, gpu: bool | None = None
    ) -> list[Job]:
        """The jobs of a composed configuration: one for each of its splits; see `of`."""
        split = composed.config.split
        repeats = range(_count(split.repeats, "split.repeats", 1))
        folds = [None] if split.folds is None else range(_count(split.folds, "split.folds", 2))
        job = cls.of(composed, made, gpu)
        return [
            replace(job, split=replace(job.split, seed=job.split.seed + repeat, fold=fold))
            for repeat in repeats
            for fold in folds
        ]

    @classmethod
    def of(
        cls, composed: Composed, made: dict[str, Any] | None = None, gpu: bool | None = None
    ) -> Job:
        """Make the components of a composed configuration, with the first of its splits.

        Args:
            composed: complete.
            made: components made so far, by their description: jobs of a sweep share them.
            gpu: see `choose_device`.

        Raises:
            UserError: a setting is wrong, or a component's extra is not installed.
        """
        config = composed.config
        names = {group: name for group, name in composed.names.items() if group != "experiment"}
        made = {} if made is None else made
        parts = {
            group: _make(config[group], group, made)
            for group in ("dataset", "profiler", "generator", "pipeline", "protocol")
        }
        suite = {
            str(name): _make(node, f"predictors.{name}", made)
            for name, node in config.predictors.items()
        }
        protocol = parts["protocol"]
        if not protocol.uses_predictors:
            parts["pipeline"], suite = Real(), {}
            names |= {"pipeline": NONE, "predictors": NONE}
        elif protocol.uses_profiler and not protocol.uses_synthetic:
            parts["pipeline"] = Real()
            names |= {"pipeline": NONE}
        elif isinstance(parts["pipeline"], Real) or not protocol.uses_synthetic:
            protocol = TrainRealTestReal()
            parts |= {"pipeline": Real(), "protocol": protocol}
            names |= {"pipeline": "real", "protocol": "trtr"}
        elif adds_to_real(parts["pipeline"]):
            parts["protocol"] = protocol = _all_added(protocol, names)
            names |= {"protocol": "augmentation"}
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
            minority=_share_or_none(config.split.minority, "split.minority"),
            seed=_count(config.seed, "seed"),
            device=choose_device(config.device, gpu),
            outputs=local_folder(config.paths.outputs, "paths.outputs"),
            aside=Aside(config.split.valuation, config.split.selection),
            experiment=_chosen(composed.names.get("experiment")),
        )
        job._check_installed()
        if isinstance(job.generator, Tuned) and not job.aside.selection:
            raise UserError(
                "generator=tuned chooses by rows that nothing is trained on: set some of the train "
                "side aside, as in split.selection=0.2"
            )
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
            "minority": self.minority,
            "aside": describe(self.aside),
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
        parts = [str(self.split), f"missing={self.source.missing}", str(self.aside)]
        if self.minority is not None:
            parts.append(f"minority={self.minority:g}")
        alike: dict[str, list[str]] = {}
        shipped = as_shipped("predictors", self.names["predictors"])
        for name, predictor in self.suite.items():
            node = shipped.get(name)
            standard = instantiate(node, f"predictors.{name}") if node else None
            alike.setdefault(changed(predictor, standard=standard), []).append(name)
        parts += [f"{' '.join(names)}: {said}" for said, names in alike.items() if said]
        return ", ".join(filter(None, parts))

    def impossible(self, dataset: Dataset) -> str | None:
        """Why pipeline or generator cannot work on the data set, whatever its rows, or None."""
        if self.generator is None:
            return None
        schema = dataset.table.schema
        if why := nothing_to_do(self.pipeline, schema):
            return f"pipeline={self.names['pipeline']} {why} (dataset {dataset.name})"
        kept = self.source.missing == "keep"  # otherwise no missing value reaches it
        table = dataset.table if kept else dataset.table.take([])
        parts = {self.names["generator"]: self.generator}
        if isinstance(self.generator, Tuned):
            parts = self.generator.candidates
        found = ((name, obstacle(part, table)) for name, part in parts.items())
        name, why = next(((name, why) for name, why in found if why), ("", None))
        return f"{name} {why} (dataset {dataset.name})" if why else None

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
        if isinstance(self.generator, Tuned):
            yield from self.generator.candidates.values()
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
        if isinstance(self.scored, Ranking):
            return ancestry([self.scored.perturbed, self.scored.profile])
        scoring: list[Step[Any]] = [*self.quality.values(), self.strata]
        for _, predictions in self.scored:
            scoring += predictions.values()
        return ancestry(scoring)

    def stored(self) -> list[str]:
        """Keys of the stored steps that the job rests on, those of its log and profiles too."""
        steps, recipe = self.steps(), self.recipe
        if recipe is not None:
            told: list[Step[Any]] = [recipe.generated, *recipe.profiles.values(), *recipe.rounds]
            told += [recipe.log] if recipe.log else []
            steps |= ancestry(told)
        return sorted(key for key, step in steps.items() if step.stored)


def lay_out(job: Job, dataset: Dataset, fetch: Fetch) -> Layout:
    """Split the data and lay out every later step; nothing but the two parts is computed.

    Args:
        job: what is to be done.
        dataset: the job's data set, loaded.
        fetch: gets the two parts, whose content names all that follows.
    """
    return lay_out_from(job, dataset.table.schema.task, *lay_out_parts(job, dataset, fetch))


def lay_out_from(job: Job, task: Task, train: Step[Table], test: Step[Table]) -> Layout:
    """Lay out every step that follows from the two parts; reads and computes nothing."""
    given = ingredients(job, train)
    train = given.train
    recipe = job.pipeline.build(given)
    laid = job.protocol.lay_out(given, recipe)
    strata = Strata(train, test, seed=0)  # of the split, so that the user's seeds share them
    if isinstance(laid, Ranking):
        return Layout(train, test, recipe, laid, {}, strata)
    scored = tuple((e, evaluate(job.suite, task, e.training, test, job.seed)) for e in laid)
    made = [e.synthetic for e in laid if e.synthetic is not None]
    if recipe is not None:
        made += recipe.rounds
    quality = {step.key: _quality(step, recipe, (train, test), job.seed) for step in made}
    return Layout(train, test, recipe, scored, quality, strata)


def _quality(
    synthetic: Step[Synthetic], recipe: Recipe | None, parts: tuple[Step[Table], ...], seed: int
) -> MeasureQuality:
    """How a synthetic table is measured: against both parts, or against rows in its own mix."""
    train, test = parts
    rows = SyntheticRows(synthetic)
    if recipe is not None and recipe.like is not None:
        like = recipe.like
        train, test = SameMix(like, rows, like), SameMix(test, rows, like)
    return MeasureQuality(rows, train, test, seed)


def ingredients(job: Job, rows: Step[Table]) -> Ingredients:
    """What the pipeline works with: the train side, or what is left where some is set aside."""
    parts: list[Step[Table] | None] = [
        Carved(rows, job.aside, str(purpose)) if share else None
        for purpose, share in (
            (Purpose.FIT, job.aside.valuation + job.aside.selection),
            (Purpose.VALUATION, job.aside.valuation),
            (Purpose.SELECTION, job.aside.selection),
        )
    ]
    left, valuation, selection = parts
    return Ingredients(
        left or rows,
        job.profiler,
        job.generator,
        job.seed,
        job.device,
        valuation,
        selection,
        job.suite,
    )


def lay_out_parts(job: Job, dataset: Dataset, fetch: Fetch) -> tuple[Step[Table], Step[Table]]:
    """The train and the test part of a job's data set; arguments as `lay_out`."""
    data = data_fingerprint(dataset)
    train, test = (
        _named(role, Part(data, role, job.source.missing, job.split, dataset), fetch)
        for role in ("train", "test")
    )
    if job.minority is not None:
        train = _named("train", CutMinority(train, job.minority, job.split.seed), fetch)
    return train, test


def data_fingerprint(dataset: Dataset) -> str:
    """A hash of the rows and their fixed test part."""
    return hashed(dataset.fingerprints)


def choose_device(device: str, gpu: bool | None = None) -> str:
    """Resolve "auto" to the device there is.

    Args:
        device: as configured.
        gpu: whether jobs get a GPU on the machine that they are sent to; None: they run on this.

    Raises:
        UserError: an unknown device, or cuda where there is none.
    """
    if device not in DEVICES:
        raise UserError(f"device is {device!r}; expected one of {', '.join(DEVICES)}")
    if gpu is not None:
        if device == "cuda" and not gpu:
            raise UserError(
                "device=cuda, but hydra.launcher.gpus (num_gpus for Ray) gives jobs no GPU"
            )
        return "cuda" if gpu and device != "cpu" else "cpu"
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


def _named(role: str, origin: Step[Table], fetch: Fetch) -> Rows:
    return Rows(role, fetch(origin).fingerprint(), origin)


def _make(node: Any, where: str, made: dict[str, Any]) -> Any:
    plain = _plain(node)
    name = json.dumps([where, plain], sort_keys=True, default=str)
    if name not in made:
        made[name] = instantiate(plain, where)
    return made[name]


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


def _all_added(protocol: EvaluationProtocol, names: Mapping[str, str]) -> Augmentation:
    """The protocol of a pipeline that decides itself how many rows are added.

    Raises:
        UserError: another protocol than tstr, the default, or augmentation with shares of its own.
    """
    everything = Augmentation(proportions=None)
    if names["protocol"] == "tstr" or protocol in (Augmentation(), everything):
        return everything
    raise UserError(
        f"pipeline={names['pipeline']} decides itself how many rows are added to the real ones: "
        "use protocol=augmentation without protocol.proportions or protocol.sample_seeds"
    )


def _share_or_none(value: float | None, key: str) -> float | None:
    return None if value is None else _fraction(value, key)


def _count(value: int, key: str, least: int = 0) -> int:
    if value < least:
        raise UserError(f"{key} is {value}; expected a whole number of at least {least}")
    return int(value)
