"""Why synthetic rows predict new patients better than the real ones on parkinson: controls.

    TABSCULPT_DATA=... python scripts/parkinson_controls.py           # the splits that are missing
    python scripts/parkinson_controls.py --page                       # docs/parkinson.md anew

Whole patients are held out (42 in all), in several splits, and a fifth of the recordings of the
others. The quick predictors learn from real rows, from real rows with noise, with features that say
nothing, or with tuned regularisation, and from the rows of generators; their RMSE on the recordings
of known and of new patients is kept in scripts/results/parkinson.csv, a line for each split, table
and predictor.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from parkinson_study.page import page
from parkinson_study.scores import of_split
from tabsculpt.engine.runner import one_thread

ROOT = Path(__file__).parents[1]
ROWS = ROOT / "scripts" / "results" / "parkinson.csv"
PAGE = ROOT / "docs" / "parkinson.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--rows", type=Path, default=ROWS, help="a line for each error")
    parser.add_argument("--page", action="store_true", help="write the documentation's page")
    given = parser.parse_args()
    if given.page:
        PAGE.write_text(page(pd.read_csv(given.rows, keep_default_na=False)), encoding="utf-8")
        print(f"{PAGE} written")
        return
    none = pd.DataFrame({"split": []}, dtype=int)
    found = pd.read_csv(given.rows) if given.rows.is_file() else none
    for split in range(given.splits):
        if (found.split == split).any():
            continue
        with one_thread():
            found = pd.concat([found, pd.DataFrame(of_split(split))])
        found.to_csv(given.rows, index=False, float_format="%.4f")
        print(f"split {split} done", flush=True)


if __name__ == "__main__":
    main()
