"""Expands a sweep as Hydra's own sweeper does, composing each choice of a group only once."""

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
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from tabsculpt.config.compose import GROUPS, Composed, complete, hydra_session
from tabsculpt.config.explain import explain
from tabsculpt.config.overrides import check_choices, parse, readable


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
    with hydra_session(config_dir) as extra:
        overrides = readable(overrides, config_dir)
        check_choices(overrides, config_dir)
        try:
            yield Sweep([*overrides, *extra])
        except (HydraException, OmegaConfBaseException, YAMLError) as error:
            raise explain(error, overrides) from error


class Sweep:
    """The jobs of a sweep; composes each as it is asked for.

    A sweep varies groups and plain values. Composing is the costly part, and choices multiply: 840
    of them for the grid of a paper. So a configuration is put together of the first one that was
    composed, and of those in which a single group is chosen otherwise, as long as nothing but the
    node of that group differs in them; else it is composed whole. Values are set on a copy, by the
    function that Hydra sets them with.

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
        self._first: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._alike: dict[tuple[tuple[str, ...], tuple[str, ...]], bool] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Composed]:
        for job in self._jobs:
            try:
                yield self._compose(job)
            except (HydraException, OmegaConfBaseException, YAMLError) as error:
                raise explain(error, list(job)) from error

    def _compose(self, job: Sequence[str]) -> Composed:
        groups, values = [*self._own], []
        for text in job:
            override = parse(text)
            if override.is_hydra_override() or self._is_group(override):
                groups.append(text)
            else:
                values.append(override)
        found = self._put_together(tuple(groups))
        ConfigLoaderImpl._apply_overrides_to_config(values, found.config)
        return complete(found)

    def _put_together(self, groups: tuple[str, ...]) -> Composed:
        """A configuration of its own for a choice of groups."""
        held = tuple(_key(text) or text for text in groups)
        first = self._first.setdefault(held, groups)
        root = self._composed_whole(first)
        parts: dict[str, Composed] = {}
        for place, (text, usual) in enumerate(zip(groups, first, strict=True)):
            if text != usual:
                single = (*first[:place], text, *first[place + 1 :])
                if not self._differs_only_in(held[place], single, first):
                    return copy.deepcopy(self._composed_whole(groups))
                parts[held[place]] = self._composed_whole(single)
        config = copy.deepcopy(root.config)
        with open_dict(config):
            for group, part in parts.items():
                config[group] = copy.deepcopy(part.config[group])
        names = {group: part.names[group] for group, part in parts.items()}
        return Composed(config, {**root.names, **names})

    def _is_value(self, text: str) -> bool:
        """Whether an argument sets a value inside a component, such as ``pipeline.ratio=1``."""
        override = parse(text)
        return override.key_or_group.partition(".")[0] in GROUPS and not self._is_group(override)

    def _is_group(self, override: Override) -> bool:
        """Whether an override chooses a file; the rule of `hydra._internal.defaults_list`."""
        is_dict = isinstance(override.value(), dict)
        return not is_dict and _group_exists(self._loader, override.key_or_group)

    def _differs_only_in(self, group: str, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
        if (one, other) not in self._alike:
            rests = [_rest(self._composed_whole(groups), group) for groups in (one, other)]
            self._alike[one, other] = rests[0] == rests[1]
        return self._alike[one, other]

    def _composed_whole(self, groups: tuple[str, ...]) -> Composed:
        if groups not in self._composed:
            config = self._loader.load_configuration("config", [*groups], RunMode.RUN)
            names = {str(k): str(v) for k, v in config.hydra.runtime.choices.items()}
            self._composed[groups] = Composed.with_names(_without_hydra(config), names)
        return self._composed[groups]


def _key(text: str) -> str | None:
    """The group whose node an argument chooses; an experiment sets more than a node of its own."""
    override = parse(text)
    plain = override.type is OverrideType.CHANGE and override.package is None
    name = override.key_or_group
    return name if plain and name in GROUPS and name != "experiment" else None


def _rest(composed: Composed, group: str) -> tuple[dict[Any, Any], dict[str, str]]:
    """What a configuration says besides a group, interpolations as they are."""
    plain = OmegaConf.to_container(composed.config, resolve=False)
    assert isinstance(plain, dict)
    names = {name: chosen for name, chosen in composed.names.items() if name != group}
    return {key: value for key, value in plain.items() if key != group}, names


def _without_hydra(config: DictConfig) -> DictConfig:
    """As Hydra leaves it out; a masked copy would forget the types of the schema."""
    with open_dict(config):
        del config["hydra"]
    return config


@lru_cache(maxsize=1000)
def _group_exists(loader: Any, name: str) -> bool:
    return bool(loader.repository.group_exists(name))
