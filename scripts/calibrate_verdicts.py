"""Measure how often verdicts find a difference where there is none, and what intervals cover.

Run as ``python scripts/calibrate_verdicts.py [TABLE ...] [--draws 200] [--pool FOLDER] [--save]``
with tables from nulls, designs, bounds, chosen, tails, power, needed, rows and datasets; all of
them where none is named. With ``--save`` each is left in ``scripts/calibration/``, and
``docs/calibration.md`` is written from what lies there. With ``--pool`` fits of the generator arf
on the data set sklearn_diabetes are made in that folder (several minutes, kept for the next time)
and set against each other at random. p_published is Wilcoxon's p after Bonferroni's correction over
three pairs, those of real and the two pipelines.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from calibration import measures, page
from calibration.bounds import bounds
from calibration.measures import Record
from calibration.tails import tails

SHAPES = [(3, 2), (5, 2), (10, 1)]
PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"


def tables(
    draws: int, pool: Path | None, only: str = ""
) -> dict[str, Callable[[], Iterator[Record]]]:
    """Every table by name; those of plain numbers have more draws."""
    return {
        "nulls": lambda: measures.nulls(draws, SHAPES, pool, only),
        "designs": lambda: measures.designs(5 * draws),
        "bounds": lambda: bounds(100 * draws),
        "chosen": lambda: measures.chosen(3 * draws),
        "tails": lambda: tails(20 * draws),
        "power": lambda: measures.power(draws, [(3, 2), (5, 2), (10, 2)]),
        "needed": lambda: measures.needed(draws),
        "rows": lambda: measures.few_rows(2 * draws),
        "datasets": lambda: measures.over_datasets(draws),
    }


def _keep(measured: pd.DataFrame, path: Path, only: str) -> None:
    """Write a table; where some worlds alone were measured, those of the others stay."""
    if only and path.is_file():
        before = pd.read_csv(path)
        keys = [name for name in ("world", "splits", "fits") if name in before]
        again = pd.MultiIndex.from_frame(before[keys]).isin(
            pd.MultiIndex.from_frame(measured[keys])
        )
        measured = pd.concat([before[~again], measured])
    measured.to_csv(path, index=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tables", nargs="*", help="all, where none is named")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--pool", type=Path, help="folder of fits of arf, made where missing")
    parser.add_argument("--only", default="", help="worlds with this in their name")
    parser.add_argument("--save", action="store_true", help="keep the tables, write the page")
    given = parser.parse_args()
    every = tables(given.draws, given.pool, given.only)
    for name in given.tables or every:
        records = []
        for record in every[name]():
            records.append(record)
            print(name, *(f"{key}: {value}" for key, value in record.items()), sep="; ", flush=True)
            if given.save:
                _keep(pd.DataFrame(records), page.TABLES / f"{name}.csv", given.only)
    if given.save:
        PAGE.write_text(page.page())


if __name__ == "__main__":
    main()
