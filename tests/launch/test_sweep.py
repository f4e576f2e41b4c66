"""Our expansion of a sweep is Hydra's own."""

from __future__ import annotations

import copy

import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from tabsculpt.config.compose import Composed, complete, hydra_session
from tabsculpt.config.sweep import expand
from tabsculpt.errors import UserError


def by_hydra(overrides: list[str], folder) -> list[Composed]:
    """The configurations that Hydra's basic sweeper hands to a job, in its order."""
    collected = []

    def collect(config):
        names = {str(k): str(v) for k, v in HydraConfig.get().runtime.choices.items()}
        collected.append(Composed.with_names(copy.deepcopy(config), names))

    plain = ["hydra/launcher=basic", f"hydra.sweep.dir={folder}", "hydra.sweep.subdir=."]
    with hydra_session(None):
        hydra = GlobalHydra.instance().hydra
        hydra.multirun("config", collect, [*overrides, *plain], with_log_configuration=False)
    return [complete(composed) for composed in collected]


@pytest.mark.parametrize(
    "overrides",
    [
        ["seed=0,1", "generator=tvae,ctgan", "generator.steps=3"],
        ["generator=ctgan", "generator.generator_dim=[8],[8,8]", "generator.pac=1,2"],
        ["seed=range(0,3)", "pipeline=glob(pre*)", "split.test_size=choice(0.2,0.4)"],
        ["dataset=csv", "dataset.path=a.csv,b.csv", "dataset.target=y", "+dataset.more=1"],
        [
            "experiment=hardness_benchmark",
            "profiler=random,cleanlab",
            "seed=0",
            "protocol.perturbation=mislabelled",
            "protocol.proportion=0.1,0.2",
        ],
        ["split={test_size:0.2,seed:1},{test_size:0.3}", "~predictors.knn"],
        [
            "generator=tvae,ctgan,marginal",
            "pipeline=traditional,upsample",
            "protocol=tstr,augmentation",
            "predictors=quick,boosted",
        ],
        ["experiment=adaptive,smoke", "generator=marginal,arf", "dataset=wine,titanic", "seed=0"],
        ["seed=1", "seed=2,3", "profiler=dataiq,cleanlab", "profiler.threshold=0.2"],
    ],
)
def test_a_sweep_expands_as_hydra_does_it(overrides, tmp_path):
    expected, found = by_hydra(overrides, tmp_path), expand(overrides)
    assert [one.names for one in found] == [one.names for one in expected]
    for ours, theirs in zip(found, expected, strict=True):
        assert OmegaConf.to_container(ours.config) == OmegaConf.to_container(theirs.config)
        assert type(ours.config.seed) is type(theirs.config.seed)
    assert len(found) > 1


def test_a_choice_that_sets_more_than_its_own_node_is_composed_as_hydra_does_it(tmp_path):
    (tmp_path / "generator").mkdir()
    text = "# @package _global_\ngenerator:\n  _target_: mine.Mine\nseed: 7\n"
    (tmp_path / "generator" / "mine.yaml").write_text(text)
    found = expand(["generator=marginal,mine", "pipeline=traditional,preprocess"], tmp_path)
    assert [one.config.seed for one in found] == [0, 0, 7, 7]
    assert [one.config.generator._target_.rpartition(".")[2] for one in found] == [
        *["Marginal"] * 2, *["Mine"] * 2
    ]  # fmt: skip
    pipelines = [one.config.pipeline._target_.rpartition(".")[2] for one in found]
    assert pipelines == ["Traditional", "PreProcess"] * 2


def test_a_value_is_for_the_choices_swept_over_and_not_for_the_default():
    found = expand(["pipeline=upsample,adaptive", "pipeline.most_draws=50,60"])
    assert [one.config.pipeline.most_draws for one in found] == [50, 60, 50, 60]


def test_the_jobs_of_a_sweep_share_no_configuration():
    first, second = expand(["seed=0,1"])
    first.config.generator.steps = 77
    assert second.config.generator.steps != 77


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["seed=0,one"], "could not be converted to Integer"),
        (["generator=tvae,ctgan", "generator.epochz=1,2"], "did you mean 'epochs'"),
        (
            ["pipeline=upsample,adaptive", "pipeline.ratio=1"],
            "'ratio'.* Choices: bins, correct_prior, gain, ",
        ),
        (["generator=tvae,tvea"], "did you mean 'tvae'"),
        (["split.test_size=interval(0,1)"], "does not support sweep type"),
    ],
)
def test_what_is_wrong_in_any_job_is_one_line(overrides, words):
    with pytest.raises(UserError, match=words) as caught:
        expand(overrides)
    assert "\n" not in str(caught.value)
