"""A job: one dataset x profiler x generator x pipeline x protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tabsculpt.config.components import changed
from tabsculpt.config.compose import Composed, Resolved
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.reserved_rows import ReservedShares
from tabsculpt.datasets.split import LEAST_TRAIN, Splitting
from tabsculpt.engine.fingerprints import library_version
from tabsculpt.engine.identity import describe, hashed
from tabsculpt.errors import UserError
from tabsculpt.extras import check_component
from tabsculpt.generators.requirements import obstacle_in_use
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.jobs.crossing import crossing
from tabsculpt.jobs.device import choose_device, is_open
from tabsculpt.jobs.parts import NONE, Parts, shared_parts
from tabsculpt.pipelines import obstacle as nothing_to_do
from tabsculpt.pipelines.real import Real
from tabsculpt.pipelines.real_rows import trained_by
from tabsculpt.predictors.suite import members
from tabsculpt.profilers.auto import Auto
from tabsculpt.protocols.trtr import TrainRealTestReal
from tabsculpt.results import local_folder
from tabsculpt.table import Schema
from tabsculpt.vision.inception import Inception

COLUMNS = ("proportion", "proportions", "sample_seeds")
"""Settings of protocols that result rows have in columns of their own."""


@dataclass(frozen=True, kw_only=True)
class Job(Parts):
    """Components, and how they are run: the split, the seed, the device.

    Parts that the pipeline does not use are None and named "none", and a job that trains on real
    rows is ``pipeline=real protocol=trtr`` whatever it was crossed with: a grid then holds each
    distinct piece of work once.
    """

    split: Splitting
    minority: float | None
    seed: int
    device: str
    outputs: Path
    reserved: ReservedShares = field(default_factory=ReservedShares)
    changed_predictors: str = ""
    """Settings of the suite that differ from those of the packaged file."""
    inception: Inception | None = None
    """A network that images are compared by, beside the one that is trained for it."""
    experiment: str | None = None
    """The experiment that asked for it; no part of what is done, so two may share a job."""
    typed: tuple[str, ...] = ()
    """What was asked for, as key=value, seeds and split seeds as of the first of its repeats; no
    part of what is done either."""
    device_is_open: bool = False
    """Whether nobody asked for the GPU that it has, so that small tables may go without."""
    scores_only: bool = False
    """Whether synthetic tables are not measured and test rows not sorted by hardness: what chooses
    by the predictors' scores alone takes a fraction of the time without."""

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
        parts, changed_there = shared_parts(composed, {} if made is None else made)
        split, paths = composed.config.split, composed.config.paths
        device = choose_device(composed.config.device, gpu)
        job = cls(
            **vars(parts),
            split=Splitting(
                _fraction(split.test_size, "split.test_size"),
                _count(split.seed, "split.seed"),
                split.folds,
                None if split.folds is None else 0,
                _n_train(split.n_train, split.folds),
            ),
            minority=_share_or_none(split.minority, "split.minority"),
            seed=_count(composed.config.seed, "seed"),
            device=device,
            device_is_open=is_open(composed.config.device, device),
            outputs=local_folder(paths.outputs, "paths.outputs"),
            reserved=ReservedShares(split.valuation, split.selection),
            changed_predictors=changed_there,
            inception=Inception(paths.inception) if paths.inception else None,
            experiment=_chosen(composed.names.get("experiment")),
            typed=composed.typed if isinstance(composed, Resolved) else (),
        )
        job.check()
        return job

    def on_its_device(self, rows: int) -> Job:
        """The job on the CPU where nobody asked for a GPU and it has too few rows for one.

        Args:
            rows: of the data set.
        """
        least = crossing(self.generator, self.profiler).rows
        if not self.device_is_open or (least is not None and rows >= least):
            return self
        return replace(self, device="cpu")

    def check(self) -> None:
        """Refuse what cannot run here, or lacks rows that it needs, whatever the data.

        Raises:
            UserError: the library of a component is not installed, or no rows are set aside that
                a search is to choose by.
        """
        for part in self._components():
            check_component(part)
        if isinstance(self.generator, Tuned) and not self.reserved.selection:
            raise UserError(
                "generator=tuned chooses by rows that nothing is trained on: set some of the train "
                "side aside, as in split.selection=0.2"
            )

    def baseline(self) -> Job:
        """The job that trains the same predictors on the same real rows."""
        names = {"pipeline": "real", "protocol": "trtr", "profiler": NONE, "generator": NONE}
        typed = (word for word in self.typed if word.partition("=")[0].split(".")[0] not in names)
        return replace(
            self,
            typed=(*typed, "pipeline=real"),
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
        seen = {} if self.inception is None else {"inception": describe(self.inception)}
        return {
            **seen,
            "names": {group: self.names[group] for group in sorted(self.names)},
            "parts": {name: part and describe(part) for name, part in parts.items()},
            "suite": {name: describe(part) for name, part in self.suite.items()},
            "missing": self.source.missing,
            "split": describe(self.split),
            "minority": self.minority,
            "reserved": describe(self.reserved),
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
        parts = [str(self.split), f"missing={self.source.missing}", str(self.reserved)]
        if self.minority is not None:
            parts.append(f"minority={self.minority:g}")
        return ", ".join(filter(None, [*parts, self.changed_predictors]))

    def impossible(self, dataset: Dataset) -> str | None:
        """Why pipeline or generator cannot work on the data set, whatever its rows, or None."""
        schema = dataset.table.schema
        if why := nothing_to_do(self.pipeline, schema) or self._untrained(schema):
            return f"pipeline={self.names['pipeline']} {why} (dataset {dataset.name})"
        if self.generator is None:
            return None
        kept = self.source.missing == "keep"  # otherwise no missing value reaches it
        table = dataset.table if kept else dataset.table.take([])
        chosen, name = self.generator, self.names["generator"]
        parts = chosen.candidates if isinstance(chosen, Tuned) else {name: chosen}
        found = ((name, obstacle_in_use(part, table)) for name, part in parts.items())
        name, why = next(((name, why) for name, why in found if why), ("", None))
        return f"{name} {why} (dataset {dataset.name})" if why else None

    def _untrained(self, schema: Schema) -> str | None:
        """Why no predictor can be trained as the pipeline asks; None where one can."""
        kept, left_out = trained_by(self.pipeline, self.suite, schema.task)
        if not left_out or members(kept, schema.task):
            return None
        reasons = "; ".join(f"{name} {why}" for name, why in left_out.items())
        return f"is for none of the predictors: {reasons}"

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


def _chosen(name: str | None) -> str | None:
    return None if name in (None, "None", "null") else name


def _fraction(value: float, key: str) -> float:
    if not 0 < value < 1:
        raise UserError(f"{key} is {value}; expected a share between 0 and 1, such as 0.33")
    return float(value)


def _share_or_none(value: float | None, key: str) -> float | None:
    return None if value is None else _fraction(value, key)


def _n_train(value: int | None, folds: int | None) -> int | None:
    if value is not None and folds is not None:
        raise UserError(
            "split.n_train draws the rows to train on, split.folds the rows to test on: set one of "
            "them to null"
        )
    return None if value is None else _count(value, "split.n_train", LEAST_TRAIN)


def _count(value: int, key: str, least: int = 0) -> int:
    if value < least:
        raise UserError(f"{key} is {value}; expected a whole number of at least {least}")
    return int(value)
