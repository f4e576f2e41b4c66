"""The packaged choices of the command line, made into components without composing a job's config.

Hydra composes one configuration at a time for the whole process; a sampler may be used in threads,
or inside a program that uses Hydra itself. What it needs is a choice's own file.
"""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any

from omegaconf import DictConfig, OmegaConf

from tabsculpt.config.components import instantiate
from tabsculpt.config.compose import choices, conf_folder
from tabsculpt.config.contracts import check
from tabsculpt.errors import UserError, unknown
from tabsculpt.generators.tuned.tuned import Tuned

INSTANCES = {"generator": ("least_rows", "conditional"), "profiler": ("hard_is", "candidates")}
"""What tells an instance, one of these at least; other groups take names alone."""


def settings_of(group: str, name: str) -> DictConfig:
    """The settings in the packaged file of a choice, with those of the choices that it includes.

    Raises:
        UserError: there is no such choice.
    """
    known = choices(group)
    if name not in known:
        raise unknown(group, name, known)
    own = OmegaConf.load(conf_folder() / group / f"{name}.yaml")
    assert isinstance(own, DictConfig)
    whole = OmegaConf.create()
    for entry in own.pop("defaults", []):
        if entry != "_self_":
            choice, _, place = str(entry).partition("@")
            OmegaConf.update(whole, place, settings_of(group, choice))
    whole.merge_with(own)
    return whole


def part_of(group: str, given: Any) -> tuple[str, Any]:
    """The name and the component of what a sampler's parameter is set to.

    Args:
        group: generator, profiler or predictors; predictors are a suite, by name.
        given: a name, or an instance where the group takes some.

    Raises:
        UserError: there is no such choice, or the instance is none of the group.
    """
    if not isinstance(given, str):
        _check_instance(group, given)
        made, name = given, type(given).__name__.lower()
    else:
        node: Any = OmegaConf.to_container(settings_of(group, given), resolve=True)
        if group == "predictors":
            return given, {key: instantiate(one, f"{group}.{key}") for key, one in node.items()}
        made, name = instantiate(node, group), given
    if isinstance(made, Tuned):
        raise UserError(
            "generator=tuned chooses by rows that nothing is trained on, and a sampler returns all "
            "its rows to be trained on: search with 'tabsculpt run split.selection=0.2', and give "
            "the generator that it chose"
        )
    return name, made


def _check_instance(group: str, part: Any) -> None:
    if isinstance(part, type):
        raise UserError(f"{group} is a class; make an instance of it: {part.__name__}()")
    marks = INSTANCES.get(group, ())
    if not is_dataclass(part) or not any(hasattr(part, name) for name in marks):
        instance = f", or an instance of a class of tabsculpt.{group}s" if marks else ""
        raise UserError(
            f"{group} is {part!r}; expected a name, one of {', '.join(choices(group))}{instance}"
        )
    check(part, group)
