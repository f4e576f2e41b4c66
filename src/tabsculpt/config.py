"""Composes configurations with Hydra and turns what is wrong with them into one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, ValueType
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import MarkedYAMLError, YAMLError

from tabsculpt.errors import UserError, unknown
from tabsculpt.own import open_folder

GROUPS = (
    "dataset", "profiler", "generator", "pipeline", "protocol", "predictors", "metric",
    "experiment",
)  # fmt: skip
LAUNCHER = "hydra/launcher"


@dataclass
class SplitConfig:
    """How rows are split; see `tabsculpt.datasets.split`."""

    test_size: float = 0.33
    seed: int = 0
    repeats: int = 1
    folds: int | None = None
    minority: float | None = None
    valuation: float = 0.0
    selection: float = 0.0


@dataclass
class PathsConfig:
    """Folders."""

    data: str | None = None
    outputs: str = "outputs"


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
    device: str = "auto"


def conf_folder() -> Path:
    """The folder of the configuration files: in the wheel, or beside the source."""
    packaged = Path(__file__).parent / "conf"
    return packaged if packaged.exists() else Path(__file__).parents[2] / "conf"


def choices(group: str, config_dir: Path | None = None) -> list[str]:
    """The names that a group may be set to, the user's own included."""
    folders = [conf_folder() / group] + ([config_dir / group] if config_dir else [])
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})


@cache
def as_shipped(group: str, name: str) -> Any:
    """The settings in the packaged file of a choice; none where the choice is the user's own."""
    path = conf_folder() / group / f"{name}.yaml"
    return OmegaConf.load(path) if path.exists() else OmegaConf.create()


@contextmanager
def hydra_session(config_dir: Path | None) -> Iterator[list[str]]:
    """Start Hydra on the packaged configuration; yields the overrides that add the user's."""
    ConfigStore.instance().store(name="schema", node=Config)
    if config_dir:
        open_folder(config_dir)
    extra = [f"hydra.searchpath=[file://{config_dir.resolve()}]"] if config_dir else []
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


def load(overrides: Sequence[str], config_dir: Path | None = None) -> Composed:
    """Compose one job's configuration.

    Args:
        overrides: as typed, such as ``generator=tvae`` or ``split.seed=1``.
        config_dir: the user's own configuration files.

    Raises:
        UserError: an unknown group, choice or key, a wrong type, a missing value.
    """
    overrides = readable(overrides)
    with hydra_session(config_dir) as extra:
        check_choices(overrides, config_dir)
        _refuse_sweeps(overrides)
        try:
            config = compose("config", [*overrides, *extra], return_hydra_config=True)
        except (HydraException, OmegaConfBaseException, YAMLError) as error:
            raise explain(error, overrides) from error
    chosen = {str(k): str(v) for k, v in config.hydra.runtime.choices.items()}
    own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    return complete(Composed.with_names(own, chosen))


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
    missing = absent or sorted(OmegaConf.missing_keys(composed.config))
    if missing:
        raise UserError(f"{missing[0]} has no value; add {missing[0]}=...")
    try:
        OmegaConf.resolve(composed.config)
    except OmegaConfBaseException as error:
        raise explain(error, []) from error
    return composed


def _refuse_sweeps(overrides: Sequence[str]) -> None:
    for text in overrides:
        if OverridesParser.create().parse_override(text).is_sweep_override():
            raise UserError(f"{text!r} has several values; use 'tabsculpt sweep' for that")


def readable(overrides: Sequence[str]) -> list[str]:
    """Quote the values that Hydra's grammar cannot read bare, such as ``dataset.target=größe``.

    Raises:
        UserError: what was typed is not key=value.
    """
    return [_readable(text) for text in overrides]


def _readable(text: str) -> str:
    if _parses(text):
        return text
    key, separator, value = text.partition("=")
    if separator:
        listed = re.fullmatch(r"\[(.*)\]", value)
        quoted = f"[{','.join(map(_quoted, listed[1].split(',')))}]" if listed else _quoted(value)
        if _parses(f"{key}={quoted}"):
            return f"{key}={quoted}"
    raise UserError(f"cannot read {text!r}: expected key=value, as in seed=1")


def _parses(text: str) -> bool:
    try:
        OverridesParser.create().parse_override(text)
    except HydraException:
        return False
    return True


def _quoted(value: str) -> str:
    escaped = value.strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def check_choices(overrides: Sequence[str], config_dir: Path | None) -> None:
    """Refuse overrides that name an unknown choice of a group.

    Raises:
        UserError: with the choices.
    """
    for text in overrides:
        override = OverridesParser.create().parse_override(text)
        group = override.key_or_group
        if group not in (*GROUPS, LAUNCHER) or override.is_delete() or _is_glob(override):
            continue  # a glob names those that there are
        names = choices(group, config_dir)
        for value in _values(override):
            if value not in ("None", *names):
                raise unknown(group, value, names)


def _is_glob(override: Override) -> bool:
    return override.value_type == ValueType.GLOB_CHOICE_SWEEP


def _values(override: Override) -> list[str]:
    """What an override sets its key to, one value unless it is swept over."""
    if override.is_sweep_override():
        return list(override.sweep_string_iterator())
    return [str(override.value())]


def explain(error: Exception, overrides: Sequence[str]) -> UserError:
    """One line for an error of Hydra, OmegaConf or YAML; call it in the session it came from."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark:
        place = f"{error.problem_mark.name}, line {error.problem_mark.line + 1}"
        return UserError(f"cannot read {place}: {error.problem}")
    message = str(error)
    cause = str(error.__cause__ or "")
    key = re.search(r"Could not override '([^']+)'", message)
    if key and re.search(r"not in (struct|'\w+')", message + cause):
        return _unknown_key(key.group(1), overrides)
    if key and "Could not append" not in message and "group" in message:
        return unknown("setting", key.group(1), [*GROUPS, "seed", "device", "split", "paths"])
    full = re.search(r"full_key: (\S+)", message + "\n" + cause)
    first = next(
        (line.strip() for line in (cause or message).splitlines() if line.strip()), message
    )
    return UserError(f"{full.group(1)}: {first}" if full else first)


def _unknown_key(key: str, overrides: Sequence[str]) -> UserError:
    parsed = [OverridesParser.create().parse_override(text) for text in overrides]
    groups = [
        f"{o.key_or_group}={_values(o)[0]}" for o in parsed if o.key_or_group in (*GROUPS, LAUNCHER)
    ]
    node: Any = compose("config", groups, return_hydra_config=True)
    parent, _, leaf = key.rpartition(".")
    for part in parent.split(".") if parent else []:
        node = OmegaConf.select(node, part) if isinstance(node, DictConfig) else None
    known = [str(name) for name in node] if isinstance(node, DictConfig) else []
    known = [name for name in known if name not in ("_target_", "hydra")]
    if leaf in known:
        return UserError(f"{key} takes a new setting by its own name: +{key}.NAME=VALUE")
    return unknown(f"setting of {parent}" if parent else "setting", leaf, known)
