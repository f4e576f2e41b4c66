"""The choices of the command line, as samplers read them."""

from __future__ import annotations

import inspect

import pytest
from omegaconf import OmegaConf

from tabsculpt.config.compose import choices, load
from tabsculpt.samplers.estimators import Profile2Gen, TargetedAugmentation
from tabsculpt.samplers.parts import settings_of
from tabsculpt.synthesis.frame import generate


@pytest.mark.parametrize("group", ["generator", "profiler", "pipeline", "predictors"])
def test_they_are_what_hydra_composes(group):
    for name in ("auto", "tuned", "tvae_paper", "autogluon", "quick", "targeted_5", "profile2gen"):
        if name in choices(group):
            composed = load([f"{group}={name}"]).config[group]
            assert settings_of(group, name) == OmegaConf.to_object(composed)


@pytest.mark.parametrize("made_by", [generate, Profile2Gen, TargetedAugmentation])
def test_the_generator_that_is_not_named_is_that_of_the_command_line(made_by):
    default = inspect.signature(made_by).parameters["generator"].default
    assert default == load([]).names["generator"]
