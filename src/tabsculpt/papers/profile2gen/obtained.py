"""Result rows as the paper's cells: tests and means by data set, generator and proportion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.overall import kruskal_wallis
from tabsculpt.papers.profile2gen.figures import ARMS, CONTROL, PREDICTORS, PROPORTIONS, SEEDS
from tabsculpt.stats.wilcoxon import differences_of, two_sided_p

REPEATS = ["split_seed", "fold", "seed"]
RUN = [
    "variant", "dataset", "generator", "profiler", "predictors", "evaluation", "device",
    "generator_settings", "profiler_settings", "protocol_settings", *REPEATS,
]  # fmt: skip
"""What tells runs of a cell of the paper apart; each is set beside the paper by itself."""
CELL = [*RUN, "protocol", "proportion"]
NUMBERS = [*REPEATS, "proportion", "p", "n", "change", "arms", "mean", "percent"]
UNITS = {"tstr": PREDICTORS, "augmentation": PREDICTORS * SEEDS}
"""Pairs in a test of the paper: predictors, or predictors x sampling seeds."""


@dataclass(frozen=True, eq=False)
class Obtained:
    """What the rows say, by run and cell: the columns of `CELL`, ``dataset`` without _published.

    Attributes:
        pairs: a Wilcoxon test a row: ``first``, ``second``, ``p`` before any correction, ``n``
            pairs of units, ``change`` of the mean from first to second in percent. Between real,
            traditional, preprocess and profile2gen, and of random_drop against profile2gen.
        overall: a Kruskal-Wallis test a row over those of the four that ran: ``p``, ``n`` and
            ``arms``, how many.
        means: an arm a row: ``mean`` RMSE over ``n`` predictors (times sampling seeds).
        distances: an arm a row: ``mean``, the Wasserstein distance of the synthetic table of TSTR
            to the real train part.
        dropped: a synthetic table of profile2gen a row: ``percent`` of the generated rows dropped.
    """

    pairs: pd.DataFrame
    overall: pd.DataFrame
    means: pd.DataFrame
    distances: pd.DataFrame
    dropped: pd.DataFrame

    def of(self, variant: str) -> Obtained:
        """That of the authors' files ("published") or of the corrected sets."""
        return Obtained(**{name: t[t.variant == variant] for name, t in vars(self).items()})


def obtain(rows: pd.DataFrame) -> Obtained:
    """Compute the paper's cells, by `tabsculpt.analysis`.

    Only what the paper has is kept: pipelines with their default settings, TSTR and augmentation,
    its four proportions; each split and seed by itself. Units where an arm has no value are left
    out of the cell.

    Args:
        rows: see `tabsculpt.papers.profile2gen.kept.read_results`.
    """
    rows = rows[(rows.pipeline_settings == "") & rows.protocol.isin(["trtr", *UNITS])]
    rows = rows[rows.proportion.isna() | rows.proportion.round(3).isin(PROPORTIONS)]
    generator = rows.generator.str.removesuffix("_paper")
    rows = rows.assign(generator=generator, dataset=rows.base)
    pairs, overall, means, distances = [], [], [], []
    for names, cell, values in _cells(rows[rows.pipeline != CONTROL], "rmse"):
        n = len(values)
        both = list(combinations([arm for arm in ARMS if arm in values], 2))
        pairs += [{**names, **_pair(values, *pair)} for pair in both]
        p = kruskal_wallis(cell)[1]
        overall.append({**names, "p": p, "n": n, "arms": values.shape[1]})
        means += [{**names, **mean} for mean in _means(values)]
    for names, _, values in _cells(rows[rows.pipeline.isin(["profile2gen", CONTROL])], "rmse"):
        pairs.append({**names, **_pair(values, CONTROL, "profile2gen")})
        means += [{**names, **m} for m in _means(values) if m["arm"] == CONTROL]
    tables = rows[rows.protocol == "tstr"].assign(predictor="the table itself")
    for names, _, values in _cells(tables, "wasserstein"):
        distances += [{**names, **mean} for mean in _means(values)]
    mean = ["arm", "mean", "n"]
    return Obtained(
        pairs=_frame(pairs, ["first", "second", "p", "n", "change"]),
        overall=_frame(overall, ["p", "n", "arms"]),
        means=_frame(means, mean),
        distances=_frame(distances, mean),
        dropped=_dropped(rows),
    )


def _cells(rows: pd.DataFrame, metric: str) -> Iterator[tuple[dict[str, Any], Cell, pd.DataFrame]]:
    """Cells of two arms or more, with what names them and their values on units that all have."""
    by = ["variant", *REPEATS]
    for keys, mine in rows.groupby(by, dropna=False, sort=False):
        names = dict(zip(by, keys, strict=True))
        for cell in Measurements.of(mine).cells(metric):
            values = pd.DataFrame(cell.values, columns=cell.arms).dropna()
            if values.shape[1] > 1 and len(values):
                yield {name: {**cell.names, **names}[name] for name in CELL}, cell, values


def _pair(values: pd.DataFrame, first: str, second: str) -> dict[str, Any]:
    one, other = values[first].to_numpy(), values[second].to_numpy()
    p = two_sided_p(differences_of(one, other))[0]
    change = 100 * (other.mean() / one.mean() - 1)
    return {"first": first, "second": second, "p": p, "n": len(values), "change": change}


def _means(values: pd.DataFrame) -> list[dict[str, Any]]:
    return [{"arm": a, "mean": float(values[a].mean()), "n": len(values)} for a in values]


def _frame(records: Any, more: list[str]) -> pd.DataFrame:
    """The columns of a cell and more, with their types also where there is no record."""
    table = pd.DataFrame(records, columns=[*CELL, *more])
    return table.astype({name: float for name in table if name in NUMBERS})


def _dropped(rows: pd.DataFrame) -> pd.DataFrame:
    tables = rows[(rows.pipeline == "profile2gen") & (rows.protocol == "tstr")]
    tables = tables[tables.metric.eq("wasserstein") & tables.n_dropped.notna()]
    made = tables.n_dropped + tables.n_synthetic
    found = tables.assign(percent=100 * tables.n_dropped / made)
    found = _frame(found, ["percent"])
    return found.drop_duplicates([c for c in found if c not in ("predictors", "evaluation")])
