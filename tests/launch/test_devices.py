"""Which device a job computes on where nobody asked for one, and what is said of it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from tabsculpt import Profile2Gen
from tabsculpt.cli.main import app
from tabsculpt.config.compose import load
from tabsculpt.engine import cuda
from tabsculpt.generators.bootstrap import Bootstrap
from tabsculpt.generators.tvae.tvae import TVAE
from tabsculpt.generators.wgan_gp.wgan_gp import WGANGP
from tabsculpt.jobs import crossing
from tabsculpt.jobs.crossing import Crossing
from tabsculpt.jobs.job import Job

GRID = ["generator=tvae,bootstrap", "pipeline=traditional", "baseline=false", "repeats=1"]
FEW = ["predictors=quick", "~predictors.random_forest", "~predictors.lightgbm"]


@pytest.fixture
def gpu(monkeypatch) -> None:
    """A GPU that is not there; nothing may be computed on it."""
    monkeypatch.setattr(cuda, "has_driver", lambda: True)
    monkeypatch.setattr(cuda, "is_usable", lambda: True)


def planned(*settings: str) -> dict[str, tuple[int, str, int | None]]:
    done = CliRunner().invoke(app, ["plan", *settings, *FEW, "--json"])
    assert done.exit_code == 0, done.output
    devices = json.loads(done.stdout)["devices"]
    return {one["generator"]: (one["jobs"], one["device"], one["from_rows"]) for one in devices}


def test_small_tables_stay_on_the_cpu_where_nobody_asked_for_the_gpu(gpu, outputs):
    assert planned(*GRID, "seed=0,1") == {
        "tvae": (2, "cpu", 10_000),
        "bootstrap": (2, "cpu", None),
    }
    large = ["dataset=simulated", "dataset.rows=10000"]
    assert planned(*GRID, *large)["tvae"] == (1, "cuda", 10_000)
    assert planned(*GRID, *large)["bootstrap"] == (1, "cpu", None)
    assert planned(*GRID, "device=cuda") == planned(*GRID, "device=cpu") == {}


def test_the_plan_says_where_jobs_go_and_how_that_is_known(gpu, outputs):
    done = CliRunner().invoke(app, ["plan", *GRID, *FEW])
    lines = done.output.replace("\n", " ")
    assert "1 jobs of tvae on the CPU: the GPU is used from 10,000 rows on (a cautious" in lines
    assert "1 jobs of bootstrap on the CPU: nothing in them computes on a GPU" in lines


def test_without_a_gpu_nothing_is_said_of_devices(outputs, monkeypatch):
    monkeypatch.setattr(cuda, "has_driver", lambda: False)
    assert planned(*GRID) == {}


def test_each_generator_has_its_own_crossing_and_a_gpu_that_was_asked_for_is_kept(gpu, monkeypatch):
    monkeypatch.setitem(crossing.CROSSINGS, "TVAE", Crossing(300, "measured"))
    job = Job.of(load(["generator=tvae", "pipeline=traditional"]))
    assert (job.device, job.on_its_device(299).device) == ("cuda", "cpu")
    assert job.on_its_device(300).device == "cuda"
    assert crossing.crossing(TVAE(), None).source == "measured"
    assert crossing.crossing(Bootstrap(), None).rows is None
    asked = Job.of(load(["generator=tvae", "pipeline=traditional", "device=cuda"]))
    assert asked.on_its_device(5).device == "cuda"


def test_a_small_table_is_computed_on_the_cpu_from_python_too(gpu):
    from sklearn.datasets import load_diabetes

    rows, target = load_diabetes(return_X_y=True, as_frame=True)
    short = WGANGP(steps=2)
    made, _ = Profile2Gen(short, "random").fit_resample(rows, target)  # on a GPU it would fail
    assert len(made) > 0
