"""Made-up result rows of the Profile2Gen grid, with differences whose p-values are known."""

from hashlib import sha256

import numpy as np

from tabsculpt.results import Row, write_rows

SEEDS = (333, 555, 666, 888)


def one_sign(step, n=12):
    """RMSEs that lie ``step`` or a little more above 10, by a share of its own for each of n."""
    base = 10 + np.random.default_rng(0).normal(size=n) / 10
    return base + step * (1 + 0.01 * np.arange(n))


def write_job(folder, dataset, arm, values, generator="tvae", proportion=None, **more):
    """One job; ``values``: an RMSE for each predictor; sampling seeds add 0.1 %."""
    real = arm == "real"
    protocol = "trtr" if real else "tstr" if proportion is None else "augmentation"
    common = {
        "dataset": dataset, "task": "regression", "split_seed": 0, "seed": 0, "device": "cpu",
        "profiler": "none" if arm in ("real", "traditional") else "auto", "pipeline": arm,
        "generator": "none" if real else generator, "protocol": protocol, "data": dataset,
        "started": "2026-01-02T03:04:05", "predictors": "autogluon", "evaluation": "",
    } | more  # fmt: skip
    common["job"] = sha256(repr([common, proportion]).encode()).hexdigest()[:16]
    if "status" in more:
        write_rows([Row(**common, proportion=proportion)], folder / "results")
        return
    dropped = 10 if arm in ("profile2gen", "random_drop") else 0
    table = {"metric": "wasserstein", "value": 0.1, "direction": "min"}
    sizes = {"n_dropped": dropped, "n_synthetic": 100 - dropped}
    rows = [] if real else [Row(**common, **table, **sizes)]
    for s, seed in enumerate([None] if real or proportion is None else SEEDS):
        for k, value in enumerate(values):
            score = {"metric": "rmse", "value": value * (1 + 0.001 * s), "direction": "min"}
            where = {"predictor": f"model {k}", "sample_seed": seed, "proportion": proportion}
            rows.append(Row(**common, **score, **where))
    write_rows(rows, folder / "results")


def write_cell(folder, dataset, steps, generator="tvae", n=12, proportion=None, **more):
    """A cell of arms, each with its step (see `one_sign`)."""
    for arm, step in steps.items():
        of = {} if arm == "real" else {"generator": generator, "proportion": proportion}
        write_job(folder, dataset, arm, one_sign(step, n), **of, **more)
