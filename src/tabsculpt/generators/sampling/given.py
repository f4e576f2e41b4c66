"""Rows with given values from a model that draws rows at large."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.generators import Given
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.table import Table, conform

_CHUNK = 20_000
"""The most rows drawn at once."""

_ENOUGH = 100_000
"""After so many rows a model may be found to give too few of those asked for."""

_LEAST = 1 / 5_000
"""The least share of rows with the given values that is worth drawing for."""


def codes_given(generator: str, encoding: Encoding, given: Given) -> dict[str, int]:
    """The encoded discrete columns that given values fix, and their codes.

    Raises:
        UserError: a value that no training row had, or a column of numbers: drawn rows hit a
            number by chance never.
    """
    fixed = encoding.encode_given(given)
    for name in given:
        if encoding.name_of(name) in encoding.continuous:
            raise UserError(
                f"given: {generator} cannot be asked for a number (column {name!r}), only for "
                "classes, categories and integers of few values; gaussian_copula can"
            )
    return {name: int(code) for name, code in fixed.items()}


def draw_matching(
    draw: Callable[[int], pd.DataFrame], fixed: Mapping[str, int], n: int
) -> pd.DataFrame:
    """Draw rows until ``n`` of them have the codes asked for; shape (n, d).

    Args:
        draw: gives as many encoded rows as asked for, others at each call.
        fixed: the codes by encoded column.
        n: how many rows to draw.

    Raises:
        UserError: next to none of the rows has these codes.
    """
    if not fixed:
        return draw(n)
    kept, found, drawn = [draw(0)], 0, 0
    while found < n:
        if drawn >= _ENOUGH and found < drawn * _LEAST:
            raise UserError(
                f"given: {found} of {drawn} rows drawn have these values, which is too few to go "
                "on; ask for fewer values at once, or for more common ones"
            )
        share = (found + 1) / (drawn + 1)
        rows = draw(int(np.clip(1.2 * (n - found) / share, 100, _CHUNK)))
        drawn += len(rows)
        matches = np.all([rows[name] == code for name, code in fixed.items()], axis=0)
        kept.append(rows[matches])
        found += len(kept[-1])
    return pd.concat(kept, ignore_index=True).head(n)


def with_given(table: Table, given: Given) -> Table:
    """The rows with the given values in place of their own."""
    columns = {name: pd.Series([value] * len(table)) for name, value in given.items()}
    return conform(table.frame.assign(**columns), table.schema)
