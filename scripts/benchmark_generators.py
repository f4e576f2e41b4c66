"""Measure the generators: cost, closeness to the real rows, and use for training a predictor.

    python scripts/benchmark_generators.py --datasets sklearn_diabetes
    TABSCULPT_DATA=... python scripts/benchmark_generators.py
    TABSCULPT_DATA=... python scripts/benchmark_generators.py --generators tvae --datasets bodyfat

Two thirds of the rows of a regression set train a generator; a random forest and XGBoost learn
from as many synthetic rows and are scored on the real third, in the target's unit. The two floors,
``bootstrap`` (copies) and ``marginal`` (independent columns), stand beside, with the same models on
the real rows ("real") and the mean of the real target ("mean"). Each figure is the mean over
seeds, which change the split, the fit, the sample and the predictors. A generator that refuses a
set (missing values, say) has an empty row there, and its reason below the table.

fit, sample: CPU seconds beyond imports, on one thread (a fit of twenty rows comes first, so that
imports are not counted). wasserstein: per column, over its standard deviation. correlation: mean
absolute difference of the Pearson correlations of the numeric columns. detection: AUC of boosted
trees that tell synthetic rows from as many real ones, in five folds; 0.5 is best.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from tabsculpt.config.compose import choices, conf_folder, load
from tabsculpt.datasets.split import split_rows
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.jobs.job import Job
from tabsculpt.metrics.wasserstein import wasserstein_mean
from tabsculpt.table import Table, Task

MEDICAL = ("diabetes_numeric", "urinary", "bodyfat", "cholesterol", "plasma", "parkinson")
FLOORS = ("marginal", "bootstrap")
SHOWN = {
    "fit": "{:.2f}",
    "sample": "{:.2f}",
    "peak MB": "{:.0f}",
    "wasserstein": "{:.3f}",
    "correlation": "{:.3f}",
    "detection": "{:.3f}",
    "forest": "{:.3f}",
    "xgboost": "{:.3f}",
}


def main() -> None:
    local = MEDICAL if "TABSCULPT_DATA" in os.environ else ("sklearn_diabetes",)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--datasets", nargs="+", default=list(local))
    parser.add_argument("--generators", nargs="+", default=regression_generators())
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--out", type=Path, help="also write every measurement to this CSV file")
    parser.add_argument("--alone", action="store_true", help="without the floors and real rows")
    parser.add_argument("--show", nargs="+", type=Path, help="print what such files hold instead")
    given = parser.parse_args()
    if given.show:
        stored = pd.concat([pd.read_csv(path) for path in given.show])
        for dataset in stored.dataset.unique():
            show(dataset, stored)
        show_floors(stored)
        return
    first = [] if given.alone else ["real", *FLOORS]
    names = list(dict.fromkeys([*first, *given.generators]))
    rows: list[dict[str, Any]] = []
    for dataset in given.datasets:
        for name in names:
            rows += [measured(name, dataset, seed) for seed in given.seeds]
        show(dataset, pd.DataFrame(rows))
        if given.out:
            pd.DataFrame(rows).to_csv(given.out, index=False)
    if not given.alone:
        show_floors(pd.DataFrame(rows))


def regression_generators() -> list[str]:
    """Those of conf/generator that learn regressions and need no settings."""
    names = []
    for name in choices("generator"):
        node = read_node(name)
        regressions = Task.REGRESSION in type_of(node).tasks
        if regressions and "???" not in node.values() and not name.endswith("_paper"):
            names.append(name)
    return names


def read_node(name: str) -> dict[str, Any]:
    node = yaml.safe_load((conf_folder() / "generator" / f"{name}.yaml").read_text())
    return {key: value for key, value in node.items() if key != "defaults"}


def type_of(node: dict[str, Any]) -> Any:
    from tabsculpt.config.components import resolve

    return resolve(node["_target_"], "generator")


def measured(name: str, dataset: str, seed: int) -> dict[str, Any]:
    """`measure` in a process of its own, so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            row = pool.submit(measure, name, dataset, seed).result()
        except UserError as error:
            row = {"refused": str(error)}
    return {"dataset": dataset, "generator": name, "seed": seed, **row}


