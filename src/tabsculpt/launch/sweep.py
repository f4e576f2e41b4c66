"""Expands a sweep with Hydra's sweeper."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from tabsculpt.config import Composed, check_choices, complete, explain, hydra_session, readable


def expand(overrides: Sequence[str], config_dir: Path | None = None) -> list[Composed]:
    """Compose every job of a sweep, before any of them runs.

    Args:
        overrides: as typed; ``seed=0,1,2`` and ``generator=tvae,ctgan`` multiply.
        config_dir: the user's own configuration files.

    Returns:
        One configuration per job, in the sweeper's order.

    Raises:
        UserError: an unknown group, choice or key, a wrong type, a missing value.
    """
    overrides = readable(overrides)
    collected: list[Composed] = []

    def collect(config: DictConfig) -> None:
        names = {str(k): str(v) for k, v in HydraConfig.get().runtime.choices.items()}
        collected.append(Composed.with_names(copy.deepcopy(config), names))

    with hydra_session(config_dir) as extra, TemporaryDirectory() as folder:
        check_choices(overrides, config_dir)
        hydra = GlobalHydra.instance().hydra
        assert hydra is not None
        arguments = [*overrides, *extra, f"hydra.sweep.dir={folder}", "hydra.sweep.subdir=."]
        try:
            hydra.multirun("config", collect, arguments, with_log_configuration=False)
        except (HydraException, OmegaConfBaseException) as error:
            raise explain(error, overrides) from error
    return [complete(composed) for composed in collected]
