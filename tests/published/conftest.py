"""Made-up result rows of the paper's grid, with differences whose p-values are known."""

import numpy as np
import pytest

from tabsculpt.results import Row, write_rows

TWELVE = [f"model {k}" for k in range(12)]
ARMS = ("real", "traditional", "preprocess", "profile2gen", "random_drop")
SEEDS = (333, 555, 666, 888)


def job(folder, dataset, arm, generator="tvae", proportion=None, values=None, **more):
    """Write one job; ``values``: an RMSE for each predictor, or a function of the seed too."""
    real = arm == "real"
    protocol = "trtr" if real else "tstr" if proportion is None else "augmentation"
    profiled = arm not in ("real", "traditional")
    common = {
        "job": "-".join(map(str, (dataset, arm, generator, proportion, *more.values()))).replace(
            "/", "_"
        )[:120],
        "dataset": dataset, "task": "regression", "split_seed": 0, "seed": 0, "device": "cpu",
        "profiler": "auto" if profiled else "none", "generator": "none" if real else generator,
        "pipeline": arm, "protocol": protocol, "data": dataset, "started": "2026-01-02T03:04:05",
        "predictors": "autogluon", "evaluation": "", "proportion": proportion,
    } | more  # fmt: skip
    if common.get("status", "ok") != "ok":
        write_rows([Row(**common)], folder / "results")
        return
    dropped = 10 if arm in ("profile2gen", "random_drop") else 0
    table = {"metric": "wasserstein", "value": 0.1, "direction": "min", "n_dropped": dropped}
    rows = [] if real else [Row(**common, **table, n_synthetic=100 - dropped)]
    for s, sample_seed in enumerate([None] if proportion is None else SEEDS):
        for predictor, value in zip(TWELVE, values, strict=False):
            score = {"predictor": predictor, "metric": "rmse", "direction": "min"}
            score |= {"value": value * (1 + 0.001 * s), "sample_seed": sample_seed}
            rows.append(Row(**common, **score))
    write_rows(rows, folder / "results")


def one_sign(step, n=12):
    """RMSEs that lie ``step`` apart from those of step 0 for each predictor, never by the same."""
    base = 10 + np.random.default_rng(0).normal(size=n) / 10
    return base + step * (1 + 0.01 * np.arange(n))


@pytest.fixture
def cell(tmp_path):
    """A whole cell: steps by arm, in the order of the RMSE that they lead to."""

    def write(dataset, steps, generator="tvae", n=12, proportion=None, **more):
        for arm, step in steps.items():
            of = None if arm == "real" else proportion
            job(tmp_path, dataset, arm, generator, of, one_sign(step, n), **more)
        return tmp_path

    return write
