"""How costs of steps grow with the size of their data: which power tells one table from another.

    python scripts/cost_growth.py FOLDER [FOLDER ...]

FOLDER is one of outputs, of the same steps on tables of several sizes, such as the leaderboard's
(`scripts/leaderboard.py`). From the median CPU seconds of a step with the same settings on one
table, those on every other table, at least four times as large or as small, are judged as
``tabsculpt plan`` does, by powers of the ratio of their sizes (rows times columns of the training
part). Printed is by which factor that errs, in the median and in 90 % of the pairs.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tabsculpt.engine.identity import IS, as_json
from tabsculpt.engine.store import MANIFEST, read_manifest

POWERS = (0.0, 0.3, 0.5, 0.75, 1.0)
LEAST = 4
"""Times as large or as small, from which sizes are told apart."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("outputs", type=Path, nargs="+")
    known = costs(parser.parse_args().outputs)
    print(f"{len(known)} steps by settings and size, of {known['size'].min():,} to "
          f"{known['size'].max():,} cells")  # fmt: skip
    found = pd.DataFrame(errors(known), columns=["step", *POWERS])
    for name, part in [*found.groupby("step"), ("all", found)]:
        middle, most = (np.exp(part[list(POWERS)].quantile(share)) for share in (0.5, 0.9))
        factors = [f"{power:g}: {middle[power]:.1f} ({most[power]:.1f})" for power in POWERS]
        print(f"{name}, {len(part)} pairs; {', '.join(factors)}")


def costs(folders: list[Path]) -> pd.DataFrame:
    """Median CPU seconds of the stored steps, by class, settings of its components and size."""
    seconds: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for folder in folders:
        for path in (folder / "store").glob(f"*/*/*/{MANIFEST}"):
            record = read_manifest(path.parent)
            parts = [p for p in record.description.values() if isinstance(p, dict) and IS in p]
            if record.size and record.cpu_seconds:
                name = "".join(sorted(as_json(part) for part in parts))
                seconds[record.step, name, record.size].append(record.cpu_seconds)
    rows = [(*key, float(np.median(values))) for key, values in seconds.items()]
    return pd.DataFrame(rows, columns=["step", "settings", "size", "seconds"])


def errors(known: pd.DataFrame) -> Iterator[tuple[str, *tuple[float, ...]]]:
    """Of each pair of sizes of a step: its class, and by power the logarithm of the factor."""
    for (step, _), part in known.groupby(["step", "settings"]):
        for one in part.itertuples():
            for other in part.itertuples():
                ratio = math.log(other.size / one.size)
                if abs(ratio) < math.log(LEAST):
                    continue
                grew = math.log(other.seconds / one.seconds)
                yield (str(step), *(abs(power * ratio - grew) for power in POWERS))


if __name__ == "__main__":
    main()
