"""Any generator, profiler, data set and pipeline combine, or planning says why not; no leaks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
import pytest
import yaml
from omegaconf import OmegaConf

import tiny_weights
from needs import extras_of
from tabsculpt.config.components import resolve
from tabsculpt.config.compose import Composed, choices, conf_folder, load
from tabsculpt.engine.runner import Runner
from tabsculpt.generators.requirements import obstacle
from tabsculpt.jobs.graph import graph_from_parts, split_parts
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.notes import Code

LINEAR = "~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn"
ASIDE = "split.selection=0.25"
DATASETS = ("sklearn_diabetes", "wine", "csv")


def distinct(group: str) -> list[str]:
    """The choices of a group less those that are another one with other settings."""
    names = choices(group)
    return [name for name in names if name.rpartition("_")[0] not in names]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table of every kind of column, with gaps, and rows for the generator that reads them."""
    folder = tmp_path_factory.mktemp("combinations")
    rng = np.random.default_rng(0)
    n = 160
    frame = pd.DataFrame(
        {
            "real": rng.normal(size=n),
            "whole": rng.integers(0, 30, n),
            "text": rng.choice(["a", "b", "c"], n),
            "flag": rng.random(n) < 0.4,
        }
    )
    frame["state"] = np.where(frame.real + rng.normal(size=n) > 0.7, "ill", "well")
    frame.loc[::9, ["real", "text"]] = None
    frame.to_csv(folder / "mine.csv", index=False)
    return folder


def of_dataset(name, folder) -> list[str]:
    if name != "csv":
        return [f"dataset={name}"]
    mine = [f"dataset.path={folder / 'mine.csv'}", "dataset.target=state", "dataset.missing=keep"]
    return ["dataset=csv", *mine]


def of_generator(name, folder) -> list[str]:
    path = [f"generator.path={folder / 'mine.csv'}"] if name == "file" else []
    return [f"generator={name}", *path, *tiny_weights.typed("generator", name)]


class Grid:
    """Jobs of any choice of groups, each choice composed once, and the parts of each data set."""

    def __init__(self, folder, outputs) -> None:
        self.folder = folder
        self.base = load([*LINEAR, ASIDE, f"paths.outputs={outputs}"])
        self.nodes, self.made, self.parts = {}, {}, {}
        self.runner = Runner(None, lambda _step, _done: None)

    def job(self, **chosen: str) -> Job:
        config = OmegaConf.create(
            {**self.base.config, **{g: self.node(g, chosen[g]) for g in chosen}}
        )
        return Job.of(Composed(config, {**self.base.names, **chosen}), self.made)

    def node(self, group: str, name: str):
        if (group, name) not in self.nodes:
            special = {"dataset": of_dataset, "generator": of_generator}.get(group)
            typed = special(name, self.folder) if special else [f"{group}={name}"]
            self.nodes[group, name] = load(typed).config[group]
        return self.nodes[group, name]

    def plan(self, job: Job):
        """What `tabsculpt plan` asks: why a job cannot work, and its steps."""
        name = job.names["dataset"]
        if name not in self.parts:
            dataset = job.source.load()
            self.parts[name] = dataset, split_parts(job, dataset, self.runner.result)
        dataset, parts = self.parts[name]
        return (
            dataset,
            job.impossible(dataset),
            graph_from_parts(job, dataset.table.schema, *parts),
        )


@pytest.fixture(scope="module")
def grid(folder, tmp_path_factory):
    return Grid(folder, tmp_path_factory.mktemp("outputs"))


def case(generator: str):
    node = yaml.safe_load((conf_folder() / "generator" / f"{generator}.yaml").read_text())
    marks = extras_of(resolve(node["_target_"], "generator"))
    return pytest.param(generator, marks=[*marks, pytest.mark.xdist_group("combinations")])


def by_turns(generator: str) -> Iterator[tuple[str, str, str]]:
    """Data sets and pipelines, and profilers in turn: all pairs of them fall to some generator."""
    profilers, generators = distinct("profiler"), distinct("generator")
    mine = range(generators.index(generator), max(len(generators), len(profilers)), len(generators))
    for place, (dataset, pipeline) in enumerate(product(DATASETS, distinct("pipeline"))):
        for turn in mine:
            yield dataset, pipeline, profilers[(place + turn) % len(profilers)]


