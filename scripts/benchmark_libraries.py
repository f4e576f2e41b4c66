"""Compare the cost of generators with that of the libraries they build on, called directly.

    TABSCULPT_DATA=... python scripts/benchmark_libraries.py
    python scripts/benchmark_libraries.py sklearn_diabetes

CPU seconds of one fit on the train part and of a sample of as many rows, on one thread, beyond
imports (a fit of twenty rows comes first): ours at our defaults, ours with the library's settings,
and the library at its defaults, which on a few hundred rows make a step an epoch.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd

from tabsculpt.config.compose import load
from tabsculpt.datasets.split import split_rows
from tabsculpt.engine.runner import one_thread
from tabsculpt.jobs.job import Job
from tabsculpt.table import Table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    local = "bodyfat" if "TABSCULPT_DATA" in os.environ else "sklearn_diabetes"
    parser.add_argument("datasets", nargs="*", default=[local])
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    for name in given.datasets:
        dataset = Job.of(load([f"dataset={name}"])).source.load()
        train = dataset.table.take(split_rows(dataset, 0.33, 0).train)
        for generator, library in LIBRARIES.items():
            alike = [f"generator.{setting}" for setting in ITS_SETTINGS[generator]]
            ours, same = cpu(own(generator), train), cpu(own(generator, *alike), train)
            print(
                f"{name} {generator}: ours {ours:.1f} s, with its library's settings {same:.1f} s, "
                f"its library {cpu(library, train):.1f} s",
                flush=True,
            )


def own(name: str, *settings: str) -> Callable[[Table], object]:
    made = Job.of(load([f"generator={name}", "pipeline=traditional", *settings])).generator
    assert made is not None
    return lambda table: made.fit(table, 0, "cpu").sample(len(table), 0)


def by_ctgan(name: str) -> Callable[[Table], object]:
    def work(table: Table) -> object:
        import ctgan

        made = getattr(ctgan, name)(cuda=False)
        discrete = [column.name for column in table.schema.columns if not column.is_numeric]
        made.fit(numbers(table), discrete)
        return made.sample(len(table))

    return work


def by_copulas(table: Table) -> object:
    from copulas.multivariate import GaussianMultivariate
    from copulas.univariate import BetaUnivariate

    made = GaussianMultivariate(distribution=BetaUnivariate)
    made.fit(numbers(table))
    return made.sample(len(table))


def numbers(table: Table) -> pd.DataFrame:
    numeric = {column.name: float for column in table.schema.columns if column.is_numeric}
    return table.frame.astype(numeric)


def cpu(work: Callable[[Table], Any], table: Table) -> float:
    with one_thread():
        work(table.take(range(20)))
        start = time.process_time()
        work(table)
        return time.process_time() - start


LIBRARIES: dict[str, Callable[[Table], object]] = {
    "ctgan": by_ctgan("CTGAN"),
    "tvae": by_ctgan("TVAE"),
    "gaussian_copula": by_copulas,
}
ITS_SETTINGS: dict[str, list[str]] = {
    "ctgan": [
        "generator_dim=[256,256]",
        "discriminator_dim=[256,256]",
        "pac=10",
        "batch_size=500",
        "epochs=300",
        "max_clusters=10",
    ],
    "tvae": ["embedding_dim=128", "batch_size=500", "epochs=300"],
    "gaussian_copula": [],
}


if __name__ == "__main__":
    main()
