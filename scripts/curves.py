"""Measure which shapes each generator can represent, where the law of the rows is known.

    python scripts/curves.py --generators ddpm --shapes sine product
    python scripts/curves.py --out scripts/results/curves.csv
    python scripts/curves.py --show scripts/results/curves.csv

A generator learns 400 rows of a shape (`curve_shapes`, which names those that defaults were chosen
on and those that they are judged by) and makes as many. LightGBM and a forest learn from these,
and are scored on 1,000 fresh rows by R2, or by 2 AUC - 1 where the target is a class.

score: the mean of the two, over the same of the real rows; 1 is as good as these, 0 is as good as
the mean of the target.
distance: of the synthetic rows from the law in the unit of its noise, mean after cutting at 10,
over that of the real rows; 1 is best.
cpu: seconds of fit and sample on one thread, beyond imports.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark_generators import read_node, regression_generators, type_of, warm_up
from curve_shapes import JUDGING, TUNING, Shape
from tabsculpt.config.compose import load
from tabsculpt.engine.runner import one_thread
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.generators.on_grid import fit_on_grid
from tabsculpt.jobs.job import Job
from tabsculpt.table import Table, Task

SHAPES = TUNING | JUDGING
TRAIN, TEST = 400, 1000
FAR = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--generators", nargs="+", default=able_generators())
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--settings", nargs="*", default=[], help="generator.steps=100, say")
    parser.add_argument("--out", type=Path, help="put every measurement into this CSV file as well")
    parser.add_argument("--show", type=Path, help="print what such a file holds instead")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    if given.show:
        show(pd.read_csv(given.show))
        return
    rows: list[dict[str, Any]] = []
    for name in given.generators:
        with one_thread():
            rows += measure(name, given.settings, given.shapes, given.seeds)
        if given.out:
            keep(pd.DataFrame(rows), given.out)
    show(pd.DataFrame(rows))


def able_generators() -> list[str]:
    """Those that learn tables of numbers and categories, without weights to be fetched first."""
    apart = {"great", "tuned", "tuned_tvae"}
    names = [name for name in regression_generators() if name not in apart]
    return [name for name in names if not getattr(type_of(read_node(name)), "sequential", False)]


def measure(
    name: str, settings: list[str], shapes: list[str], seeds: list[int]
) -> list[dict[str, Any]]:
    """One row of measurements for each shape and seed."""
    generator = Job.of(load([f"generator={name}", "pipeline=traditional", *settings])).generator
    rows = []
    warm_up(generator, SHAPES["step"].table(TRAIN, 0))
    for shape in shapes:
        for seed in seeds:
            try:
                found = measure_one(generator, SHAPES[shape], seed)
            except UserError as error:
                found = {"refused": str(error)}
            rows.append({"generator": name, "shape": shape, "seed": seed, **found})
    return rows


def measure_one(generator: Any, shape: Shape, seed: int) -> dict[str, float]:
    """Score, distance and cost of a generator on one draw of a shape."""
    train, test = shape.table(TRAIN, seed), shape.table(TEST, seed)
    start = time.process_time()
    made = fit_on_grid(generator, train, derive_seed("fit", seed), "cpu").sample(
        TRAIN, derive_seed("sample", seed)
    )
    cpu = time.process_time() - start
    scores = [score(rows, test, seed) for rows in (made, train)]
    off = [shape.off(rows.frame).clip(max=FAR).mean() for rows in (made, train)]
    return {"score": scores[0], "real": scores[1], "off": off[0], "real_off": off[1], "cpu": cpu}


def score(train: Table, test: Table, seed: int) -> float:
    """The mean R2, or 2 AUC - 1, of two predictors; 0 where the target does not vary."""
    from lightgbm import LGBMClassifier, LGBMRegressor
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.metrics import r2_score, roc_auc_score

    inputs, answers = test.matrix(), test.target
    number = train.schema.task is Task.REGRESSION
    if len(np.unique(train.target)) < 2:
        return 0.0
    boosted, forest = (
        (LGBMRegressor, RandomForestRegressor)
        if number
        else (LGBMClassifier, RandomForestClassifier)
    )
    models = [boosted(random_state=seed, n_jobs=1, verbose=-1), forest(random_state=seed, n_jobs=1)]
    for model in models:
        model.fit(train.matrix(), train.target)
    if number:
        return float(np.mean([r2_score(answers, model.predict(inputs)) for model in models]))
    chances = [model.predict_proba(inputs)[:, 1] for model in models]
    return float(np.mean([2 * roc_auc_score(answers, chance) - 1 for chance in chances]))


def keep(rows: pd.DataFrame, path: Path) -> None:
    """Write measurements; they replace those of the same generator, shape and seed."""
    keys = ["generator", "shape", "seed"]
    both = pd.concat([pd.read_csv(path), rows]) if path.exists() else rows
    both = both.drop_duplicates(keys, keep="last").sort_values(keys)
    path.parent.mkdir(parents=True, exist_ok=True)
    both.to_csv(path, index=False, float_format="%.4g")


def show(rows: pd.DataFrame) -> None:
    """Print the two Markdown tables."""
    print("\n\n".join(as_tables(rows)))


def as_tables(rows: pd.DataFrame) -> tuple[str, str]:
    """Scores and distances by generator and shape, the best generators first."""
    rows = rows.assign(share=rows["score"] / rows["real"], far=rows["off"] / rows["real_off"])
    shapes = [name for name in SHAPES if name in set(rows["shape"])]
    means = rows.pivot_table(["share", "far"], "generator", "shape", "mean")
    scores, distances = means["share"][shapes], means["far"][shapes]
    judged = scores[[name for name in shapes if name in JUDGING] or shapes].mean(axis=1)
    order = judged.sort_values(ascending=False).index
    by_generator = rows.groupby("generator")
    more = {
        "mean of judging": judged.map("{:.2f}".format),
        "CPU s": by_generator["cpu"].mean().map("{:.1f}".format),
        "draws": by_generator["seed"].nunique().map(str),
    }
    return markdown(scores.loc[order], more, "{:.2f}"), markdown(distances.loc[order], {}, "{:.1f}")


def markdown(table: pd.DataFrame, more: dict[str, pd.Series], form: str) -> str:
    """A Markdown table of figures, with further columns, of texts, to the right."""
    head = [*table, *more]
    lines = [f"| | {' | '.join(head)} |", "|---" * (1 + len(head)) + "|"]
    for name, row in table.iterrows():
        cells = ["" if pd.isna(cell) else form.format(cell) for cell in row]
        cells += [values[name] for values in more.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
