"""A real Slurm, where somebody says that there is one: equal values, and a batch that is killed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
import pytest

from tabsculpt.results import read_rows

pytestmark = [
    pytest.mark.extra("slurm"),
    pytest.mark.skipif(
        not os.environ.get("TABSCULPT_SLURM"),
        reason="needs a Slurm: set TABSCULPT_SLURM=1 where sbatch works and has this folder",
    ),
]
GRID = ["generator=bootstrap", "pipeline=traditional", "seed=0,1,2", "baseline=false"]
QUICK = ["predictors=quick", "~predictors.random_forest", "~predictors.lightgbm"]


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def carriers(outputs: Path) -> list[psutil.Process]:
    """The processes that do the jobs of a sweep one after the other."""
    wanted = ["submitit.core._submit", str(outputs)]
    return [
        process
        for process in psutil.process_iter(["cmdline", "name"])
        if process.info["name"] != "srun"
        and all(part in " ".join(process.info["cmdline"] or []) for part in wanted)
    ]


def test_a_killed_batch_is_known_sent_again_and_gives_the_values_of_this_machine(
    tmp_path, outputs, start, values
):
    process = start(outputs, "sweep", *GRID, *QUICK, "hydra/launcher=submitit_slurm")
    wait_for(lambda: carriers(outputs), 60)
    carriers(outputs)[0].kill()
    killed = time.monotonic()
    phrase = outputs.with_suffix(".txt")
    wait_for(lambda: "; sent again: " in phrase.read_text(), 60)
    assert time.monotonic() - killed < 60
    assert process.wait(300) == 0, phrase.read_text()
    assert "accounting storage" not in phrase.read_text()
    assert set(read_rows(outputs / "results").status) == {"ok"}
    here = tmp_path / "here"
    assert start(here, "sweep", *GRID, *QUICK).wait(300) == 0
    pd.testing.assert_frame_equal(values(here), values(outputs))
