"""The hardness benchmark: one learner throughout, on the job's device."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_wine

from tabsculpt.config.compose import load
from tabsculpt.config.sweep import expand
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import UserError
from tabsculpt.jobs.job import Job
from tabsculpt.pipelines import PipelineInputs
from tabsculpt.profilers.auto import Auto
from tabsculpt.profilers.cleanlab import Cleanlab
from tabsculpt.profilers.dataiq import DataIQ
from tabsculpt.profilers.dynamics.learners import Learner
from tabsculpt.profilers.dynamics.mlp import MLPRecorder
from tabsculpt.profilers.el2n import EL2N
from tabsculpt.profilers.forgetting import Forgetting
from tabsculpt.profilers.grand import GraNd
from tabsculpt.profilers.knn_shapley import KNNShapley
from tabsculpt.profilers.placement import Device
from tabsculpt.profilers.profile_steps import score_rows
from tabsculpt.profilers.random import Random
from tabsculpt.profilers.vog import VoG
from tabsculpt.protocols.hardness import Hardness
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform


def table(source: Any, task: Task, rows: int = 60) -> Table:
    frame = source(as_frame=True).frame.sample(rows, random_state=0)
    columns = [Column(name, Kind.CONTINUOUS) for name in frame.columns[:-1]]
    if task is not Task.REGRESSION:
        frame["target"] = frame.target.astype(str)
    names = () if task is Task.REGRESSION else tuple(sorted(frame.target.unique()))
    kind = Kind.CATEGORICAL if names else Kind.CONTINUOUS
    return conform(frame, Schema((*columns, Column("target", kind, names)), "target", task))


@dataclass(frozen=True)
class NoRows(Step[Table]):
    phase = "data"

    def compute(self, fetch: Fetch) -> Table:
        raise AssertionError("only laid out")


def profiled(profiler: Any, learner: Learner | None) -> Any:
    """The step that profiles the perturbed rows."""
    given = PipelineInputs(NoRows(), profiler, None, 0, "cpu")
    return Hardness(learner=learner).evaluations(given, None).profile


def test_the_protocols_learner_takes_the_place_of_the_profilers():
    assert profiled(DataIQ(), Learner.MLP).profiler == DataIQ(learner=Learner.MLP)
    assert profiled(DataIQ(), Learner.MLP).scores.dynamics.recorder == MLPRecorder(
        folds=5, device=Device.CPU
    )
    assert profiled(DataIQ(), None).profiler == DataIQ()


def test_profilers_without_a_learner_keep_what_they_have():
    for profiler in (Random(), KNNShapley(k=3), GraNd(folds=4)):
        assert profiled(profiler, Learner.MLP).profiler == profiler


def test_every_candidate_of_a_search_gets_the_learner():
    auto = Auto(candidates={"cleanlab": Cleanlab(), "random": Random()})
    candidates = profiled(auto, Learner.MLP).cells.candidates
    assert candidates == {"cleanlab": Cleanlab(learner=Learner.MLP), "random": Random()}


def test_a_learner_that_a_profiler_does_not_take_is_refused():
    with pytest.raises(UserError, match="expected linear, boosted or mlp"):
        profiled(Cleanlab(), Learner.AUTO)
    with pytest.raises(UserError, match="'mlp'"):
        Job.of(load(["protocol=hardness", "protocol.learner=tree"]))


def test_the_preset_has_one_network_throughout():
    few = ["dataset=wine", "profiler=cleanlab,aum,grand", "protocol.proportion=0.1", "seed=0"]
    jobs = [Job.of(c) for c in expand(["experiment=hardness_benchmark", *few])]
    for job in jobs:
        recorder = profiled(job.profiler, job.protocol.learner).scores.dynamics.recorder
        assert recorder == MLPRecorder(folds=recorder.folds, device=Device.CPU)
        assert "learner=mlp" in job.changed("protocol")
    assert {type(job.profiler).__name__ for job in jobs} == {"Cleanlab", "AUM", "GraNd"}


def test_cleanlab_reads_the_last_epoch_of_the_network():
    mlp = Cleanlab(learner=Learner.MLP)
    assert mlp.recorder == Forgetting().recorder  # both cross-fitted by five folds
    wine = table(load_wine, Task.MULTICLASS)
    recorded = mlp.recorder.record(wine, 0)
    quality = mlp.score(wine, recorded, 0).score
    assert quality == pytest.approx(recorded.correctness[-1], abs=1e-9)
    diabetes = table(load_diabetes, Task.REGRESSION)
    recorded = mlp.recorder.record(diabetes, 0)
    quality = mlp.score(diabetes, recorded, 0).score
    assert np.median(np.log(quality)) == pytest.approx(-1)
    residuals = np.abs(recorded.outputs[-1] - diabetes.target)
    assert (np.argsort(quality) == np.argsort(-residuals)).all()
    exact = replace(recorded, outputs=diabetes.target[None])
    assert (mlp.score(diabetes, exact, 0).score == 1).all()


def test_the_device_of_the_job_names_what_depends_on_it():
    rows = NoRows()
    for profiler in (GraNd(), VoG(), EL2N(), KNNShapley(), Cleanlab(learner=Learner.MLP)):
        on_cpu, on_gpu = (score_rows(profiler, rows, 0, device) for device in ("cpu", "cuda"))
        assert on_cpu.key != on_gpu.key
        assert "auto" not in str([step.description for step in on_cpu.ancestry().values()])
    for profiler in (Random(), DataIQ(learner=Learner.BOOSTED), Cleanlab()):
        on_cpu, on_gpu = (score_rows(profiler, rows, 0, device) for device in ("cpu", "cuda"))
        assert on_cpu.key == on_gpu.key


def test_a_device_of_ones_own_is_kept():
    mine = score_rows(KNNShapley(device=Device.CPU), NoRows(), 0, "cuda")
    assert mine.profiler.device is Device.CPU


def test_a_gpu_that_is_not_there_is_refused():
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    frame = pd.DataFrame({"x": np.arange(12.0), "y": np.arange(12.0)})
    schema = (Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS))
    rows = conform(frame, Schema(schema, "y", Task.REGRESSION))
    for work in (
        lambda: KNNShapley(device=Device.CUDA).score(rows, None, 0),
        lambda: MLPRecorder(device=Device.CUDA).record(rows, 0),
    ):
        with pytest.raises(UserError, match="no GPU"):
            work()
