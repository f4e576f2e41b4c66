"""The contract of every file in conf/: it names a class, and exactly that class's settings."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf

import tiny_weights
from needs import extras_of
from tabsculpt.config.components import instantiate, resolve
from tabsculpt.config.compose import GROUPS, choices, conf_folder, load
from tabsculpt.config.sweep import expand
from tabsculpt.jobs.job import Job

PLACES = {"path": "table.csv", "target": "y", "id": 1, "order": "t", "name": "MASS/Pima.tr"}
PLACES |= {"url": "sqlite:///mine.db", "query": "select 1"}


def nodes(group: str, name: str) -> dict[str, dict[str, object]]:
    config = OmegaConf.load(conf_folder() / group / f"{name}.yaml")
    if "defaults" in config:  # put together from other files
        config = load([f"{group}={name}"]).config[group]
    paths = OmegaConf.create(
        {"paths": {"data": None, "outputs": "outputs"}, "split": {"test_size": 0.33}}
    )
    merged = OmegaConf.merge(paths, {"node": config})
    for key in [key for key in OmegaConf.missing_keys(merged)]:
        OmegaConf.update(merged, key, PLACES[key.rpartition(".")[2]])
    node = OmegaConf.to_container(merged.node, resolve=True)
    return {name: node} if "_target_" in node else node


def plain(group: str, name: str) -> dict:
    return yaml.safe_load((conf_folder() / group / f"{name}.yaml").read_text())


def classes(group: str, name: str) -> list[type]:
    node = plain(group, name)
    parts = [node, *(part for part in node.values() if isinstance(part, dict))]
    return [resolve(part["_target_"], group) for part in parts if "_target_" in part]


def case(group: str, name: str):
    """A choice, with the marks of what its classes need."""
    marks = extras_of(*classes(group, name))
    return pytest.param(group, name, marks=marks, id=f"{group}-{name}")


def experiment_case(name: str):
    """An experiment, with the marks of what the choices that it names need."""
    node = plain("experiment", name)
    named = {key: value for entry in node["defaults"] for key, value in dict(entry).items()}
    named = {key.removeprefix("override /"): value for key, value in named.items()}
    named |= node.get("hydra", {}).get("sweeper", {}).get("params", {})
    chosen = [(g, one) for g in GROUPS for one in str(named.get(g, "")).split(",") if one]
    parts = [cls for group, one in chosen for cls in classes(group, one.strip())]
    return pytest.param(name, marks=extras_of(*parts))


GROUPED = [(group, name) for group in GROUPS for name in choices(group) if group != "experiment"]
LAUNCHERS = [("hydra/launcher", name) for name in choices("hydra/launcher")]


def test_there_is_a_file_for_every_name_that_is_fixed():
    fixed = {
        "dataset": """sklearn_diabetes breast_cancer wine simulated csv parquet arff openml
            parkinson urinary cholesterol bodyfat plasma diabetes_numeric parkinson_published
            urinary_published cholesterol_published bodyfat_published plasma_published
            diabetes_numeric_published adult titanic credit_approval credit_default support2 heart
            sequence_csv simulated_prices""",
        "predictors": "quick boosted autogluon targeted foundation",
        "pipeline": """real traditional preprocess profile2gen postprocess random_drop targeted
            random_subset upsample adaptive weighted threshold oversample undersample regularised
            mixup""",
        "protocol": "trtr tstr augmentation iterative hardness removal",
        "profiler": """auto cleanlab dataiq datamaps aum el2n grand forgetting agreement sample_loss
            vog detector prototypicality knn_shapley random""",
        "generator": "ctgan tvae gaussian_copula bootstrap tuned par rgan",
        "experiment": """smoke hardness_benchmark upsampling adaptive targeted_benchmarks
            targeted_simulation removal_curve small_classification small_samples when_it_helps
            profile2gen_tstr profile2gen_augmentation profile2gen_paper""",
    }
    for group, names in fixed.items():
        assert set(names.split()) <= set(choices(group))


@pytest.mark.parametrize(("group", "name"), [case(*choice) for choice in GROUPED])
def test_every_file_names_a_class_and_exactly_its_settings(group, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(PLACES["path"]).touch()
    for where, node in nodes(group, name).items():
        cls = resolve(node["_target_"], where)
        settings = {key for key in node if key != "_target_"}
        assert settings == {field.name for field in dataclasses.fields(cls) if field.init}
        inspect.signature(cls).bind(**{key: node[key] for key in settings})
        made = instantiate(node, where)
        assert isinstance(made, cls)
        assert cls.__doc__


@pytest.mark.parametrize(("group", "name"), GROUPED)
def test_every_setting_is_explained(group, name):
    text = (conf_folder() / group / f"{name}.yaml").read_text()
    for line in text.splitlines():
        key = line.split(":")[0].strip()
        nested = line.startswith("  ") or line.strip().startswith(("-", "#")) or not line.strip()
        if not nested and key != "_target_" and not line.endswith(":"):
            above = text.splitlines()[max(0, text.splitlines().index(line) - 1)]
            assert "#" in line or above.lstrip().startswith("#"), f"{group}/{name}: {line}"


@pytest.mark.parametrize(("group", "name"), LAUNCHERS)
def test_every_launcher_has_exactly_its_settings_each_explained(group, name):
    text = (conf_folder() / group / f"{name}.yaml").read_text()
    node = OmegaConf.to_container(OmegaConf.create(text))
    cls = resolve(node["_target_"], "hydra.launcher")
    assert list(node)[1:] == [field.name for field in dataclasses.fields(cls)]
    assert all(" # " in line for line in text.splitlines()[2:])


@pytest.mark.parametrize(("group", "name"), [case(*choice) for choice in LAUNCHERS])
def test_every_launcher_is_made_with_its_defaults(group, name):
    node = OmegaConf.to_container(OmegaConf.load(conf_folder() / group / f"{name}.yaml"))
    cls = resolve(node["_target_"], "hydra.launcher")
    made = instantiate(node, "hydra.launcher")
    assert made == cls()
    assert callable(made.launch)


@pytest.mark.parametrize(("group", "name"), [case(*g) for g in GROUPED if g[0] != "dataset"])
def test_every_choice_composes_into_a_job(group, name, monkeypatch, tmp_path):
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path))
    (tmp_path / "rows.csv").touch()
    own = [f"generator.path={tmp_path / 'rows.csv'}"] if name == "file" else []
    own += ["split.selection=0.2"] if name.startswith("tuned") else []
    own += tiny_weights.typed(group, name)
    job = Job.of(load([f"{group}={name}", *own]))
    assert job.outputs == Path(tmp_path)
    assert job.names["dataset"] == "sklearn_diabetes"


def test_a_class_of_the_users_own_is_found_by_its_yaml(tmp_path):
    folder = tmp_path / "conf" / "generator"
    folder.mkdir(parents=True)
    (tmp_path / "conf" / "mine.py").write_text(
        "from dataclasses import dataclass\n"
        "from tabsculpt.generators.bootstrap import Bootstrap\n"
        "@dataclass(frozen=True)\n"
        "class Mine(Bootstrap):\n"
        '    """Mine."""\n'
        "    strength: float = 1.0\n"
    )
    (folder / "mine.yaml").write_text("_target_: mine.Mine\nstrength: 2.0\n")
    job = Job.of(load(["generator=mine"], tmp_path / "conf"))
    assert job.names["generator"] == "mine"
    assert job.generator.strength == 2.0


@pytest.mark.parametrize("name", [experiment_case(name) for name in choices("experiment")])
def test_every_experiment_expands_into_jobs(name, monkeypatch, tmp_path):
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path))
    # composing hundreds of jobs takes its time: those of the paper have enough other axes
    profilers = "random" if name.startswith("profile2gen") else "random,cleanlab"
    one = ["seed=0", "split.seed=0", "split.minority=0.01", f"profiler={profilers}"]
    made = {}  # as in a sweep, whose jobs share components
    jobs = [Job.of(composed, made) for composed in expand([f"experiment={name}", *one])]
    profiled = [job for job in jobs if job.profiler is not None]  # others do not depend on it
    if profiled:
        assert len({job.identity("data") for job in profiled}) == len(profiled)
    distinct = {job.identity("data") for job in jobs}  # real rows alone are one job, not many
    real = [job for job in jobs if job.names["pipeline"] == "real"]
    assert len(distinct) > 1
    assert len(distinct) == len(jobs) or real or len(profiled) < len(jobs)
