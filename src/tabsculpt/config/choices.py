"""The configuration files: the packaged ones and the user's, group by group."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from tabsculpt.errors import UserError

GROUPS = (
    "dataset", "profiler", "generator", "pipeline", "protocol", "predictors", "metric",
    "experiment",
)  # fmt: skip
LAUNCHER = "hydra/launcher"


def conf_folder() -> Path:
    """The folder of the configuration files: in the wheel, or beside the source."""
    packaged = Path(__file__).parents[1] / "conf"
    return packaged if packaged.exists() else Path(__file__).parents[3] / "conf"


def choices(group: str, config_dir: Path | None = None) -> list[str]:
    """The names that a group may be set to, the user's own included."""
    folders = [conf_folder() / group] + ([config_dir / group] if config_dir else [])
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})


def choice_file(group: str, name: str, config_dir: Path | None = None) -> Path:
    """The file of a choice, the user's own or the packaged one."""
    own = config_dir / group / f"{name}.yaml" if config_dir else None
    return own if own and own.exists() else conf_folder() / group / f"{name}.yaml"


@cache
def as_shipped(group: str, name: str) -> Any:
    """The settings in the packaged file of a choice; none where the choice is the user's own."""
    path = conf_folder() / group / f"{name}.yaml"
    return OmegaConf.load(path) if path.exists() else OmegaConf.create()


def varied(experiment: str, config_dir: Path | None) -> dict[str, Any]:
    """What an experiment sweeps over: values by setting."""
    path = choice_file("experiment", experiment, config_dir)
    found = OmegaConf.select(OmegaConf.load(path), "hydra.sweeper.params") if path.exists() else {}
    return {str(key): value for key, value in (found or {}).items()}


def check_experiment(name: str, config_dir: Path | None) -> None:
    """Refuse an experiment whose settings of Hydra would not be read.

    Raises:
        UserError: it sets something else than the launcher and what is swept over.
    """
    path = choice_file("experiment", name, config_dir)
    hydra = OmegaConf.select(OmegaConf.load(path), "hydra") or {}
    read = {"launcher", "sweeper"}
    if unread := sorted({str(key) for key in hydra} - read):
        raise UserError(
            f"{path}: hydra.{unread[0]} does nothing here; of Hydra's settings hydra.launcher and "
            "hydra.sweeper.params are used"
        )


def check_config_dir(folder: Path) -> None:
    """Refuse a folder of the user's in which something would not be read, and say what would be.

    Raises:
        UserError: it is no folder, or holds a root configuration, a choice with a packaged name,
            a file or folder with a name that is nearly right, or no choice at all.
    """
    if not folder.is_dir():
        raise UserError(f"--config-dir {folder} is not a folder")
    if (folder / "config.yaml").exists():
        raise UserError(
            f"{folder / 'config.yaml'} is not read: put defaults into tabsculpt.yaml of the "
            f"working folder, and sets of settings into {folder / 'experiment'}/NAME.yaml"
        )
    for group in (*GROUPS, LAUNCHER):
        for path in (folder / group).glob("*.yml"):
            raise UserError(f"{path} is not read: name it {path.stem}.yaml")
        if same := set(choices(group)) & {path.stem for path in (folder / group).glob("*.yaml")}:
            name = min(same)
            raise UserError(
                f"{folder / group / name}.yaml has the name of a packaged choice, which would be "
                f"taken: give it another name, as in my_{name}.yaml"
            )
    for path in folder.iterdir():
        near = get_close_matches(path.name, GROUPS, n=1, cutoff=0.8)
        if near and path.name not in GROUPS and any(path.glob("*.y*ml")):
            raise UserError(f"{path} is not read: name the folder {near[0]}")
    if not any(any((folder / group).glob("*.yaml")) for group in (*GROUPS, LAUNCHER)):
        raise UserError(
            f"--config-dir {folder} holds no choice; expected files such as generator/NAME.yaml "
            f"in it, in folders named {', '.join(GROUPS)}"
        )
