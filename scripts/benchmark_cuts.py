"""Compare the two ways to cut Data-IQ's scores, by planted label errors.

    python scripts/benchmark_cuts.py
    TABSCULPT_DATA=... python scripts/benchmark_cuts.py --repeats 5 titanic plasma

On the train part of each set some rows get the target of another row: at least half a standard
deviation away, or another class. Per cut and threshold: F1 of the hard rows against those rows,
averaged over flip rates and repeats (calling every row hard has 0.266), the share of rows that is
hard where nothing was flipped, and the shares of easy, ambiguous and hard rows there at 0.15.
"""

from __future__ import annotations

import argparse
import os
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd

from tabsculpt.config.compose import load
from tabsculpt.datasets.impute import train_part
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.jobs.job import Job
from tabsculpt.profilers import Segment, SegmentRule
from tabsculpt.profilers.dataiq import DataIQ
from tabsculpt.profilers.flips import Flip, flip_labels
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.table import Table

THRESHOLDS = (0.1, 0.15, 0.2, 0.25)
RATES = (0.0, 0.08, 0.1, 0.2, 0.25)
BUNDLED = ("sklearn_diabetes", "breast_cancer", "wine")
MEDICAL = ("diabetes_numeric", "urinary", "bodyfat", "cholesterol", "plasma")
MORE = ("titanic", "credit_approval", "support2")
OVERRIDES = {"bodyfat": ["dataset.drop=[Density]"]}  # Density determines the target
MOST_ROWS = 1500


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    local = (*MEDICAL, *MORE) if "TABSCULPT_DATA" in os.environ else ()
    parser.add_argument("datasets", nargs="*", default=[*BUNDLED, *local])
    parser.add_argument("--repeats", type=int, default=2)
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    for name in given.datasets:
        table = train_rows(name)
        print(f"\n{name}: {len(table)} rows")
        print(compare(table, given.repeats).to_string(float_format="%.3f"), flush=True)


def train_rows(name: str) -> Table:
    job = Job.of(load([f"dataset={name}", *OVERRIDES.get(name, [])]))
    data = job.source.load()
    table = train_part(data, job.split.rows(data), job.source.missing)
    return table.take(np.arange(min(len(table), MOST_ROWS)))


def compare(table: Table, repeats: int) -> pd.DataFrame:
    """One row per cut."""
    cells = []
    profiler = DataIQ()
    for rate in RATES:
        for repeat in range(repeats):
            seed = derive_seed("cuts", rate, repeat)
            flipped, wrong = flip_labels(table, rate, Flip.PERMUTE, 0.5, seed)
            assert profiler.recorder is not None
            scores = profiler.score(flipped, profiler.recorder.record(flipped, seed), seed)
            for cut in (SegmentRule.THRESHOLD, SegmentRule.PERCENTILE):
                cell: dict[str, object] = {"cut": str(cut)}
                for t in THRESHOLDS:
                    segment = cut_scores(replace(profiler, cut=cut, threshold=t), scores).segment
                    hard = segment == Segment.HARD
                    if rate:
                        both = max(1, int(hard.sum() + wrong.sum()))
                        cell[f"F1 {t:g}"] = 2 * (hard & wrong).sum() / both
                    else:
                        cell[f"clean {t:g}"] = hard.mean()
                    if not rate and t == profiler.threshold:
                        cell |= {str(name): (segment == name).mean() for name in Segment}
                cells.append(cell)
    return pd.DataFrame(cells).groupby("cut", sort=False).mean()


if __name__ == "__main__":
    main()
