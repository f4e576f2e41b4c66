"""Measure whether every profiler runs, repeats itself and finds planted label errors.

    python scripts/benchmark_planted_flips.py
    TABSCULPT_DATA=... python scripts/benchmark_planted_flips.py --repeats 5 plasma titanic

On all rows of each set, missing values kept, the targets of 10 % of the rows are replaced by those
of others: at least half a standard deviation away, or another class. Printed are the mean area
under the ROC curve of hardness against the flipped rows, and CPU seconds of one profile, recording
included. A star marks a mean that random ranking reaches too: at most 0.5 + 2 standard errors of
the rank sum of Mann and Whitney ("On a Test of Whether one of Two Random Variables is
Stochastically Larger than the Other", Annals of Mathematical Statistics 18, 1947). The first
repeat is profiled twice, the second time in the opposite order; scores that differ are reported.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmark_profilers import MEDICAL, OVERRIDES, made
from tabsculpt.config.compose import choices, load
from tabsculpt.engine.runner import one_thread
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.jobs.job import Job
from tabsculpt.profilers.flips import Flip, flip_labels
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.table import FloatArray, Table

RATE, DISTANCE = 0.1, 0.5
MANY_ROWS = 5000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    local = (*MEDICAL, "titanic", "support2", "credit_default")
    names = [name for name in choices("profiler") if name != "auto"]
    sets = ["sklearn_diabetes", "breast_cancer", *(local if "TABSCULPT_DATA" in os.environ else ())]
    parser.add_argument("datasets", nargs="*", default=sets)
    parser.add_argument("--profilers", nargs="+", default=names)
    many = f"default: 5, or 1 above {MANY_ROWS} rows"
    parser.add_argument("--repeats", type=int, help=many)
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    cells = []
    with one_thread():
        for dataset in given.datasets:
            cells += measured(dataset, given.profilers, given.repeats)
    report(pd.DataFrame(cells))


def measured(dataset: str, names: Sequence[str], repeats: int | None) -> Iterator[dict[str, Any]]:
    """One cell per profiler and repeat."""
    from sklearn.metrics import roc_auc_score

    overrides = OVERRIDES.get(dataset, [])
    table = Job.of(load([f"dataset={dataset}", *overrides])).source.load().table
    for repeat in range(repeats or (5 if len(table) <= MANY_ROWS else 1)):
        seed = derive_seed("planted flips", dataset, repeat)
        flipped, wrong = flip_labels(table, RATE, Flip.PERMUTE, DISTANCE, seed)
        found = hardness(names, flipped, seed)
        again = hardness(list(reversed(names)), flipped, seed) if repeat == 0 else found
        for name, (values, cpu) in found.items():
            auc = float(roc_auc_score(wrong, values))
            chance = rank_error(int(wrong.sum()), int((~wrong).sum()))
            same = np.array_equal(values, again[name][0])
            set_name = f"{dataset} ({len(table)})"
            cell = {"set": set_name, "profiler": name, "auc": auc, "cpu": cpu, "chance": chance}
            yield cell | {"same": same}


def hardness(names: Sequence[str], table: Table, seed: int) -> dict[str, tuple[FloatArray, float]]:
    """Hardness of every row and CPU seconds, by profiler.

    Profilers with equal recorders share a recording; each is charged with all of it.
    """
    found, recorded = {}, {}
    for name in names:
        profiler = made(name)
        recorder = profiler.recorder
        start = time.process_time()
        if recorder is not None and recorder not in recorded:
            recorded[recorder] = (recorder.record(table, seed), time.process_time() - start)
        dynamics, recording = recorded.get(recorder, (None, 0.0))
        start = time.process_time()
        scores = profiler.score(table, dynamics, seed)
        cpu = recording + time.process_time() - start
        found[name] = (cut_scores(profiler, scores).hardness, cpu)
    return found


def rank_error(flipped: int, kept: int) -> float:
    """Standard deviation of the area under the ROC curve of a random ranking without ties."""
    return float(np.sqrt((flipped + kept + 1) / (12 * flipped * kept)))


def report(cells: pd.DataFrame) -> None:
    sets = cells["set"].unique()
    grouped = cells.groupby(["profiler", "set"])
    auc, repeats = grouped.auc.mean(), grouped.auc.size()
    chance = auc <= 0.5 + 2 * grouped.chance.mean() / np.sqrt(repeats)
    shown = auc.map("{:.3f}".format) + chance.map({True: "*", False: ""})
    print(f"AUC of planted flips ({RATE:.0%}), * not better than random\n")
    print(markdown(shown.unstack().reindex(columns=sets)))
    print("\nCPU seconds of one profile\n")
    print(markdown(grouped.cpu.mean().map("{:.2f}".format).unstack().reindex(columns=sets)))
    print(f"\nNot better than random: {listed(chance)}")
    print(f"Two scorings differ: {listed(~grouped.same.all())}")


def markdown(frame: pd.DataFrame) -> str:
    rows = [[frame.index.name, *frame.columns], ["---"] * (len(frame.columns) + 1)]
    rows += [[name, *frame.loc[name]] for name in frame.index]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def listed(which: pd.Series) -> str:
    return ", ".join(f"{profiler} on {name}" for profiler, name in which[which].index) or "none"


if __name__ == "__main__":
    main()
