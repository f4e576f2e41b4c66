"""Rows of the train side that nothing is trained on: to value rows on, and to choose by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

import numpy as np

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.split import split_rows
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import UserError
from tabsculpt.table import IntArray, Table


class Purpose(StrEnum):
    """What a part of the train side is for."""

    FIT = "fit"
    VALUATION = "valuation"
    SELECTION = "selection"


@dataclass(frozen=True)
class ReservedShares:
    """How much of the train side is set aside; what is left is what everything is trained on.

    Attributes:
        valuation: share of the train side that rows are valued on (``profiler=knn_shapley``).
        selection: share of the train side that settings are chosen by.
    """

    valuation: float = 0.0
    selection: float = 0.0

    def __post_init__(self) -> None:
        for name, share in (("valuation", self.valuation), ("selection", self.selection)):
            if not 0 <= share < 1:
                raise UserError(f"split.{name} is {share}; expected a share from 0 to below 1")
        if self.valuation + self.selection >= 1:
            raise UserError("split.valuation and split.selection leave no row to train on")

    def __str__(self) -> str:
        shares = {"valuation": self.valuation, "selection": self.selection}
        return ", ".join(f"{name}={share:g}" for name, share in shares.items() if share)


@dataclass(frozen=True)
class ReservedRows(Step[Table]):
    """One of the parts that the train side is divided into; together they are all its rows.

    Missing values were imputed before, by what the whole train side has.
    """

    phase: ClassVar[str] = "data"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    reserved: ReservedShares
    purpose: str

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.rows)
        # All parts must come from one draw, so the seed is that of the rows to train on.
        draw = replace(self, purpose=str(Purpose.FIT)).random_seed
        return table.take(reserve(table, self.reserved, draw)[Purpose(self.purpose)])


def reserve(table: Table, reserved: ReservedShares, seed: int) -> dict[Purpose, IntArray]:
    """Part the rows: groups stay together and classes keep their shares, as in `split_rows`.

    Args:
        table: the train side, n rows.
        reserved: the shares.
        seed: of the draw.

    Returns:
        Sorted positions of each part; a part without a share is empty.

    Raises:
        UserError: too few rows, groups or rows of a class for the shares.
    """
    n = len(table)
    rows = np.arange(n, dtype=np.int64)
    parts = {Purpose.VALUATION: rows[:0], Purpose.SELECTION: rows[:0]}
    for purpose, share in (
        (Purpose.SELECTION, reserved.selection),
        (Purpose.VALUATION, reserved.valuation),
    ):
        if not share:
            continue
        left = table.take(rows)
        try:
            split = split_rows(Dataset("train side", left), share * n / len(rows), seed)
        except UserError:
            raise UserError(
                f"split.{purpose}={share:g} cannot be set aside from {n} train rows: each part "
                "needs rows of every class; set aside less, or nothing (0)"
            ) from None
        parts[purpose], rows = rows[split.test], rows[split.train]
    return {Purpose.FIT: rows, **parts}
