"""Composes configurations with Hydra and turns what is wrong with them into one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from tabsculpt.config.choices import GROUPS, as_shipped, check_config_dir, choices, conf_folder
from tabsculpt.config.explain import explain
from tabsculpt.config.overrides import check_choices, parse, quoted, readable
from tabsculpt.config.own_folder import open_folder
from tabsculpt.errors import UserError, unknown

__all__ = [
    "GROUPS", "Composed", "Config", "Resolved", "as_shipped", "check", "choices", "complete",
    "conf_folder", "hydra_session", "load", "typed", "without_hydra",
]  # fmt: skip


@dataclass
class SplitConfig:
    """How rows are split; see `tabsculpt.datasets.split`."""

    test_size: float = 0.33
    seed: int = 0
    repeats: int = 1
    folds: int | None = None
    n_train: int | None = None
    minority: float | None = None
    valuation: float = 0.0
    selection: float = 0.0


@dataclass
class PathsConfig:
    """Folders."""

    data: str | None = None
    outputs: str = "outputs"
    inception: str | None = None


@dataclass
class Config:
    """The root schema. The groups are checked by the classes that their ``_target_`` names."""

    dataset: Any
    profiler: Any
    generator: Any
    pipeline: Any
    protocol: Any
    predictors: Any
    metric: Any
    split: SplitConfig = field(default_factory=SplitConfig)
    paths: PathsConfig = field(default_factory=PathsConfig)
    seed: int = 0
    repeats: int | None = None
    device: str = "auto"
    baseline: bool = True


@contextmanager
def hydra_session(config_dir: Path | None) -> Iterator[list[str]]:
    """Start Hydra on the packaged configuration; yields the overrides that add the user's."""
    ConfigStore.instance().store(name="schema", node=Config)
    if config_dir:
        check_config_dir(config_dir)
        open_folder(config_dir)
    extra = [f"hydra.searchpath=[{quoted(f'file://{config_dir.resolve()}')}]"] if config_dir else []
    with initialize_config_dir(str(conf_folder().resolve()), version_base="1.3"):
        yield extra


@dataclass(frozen=True)
class Composed:
    """A composed configuration and which file each group came from."""

    config: DictConfig
    names: dict[str, str]

    @classmethod
    def with_names(cls, config: DictConfig, chosen: Mapping[str, str]) -> Composed:
        """Keep what the groups were set to from all of Hydra's runtime choices."""
        return cls(config, {group: chosen[group] for group in GROUPS if group in chosen})

    def resolved(self) -> Resolved:
        """The same as plain values; it is complete."""
        plain = OmegaConf.to_container(self.config, resolve=True)
        assert isinstance(plain, dict)
        held = {str(root): typed(str(root), content) for root, content in plain.items()}
        return Resolved(Config(**held), self.names)


@dataclass(frozen=True)
class Resolved:
    """A complete configuration as plain values, which many jobs of a sweep share; read only.

    Attributes:
        config: the groups are plain data.
        names: which file each group came from.
        typed: what was asked for of the job, as key=value.
    """

    config: Config
    names: Mapping[str, str]
    typed: tuple[str, ...] = ()

    def composed(self) -> Composed:
        """The same as a configuration of its own."""
        config = OmegaConf.create(asdict(self.config))
        _keep_text(config, asdict(self.config))
        return Composed(config, dict(self.names))


def typed(root: str, content: Any) -> Any:
    """The content of a top-level node as `Config` holds it.

    Raises:
        UserError: there should be settings, and there are none.
    """
    section = {"split": SplitConfig, "paths": PathsConfig}.get(root)
    if section is None:
        return content
    if not isinstance(content, dict):
        raise UserError(f"{root} is {content!r}; expected settings, as in {root}.NAME=VALUE")
    return section(**content)


def without_hydra(config: DictConfig) -> DictConfig:
    """As Hydra leaves it out; a masked copy would forget the types of the schema."""
    with open_dict(config):
        del config["hydra"]
    return config


def load(overrides: Sequence[str], config_dir: Path | None = None) -> Composed:
    """Compose one job's configuration.

    Args:
        overrides: as typed, such as ``generator=tvae`` or ``split.seed=1``.
        config_dir: the user's own configuration files.

    Raises:
        UserError: an unknown group, choice or key, a wrong type, a missing value.
    """
    with hydra_session(config_dir) as extra:
        config = _compose(overrides, config_dir, extra)
    chosen = {str(k): str(v) for k, v in config.hydra.runtime.choices.items()}
    own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    return complete(Composed.with_names(own, chosen))


def check(overrides: Sequence[str], config_dir: Path | None = None) -> None:
    """Refuse overrides that cannot hold in any job, though values may be missing beside them.

    Raises:
        UserError: see `load`.
    """
    with hydra_session(config_dir) as extra:
        _compose(overrides, config_dir, extra)


def complete(composed: Composed) -> Composed:
    """Resolve what refers to other values, and refuse what was left without one.

    Raises:
        UserError: a mandatory value is missing, or an interpolation does not resolve.
    """
    known = [f.name for f in fields(Config)]
    for name in composed.config:
        if name not in known:
            raise unknown("setting", str(name), known)
    absent = [name for name in known if name not in composed.config]
    try:
        missing = absent or sorted(OmegaConf.missing_keys(composed.config))
        OmegaConf.resolve(composed.config)
    except OmegaConfBaseException as error:
        raise explain(error, []) from error
    if missing:
        raise UserError(f"{missing[0]} has no value; add {missing[0]}=...")
    plain = OmegaConf.to_container(composed.config, resolve=False)
    _keep_text(composed.config, plain)
    return composed


def _keep_text(node: Any, plain: Any) -> None:
    """Escape text that would be taken for a reference when it is read, such as a folder a${x}b."""
    for key, value in plain.items() if isinstance(plain, dict) else enumerate(plain):
        if isinstance(value, (dict, list)):
            _keep_text(node[key], value)
        elif isinstance(value, str) and "${" in value:
            node[key] = re.sub(r"(?<!\\)\$\{", r"\\${", value)


def _compose(overrides: Sequence[str], config_dir: Path | None, extra: list[str]) -> DictConfig:
    overrides = readable(overrides, config_dir)
    check_choices(overrides, config_dir)
    _refuse_sweeps(overrides)
    try:
        return compose("config", [*overrides, *extra], return_hydra_config=True)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise explain(error, overrides) from error


def _refuse_sweeps(overrides: Sequence[str]) -> None:
    for text in overrides:
        if parse(text).is_sweep_override():
            key, _, value = text.partition("=")
            raise UserError(
                f"{text!r} has several values; use 'tabsculpt sweep' for that, or quotes where "
                f"the comma belongs to one: '{key}=\"{value}\"'"
            )
