"""What the tool's comparison says of each way of training, on each table and over tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL, Cell
from tabsculpt.analysis.estimates import ROPE
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pairs import pooled
from tabsculpt.config.compose import load

SMOTES = ("smote", "smotenc", "smoter")
"""One method: of numbers, of mixed columns, of a target that is a number."""
NEARLY_ALL = 0.95
"""Share of the tables that a generator has run on, from which it is compared over all of them."""
CONTROL = "bootstrap"
"""The generator that repeats real rows."""
DEFAULT = load([]).names["generator"]
"""The generator that is used where none is named."""
UPSAMPLED = tuple(f"upsample {name}" for name in (DEFAULT, "arf", "smote", CONTROL))
"""What sentences and the table of class weights are of."""
PREDICTORS = {
    "random forest and LightGBM": ("random_forest", "lightgbm"),
    "linear": ("linear",),
    "nearest neighbours": ("knn",),
}
DRAWS = 2000
"""Of the bootstrap over tables."""
PERCENT = 100 * ROPE
"""Half the width of the region of practical equivalence, in % of the real rows' score."""


def side_by_side(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows so named that every way of training on a table is an arm of the same cell.

    An arm is then called ``pipeline generator``, as in ``upsample smote``. The three forms of SMOTE
    have one name, since no table has two of them.
    """
    made = rows.generator != "none"
    family = rows.generator.where(~rows.generator.isin(SMOTES), "smote")
    return rows.assign(
        pipeline_settings=family.where(made, ""),
        generator=rows.generator.where(~made, "any"),
        generator_settings="",
        profiler="none",
        profiler_settings="",
    )


def differences(rows: pd.DataFrame, against: str = REAL, metric: str | None = None) -> pd.DataFrame:
    """Each arm of each table set against another one, by the corrected resampled test.

    Args:
        rows: of the study.
        against: an arm.
        metric: its name; None for the one that the task is judged by.

    Returns:
        Columns table, task, protocol, arm, gain (% of the real rows' score, better above 0), error
        of the gain, and verdict.
    """
    known = Measurements.of(side_by_side(rows))
    found = pd.DataFrame(
        _differences(list(known.cells(metric, headline=metric is None)), against),
        columns=["table", "task", "protocol", "arm", "gain", "error", "verdict"],
    )
    return found.drop_duplicates(["table", "protocol", "arm"])


def _differences(found: Sequence[Cell], against: str) -> Iterator[dict[str, object]]:
    for cell in found:
        for arm in cell.arms if against in cell.arms else ():
            estimate = pooled([cell], arm, against) if arm != against else None
            if estimate is None or not estimate.rope:
                continue
            unit = (-1 if cell.direction == "min" else 1) * PERCENT / estimate.rope
            yield {
                "table": cell.names["dataset"],
                "task": cell.names["task"],
                "protocol": "trtr" if arm in cell.on_real else cell.names["protocol"],
                "arm": arm,
                "gain": unit * estimate.over.mean,
                "error": abs(unit) * estimate.over.error,
                "verdict": str(estimate.verdict),
            }


def family(table: str) -> str:
    """What tables that are cut from the same data share: the letters that their name begins with.

    Many tables of KEEL are pairs of classes of one set, as ecoli1 and ecoli-0_vs_1.
    """
    bare = table.rpartition("/")[2]
    found = re.match(r"[A-Za-z]+", bare)
    return found[0].lower() if found else bare


Interval = tuple[float, float, float]


def share(holds: pd.Series, tables: pd.Series) -> Interval:
    """The share of tables on which something holds, with its interval; see `over_tables`."""
    return over_tables(holds.astype(float), tables, np.mean)


def median(gains: pd.Series, tables: pd.Series) -> Interval:
    """The median over tables, with its interval; see `over_tables`."""
    return over_tables(gains, tables, np.median)


def over_tables(values: pd.Series, tables: pd.Series, centre: object) -> Interval:
    """A statistic over tables with its 95 % interval (percentile bootstrap).

    Whole families of tables are drawn with replacement, so that the many cuts of one set do not
    count as independent.

    Args:
        values: one for each table, shape (n,), n at least 1.
        tables: their names.
        centre: the statistic, such as `numpy.median`.
    """
    assert callable(centre)
    numbers = values.to_numpy(float)
    codes, names = pd.factorize(tables.map(family))
    members = [np.flatnonzero(codes == code) for code in range(len(names))]
    rng = np.random.default_rng(0)
    drawn = [
        centre(numbers[np.concatenate([members[one] for one in chosen])])
        for chosen in rng.integers(0, len(members), (DRAWS, len(members)))
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(centre(numbers)), float(low), float(high)


def mean_of_generators(found: pd.DataFrame, pipeline: str) -> pd.DataFrame:
    """The mean gain of a pipeline over its generators, the control aside, a row for each table.

    Generators that `NEARLY_ALL` tables do not have are left out: every mean is of the same ones.
    """
    mine = found[found.arm.str.startswith(pipeline + " ")]
    mine = mine[~mine.arm.str.endswith(" " + CONTROL)]
    tables = mine.groupby("arm").table.nunique() / max(mine.table.nunique(), 1)
    mine = mine[mine.arm.map(tables) >= NEARLY_ALL]
    return mine.groupby(["table", "task"], as_index=False).gain.mean()
