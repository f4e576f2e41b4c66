"""A job: one dataset x profiler x generator x pipeline x protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from tabsculpt.config.components import changed, instantiate
from tabsculpt.config.compose import GROUPS, Composed, Resolved, as_shipped
from tabsculpt.config.contracts import make
from tabsculpt.datasets import Dataset, DatasetSource
from tabsculpt.datasets.reserved_rows import Aside
from tabsculpt.datasets.split import Splitting
from tabsculpt.engine.fingerprints import library_version
from tabsculpt.engine.step import describe, hashed
from tabsculpt.errors import UserError
from tabsculpt.generators import Generator
from tabsculpt.generators.requirements import obstacle
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.jobs.device import choose_device
from tabsculpt.metrics import Scorer, named_metrics
from tabsculpt.pipelines import Pipeline, adds_to_real
from tabsculpt.pipelines import obstacle as nothing_to_do
from tabsculpt.pipelines.real import Real
from tabsculpt.predictors.suite import Suite
from tabsculpt.profilers import Profiler
from tabsculpt.profilers.auto import Auto
from tabsculpt.protocols import EvaluationProtocol
from tabsculpt.protocols.augmentation import Augmentation
from tabsculpt.protocols.trtr import TrainRealTestReal
from tabsculpt.results import local_folder

NONE = "none"
UNNAMED = ("experiment", "metric")
"""Groups that are no part of what a job does."""
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
    changed_predictors: str = ""
    """Settings of the suite that differ from those of the packaged file."""
    experiment: str | None = None
    """The experiment that asked for it; no part of what is done, so two may share a job."""
    own_metrics: Mapping[str, Scorer] = field(default_factory=dict)
    """What is read off its predictions besides the packaged metrics; no part of what is done."""

    @classmethod
    def each(
        cls,
        composed: Composed | Resolved,
        made: dict[str, Any] | None = None,
        gpu: bool | None = None,
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
        cls,
        composed: Composed | Resolved,
        made: dict[str, Any] | None = None,
        gpu: bool | None = None,
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
        job = cls(
            **_parts(composed, {} if made is None else made),
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
        )
        job.check_installed()
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
        return ", ".join(filter(None, [*parts, self.changed_predictors]))

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
        yield from self.own_metrics.values()

    def check_installed(self) -> None:
        """Refuse components whose libraries are absent.

        Raises:
            UserError: the first one, with what to install.
        """
        for part in self._components():
            absent = [name for name in part.libraries if library_version(name) == "absent"]
            if absent:
                extra = getattr(part, "extra", None)
                package = f"'tabsculpt[{extra}]'" if extra else absent[0]
                raise UserError(
                    f"{type(part).__name__} needs {absent[0]}, which is not installed: "
                    f"pip install {package}"
                )


def _parts(composed: Composed | Resolved, made: dict[str, Any]) -> dict[str, Any]:
    """What the groups are set to, by the attribute of a job; the jobs of a sweep share it."""
    if not isinstance(composed, Resolved):
        return _make_parts(composed, made)
    nodes = [getattr(composed.config, group) for group in GROUPS if group != "experiment"]
    name = f"job {[*map(id, nodes)]} {sorted(composed.names.items())}"
    if name not in made:
        made[name] = nodes, _make_parts(composed, made)  # kept, an id stands for its node
    parts: dict[str, Any] = made[name][1]
    return parts


def _make_parts(composed: Composed | Resolved, made: dict[str, Any]) -> dict[str, Any]:
    config = composed.config
    names = {group: name for group, name in composed.names.items() if group not in UNNAMED}
    parts = {
        group: _make(getattr(config, group), group, made)
        for group in ("dataset", "profiler", "generator", "pipeline", "protocol")
    }
    suite = _suite(config.predictors, made)
    own_metrics = {
        str(name): _make(node, f"metric.{name}", made)
        for name, node in named_metrics(config.metric).items()
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
    return {
        "names": names,
        "source": parts["dataset"],
        "profiler": parts["profiler"],
        "generator": parts["generator"],
        "pipeline": parts["pipeline"],
        "protocol": parts["protocol"],
        "suite": suite,
        "changed_predictors": _changed_predictors(suite, names["predictors"]),
        "experiment": _chosen(composed.names.get("experiment")),
        "own_metrics": own_metrics,
    }


def _suite(nodes: Any, made: dict[str, Any]) -> Suite:
    """The predictors by name; one that is set to null is left out.

    Raises:
        UserError: none is left.
    """
    kept = {str(name): node for name, node in nodes.items() if node is not None}
    if not kept:
        raise UserError(f"no predictor is left of {', '.join(map(str, nodes))}; keep at least one")
    return {name: _make(node, f"predictors.{name}", made) for name, node in kept.items()}


def _make(node: Any, where: str, made: dict[str, Any]) -> Any:
    plain = _plain(node, where)
    name = json.dumps([where, plain], sort_keys=True, default=str)
    if name not in made:
        made[name] = make(plain, where)
    return made[name]


def _plain(node: Any, where: str) -> dict[str, Any]:
    plain = OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
    if not isinstance(plain, dict):
        raise UserError(f"{where} is {plain!r}; expected settings, as in {where}.NAME=VALUE")
    return {str(key): value for key, value in plain.items()}


def _changed_predictors(suite: Mapping[str, Any], choice: str) -> str:
    alike: dict[str, list[str]] = {}
    for name, predictor in suite.items():
        said = changed(predictor, standard=_shipped_predictors(choice).get(name))
        alike.setdefault(said, []).append(name)
    return ", ".join(f"{' '.join(names)}: {said}" for said, names in alike.items() if said)


@cache
def _shipped_predictors(choice: str) -> dict[str, Any]:
    shipped = as_shipped("predictors", choice)
    return {str(name): instantiate(node, f"predictors.{name}") for name, node in shipped.items()}


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
