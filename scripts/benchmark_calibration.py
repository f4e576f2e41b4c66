"""Measure the constants of the calibrated Data-IQ on data sets that had no part in their choice.

    python scripts/benchmark_calibration.py
    TABSCULPT_DATA=... python scripts/benchmark_calibration.py --repeats 5

Each set is left out in turn: the value of a constant is the one with the best mean F1 on the other
sets, and what counts is its F1 on the set that was left out. The constants, and what they are in
`tabsculpt.profilers`:

    scale      factor of the residual scale (`judge.TOLERANCE`)
    noise      exponent of the noise in that scale, the spread of the target having 1 less it
    burn_in    share of the checkpoints that is left out (`DataIQ.burn_in`)
    refits     rounds of fitting with weights (the recorders' `refits`)
    huber      where distrust of a residual starts (`judge.HUBER`)
    threshold  where confidence is cut (`DataIQ.threshold`)

Each is chosen with the others at their defaults; "all" is the best combination of all but huber,
written in the order above. Cleanlab and the published Data-IQ have their threshold chosen in the
same way. F1 is that of the hard rows against planted errors as in `benchmark_profilers.py`, other
draws of them, on the train part of each set, averaged over flip rates and repeats. The first table
has one threshold for all sets; the second one gives each set the best threshold for it, as a search
on that set would.
"""

from __future__ import annotations

import argparse
import itertools
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal
from unittest import mock

import numpy as np
import pandas as pd

from benchmark_planted_flips import markdown
from benchmark_profilers import MEDICAL, RATES, THRESHOLDS, all_hard, made, train_part
from tabsculpt.engine.runner import one_thread
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dataiq import DataIQ
from tabsculpt.profilers.dynamics import Dynamics, learners
from tabsculpt.profilers.dynamics import correctness as judge
from tabsculpt.profilers.dynamics.boosted import BoostedRecorder
from tabsculpt.profilers.dynamics.linear import LinearRecorder
from tabsculpt.profilers.flips import Flip
from tabsculpt.profilers.selection import Search, search_cells
from tabsculpt.table import FloatArray, Table, Task

GRIDS: Mapping[str, tuple[float, ...]] = {
    "scale": (0.4, 0.6, 0.8, 1.0, 1.4),
    "noise": (0.0, 0.25, 0.5, 0.75, 1.0),
    "burn_in": (0.0, 0.25, 0.5, 0.75),
    "refits": (0, 1, 2, 4),
    "huber": (0.7, 1.345, 2.5),
}
TOGETHER = ("scale", "noise", "burn_in", "refits")
PEERS = ("cleanlab", "published")


@dataclass(frozen=True)
class VariedRecorder:
    """What the calibrated Data-IQ records, with the constants of its distrust as settings."""

    refits: int
    huber: float

    def record(self, table: Table, seed: int) -> Dynamics:
        varied = {kind.__name__: kind for kind in (LinearRecorder, BoostedRecorder)}
        varied = {name: partial(kind, refits=self.refits) for name, kind in varied.items()}
        with mock.patch.multiple(learners, **varied), mock.patch.object(judge, "HUBER", self.huber):
            return learners.BetterRecorder(DataIQ.folds).record(table, seed)


@dataclass(frozen=True)
class Varied:
    """The calibrated Data-IQ with its constants as settings; the defaults are the package's."""

    hard_is: ClassVar[Literal["low", "high"]] = DataIQ.hard_is
    least_rows: ClassVar[int] = DataIQ.least_rows

    cut: SegmentRule = DataIQ.cut
    threshold: float = DataIQ.threshold
    scale: float = judge.TOLERANCE
    noise: float = judge.NOISE
    burn_in: float = DataIQ.burn_in
    refits: int = LinearRecorder.refits
    huber: float = judge.HUBER

    @property
    def recorder(self) -> VariedRecorder:
        return VariedRecorder(self.refits, self.huber)

    def score(self, table: Table, dynamics: Dynamics, seed: int) -> Scores:
        if table.schema.task is Task.REGRESSION:
            dynamics = replace(dynamics, correctness=self._correctness(table, dynamics.outputs))
        return DataIQ(burn_in=self.burn_in).score(table, dynamics, seed)

    def _correctness(self, table: Table, outputs: FloatArray) -> FloatArray:
        """As `judge.judge`, at another residual scale."""
        target = table.target
        residuals = np.abs(outputs - target)
        noise = float(np.median(residuals[-1])) or float(residuals[-1].mean())
        spread = float(np.abs(target - np.median(target)).mean())
        unit = self.scale * noise**self.noise * spread ** (1 - self.noise) or spread or 1.0
        correctness: FloatArray = np.exp(-residuals / unit)
        return correctness


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    local = MEDICAL if "TABSCULPT_DATA" in os.environ else ()
    parser.add_argument("datasets", nargs="*", default=["sklearn_diabetes", "simulated", *local])
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    if len(given.datasets) < 2:
        parser.error("at least two data sets are needed, since one is left out")
    warnings.filterwarnings("ignore")
    with one_thread():
        f1 = pd.DataFrame({name: mean_f1(name, given.repeats) for name in given.datasets}).T
    require_same(f1)
    peers = {name: f1[name] for name in PEERS}
    print(f"## One threshold for all sets (all rows hard: {all_hard():.3f})\n")
    thresholds = {"threshold": f1[label(Varied())]}
    at_one = f1.xs(DataIQ.threshold, axis=1, level=1)
    everything = f1[[label(varied) for varied in joint()]]
    everything.columns = [f"{name}/{t:g}" for name, t in everything.columns]
    report(at_one[label(Varied())], curves(at_one) | thresholds, everything, left_out(peers))
    print("\n## The best threshold of each set\n")
    own = f1.T.groupby(level=0).max().T
    everything = own[[label(varied) for varied in joint()]]
    report(own[label(Varied())], curves(own), everything, own[list(PEERS)].map(shown))


