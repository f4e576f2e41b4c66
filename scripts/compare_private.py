"""Compare the differentially private generators: what their rows teach, and what they cost.

    TABSCULPT_DATA=... python scripts/compare_private.py
    TABSCULPT_DATA=... python scripts/compare_private.py --tables heart --epsilons 1 10 --splits 2

Each generator is fitted at its defaults on two thirds of a table, with missing values filled in,
and gives as many rows. LightGBM and a linear model are trained on these and tested on the other
third. A cell has the mean over the two and over splits (each with a fit and a sample of its own) of
the AUC, or of R2 where the target is a number, and the lowest and the highest split after it;
``real`` are the same models on the real rows, ``marginal`` on independent columns without privacy.
Seconds are CPU seconds of fit and sample, on one thread, beyond imports. Ranges and categories are
read from the tables, as the generators do by default.

Long tables are cut as in the leaderboard (``leaderboards/tables.py``). Writes Markdown to standard
output, and each measurement to the file of ``--out``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import r2_score, roc_auc_score
from threadpoolctl import threadpool_limits

from leaderboards.tables import overrides
from tabsculpt.config.compose import load
from tabsculpt.datasets.impute import test_part, train_part
from tabsculpt.datasets.split import Splitting
from tabsculpt.generators.on_grid import fit_on_grid
from tabsculpt.jobs.job import Job
from tabsculpt.predictors.lightgbm import LightGBM
from tabsculpt.predictors.linear import Linear
from tabsculpt.table import Table, Task

PRIVATE = ("mst", "dp_nade")
TABLES = ("heart", "bodyfat", "credit_default", "adult")
MODELS = (LightGBM(), Linear())


def generator(name: str, *settings: str) -> Any:
    return Job.of(load([f"generator={name}", "pipeline=traditional", *settings])).generator


def score(train: Table, test: Table, seed: int) -> float:
    """The mean over the models; rows of one class teach nothing: an AUC of one half."""
    return float(np.mean([scored(model, train, test, seed) for model in MODELS]))


def scored(model: Any, train: Table, test: Table, seed: int) -> float:
    task = test.schema.task
    if task is not Task.REGRESSION and len(np.unique(train.target)) < 2:
        return 0.5
    prediction = model.fit(train, None, seed).predict(test.features)
    if task is Task.REGRESSION:
        return float(r2_score(test.target, prediction))
    if task is Task.BINARY:
        return float(roc_auc_score(test.target, prediction[:, 1]))
    return float(roc_auc_score(test.target, prediction, multi_class="ovr"))


def measured(name: str, epsilon: float | None, train: Table, test: Table, seed: int) -> Any:
    """Score and CPU seconds of one fit."""
    settings = [] if epsilon is None else [f"generator.epsilon={epsilon}"]
    begun = time.process_time()
    made = fit_on_grid(generator(name, *settings), train, seed, "cpu").sample(len(train), seed)
    seconds = time.process_time() - begun
    return {"score": score(made, test, seed), "seconds": seconds}


def of_split(table: str, epsilons: list[float], split: int, cuts: Path) -> list[dict[str, Any]]:
    job = Job.of(load([*overrides(table, cuts), "dataset.missing=impute"]))
    dataset = job.source.load()
    parts = Splitting(0.33, split).rows(dataset)
    train, test = train_part(dataset, parts, "impute"), test_part(dataset, parts, "impute")
    asked = [(name, e) for e in epsilons for name in PRIVATE]
    found = [{"generator": "real", "score": score(train, test, split), "rows": len(train)}]
    for name, epsilon in [("marginal", None), *asked]:
        cell = measured(name, epsilon, train, test, split)
        found.append({"generator": name, "epsilon": epsilon, **cell})
        said = f"{table}, split {split}, {name}, epsilon {epsilon}: {cell['score']:.3f}"
        print(said, file=sys.stderr, flush=True)
    return [{"table": table, "split": split, **cell} for cell in found]


def show(found: pd.DataFrame, epsilons: list[float]) -> None:
    asked = [f"{name} {epsilon:g}" for epsilon in epsilons for name in PRIVATE]
    print("| table | rows | real | marginal |", " | ".join(asked), "|")
    print("|---" * (len(asked) + 4) + "|")
    for table, part in found.groupby("table", sort=False):
        cells = [f"{part.rows.max():.0f}", *(spread(part, name) for name in ("real", "marginal"))]
        cells += [spread(part, name, epsilon) for epsilon in epsilons for name in PRIVATE]
        print(f"| {table} |", " | ".join(cells), "|")
    print()
    print("| CPU seconds |", " | ".join(PRIVATE), "|")
    print("|---" * (len(PRIVATE) + 1) + "|")
    for table, part in found.groupby("table", sort=False):
        means = [part[part.generator == name].seconds.mean() for name in PRIVATE]
        print(f"| {table} |", " | ".join(f"{mean:.1f}" for mean in means), "|")


def spread(part: pd.DataFrame, name: str, epsilon: float | None = None) -> str:
    of_generator = part[part.generator == name]
    chosen = of_generator if epsilon is None else of_generator[of_generator.epsilon == epsilon]
    values = chosen.score
    return f"{values.mean():.3f} ({values.min():.3f} to {values.max():.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=list(TABLES))
    parser.add_argument("--epsilons", nargs="+", type=float, default=[1.0, 3.0, 10.0])
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--out", type=Path, help="CSV file of each measurement")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as cuts, threadpool_limits(1):
        for name in PRIVATE:  # imports and compilations are not counted
            warm = Job.of(load(["dataset=wine"])).source.load().table
            fit_on_grid(generator(name), warm, 0, "cpu")
        for table in asked.tables:
            for split in range(asked.splits):
                found += of_split(table, asked.epsilons, split, Path(cuts))
    if asked.out:
        pd.DataFrame(found).to_csv(asked.out, index=False)
    show(pd.DataFrame(found), asked.epsilons)


if __name__ == "__main__":
    main()