@pytest.mark.parametrize("generator", [case(name) for name in distinct("generator")])
def test_any_combination_is_laid_out_or_has_a_reason_of_one_line(generator, grid):
    possible, reasons = set(), {}
    for dataset, pipeline, profiler in by_turns(generator):
        protocol = "augmentation" if pipeline != "real" else "trtr"
        chosen = {"generator": generator, "profiler": profiler, "pipeline": pipeline}
        job = grid.job(dataset=dataset, protocol=protocol, **chosen)
        loaded, why, layout = grid.plan(job)
        if why is not None:
            assert "\n" not in why
            assert why.endswith(f"(dataset {loaded.name})")
            reasons[dataset, pipeline] = why
        else:
            possible.add((dataset, pipeline))
        assert layout.steps()
        used = {type(step).__name__ for step in layout.steps().values()}
        assert "TrainAndPredict" in used
    assert not possible & set(reasons)  # the profiler makes no difference
    assert possible | set(reasons) == set(product(DATASETS, distinct("pipeline")))
    for (dataset, pipeline), why in reasons.items():
        job = grid.job(dataset=dataset, pipeline=pipeline, generator=generator)
        if pipeline == "upsample" and dataset == "sklearn_diabetes":
            assert "needs classes" in why
        elif job.generator is None:  # real rows alone, trained on otherwise
            assert dataset == "sklearn_diabetes"
            assert why.startswith(f"pipeline={pipeline} ")
        else:
            assert obstacle(job.generator, grid.parts[dataset][0].table) in why
    unable = {
        "adasyn", "naive", "par", "rgan", "smote", "smotenc", "smoter", "eda", "text_lm",
        "unet_ddpm",
    }  # fmt: skip
    assert any(p == "traditional" for _, p in reasons) == (generator in unable)


def test_every_profiler_meets_every_pipeline_and_data_set():
    met = {cell for name in distinct("generator") for cell in by_turns(name)}
    assert met == set(product(DATASETS, distinct("pipeline"), distinct("profiler")))


TUNED = (
    *("generator=tuned", "generator.budget=2", "generator.repeats=1", ASIDE),
    *("generator.candidates.tvae.steps=2", "generator.candidates.ctgan.steps=2"),
)
FEW = ("protocol=augmentation", "protocol.proportions=[0.3]", "protocol.sample_seeds=[1]")


@pytest.mark.parametrize(
    "asked",
    [
        ["dataset=wine", "pipeline=upsample", *TUNED],
        ["dataset=wine", "pipeline=adaptive", "pipeline.rounds=2", *TUNED],
        ["dataset=sklearn_diabetes", "pipeline=adaptive", "pipeline.rounds=2", *TUNED],
        ["dataset=csv", "pipeline=adaptive", "pipeline.rounds=1", "generator=bayesian_network"],
        ["dataset=csv", "pipeline=upsample", "generator=arf"],
        ["dataset=csv", "pipeline=targeted_20", "profiler=knn_shapley", "generator=marginal", *FEW],
        ["dataset=wine", "pipeline=random_drop", "profiler=cleanlab", "generator=smotenc", *FEW],
        ["dataset=csv", "pipeline=profile2gen", "profiler=agreement", "generator=arf", *FEW],
    ],
    ids=lambda asked: " ".join(word for word in asked if "." not in word),
)
def test_combinations_that_are_laid_out_run(asked, folder, tmp_path):
    data = of_dataset("csv", folder) if "dataset=csv" in asked else []
    job = Job.of(load([*LINEAR, *data, *asked, f"paths.outputs={tmp_path}"]))
    dataset = job.source.load()
    assert job.impossible(dataset) is None
    done = run_job(job, dataset, lambda _layout: None, lambda _step, _done: None)
    assert done.ok, {row.reason for row in done.rows}
    scored = [row.value for row in done.rows if row.metric in ("macro_f1", "rmse")]
    assert scored
    assert None not in scored
    made = {row.n_synthetic for row in done.rows if row.predictor}
    assert len(made) == 1
    notes = {note.code: note.text for note in done.rows[0].notes}
    if "pipeline=adaptive" in asked:
        assert Code.LOOP_ENDED in notes
    else:
        assert made.pop() > 0
    if "generator=tuned" in asked:
        assert "of 2, gain" in notes[Code.SETTINGS_CHOSEN]
