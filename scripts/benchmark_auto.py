"""Measures what the choice of `profiler=auto` is worth on planted errors that it has not seen.

    TABSCULPT_DATA=... python scripts/benchmark_auto.py [--repeats 5] [DATASET ...]

On the train part of each set the search chooses a profiler and a threshold on one half of the
repeats. On the other half, with other rows flipped, it is compared with each single profiler at
the threshold that the first half gave it: "auto" less "best single" is what choosing costs.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import replace

import pandas as pd
import yaml

from tabsculpt.config.components import instantiate
from tabsculpt.config.compose import conf_folder, load
from tabsculpt.datasets.impute import train_part
from tabsculpt.engine.runner import one_thread
from tabsculpt.jobs.job import Job
from tabsculpt.profilers.auto import Auto
from tabsculpt.profilers.selection import Rule, choose, search_cells

CANDIDATES = ("cleanlab", "dataiq", "datamaps", "aum", "prototypicality", "knn_shapley")


def measure(dataset: str, names: list[str], repeats: int) -> dict[str, object]:
    """F1 on unseen repeats of auto's choice and of each candidate."""
    job = Job.of(load([f"dataset={dataset}"]))
    data = job.source.load()
    table = train_part(data, job.split.rows(data), job.source.missing)
    folder = conf_folder() / "profiler"
    candidates = {
        name: instantiate(yaml.safe_load((folder / f"{name}.yaml").read_text()), name)
        for name in names
    }
    search = replace(Auto().search, flip_rates=(0.08, 0.1, 0.2, 0.25), repeats=repeats)
    with one_thread():
        seen, unseen = (search_cells(candidates, search, table, seed) for seed in (0, 1))
    held_out = unseen.groupby(["profiler", "threshold"]).f1.mean()
    single = {}
    for name in names:
        chosen = choose(seen[seen.profiler == name], Rule.EXPECTED_F1)
        single[name] = float(held_out[name, chosen.threshold])
    winner = choose(seen, Rule.EXPECTED_F1)
    auto = float(held_out[winner.profiler, winner.threshold])
    best = max(single, key=lambda name: single[name])
    choice = f"{winner.profiler} at {winner.threshold:g}"
    return {
        "dataset": dataset,
        **{name: round(value, 3) for name, value in single.items()},
        "auto": round(auto, 3),
        "auto chose": choice,
        "best single": best,
        "auto less best": round(auto - single[best], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", default=["sklearn_diabetes"])
    parser.add_argument("--profilers", nargs="+", default=list(CANDIDATES))
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for dataset in given.datasets:
        rows.append(measure(dataset, given.profilers, given.repeats))
        print(pd.DataFrame(rows[-1:]).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
