"""What was asked for and never run."""

from __future__ import annotations

from itertools import product

from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.columns import UNPAIRED
from tabsculpt.analysis.measurements import Measurements

ACROSS = ("protocol", "generator", "arm", "seed", "split_seed")


def never_run(found: Measurements) -> list[str]:
    """Combinations in the full crossing of what was run for which there is no row."""
    rows = found.rows
    made = rows[(rows.pipeline != REAL) & ~rows.protocol.isin(UNPAIRED)]
    there = {
        tuple(map(str, key))
        for key in made[["dataset", *ACROSS]].drop_duplicates().itertuples(index=False)
    }
    levels = [made[name].drop_duplicates().astype(str).tolist() for name in ("dataset", *ACROSS)]
    absent = [key for key in product(*levels) if key not in there]
    return [
        f"{dataset} {generator} {arm} {protocol} seed {seed}/{split}"
        for dataset, protocol, generator, arm, seed, split in absent
    ]
