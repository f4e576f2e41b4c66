"""Any generator, profiler, data set and pipeline combine, or planning says why not; no leaks."""

from __future__ import annotations

from itertools import count

import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf

from tabsculpt.config import Composed, choices, load
from tabsculpt.execute import run_job
from tabsculpt.generators.requirements import obstacle
from tabsculpt.job import Job
from tabsculpt.layout import lay_out_from, lay_out_parts
from tabsculpt.runner import Runner

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
    return [f"generator={name}", *path]


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
            self.parts[name] = dataset, lay_out_parts(job, dataset, self.runner.result)
        dataset, parts = self.parts[name]
        return (
            dataset,
            job.impossible(dataset),
            lay_out_from(job, dataset.table.schema.task, *parts),
        )


def test_any_combination_is_laid_out_or_has_a_reason_of_one_line(folder, tmp_path):
    grid, turn = Grid(folder, tmp_path), count()
    generators, profilers = distinct("generator"), distinct("profiler")
    possible, reasons = set(), {}
    for dataset in DATASETS:
        for pipeline in distinct("pipeline"):
            pairs = [(g, profilers[next(turn) % len(profilers)]) for g in generators]
            if grid.job(pipeline=pipeline).profiler is not None:
                pairs += [(generators[next(turn) % len(generators)], p) for p in profilers]
            for generator, profiler in pairs:
                chosen = {"generator": generator, "profiler": profiler, "pipeline": pipeline}
                job = grid.job(
                    dataset=dataset,
                    protocol="augmentation" if pipeline != "real" else "trtr",
                    **chosen,
                )
                loaded, why, layout = grid.plan(job)
                cell = (dataset, pipeline, generator)
                if why is not None:
                    assert "\n" not in why
                    assert why.endswith(f"(dataset {loaded.name})")
                    reasons[cell] = why
                else:
                    possible.add(cell)
                assert layout.steps()
                used = {type(step).__name__ for step in layout.steps().values()}
                assert "TrainAndPredict" in used
    assert not possible & set(reasons)  # the profiler makes no difference
    assert len(possible) + len(reasons) == len(DATASETS) * len(distinct("pipeline")) * len(
        generators
    )
    for (dataset, pipeline, generator), why in reasons.items():
        job = grid.job(dataset=dataset, pipeline=pipeline, generator=generator)
        if pipeline == "upsample" and dataset == "sklearn_diabetes":
            assert "needs classes" in why
        else:
            assert obstacle(job.generator, grid.parts[dataset][0].table) in why
    unable = {generator for dataset, pipeline, generator in reasons if pipeline == "traditional"}
    assert unable == {"adasyn", "naive", "par", "smote", "smotenc", "smoter"}


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
    notes = done.rows[0].notes
    if "pipeline=adaptive" in asked:
        assert "the loop ended" in notes
    else:
        assert made.pop() > 0
    if "generator=tuned" in asked:
        assert "of 2, gain" in notes