def joint() -> list[Varied]:
    """Every combination of the constants that are chosen together."""
    values = itertools.product(*(GRIDS[constant] for constant in TOGETHER))
    return [replace(Varied(), **dict(zip(TOGETHER, v, strict=True))) for v in values]


def label(varied: Varied) -> str:
    """The constants but the threshold, in the order of the grids."""
    return "/".join(f"{getattr(varied, constant):g}" for constant in GRIDS)


def mean_f1(dataset: str, repeats: int) -> pd.Series:
    """Mean F1 on a data set by candidate and threshold."""
    table = train_part(dataset)
    alone = [replace(Varied(), huber=value) for value in GRIDS["huber"]]
    profilers: dict[str, Any] = {label(varied): varied for varied in [*joint(), *alone]}
    profilers |= {"dataiq": made("dataiq"), "cleanlab": made("cleanlab")}
    if table.schema.task is Task.REGRESSION:
        profilers["published"] = made("dataiq published")
    rates = tuple(rate for rate in RATES if rate > 0)
    search = Search(THRESHOLDS, rates, repeats, Flip.PERMUTE, 0.5)
    cells = search_cells(profilers, search, table, derive_seed("calibration", dataset))
    return cells.groupby(["profiler", "threshold"], sort=False).f1.mean()


def require_same(f1: pd.DataFrame) -> None:
    """Stop where `Varied` is no longer what the package computes."""
    if not f1[label(Varied())].equals(f1["dataiq"]):
        raise RuntimeError("the defaults give other F1 than profiler=dataiq; bring Varied up to it")


def curves(f1: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Mean F1 by data set (rows) and value (columns), for each constant."""
    return {
        constant: pd.DataFrame(
            {value: f1[label(replace(Varied(), **{constant: value}))] for value in values}
        )
        for constant, values in GRIDS.items()
    }


def chosen_without(curve: pd.DataFrame, dataset: str) -> Any:
    """The value with the best mean F1 on the other sets, the first of equal ones."""
    return curve.drop(dataset).mean().idxmax()


def left_out(by_constant: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """F1 on each set at the value that the other sets chose, with that value in brackets."""
    rows = {}
    for dataset in next(iter(by_constant.values())).index:
        values = {c: chosen_without(curve, dataset) for c, curve in by_constant.items()}
        rows[dataset] = {
            c: f"{shown(by_constant[c].loc[dataset, v])} ({v})" for c, v in values.items()
        }
    return pd.DataFrame(rows).T


def report(
    default: pd.Series,
    by_constant: Mapping[str, pd.DataFrame],
    everything: pd.DataFrame,
    peers: pd.DataFrame,
) -> None:
    """Print F1 on the sets left out, and the mean over the sets of every value."""
    found = left_out({**by_constant, "all": everything})
    table = pd.concat([default.map(shown).rename("default"), found, peers], axis=1)
    print(markdown(table.rename_axis("left out")))
    print(f"\nMean over the sets: default {default.mean():.3f}, all {held_out(everything):.3f}")
    print(f"Best of all in hindsight: {everything.mean().max():.3f} ({everything.mean().idxmax()})")
    for constant, curve in by_constant.items():
        values = ", ".join(f"{value}: {mean:.3f}" for value, mean in curve.mean().items())
        print(f"- {constant}: left out {held_out(curve):.3f}; {values}")


def held_out(curve: pd.DataFrame) -> float:
    return float(np.mean([curve.loc[d, chosen_without(curve, d)] for d in curve.index]))


def shown(value: float) -> str:
    return "n/a" if np.isnan(value) else f"{value:.3f}"


if __name__ == "__main__":
    main()
