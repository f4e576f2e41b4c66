"""The parts of a job: components made of a composed configuration, and which of them it uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any

from omegaconf import OmegaConf

from tabsculpt.config.components import changed, instantiate
from tabsculpt.config.compose import GROUPS, Composed, Resolved, as_shipped
from tabsculpt.config.contracts import make
from tabsculpt.datasets import DatasetSource
from tabsculpt.datasets.subgroups import Subgroup, subgroups_of
from tabsculpt.errors import UserError
from tabsculpt.generators import Generator
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.metrics import Scorer, named_metrics
from tabsculpt.pipelines import Pipeline, adds_to_real
from tabsculpt.pipelines.real import Real
from tabsculpt.pipelines.real_rows import is_training
from tabsculpt.predictors.suite import Suite
from tabsculpt.profilers import Profiler
from tabsculpt.profilers.auto import Auto
from tabsculpt.protocols import EvaluationProtocol
from tabsculpt.protocols.augmentation import Augmentation
from tabsculpt.protocols.trtr import TrainRealTestReal

NONE = "none"
SUBGROUPS = "subgroups"
"""A setting of every data set that is none of its source: it says what is scored."""
UNNAMED = ("experiment", "metric")
"""Groups that are no part of what a job does."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The components of a job; ``names`` are those of the command line."""

    names: Mapping[str, str]
    source: DatasetSource
    profiler: Profiler | Auto | None
    generator: Generator | Tuned | None
    pipeline: Pipeline
    protocol: EvaluationProtocol
    suite: Suite
    own_metrics: Mapping[str, Scorer] = field(default_factory=dict)
    """What is read off its predictions besides the packaged metrics; no part of what is done."""
    subgroups: tuple[Subgroup, ...] = ()
    """Columns whose levels are scored by themselves; no part of what is done either."""


def shared_parts(composed: Composed | Resolved, made: dict[str, Any]) -> tuple[Parts, str]:
    """The parts that a job uses, and what of its predictors differs from the packaged suite.

    Jobs of a sweep whose groups are set alike share them: making them again took most of a plan.

    Args:
        composed: complete.
        made: what was made so far; what is made now is added.

    Raises:
        UserError: see `make_parts` and `used_parts`.
    """
    if not isinstance(composed, Resolved):
        return _used(composed, made)
    nodes = [getattr(composed.config, group) for group in GROUPS if group != "experiment"]
    name = f"parts {[*map(id, nodes)]} {sorted(composed.names.items())}"
    if name not in made:
        made[name] = nodes, _used(composed, made)  # kept, an id stands for its node
    found: tuple[Parts, str] = made[name][1]
    return found


def _used(composed: Composed | Resolved, made: dict[str, Any]) -> tuple[Parts, str]:
    parts = used_parts(make_parts(composed, made))
    return parts, changed_predictors(parts.suite, parts.names["predictors"])


def make_parts(composed: Composed | Resolved, made: dict[str, Any]) -> Parts:
    """Make the components that a configuration names, whether the job will use them or not.

    Args:
        composed: complete.
        made: components made so far, by their description; what is made now is added.

    Raises:
        UserError: a setting is wrong, or no predictor is left.
    """
    config = composed.config

    def of(group: str) -> Any:
        return _make(getattr(config, group), group, made)

    source = _plain(config.dataset, "dataset")
    subgroups = subgroups_of(source.pop(SUBGROUPS, []))

    return Parts(
        names={group: name for group, name in composed.names.items() if group not in UNNAMED},
        source=_make(source, "dataset", made),
        profiler=of("profiler"),
        generator=of("generator"),
        pipeline=of("pipeline"),
        protocol=of("protocol"),
        suite=_suite(config.predictors, made),
        own_metrics={
            str(name): _make(node, f"metric.{name}", made)
            for name, node in named_metrics(config.metric).items()
        },
        subgroups=subgroups,
    )


def used_parts(asked: Parts) -> Parts:
    """The same job without what it does not use, under one name whatever it was crossed with.

    Raises:
        UserError: pipeline and protocol contradict each other.
    """
    used = _with_used_protocol(asked)
    if not (used.protocol.uses_profiler or used.pipeline.uses_profiler):
        used = replace(used, profiler=None, names={**used.names, "profiler": NONE})
    if not used.pipeline.uses_generator:
        used = replace(used, generator=None, names={**used.names, "generator": NONE})
    return used


def _with_used_protocol(asked: Parts) -> Parts:
    """The pipeline that the protocol leaves something to do, and the protocol that it fits."""
    names, protocol, pipeline = asked.names, asked.protocol, asked.pipeline
    if not protocol.uses_predictors:
        names = {**names, "pipeline": NONE, "predictors": NONE}
        return replace(asked, names=names, pipeline=Real(), suite={})
    if protocol.uses_profiler and not protocol.uses_synthetic:
        return replace(asked, names={**names, "pipeline": NONE}, pipeline=Real())
    if is_training(pipeline):
        names = {**names, "protocol": "trtr"}
        return replace(asked, names=names, protocol=TrainRealTestReal())
    if isinstance(pipeline, Real) or not protocol.uses_synthetic:
        names = {**names, "pipeline": "real", "protocol": "trtr"}
        return replace(asked, names=names, pipeline=Real(), protocol=TrainRealTestReal())
    if adds_to_real(pipeline):
        all_added = _all_added(protocol, names)
        return replace(asked, names={**names, "protocol": "augmentation"}, protocol=all_added)
    return asked


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


def changed_predictors(suite: Suite, choice: str) -> str:
    """The settings of predictors that differ from those of the packaged suite of that name.

    Those that cannot change a result, as the place of a file, are left out.
    """
    alike: dict[str, list[str]] = {}
    for name, predictor in suite.items():
        part: Any = predictor
        no_matter = [field.name for field in fields(part) if not field.compare]
        changes = changed(predictor, no_matter, _shipped_predictors(choice).get(name))
        alike.setdefault(changes, []).append(name)
    return ", ".join(f"{' '.join(names)}: {changes}" for changes, names in alike.items() if changes)


@cache
def _shipped_predictors(choice: str) -> dict[str, Any]:
    shipped = as_shipped("predictors", choice)
    return {str(name): instantiate(node, f"predictors.{name}") for name, node in shipped.items()}
