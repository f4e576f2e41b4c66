"""Measure the twelve predictors beside AutoGluon's own ``TabularPredictor.fit``.

    TABSCULPT_DATA=... python scripts/benchmark_predictors.py bodyfat plasma parkinson
    TABSCULPT_DATA=... python scripts/benchmark_predictors.py --seeds 0 -- bodyfat

On the train part of each set: CPU seconds of the suite ``autogluon`` on one thread, of
``TabularPredictor.fit`` with its default models and nearest neighbours on two threads and on one,
all beyond imports (a fit of few rows comes first), in a process each; test RMSE of each
predictor, the mean over the seeds, beside AutoGluon's own; files that are left behind. A seed
changes the split and the training.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.config import load
from tabsculpt.datasets import Dataset
from tabsculpt.job import Job, lay_out
from tabsculpt.protocols import Ranking
from tabsculpt.runner import one_thread
from tabsculpt.step import Step
from tabsculpt.table import Table

NEIGHBOURS = [
    {"weights": "uniform", "ag_args": {"name_suffix": "Unif"}},
    {"weights": "distance", "ag_args": {"name_suffix": "Dist"}},
]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("datasets", nargs="+")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--threads", nargs="+", type=int, default=[2, 1], help="of AutoGluon")
    given = parser.parse_args()
    for name in given.datasets:
        runs = []
        for seed in given.seeds:
            runs.append({"who": "ours", **apart(ours, name, seed)})
            for threads in given.threads:
                theirs = apart(autogluon, name, seed, threads)
                runs.append({"who": f"AutoGluon, {threads} threads", **theirs})
        show(name, pd.DataFrame(runs))


def apart(measure: Any, *arguments: Any) -> dict[str, Any]:
    """A measurement in a process of its own, whose CPU seconds are its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        found: dict[str, Any] = pool.submit(measure, *arguments).result()
    return found


def ours(name: str, seed: int) -> dict[str, Any]:
    job, dataset = loaded(name, seed)
    n = len(dataset.table)
    few = dataset.table.take(np.linspace(0, n - 1, min(80, n)).astype(int))
    predict(job, replace(dataset, table=few, test_rows=None))
    before = left_behind()
    start = cpu()
    test, predictions = predict(job, dataset)
    seconds = cpu() - start
    errors = {model: rmse(test, found) for model, found in predictions.items()}
    return {"cpu": seconds, "files": len(left_behind() - before), "rmse": json.dumps(errors)}


def loaded(name: str, seed: int) -> tuple[Job, Dataset]:
    chosen = [f"dataset={name}", "predictors=autogluon", "pipeline=real"]
    job = Job.of(load([*chosen, f"split.seed={seed}", f"seed={seed}"]))
    return job, job.source.load()


def predict(job: Job, dataset: Dataset) -> tuple[Table, dict[str, Any]]:
    """The test part and what each predictor says of it, by the steps of a job without its store."""
    results: dict[str, Any] = {}

    def fetch(step: Step[Any]) -> Any:
        if step.key not in results:
            with one_thread():
                results[step.key] = step.compute(fetch)
        return results[step.key]

    layout = lay_out(job, dataset, fetch)
    assert not isinstance(layout.scored, Ranking)
    [(_, steps)] = layout.scored
    return fetch(layout.test), {model: fetch(step).test for model, step in steps.items()}


def autogluon(name: str, seed: int, threads: int) -> dict[str, Any]:
    job, dataset = loaded(name, seed)
    split = job.split.rows(dataset)
    train, test = dataset.table.take(split.train), dataset.table.take(split.test)
    fit_autogluon(train.take(np.arange(min(40, len(train)))), test, 0, threads)
    start = cpu()
    errors, files = fit_autogluon(train, test, seed, threads)
    return {"cpu": cpu() - start, "files": files, "rmse": json.dumps(errors)}


def fit_autogluon(train: Table, test: Table, seed: int, threads: int) -> tuple[dict[str, Any], int]:
    import torch
    from autogluon.tabular import TabularPredictor
    from autogluon.tabular.configs.hyperparameter_configs import get_hyperparameter_config

    torch.set_num_threads(threads)
    target = train.schema.target
    models = {**get_hyperparameter_config("default"), "KNN": NEIGHBOURS}
    numbers = {column.name: float for column in train.schema.columns if column.is_numeric}
    frames = [table.frame.astype(numbers) for table in (train, test)]
    with TemporaryDirectory() as folder:
        predictor = TabularPredictor(target, problem_type="regression", path=folder, verbosity=0)
        predictor.fit(frames[0], hyperparameters=models, num_cpus=threads, num_gpus=0)
        errors = {
            model: rmse(test, predictor.predict(frames[1], model=model).to_numpy())
            for model in predictor.model_names()
        }
        files = sum(path.is_file() for path in Path(folder).rglob("*"))
    return errors, files


def rmse(test: Table, predicted: Any) -> float:
    return float(np.sqrt(np.mean((test.target - predicted) ** 2)))


def cpu() -> float:
    """CPU seconds of this process and its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def left_behind() -> set[str]:
    return {str(path) for path in [*Path(gettempdir()).iterdir(), *Path().iterdir()]}


def show(name: str, runs: pd.DataFrame) -> None:
    """Print the costs and the errors of one set."""
    means = runs.groupby("who", sort=False)[["cpu", "files"]].median()
    print(f"\n{name}: median CPU seconds, files left or written (AutoGluon's folder)")
    for who, row in means.iterrows():
        ratio = means.cpu["ours"] / row.cpu
        print(f"  {who}: {row.cpu:.1f} s, {row.files:.0f} files, ours over it {ratio:.2f}")
    errors = (
        pd.DataFrame([{"who": r.who, **json.loads(r.rmse)} for r in runs.itertuples()])
        .groupby("who", sort=False)
        .mean()
    )
    print("| predictor | " + " | ".join(errors.index) + " | ours over AutoGluon, 1 thread |")
    print("|" + "---|" * (len(errors) + 2))
    theirs = errors.iloc[-1]
    for model in errors.columns:
        cells = " | ".join(f"{value:.4g}" for value in errors[model])
        print(f"| {model} | {cells} | {errors[model]['ours'] / theirs[model]:.3f} |", flush=True)


if __name__ == "__main__":
    main()
