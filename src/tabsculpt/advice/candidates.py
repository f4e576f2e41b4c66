"""What is tried: generators with pipelines, what gained most elsewhere first, slow ones last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from tabsculpt.config.compose import load
from tabsculpt.config.overrides import parse, readable, values
from tabsculpt.datasets import Dataset
from tabsculpt.errors import UserError
from tabsculpt.generators.auto.order import place
from tabsculpt.jobs.job import Job
from tabsculpt.pipelines import adds_to_real
from tabsculpt.pipelines.real_rows import is_training
from tabsculpt.protocols.augmentation import Augmentation
from tabsculpt.table import Schema, Task

PROPORTIONS = (0.5, 1.0)
"""Synthetic rows added, as shares of the real ones, where the pipeline does not decide itself."""
NONE = "none"
"""What the generator of a candidate without synthetic rows is called."""
RIVALS = ("regularised", "mixup")
"""Ways to do without synthetic rows that are tried on every table."""
OF_CLASSES = ("weighted", "threshold", "oversample", "undersample")
"""Those that are tried where there are classes besides."""
CLASSES = (
    ("bootstrap", "upsample"),
    *((NONE, pipeline) for pipeline in (*OF_CLASSES, *RIVALS)),
    ("smote", "upsample"),
    ("smotenc", "upsample"),
    ("bootstrap", "traditional"),
    ("gaussian_copula", "traditional"),
    ("bayesian_network", "traditional"),
    ("arf", "upsample"),
    ("arf", "traditional"),
    ("arf", "profile2gen"),
    ("ddpm", "traditional"),
)
NUMBERS = (
    ("bootstrap", "traditional"),
    *((NONE, pipeline) for pipeline in RIVALS),
    ("smoter", "traditional"),
    ("gaussian_copula", "traditional"),
    ("bayesian_network", "traditional"),
    ("arf", "traditional"),
    ("arf", "profile2gen"),
    ("ddpm", "traditional"),
)


SLOW = ("ddpm",)
"""Takes ten seconds a fit and more, the others one at most: tried while there is time left, as a
budget that ends early should have seen the others."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A generator with a pipeline, or a pipeline that trains otherwise on the real rows alone.

    Attributes:
        generator, pipeline: by name; the generator of the latter is "none".
        job: on the whole table, with its first split and the user's seed.
    """

    generator: str
    pipeline: str
    job: Job

    @property
    def name(self) -> str:
        return f"{self.generator} {self.pipeline}"

    @property
    def on_real(self) -> bool:
        """Whether it makes no synthetic rows."""
        return is_training(self.job.pipeline)

    def with_sample_seed(self, seed: int) -> Job:
        """The job with its synthetic rows drawn by a seed, where some are drawn."""
        protocol = self.job.protocol
        if not isinstance(protocol, Augmentation) or protocol.proportions is None:
            return self.job
        return replace(self.job, protocol=replace(protocol, sample_seeds=[seed]))


def candidates(
    typed: Sequence[str], config_dir: Path | None, dataset: Dataset, missing: str
) -> tuple[list[Candidate], dict[str, str]]:
    """What is tried on a data set, in the order in which it is tried.

    Args:
        typed: settings; ``generator=`` and ``pipeline=`` with values separated by commas say what
            is tried in place of the packaged list.
        config_dir: the user's own configuration files.
        dataset: all rows.
        missing: of the data set's source.

    Returns:
        Those that can work, and why others cannot, by name.

    Raises:
        UserError: a setting is wrong, or none can work.
    """
    named, rest = _named(typed, config_dir)
    pairs = _pairs(named, dataset.table.schema)
    found: list[Candidate] = []
    cannot: dict[str, str] = {}
    for generator, pipeline in pairs:
        job = Job.of(load([*rest, *_chosen(generator, pipeline)], config_dir))
        job = job.on_its_device(len(dataset.table))
        one = Candidate(NONE if is_training(job.pipeline) else generator, pipeline, job)
        if one.name in {each.name for each in found} | {*cannot}:
            continue  # of real rows alone, whatever the generator
        if not (job.pipeline.uses_generator or one.on_real):
            raise UserError(f"pipeline={pipeline} makes no rows; real rows alone are always tried")
        why = job.impossible(dataset)
        if why is None:
            found.append(one)
        else:
            cannot[one.name] = why
    if not any(not each.on_real for each in found):
        reasons = "; ".join(cannot.values()) or "name a pipeline that makes rows as well"
        raise UserError(f"nothing to try: {reasons}")
    return found, cannot


def proportions_of(job: Job) -> list[float | None]:
    """The shares that a candidate's job adds; None for all rows of a pipeline that decides."""
    protocol = job.protocol
    if adds_to_real(job.pipeline) or not isinstance(protocol, Augmentation):
        return [None]
    return [*protocol.proportions] if protocol.proportions is not None else [None]


def _named(typed: Sequence[str], config_dir: Path | None) -> tuple[dict[str, list[str]], list[str]]:
    """The generators and pipelines that were typed, and the other settings."""
    named: dict[str, list[str]] = {}
    rest = []
    for text in readable(typed, config_dir):
        override = parse(text)
        if override.key_or_group in ("generator", "pipeline") and not override.is_delete():
            named[override.key_or_group] = values(override)
        else:
            rest.append(text)
    return named, rest


def _pairs(named: dict[str, list[str]], schema: Schema) -> list[tuple[str, str]]:
    packaged = _in_order(NUMBERS if schema.task is Task.REGRESSION else CLASSES, schema.task)
    if not named:
        alike = all(column.is_numeric for column in schema.features)  # SMOTE and SMOTE-NC are then
        return [pair for pair in packaged if not (alike and pair[0] == "smotenc")]
    every = dict.fromkeys(g for g, _ in packaged if g != NONE)
    generators = named.get("generator") or list(every)
    pipelines = named.get("pipeline") or ["traditional"]
    return list(product(generators, pipelines))


def _in_order(pairs: Sequence[tuple[str, str]], task: Task) -> list[tuple[str, str]]:
    """Pairs as other tables speak for them, what takes long last.

    Those without synthetic rows come after the first.
    """
    first, *others = sorted(
        (pair for pair in pairs if pair[0] != NONE),
        key=lambda pair: (pair[0] in SLOW, place(pair[0], pair[1], task)),
    )
    return [first, *(pair for pair in pairs if pair[0] == NONE), *others]


def _chosen(generator: str, pipeline: str) -> list[str]:
    shares = ",".join(map(str, PROPORTIONS))
    own = [f"protocol.proportions=[{shares}]"] if pipeline != "upsample" else []
    made = [] if generator == NONE else [f"generator={generator}"]
    return [*made, f"pipeline={pipeline}", "protocol=augmentation", *own]
