"""Measure the generators: cost, closeness to the real rows, and use for training a predictor.

    python scripts/benchmark_generators.py
    python scripts/benchmark_generators.py --generators tvae ctgan --seeds 0 1 -- bodyfat.arff

Each row of the printed table is one generator on one regression data set, averaged over seeds:
two thirds of the rows train it, a random forest is trained on as many synthetic rows, and is
scored on the real third beside a forest trained on the real rows and the mean of their target.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.seeds import derive_seed
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

COLUMNS = {
    "fit CPU s": ".1f",
    "sample CPU s": ".2f",
    "peak MB": ".0f",
    "wasserstein": ".3f",
    "RMSE synthetic": ".2f",
    "RMSE mean": ".2f",
    "RMSE real": ".2f",
}


def read(source: str) -> Table:
    """Read ``diabetes`` of scikit-learn, or a numeric ARFF file whose last column is the target."""
    if source == "diabetes":
        from sklearn.datasets import load_diabetes

        frame = load_diabetes(as_frame=True, scaled=False).frame
    else:
        from scipy.io import arff

        frame = pd.DataFrame(arff.loadarff(source)[0])
    whole = {name: bool((frame[name] % 1 == 0).all()) for name in frame}
    columns = [
        Column(str(name), Kind.INTEGER if whole[name] else Kind.CONTINUOUS) for name in frame
    ]
    frame.columns = frame.columns.astype(str)
    return conform(frame, Schema(tuple(columns), frame.columns[-1], Task.REGRESSION))


def split(table: Table, seed: int) -> tuple[Table, Table]:
    """Two thirds of the rows, and the other third."""
    order = np.random.default_rng(seed).permutation(len(table))
    cut = len(table) * 2 // 3
    return table.take(order[:cut]), table.take(order[cut:])


def rmse(train: Table, test: Table, seed: int) -> float:
    """The error on ``test`` of a random forest trained on ``train``, in the target's unit."""
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(n_estimators=100, random_state=seed, n_jobs=1)
    forest.fit(train.matrix(), train.target)
    return float(np.sqrt(np.mean((forest.predict(test.matrix()) - test.target) ** 2)))


def distance(real: Table, synthetic: Table) -> float:
    """The Wasserstein distance per column in its real standard deviations, averaged."""
    from scipy.stats import wasserstein_distance

    distances = []
    for name in real.schema.names:
        a, b = (t.frame[name].to_numpy(dtype=float) for t in (real, synthetic))
        spread = a.std() or 1.0
        distances.append(wasserstein_distance(a / spread, b / spread))
    return float(np.mean(distances))


def measure(generator: Any, table: Table, seed: int) -> dict[str, float]:
    """One fit, one sample as large as the training rows, and how good it is."""
    import torch

    torch.set_num_threads(1)
    train, test = split(table, seed)
    start = time.process_time()
    fitted = generator.fit(train, derive_seed("fit", seed), "cpu")
    middle = time.process_time()
    synthetic = fitted.sample(len(train), derive_seed("sample", seed))
    end = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mean_error = float(np.sqrt(np.mean((test.target - train.target.mean()) ** 2)))
    values = (
        middle - start,
        end - middle,
        peak,
        distance(train, synthetic),
        rmse(synthetic, test, seed),
        mean_error,
        rmse(train, test, seed),
    )
    return dict(zip(COLUMNS, values, strict=True))


def average(generator: Any, table: Table, seeds: list[int]) -> dict[str, float]:
    """`measure` over the seeds, in a process of its own so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        rows = [pool.submit(measure, generator, table, seed).result() for seed in seeds]
    return pd.DataFrame(rows).mean().to_dict()


def load_generators(names: list[str]) -> dict[str, Any]:
    """The generators of ``conf/generator`` with their defaults."""
    import yaml

    from tabsculpt.component import instantiate

    conf = Path(__file__).parent.parent / "conf" / "generator"
    return {
        name: instantiate(yaml.safe_load((conf / f"{name}.yaml").read_text()), f"generator={name}")
        for name in names
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", nargs="*", default=["diabetes"], help="'diabetes' or ARFF files")
    parser.add_argument(
        "--generators", nargs="+", default=["bootstrap", "gaussian_copula", "tvae", "ctgan"]
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    options = parser.parse_args()
    print(f"{'data':16}{'generator':18}" + "".join(f"{name:>16}" for name in COLUMNS))
    for source in options.data:
        table = read(source)
        for name, generator in load_generators(options.generators).items():
            row = average(generator, table, options.seeds)
            cells = "".join(f"{row[key]:>16{form}}" for key, form in COLUMNS.items())
            print(f"{Path(source).stem:16}{name:18}{cells}", flush=True)


if __name__ == "__main__":
    main()
