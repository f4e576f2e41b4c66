"""Expands a sweep as Hydra's own sweeper does, composing what repeats only once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hydra import compose
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from tabsculpt.config.choices import choices, conf_folder
from tabsculpt.config.compose import GROUPS, Composed, Resolved, hydra_session
from tabsculpt.config.explain import explain
from tabsculpt.config.nodes import Nodes
from tabsculpt.config.overrides import check_choices, is_glob, parse, readable
from tabsculpt.errors import UserError

HYDRA_IS_WRONG = (HydraException, OmegaConfBaseException, YAMLError)


def expand(overrides: Sequence[str], config_dir: Path | None = None) -> list[Composed]:
    """Compose every job of a sweep, before any of them runs.

    Args:
        overrides: as typed; ``seed=0,1,2`` and ``generator=tvae,ctgan`` multiply.
        config_dir: the user's own configuration files.

    Returns:
        One configuration per job, in the order of Hydra's sweeper.

    Raises:
        UserError: an unknown group, choice or key, a wrong type, a missing value.
    """
    with open_sweep(overrides, config_dir) as sweep:
        return [one.composed() for one in sweep]


@contextmanager
def open_sweep(overrides: Sequence[str], config_dir: Path | None = None) -> Iterator[Sweep]:
    """Open a sweep, to take its jobs one by one; arguments and errors as in `expand`."""
    with hydra_session(config_dir) as extra:
        overrides = readable(overrides, config_dir)
        check_choices(overrides, config_dir)
        try:
            yield Sweep([*overrides, *extra], config_dir)
        except HYDRA_IS_WRONG as error:
            raise explain(error, overrides) from error


class Sweep:
    """The jobs of a sweep; composes each as it is asked for.

    Attributes:
        launcher: the node ``hydra.launcher``, resolved.
    """

    def __init__(self, arguments: Sequence[str], config_dir: Path | None) -> None:
        self._config_dir = config_dir
        own = [text for text in arguments if parse(text).is_hydra_override()]
        _refuse_several(own)
        typed = [text for text in arguments if text not in own]
        # Values of the groups are for each job: what is swept over need not have the default's.
        for_all = [t for t in typed if not (parse(t).is_sweep_override() or self._is_inside(t))]
        hydra = compose("config", [*own, *for_all], return_hydra_config=True).hydra
        self.launcher: dict[str, Any] = OmegaConf.to_container(  # type: ignore[assignment]
            hydra.launcher, resolve=True
        )
        params = [f"{key}={value}" for key, value in (hydra.sweeper.params or {}).items()]
        self._axes = self._spread([*params, *typed])
        self._nodes = Nodes(own)
        self._places: dict[str, str | None] = {}

    def __iter__(self) -> Iterator[Resolved]:
        for job in itertools.product(*self._axes):
            try:
                yield self._resolved(job)
            except HYDRA_IS_WRONG as error:
                raise explain(error, list(job)) from error

    def _resolved(self, job: Sequence[str]) -> Resolved:
        groups: list[str] = []
        values: dict[str, tuple[str, ...]] = {}
        for text in job:
            if text not in self._places:
                self._places[text] = self._place(text)
            if (place := self._places[text]) is None:
                groups.append(text)
            else:
                values[place] = (*values.get(place, ()), text)
        return replace(self._nodes.resolved(tuple(groups), values), typed=tuple(job))

    def _place(self, text: str) -> str | None:
        """The top-level setting that an argument changes; None for one that chooses a file."""
        override = parse(text)
        return None if self._is_group(override) else override.key_or_group.partition(".")[0]

    def _spread(self, texts: Sequence[str]) -> list[list[str]]:
        """The values of each key, as Hydra's sweeper takes them: the last word on a key holds."""
        axes: dict[str, list[str]] = {}
        for override in map(parse, texts):
            key = override.get_key_element()
            axes[key] = [f"{key}={value}" for value in self._values(override)]
        return list(axes.values())

    def _values(self, override: Override) -> Sequence[str]:
        if not override.is_sweep_override():
            return [override.get_value_element_as_str()]
        if is_glob(override):
            names: list[str] = override.value().filter(  # type: ignore[union-attr]
                choices(override.key_or_group, self._config_dir)
            )
            return names
        if not override.is_discrete_sweep():
            kind = str(override.value_type).rpartition(".")[2].removesuffix("_SWEEP").lower()
            raise UserError(
                f"{override.input_line!r}: a sweep does not support sweep type {kind}; "
                "expected values separated by commas, or range(FIRST, END)"
            )
        return list(override.sweep_string_iterator())

    def _is_inside(self, text: str) -> bool:
        """Whether an argument sets a value inside a component, such as ``pipeline.ratio=1``."""
        override = parse(text)
        return override.key_or_group.partition(".")[0] in GROUPS and not self._is_group(override)

    def _is_group(self, override: Override) -> bool:
        """Whether an override chooses a file."""
        folders = [conf_folder(), *([self._config_dir] if self._config_dir else [])]
        is_dict = isinstance(override.value(), dict)
        return not is_dict and any((folder / override.key_or_group).is_dir() for folder in folders)


def _refuse_several(own: Sequence[str]) -> None:
    for text in own:
        if parse(text).is_sweep_override():
            raise UserError(f"{text!r} has several values; a sweep has one launcher")
