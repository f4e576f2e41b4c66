"""A world of fits that were really made: a generator against itself, relabelled."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.rows import Draws
from tabsculpt.config.compose import load
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.results import read_rows
from tabsculpt.table import FloatArray

SPLITS, FITS = 6, 8
SETTINGS = (
    "generator=arf", "dataset=sklearn_diabetes", "protocol=augmentation",
    "protocol.proportions=[1.0]", "predictors.random_forest.trees=20",
    "predictors.lightgbm.rounds=30",
)  # fmt: skip


def fits_of_one_generator(folder: Path, draws: int, shape: tuple[int, int]) -> Draws:
    """Splits drawn from six, and of each its eight fits dealt out to two pipelines.

    Args:
        folder: of outputs; fits that are not there are made.
        draws: how many.
        shape: splits and fits, at most four.
    """
    rows = _made(folder)
    real = _values(rows[rows.pipeline == "real"], ["split_seed", "seed", "predictor"])
    made = _values(
        rows[rows.pipeline == "traditional"], ["split_seed", "seed", "sample_seed", "predictor"]
    )
    splits, fits = shape
    found_real, found_made = [], []
    for number in range(draws):
        rng = np.random.default_rng([number, *shape])
        at = rng.permutation(SPLITS)[:splits]
        dealt = np.array([rng.permutation(FITS)[: 2 * fits] for _ in at])
        found_made.append(np.stack([made[at[:, None], dealt[:, arm::2]] for arm in (0, 1)]))
        found_real.append(real[at][:, :fits])
    sizes = int(rows.n_train.iloc[0]), int(rows.n_test.iloc[0])
    return Draws(np.stack(found_real), np.stack(found_made), *sizes, "min")


def _made(folder: Path) -> pd.DataFrame:
    """The scores in the folder, with those that were missing."""
    before = read_rows(folder / "results")
    there = set(zip(before.split_seed, before.seed, before.pipeline, strict=True))
    for split, seed, pipeline in product(range(SPLITS), range(FITS), ("real", "traditional")):
        if (split, seed, pipeline) not in there:
            run = (f"pipeline={pipeline}", f"split.seed={split}", f"seed={seed}")
            [job] = Job.each(load([*SETTINGS, *run, f"paths.outputs={folder}"]))
            run_job(job, job.source.load(), lambda _: None, lambda _step, _done: None)
    rows = read_rows(folder / "results")
    return rows[(rows.metric == "rmse") & rows.value.notna()]


def _values(rows: pd.DataFrame, axes: list[str]) -> FloatArray:
    by = rows.set_index(axes).value.sort_index()
    return by.to_numpy(np.float64).reshape([by.index.get_level_values(a).nunique() for a in axes])
