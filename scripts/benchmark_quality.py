"""Measure what the quality metrics of one synthetic table cost: CPU seconds and peak memory.

    python scripts/benchmark_quality.py
    python scripts/benchmark_quality.py --rows 4000 --columns 22

Tables of correlated numbers, a third of the columns categories, 2 % of the values missing; train
and the synthetic table have the rows that are asked for, test half as many. Each metric is timed
alone, of the synthetic table only, and then `measure`, which adds the reference; on one thread,
imports excluded. The peak is that of the process.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from tabsculpt.engine.runner import one_thread
from tabsculpt.metrics import alpha, association, ks, multivariate, privacy, wasserstein
from tabsculpt.metrics.detection import detection_auc
from tabsculpt.metrics.entropy import entropies
from tabsculpt.metrics.features import FeatureSpace, some_rows
from tabsculpt.metrics.pair import Cloud, Pair
from tabsculpt.metrics.prdc import prdc
from tabsculpt.metrics.quality import MOST_ROWS, measure
from tabsculpt.metrics.shadow import shadow_attack
from tabsculpt.metrics.tails import rare_categories_kept, target_tails
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

SIZES = ((4_000, 22), (32_000, 15))
WARM_UP = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int)
    parser.add_argument("--columns", type=int, default=22)
    given = parser.parse_args()
    for rows, columns in [(given.rows, given.columns)] if given.rows else SIZES:
        print(f"\n{rows} x {columns}")
        with one_thread():
            parts = [made(n, columns, seed) for seed, n in enumerate((rows, rows // 2, rows))]
            few = [table.take(np.arange(WARM_UP)) for table in parts]
            measure(*few, 0)  # so that imports are not counted
            for name, work in works(*parts).items():
                print(f"  {name:20} {cpu_seconds(work):7.2f} s CPU")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  {'peak':20} {peak:7.0f} MB", flush=True)


def works(train: Table, test: Table, synthetic: Table) -> dict[str, Callable[[], object]]:
    """Each metric, in an order in which what several share is timed before them."""
    size = min(len(test), MOST_ROWS)
    encoding = FeatureSpace.fit(train)
    real, other = some_rows(train, size, 0), some_rows(synthetic, size, 1)
    pair = Pair(Cloud(encoding.points(real)), Cloud(encoding.points(other)))
    attacked = privacy.Attacked.of(train, test, synthetic, 0)
    return {
        "wasserstein": lambda: wasserstein.quality(train, synthetic),
        "marginal": lambda: ks.marginal_distances(train, synthetic),
        "entropy": lambda: entropies(synthetic),
        "rare categories": lambda: rare_categories_kept(train, synthetic, 0.05),
        "target tails": lambda: target_tails(train, synthetic),
        "correlation": lambda: association.correlation_distance(train, synthetic),
        "association": lambda: association.association_distance(train, synthetic),
        "exact copies": lambda: privacy.exact_copies(train, synthetic),
        "encoding": lambda: FeatureSpace.fit(train).points(train),
        "distances between": lambda: pair.between,
        "distances in real": lambda: pair.real.radius(1),
        "distances in other": lambda: pair.other.radius(1),
        "joint Wasserstein": lambda: multivariate.wasserstein_joint(pair),
        "alpha-precision": lambda: alpha.alpha_precision(pair),
        "beta-recall": lambda: alpha.beta_recall(pair),
        "authenticity": lambda: alpha.authenticity(pair),
        "prdc": lambda: prdc(pair),
        "detection": lambda: detection_auc(real, other, 0),
        "closer to train": lambda: privacy.closer_to_train(attacked, 0),
        "membership": lambda: privacy.membership_attack(attacked),
        "shadow models": lambda: shadow_attack(attacked, 0),
        "measure": lambda: measure(train, test, synthetic, 0),
    }


def cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def made(rows: int, columns: int, seed: int) -> Table:
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(columns, columns))
    values = pd.DataFrame(rng.normal(size=(rows, columns)) @ mixing / columns**0.5)
    values.columns = [f"c{k}" for k in range(columns)]
    described = []
    for k, name in enumerate(values.columns):
        if k and k % 3 == 0:
            values[name] = pd.cut(values[name], [-9, -1, -0.3, 0.3, 1, 9], labels=list("abcde"))
            described.append(Column(name, Kind.CATEGORICAL, tuple("abcde")))
        else:
            described.append(Column(name, Kind.CONTINUOUS))
        if k:
            values.loc[rng.random(rows) < 0.02, name] = None
    return conform(values, Schema(tuple(described), "c0", Task.REGRESSION))


if __name__ == "__main__":
    main()
