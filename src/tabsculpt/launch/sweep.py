"""Expands a sweep as Hydra's own sweeper does, composing each choice of groups only once."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from tabsculpt.config import (
    GROUPS,
    Composed,
    check_choices,
    complete,
    explain,
    hydra_session,
    readable,
)

parse_cached = lru_cache(maxsize=100_000)(OverridesParser.create().parse_override)


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
        return list(sweep)


@contextmanager
def open_sweep(overrides: Sequence[str], config_dir: Path | None = None) -> Iterator[Sweep]:
    """Open a sweep, to take its jobs one by one; arguments and errors as in `expand`."""
    overrides = readable(overrides)
    with hydra_session(config_dir) as extra:
        check_choices(overrides, config_dir)
        try:
            yield Sweep([*overrides, *extra])
        except (HydraException, OmegaConfBaseException) as error:
            raise explain(error, overrides) from error


class Sweep:
    """The jobs of a sweep; composes each as it is asked for.

    A sweep varies groups and plain values. Composing a choice of groups is the costly part, and
    choices are few; values are set on a copy, by the function that Hydra sets them with.

    Attributes:
        launcher: the node ``hydra.launcher``, resolved.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        hydra = GlobalHydra.instance().hydra
        assert hydra is not None
        self._loader = hydra.config_loader
        # Values of the groups are for each job: what is swept over need not have the default's.
        values = [text for text in arguments if self._is_value(text)]
        chosen = [text for text in arguments if text not in values]
        master = hydra.compose_config("config", chosen, RunMode.MULTIRUN, False)
        self._own: list[str] = OmegaConf.to_container(  # type: ignore[assignment]
            master.hydra.overrides.hydra
        )
        self.launcher: dict[str, Any] = OmegaConf.to_container(  # type: ignore[assignment]
            master.hydra.launcher, resolve=True
        )
        params = master.hydra.sweeper.params or {}
        swept = [f"{k}={v}" for k, v in params.items()]
        typed: Any = OmegaConf.to_container(master.hydra.overrides.task)
        swept += [text for text in arguments if text in {*typed, *values}]
        parsed = OverridesParser.create(config_loader=self._loader).parse_overrides(swept)
        [self._jobs] = BasicSweeper.split_arguments(parsed, None)
        self._composed: dict[tuple[str, ...], Composed] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Composed]:
        for job in self._jobs:
            try:
                yield self._compose(job)
            except (HydraException, OmegaConfBaseException) as error:
                raise explain(error, list(job)) from error

    def _compose(self, job: Sequence[str]) -> Composed:
        groups, values = [*self._own], []
        for text in job:
            override = parse_cached(text)
            if override.is_hydra_override() or self._is_group(override):
                groups.append(text)
            else:
                values.append(override)
        base = self._base(tuple(groups))
        config = copy.deepcopy(base.config)
        ConfigLoaderImpl._apply_overrides_to_config(values, config)
        return complete(Composed(config, base.names))

    def _is_value(self, text: str) -> bool:
        """Whether an argument sets a value inside a component, such as ``pipeline.ratio=1``."""
        override = parse_cached(text)
        return override.key_or_group.partition(".")[0] in GROUPS and not self._is_group(override)

    def _is_group(self, override: Override) -> bool:
        """Whether an override chooses a file; the rule of `hydra._internal.defaults_list`."""
        is_dict = isinstance(override.value(), dict)
        return not is_dict and _group_exists(self._loader, override.key_or_group)

    def _base(self, groups: tuple[str, ...]) -> Composed:
        if groups not in self._composed:
            config = self._loader.load_configuration("config", [*groups], RunMode.RUN)
            names = {str(k): str(v) for k, v in config.hydra.runtime.choices.items()}
            self._composed[groups] = Composed.with_names(_without_hydra(config), names)
        return self._composed[groups]


def _without_hydra(config: DictConfig) -> DictConfig:
    """As Hydra leaves it out; a masked copy would forget the types of the schema."""
    with open_dict(config):
        del config["hydra"]
    return config


@lru_cache(maxsize=1000)
def _group_exists(loader: Any, name: str) -> bool:
    return bool(loader.repository.group_exists(name))