def measure(name: str, dataset: str, seed: int) -> dict[str, Any]:
    import torch

    torch.set_num_threads(1)
    train, test = parts(dataset, seed)
    mean = float(np.sqrt(np.mean((test.target - train.target.mean()) ** 2)))
    if name == "real":
        return {"mean": mean, **errors(train, test, seed)}
    generator = Job.of(load([f"generator={name}", "pipeline=traditional"])).generator
    assert generator is not None
    warm_up(generator, train)
    start = time.process_time()
    fitted = generator.fit(train, derive_seed("fit", seed), "cpu")
    middle = time.process_time()
    synthetic = fitted.sample(len(train), derive_seed("sample", seed))
    end = time.process_time()
    return {
        "fit": middle - start,
        "sample": end - middle,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "wasserstein": wasserstein_mean(train, synthetic),
        "correlation": correlation_distance(train, synthetic),
        "detection": detection(train, synthetic, seed),
        "mean": mean,
        **errors(synthetic, test, seed),
    }


def parts(name: str, seed: int) -> tuple[Table, Table]:
    dataset = Job.of(load([f"dataset={name}"])).source.load()
    split = split_rows(dataset, 0.33, seed)
    return dataset.table.take(split.train), dataset.table.take(split.test)


def warm_up(generator: Any, table: Table) -> None:
    """Import what the generator imports."""
    few = table.take(np.arange(min(20, len(table))))
    short = {"steps": 2, "epochs": 1}
    node = {k: v for k, v in short.items() if getattr(generator, k, None)}
    replace(generator, **node).fit(few, 0, "cpu").sample(2, 0)


def errors(train: Table, test: Table, seed: int) -> dict[str, float]:
    """RMSE on ``test`` of two models trained on ``train``, in the target's unit."""
    from sklearn.ensemble import RandomForestRegressor
    from xgboost import XGBRegressor

    models = {
        "forest": RandomForestRegressor(n_estimators=200, random_state=seed, n_jobs=1),
        "xgboost": XGBRegressor(n_jobs=1, random_state=seed),
    }
    found = {}
    for name, model in models.items():
        predicted = model.fit(train.matrix(), train.target).predict(test.matrix())
        found[name] = float(np.sqrt(np.mean((predicted - test.target) ** 2)))
    return found


def correlation_distance(real: Table, synthetic: Table) -> float:
    numeric = [c.name for c in real.schema.columns if c.is_numeric and real.frame[c.name].std() > 0]
    if len(numeric) < 2:
        return float("nan")
    a, b = (t.frame[numeric].astype(float).corr().fillna(0).to_numpy() for t in (real, synthetic))
    upper = np.triu_indices(len(numeric), 1)
    return float(np.abs(a - b)[upper].mean())


def detection(real: Table, synthetic: Table, seed: int) -> float:
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from xgboost import XGBClassifier

    tables = [np.column_stack([t.matrix(), t.target]) for t in (real, synthetic)]
    label = np.repeat([0, 1], [len(real), len(synthetic)])
    model = XGBClassifier(n_estimators=100, max_depth=3, n_jobs=1, random_state=seed)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    chance = cross_val_predict(model, np.vstack(tables), label, cv=folds, method="predict_proba")
    return float(roc_auc_score(label, chance[:, 1]))


def show(dataset: str, rows: pd.DataFrame) -> None:
    """Print one set as a Markdown table."""
    means = rows[rows.dataset == dataset].groupby("generator", sort=False).mean(numeric_only=True)
    print(f"\n{dataset}; RMSE of the mean of the target: {means['mean'].iloc[0]:.3f}\n")
    print("| generator | " + " | ".join(SHOWN) + " |")
    print("|" + "---|" * (len(SHOWN) + 1))
    for name, row in means.iterrows():
        cells = ["" if pd.isna(row.get(k)) else form.format(row[k]) for k, form in SHOWN.items()]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    mine = rows[rows.dataset == dataset]
    for reason in mine["refused"].dropna().unique() if "refused" in mine else ():
        print(reason)


def show_floors(rows: pd.DataFrame) -> None:
    """Print on how many sets each generator beats the independent columns, and the mean."""
    means = rows.groupby(["dataset", "generator"], sort=False).mean(numeric_only=True)
    print("\n| generator | sets | forest beats marginal | xgboost beats marginal |", end="")
    print(" forest beats the mean | closest to real (forest RMSE over real, median) |")
    print("|---|---|---|---|---|---|")
    for name in rows.generator.unique():
        own = means.xs(name, level="generator").dropna(subset="forest")
        floor, real = (means.xs(g, level="generator").loc[own.index] for g in ("marginal", "real"))
        wins = [int((own[m] < floor[m]).sum()) for m in ("forest", "xgboost")]
        above = int((own["forest"] < own["mean"]).sum())
        ratio = float((own["forest"] / real["forest"]).median())
        print(f"| {name} | {len(own)} | {wins[0]} | {wins[1]} | {above} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
