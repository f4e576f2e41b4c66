"""Which subgroup each row of a data set is in, by its values before any is imputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.impute import Missing
from tabsculpt.datasets.infer import column_of, plain
from tabsculpt.datasets.split import Splitting
from tabsculpt.errors import UserError, unknown
from tabsculpt.table import FloatArray, IntArray

MOST_LEVELS = 20
FEW_VALUES = 6
"""A column of so few different numbers has a level for each; of more it is cut into bands."""
BANDS = 3
MISSING = "missing"
KEY = "dataset.subgroups"
SHAPE = f"expected column names, as in {KEY}=[sex,age], or with cuts {KEY}=[{{age:[40,65]}}]"


@dataclass(frozen=True)
class Subgroup:
    """A column whose levels are scored by themselves.

    Attributes:
        column: its name: a feature, the group column, or one that is no feature.
        cuts: where bands of its numbers begin, ascending; none: at its tertiles.
    """

    column: str
    cuts: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Levels:
    """The level of each row.

    Attributes:
        names: of every level that the whole data set has, bands from the lowest, missing last.
        codes: which of them each row has, shape (n,).
    """

    names: tuple[str, ...]
    codes: IntArray

    def take(self, rows: IntArray) -> Levels:
        """Those of some rows; all levels stay, also one that none of them has."""
        return Levels(self.names, self.codes[rows])

    def parts(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Which rows have each level, by its name."""
        return {name: self.codes == code for code, name in enumerate(self.names)}


def subgroups_of(node: Any) -> tuple[Subgroup, ...]:
    """What ``dataset.subgroups`` names.

    Raises:
        UserError: it is no list of columns, or of columns with cuts.
    """
    if not isinstance(node, Sequence) or isinstance(node, str):
        raise UserError(f"{KEY} is {node!r}; {SHAPE}")
    found: list[Subgroup] = []
    for item in node:
        pairs = item.items() if isinstance(item, Mapping) else [(item, ())]
        found += [Subgroup(str(column), _cuts(column, cuts)) for column, cuts in pairs]
    names = [subgroup.column for subgroup in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UserError(f"{KEY} names {twice[0]!r} twice; name each column once")
    return tuple(found)


def _cuts(column: Any, cuts: Any) -> tuple[float, ...]:
    try:
        found = tuple(float(cut) for cut in ([cuts] if isinstance(cuts, int | float) else cuts))
    except (TypeError, ValueError):
        raise UserError(f"{KEY}: the cuts of {column} are {cuts!r}; {SHAPE}") from None
    if not all(low < high for low, high in pairwise(found)) or not np.isfinite(found).all():
        raise UserError(
            f"{KEY}: the cuts of {column} are {list(found)}; expected ascending numbers"
        )
    return found


def subgroup_levels(dataset: Dataset, subgroups: Sequence[Subgroup]) -> dict[str, Levels]:
    """The level of every row of a data set in each column.

    Numbers are cut into bands that hold their lower end, at the cuts given or at the tertiles of
    the whole table, so that every split has the same; a column of at most six different numbers
    has a level for each. A row without a value is of the level "missing".

    Args:
        dataset: all rows.
        subgroups: the columns.

    Raises:
        UserError: there is no such column, it is the target, has one level or more than 20, or has
            cuts and no numbers.
    """
    beside = dataset.origin.beside if dataset.origin is not None else pd.DataFrame()
    features = dataset.table.features
    known = {
        **{name: beside[name] for name in beside},
        **{name: features[name] for name in features},
    }
    return {each.column: _levels(dataset, known, each) for each in subgroups}


def rows_tested(dataset: Dataset, split: Splitting, missing: str) -> IntArray:
    """Which rows of a data set its test part has, see `tabsculpt.datasets.impute.test_part`.

    Args:
        dataset: all rows.
        split: which of them are tested on.
        missing: what becomes of rows that lack a value.
    """
    rows = split.rows(dataset).test
    if missing == Missing.DROP:
        rows = rows[dataset.table.take(rows).features.notna().all(axis=1).to_numpy()]
    return rows


def _levels(dataset: Dataset, known: Mapping[str, pd.Series], subgroup: Subgroup) -> Levels:
    name = subgroup.column
    if name == dataset.table.schema.target:
        raise UserError(f"{KEY}: {name} is the target; scores by class are there without it")
    if name not in known:
        raise unknown(f"column of {KEY}", name, known)
    if name in dataset.table.schema.texts:
        raise UserError(f"{KEY}: {name} is text, which has no levels; choose another column")
    values = known[name].reset_index(drop=True)
    column = column_of(values if name in dataset.table.frame else plain(values))
    if column.is_numeric:
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        levels = _banded(numbers, subgroup.cuts)
    elif subgroup.cuts:
        raise UserError(f"{KEY}: {name} has cuts and holds no numbers; name it without them")
    else:
        levels = _with_missing(*pd.factorize(values.astype("string"), sort=True))
    if not 1 < len(levels.names) <= MOST_LEVELS:
        raise UserError(
            f"{KEY}: {name} has {len(levels.names)} levels; expected 2 to {MOST_LEVELS}, so choose "
            "other cuts or another column"
        )
    return levels


def _banded(values: FloatArray, cuts: tuple[float, ...]) -> Levels:
    known = values[~np.isnan(values)]
    if not cuts and len(np.unique(known)) <= FEW_VALUES:
        codes, each = pd.factorize(values, sort=True)
        return _with_missing(codes, [f"{value:.12g}" for value in each])
    cuts = cuts or _tertiles(known)
    places = np.where(np.isnan(values), -1, np.digitize(values, cuts))
    held = np.unique(places[places >= 0])
    names = band_names(cuts)
    codes = np.where(places < 0, -1, np.searchsorted(held, places))
    return _with_missing(codes, [names[place] for place in held])


def _with_missing(codes: Any, names: Sequence[Any]) -> Levels:
    """Levels of which the code -1 stands for no value."""
    missing = codes < 0
    every = (*map(str, names), *([MISSING] if missing.any() else []))
    return Levels(every, np.where(missing, len(names), codes).astype(np.int64))


def band_names(cuts: Sequence[float]) -> list[str]:
    """What the bands between cuts are called, lowest first; each holds its lower end."""
    ends = [f"{cut:.12g}" for cut in cuts]
    inner = [f"{low} to below {high}" for low, high in pairwise(ends)]
    return [f"below {ends[0]}", *inner, f"{ends[-1]} or more"]


def _tertiles(values: FloatArray) -> tuple[float, ...]:
    """Values of the column, at four digits where those tell its rows apart as well."""
    shares = np.arange(1, BANDS) / BANDS
    exact = np.quantile(values, shares, method="higher")
    short = np.array([float(f"{cut:.4g}") for cut in exact])
    alike = np.array_equal(np.digitize(values, short), np.digitize(values, exact))
    return tuple(np.unique(short if alike else exact).tolist())
