"""Result rows as cells: arms side by side, over the units that pair them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

SAME = ["dataset", "data", "task", "predictors", "evaluation", "device"]
"""What arms must share to be compared."""
MADE = ["generator", "generator_settings", "protocol", "protocol_settings", "proportion", "round"]
"""What synthetic arms must share besides."""
UNITS = ["predictor", "split_seed", "fold", "seed", "sample_seed"]
"""What may pair the values of two arms."""
HELD = [*UNITS, "value", "direction"]
READ = [*SAME, *MADE, *HELD, "metric", "profiler", "profiler_settings", "pipeline"]
"""What is looked at of the rows besides their arms, and of those of one cell."""
MISSING = {UNITS[0]: ""} | dict.fromkeys(UNITS[1:], -1)
UNPAIRED = ["hardness", "removal"]
"""Protocols without arms: their tables compare profilers."""

Missing = Literal["complete", "worst"]


@dataclass(frozen=True, eq=False)
class Cell:
    """The values of several arms over the same units.

    Attributes:
        names: dataset, generator, profiler, protocol, proportion, metric, ...
        values: shape (units, arms), the arms as columns; complete.
        units: the columns that tell units apart, such as ("predictor", "sample_seed").
        direction: "min" or "max".
        n_dropped: units left out, as some arm has no value there.
        n_filled: values that a failed cell was given (``missing="worst"``).
    """

    names: dict[str, Any]
    values: pd.DataFrame
    units: tuple[str, ...]
    direction: str
    n_dropped: int
    n_filled: int

    @property
    def unit(self) -> str:
        """What is paired, in words."""
        return " x ".join(self.units)


def cells(rows: pd.DataFrame, metric: str | None, missing: Missing) -> Iterator[Cell]:
    """The cells of result rows that hold at least two arms.

    An arm is a pipeline with its settings. The real baseline stands in every cell of its data set,
    predictors and seed; under a protocol with sampling seeds its values are repeated for each of
    them, as the source does it. Arms without a profiler stand beside those of each profiler.

    Args:
        rows: result rows.
        metric: its name; None for every metric that predictors are scored by.
        missing: "complete" leaves out units where some arm has no value; "worst" gives a failed
            value the worst one of its cell.
    """
    scored = rows[rows.predictor.notna() & ~rows.protocol.isin(UNPAIRED)]
    if metric is not None:
        scored = scored[scored.metric == metric]
    arm = (scored.pipeline + " " + scored.pipeline_settings).str.strip()
    scored = scored[READ].assign(arm=arm).astype(dict.fromkeys(UNITS[1:], float))
    for same, group in scored.groupby([*SAME, "metric"], sort=False):
        real = group.loc[group.pipeline == "real", [*HELD, "arm"]]
        made = group[group.pipeline != "real"]
        for how, mine in made.groupby(MADE, sort=False, dropna=False):
            for profiler, arms in _by_profiler(mine):
                names = dict(zip([*SAME, "metric", *MADE], [*same, *how], strict=True))
                found = _cell({**names, **profiler}, real, arms, missing)
                if found is not None:
                    yield found


def _by_profiler(made: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    plain, profiled = made[made.profiler == "none"], made[made.profiler != "none"]
    if profiled.empty:
        yield {"profiler": "none", "profiler_settings": ""}, plain
    for (name, settings), mine in profiled.groupby(["profiler", "profiler_settings"], sort=False):
        both = pd.concat([plain, mine])
        yield {"profiler": name, "profiler_settings": settings}, both


def _cell(
    names: dict[str, Any], real: pd.DataFrame, made: pd.DataFrame, missing: Missing
) -> Cell | None:
    made = made[[*HELD, "arm"]]
    both = pd.concat([_repeat(real, made), made])
    varying = [c for c in UNITS[1:] if both[c].nunique(dropna=False) > 1]
    units = [UNITS[0], *varying]
    table = _means(both, units)
    if table.shape[1] < 2 or table.isna().all(axis=None):
        return None
    direction = str(both.direction.dropna().iloc[0])
    n_filled = 0
    if missing == "worst":
        n_filled = int(table.isna().sum().sum())
        worst = table.max().max() if direction == "min" else table.min().min()
        table = table.fillna(worst)
    complete = table.dropna()
    if complete.empty:
        return None
    dropped = len(table) - len(complete)
    return Cell(names, complete, tuple(units), direction, dropped, n_filled)


def _means(rows: pd.DataFrame, units: list[str]) -> pd.DataFrame:
    """The mean value of each combination of units (rows) and each arm (columns, as they come).

    What a pivot table gives, which takes several times as long: a report has hundreds of cells.
    """
    coded = [pd.factorize(rows[name].fillna(MISSING[name]), sort=True) for name in units]
    levels = [level for _, level in coded]
    arm, arms = pd.factorize(rows.arm)
    shape = (*map(len, levels), len(arms))
    values = rows.value.to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(values)
    places = np.ravel_multi_index([*(codes for codes, _ in coded), arm], shape)[known]
    size = int(np.prod(shape))
    sums = np.bincount(places, values[known], minlength=size)
    counts = np.bincount(places, minlength=size)
    means = np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0)
    index = pd.MultiIndex.from_product(levels, names=units)
    return pd.DataFrame(means.reshape(len(index), -1), index=index, columns=arms)


def _repeat(real: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """The baseline's rows, once for each sampling seed of the synthetic arms."""
    keys = ["split_seed", "fold", "seed"]
    sampled: dict[tuple[Any, ...], list[float]] = {}
    for *key, seed in _tuples(made[[*keys, "sample_seed"]].drop_duplicates()):
        sampled.setdefault(tuple(key), []).append(seed)
    found = [(i, s) for i, key in enumerate(_tuples(real[keys])) for s in sampled.get(key, ())]
    places, seeds = zip(*found, strict=True) if found else ((), ())
    sample_seed = pd.Series(seeds, dtype=float).replace(-1, np.nan).to_numpy()
    return real.take(list(places)).assign(sample_seed=sample_seed)


def _tuples(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples in which missing is -1, so that equal ones are equal."""
    return zip(*(rows[name].fillna(-1) for name in rows), strict=True)
