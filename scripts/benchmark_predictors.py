"""Measure the twelve predictors beside AutoGluon's own ``TabularPredictor.fit``.

    TABSCULPT_DATA=... python scripts/benchmark_predictors.py bodyfat plasma parkinson
    TABSCULPT_DATA=... python scripts/benchmark_predictors.py --seeds 0 -- bodyfat

On the train part of each set: CPU seconds of the suite ``autogluon`` on one thread, of
``TabularPredictor.fit`` with its default models and nearest neighbours on two threads and on one,
all beyond imports (a fit of few rows comes first), in a process each; test RMSE of each
predictor, the mean over the seeds, beside AutoGluon's own; files that are left behind. A seed
changes the split and, with us, the training and the rows that are held out to stop early on.
AutoGluon holds others out; "same rows" is AutoGluon on one thread with those of ours: what differs
from it is the code, and how far it is from the default says what the choice of these rows does.
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

from tabsculpt.config.compose import load
from tabsculpt.datasets import Dataset
from tabsculpt.engine.runner import one_thread
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.predictors.prediction_steps import TrainAndPredict
from tabsculpt.protocols import Ranking
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
            same = apart(autogluon, name, seed, 1, True)
            runs.append({"who": "AutoGluon, 1 thread, same rows", **same})
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


def fetcher() -> Fetch:
    """Computes steps on one thread, each once, without a store."""
    results: dict[str, Any] = {}

    def fetch(step: Step[Any]) -> Any:
        if step.key not in results:
            with one_thread():
                results[step.key] = step.compute(fetch)
        return results[step.key]

    return fetch


def predict(job: Job, dataset: Dataset) -> tuple[Table, dict[str, Any]]:
    """The test part and what each predictor says of it, by the steps of a job."""
    fetch = fetcher()
    layout = build_graph(job, dataset, fetch)
    assert not isinstance(layout.scored, Ranking)
    [(_, steps)] = layout.scored
    return fetch(layout.test), {model: fetch(step).test for model, step in steps.items()}


def held_out(job: Job, dataset: Dataset) -> tuple[Table, Table]:
    """The train rows that the job's predictors learn from, and those that they stop early on."""
    fetch = fetcher()
    layout = build_graph(job, dataset, fetch)
    assert not isinstance(layout.scored, Ranking)
    [(_, steps)] = layout.scored
    first = next(step for step in steps.values() if isinstance(step, TrainAndPredict))
    assert first.validation is not None
    return fetch(first.train), fetch(first.validation)


def autogluon(name: str, seed: int, threads: int, same: bool = False) -> dict[str, Any]:
    job, dataset = loaded(name, seed)
    split = job.split.rows(dataset)
    train, test = dataset.table.take(split.train), dataset.table.take(split.test)
    held = None
    if same:
        train, held = held_out(job, dataset)
    fit_autogluon(train.take(np.arange(min(40, len(train)))), test, None, threads)
    start = cpu()
    errors, files = fit_autogluon(train, test, held, threads)
    return {"cpu": cpu() - start, "files": files, "rmse": json.dumps(errors)}


def fit_autogluon(
    train: Table, test: Table, held: Table | None, threads: int
) -> tuple[dict[str, Any], int]:
    import torch
    from autogluon.tabular import TabularPredictor
    from autogluon.tabular.configs.hyperparameter_configs import get_hyperparameter_config

    torch.set_num_threads(threads)
    target = train.schema.target
    models = {**get_hyperparameter_config("default"), "KNN": NEIGHBOURS}
    numbers = {column.name: float for column in train.schema.columns if column.is_numeric}
    train_frame, test_frame = (table.frame.astype(numbers) for table in (train, test))
    tuning = None if held is None else held.frame.astype(numbers)
    with TemporaryDirectory() as folder:
        predictor = TabularPredictor(target, problem_type="regression", path=folder, verbosity=0)
        predictor.fit(train_frame, tuning, hyperparameters=models, num_cpus=threads, num_gpus=0)
        errors = {
            model: rmse(test, predictor.predict(test_frame, model=model).to_numpy())
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
    print("| predictor | " + " | ".join(errors.index) + " | ours over each |")
    print("|" + "---|" * (len(errors) + 2))
    for model in errors.columns:
        cells = " | ".join(f"{value:.4g}" for value in errors[model])
        ratios = " ".join(f"{errors[model]['ours'] / value:.3f}" for value in errors[model][1:])
        print(f"| {model} | {cells} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
