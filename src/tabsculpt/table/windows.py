"""Windows: rows of a table that are consecutive steps of sequences, cut out and joined again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]

SUMMARIES = ("mean", "spread", "trend", "autocorrelation")


@dataclass(frozen=True)
class Windows:
    """How the columns of a table hold steps of sequences; every other column is static.

    The column ``V_k`` is the value of variable V at the k-th step of the window, from 1, the
    oldest. Where the next value is predicted, a row is a window and the target ``V_next`` is the
    value after it. Where a label of the sequence is, a row is a window with its summaries, see
    `cut`, and the label is static.

    Attributes:
        variables: what is observed at each step, in order.
        width: steps in a window, at least 2.
        following: the variable whose next value is the target, or None.
        summarised: the numeric variables that have columns of summaries.
    """

    variables: tuple[str, ...]
    width: int
    following: str | None = None
    summarised: tuple[str, ...] = ()

    @property
    def span(self) -> int:
        """The steps that a row needs."""
        return self.width + (self.following is not None)

    @property
    def stride(self) -> int:
        """The steps from a row of a sequence to its next row."""
        return 1 if self.following is not None else self.width

    @property
    def target(self) -> str:
        """The target's column, where it is a next value."""
        return f"{self.following}_next"

    def steps(self, variable: str) -> list[str]:
        """The columns of a variable, oldest first."""
        return [f"{variable}_{k}" for k in range(1, self.width + 1)]

    def origins(self) -> dict[str, str]:
        """The variable behind each column that holds one of its values."""
        found = {column: v for v in self.variables for column in self.steps(v)}
        return found if self.following is None else {**found, self.target: self.following}

    def summaries(self) -> list[str]:
        """The columns that are computed from those of a window."""
        return [f"{variable}_{what}" for variable in self.summarised for what in SUMMARIES]

    def unnamed(self) -> Windows:
        """The same, with the places of the variables as their names."""
        places = {variable: str(place) for place, variable in enumerate(self.variables)}
        following = None if self.following is None else places[self.following]
        summarised = tuple(places[variable] for variable in self.summarised)
        return Windows(tuple(places.values()), self.width, following, summarised)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Windows:
        return cls(
            tuple(data["variables"]),
            data["width"],
            data["following"],
            tuple(data["summarised"]),
        )


def cut(sequence: pd.DataFrame, windows: Windows) -> pd.DataFrame:
    """The windows of one sequence: overlapping ones for a next value, else one after the other.

    Args:
        sequence: shape (steps, variables and static columns), in order.
        windows: what a row holds.

    Returns:
        A row per window, none where there are fewer steps than a row needs. Beside the steps: the
        next value, or the summaries of each numeric variable (mean; spread, the standard
        deviation; trend, the slope of a line through the steps, per step; autocorrelation of
        neighbouring steps, 0 where nothing varies); and the static columns.
    """
    starts = np.arange(0, len(sequence) - windows.span + 1, windows.stride)
    columns: dict[str, Any] = {}
    for variable in windows.variables:
        values = sequence[variable]
        for k, name in enumerate(windows.steps(variable)):
            columns[name] = values.iloc[starts + k].reset_index(drop=True)
    for variable in windows.summarised:
        steps = np.column_stack([_numbers(columns[name]) for name in windows.steps(variable)])
        columns |= {f"{variable}_{what}": found for what, found in summarise(steps).items()}
    for name in sequence.columns.difference(windows.variables, sort=False):
        columns[name] = sequence[name].iloc[starts].reset_index(drop=True)
    if windows.following is not None:
        after = sequence[windows.following].iloc[starts + windows.width]
        columns[windows.target] = after.reset_index(drop=True)
    return pd.DataFrame(columns)


def summarise(steps: Numbers) -> dict[str, Numbers]:
    """The summaries of windows, shape (n, width) each, by name; see `cut`."""
    width = steps.shape[1]
    mean = steps.mean(axis=1)
    around = steps - mean[:, None]
    time = np.arange(width) - (width - 1) / 2
    power = (around**2).sum(axis=1)
    neighbours = (around[:, 1:] * around[:, :-1]).sum(axis=1)
    flat = power <= 1e-18 * (steps**2).sum(axis=1)
    autocorrelation = np.divide(neighbours, power, out=np.zeros_like(power), where=~flat)
    autocorrelation[np.isnan(power)] = np.nan
    found = (mean, np.sqrt(power / width), around @ time / (time @ time), autocorrelation)
    return dict(zip(SUMMARIES, found, strict=True))


def chains(frame: pd.DataFrame, windows: Windows) -> list[npt.NDArray[np.int64]]:
    """Which rows follow each other in one sequence, found from what they share.

    Rows next to each other in the table belong together where the second is the first one step
    on: the same values in the steps that both hold, and in the static columns. So rows may have
    been left out, or may come in any order; what is left of a sequence is then several.

    Args:
        frame: rows of windows.
        windows: what they hold.

    Returns:
        Positions, in order, of the rows of each chain; together they are all rows.
    """
    n = len(frame)
    if windows.following is None or n < 2:
        return [np.array([row]) for row in range(n)]
    follows = np.ones(n - 1, dtype=bool)
    for earlier, later in _shared(frame, windows):
        before = frame[earlier].iloc[:-1].reset_index(drop=True)
        after = frame[later].iloc[1:].reset_index(drop=True)
        follows &= before.eq(after).to_numpy(dtype=bool, na_value=False)
    return np.split(np.arange(n), np.flatnonzero(~follows) + 1)


def join(frame: pd.DataFrame, chain: npt.NDArray[np.int64], windows: Windows) -> pd.DataFrame:
    """The steps of a chain of rows, shape (steps, variables): the inverse of `cut`.

    The last step, of which only the predicted variable is known, is there if this is the only one.
    """
    first, rest = frame.iloc[chain[:1]], frame.iloc[chain[1:]]
    whole = list(windows.variables) == [windows.following]
    columns = {}
    for variable in windows.variables:
        names = windows.steps(variable)
        parts = [first[name] for name in names] + [rest[names[-1]]]
        parts += [frame[windows.target].iloc[chain[-1:]]] if whole else []
        columns[variable] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)


def _shared(frame: pd.DataFrame, windows: Windows) -> list[tuple[str, str]]:
    """Columns of a row, each with the column of the next row that holds the same value."""
    pairs = []
    for variable in windows.variables:
        names = windows.steps(variable)
        pairs += list(zip(names[1:], names[:-1], strict=True))
    moving = set(windows.origins())
    pairs += [(name, name) for name in frame.columns if name not in moving]
    if windows.following is not None:
        pairs.append((windows.target, windows.steps(windows.following)[-1]))
    return pairs


def _numbers(values: pd.Series) -> Numbers:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
