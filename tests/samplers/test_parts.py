"""The choices of the command line, as samplers read them."""

from __future__ import annotations

import pytest
from omegaconf import OmegaConf

from tabsculpt.config.compose import choices, load
from tabsculpt.samplers.parts import settings_of


@pytest.mark.parametrize("group", ["generator", "profiler", "pipeline", "predictors"])
def test_they_are_what_hydra_composes(group):
    for name in ("auto", "tuned", "tvae_paper", "autogluon", "quick", "targeted_5", "profile2gen"):
        if name in choices(group):
            composed = load([f"{group}={name}"]).config[group]
            assert settings_of(group, name) == OmegaConf.to_object(composed)
