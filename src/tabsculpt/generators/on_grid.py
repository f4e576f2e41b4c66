"""Generators whose numbers have the decimals and steps of the rows that they were fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.errors import ContractError, check_returned
from tabsculpt.generators import ConditionalGenerator, FittedGenerator, Generator, Given
from tabsculpt.table import Table
from tabsculpt.table.grid import Grid

_FILE = "grids.json"


@dataclass(frozen=True, eq=False)
class OnGrid:
    """A fitted generator whose numbers are put on the grid of their column.

    Every generator is used through this, so that none rounds by itself, and what is measured of
    its rows is what it learnt and not that it writes 0.7184 among numbers of two decimals. A number
    moves by half a step at most and stays in the range of the training rows, whose ends are on the
    grid; missing ones stay missing. Rows put between others (SMOTE) are put there first. What is
    asked for with ``given`` stays as it was asked for. In windows, steps of one variable share a
    grid, and their summaries have none.

    Attributes:
        model: what was fitted.
        grids: by column, where it has one.
    """

    model: FittedGenerator
    grids: Mapping[str, Grid]

    @property
    def notes(self) -> tuple[str, ...]:
        """The model's own, if it has some."""
        said: tuple[str, ...] = getattr(self.model, "notes", ())
        return said

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`."""
        if given:
            table = cast(ConditionalGenerator, self.model).sample(n, seed, given)
        else:
            table = self.model.sample(n, seed)
        check_returned(self.model, "generator", "sample", table, Table)
        moved = {
            name: grid.snap(table.frame[name])
            for name, grid in self.grids.items()
            if name not in (given or {})
        }
        return Table(table.frame.assign(**moved), table.schema, table.groups)

    def save(self, folder: Path) -> None:
        """Write the model, and the grids beside it as JSON, into an existing folder."""
        self.model.save(folder)
        write_json({name: asdict(grid) for name, grid in self.grids.items()}, folder / _FILE)


def fit_on_grid(generator: Generator, table: Table, seed: int, device: str) -> OnGrid:
    """Fit a generator; arguments and errors as `Generator.fit`.

    Rows that are not the generator's to change (``verbatim``) are left as they are.
    """
    verbatim = getattr(type(generator), "verbatim", False)
    model = generator.fit(table, seed, device)
    _check_model(generator, model)
    return OnGrid(model, {} if verbatim else learn_grids(table))


def _check_model(generator: Generator, model: Any) -> None:
    """Refuse what `Generator.fit` returned where it lacks a method of `FittedGenerator`."""
    for name in ("sample", "save"):
        if not callable(getattr(model, name, None)):
            said = f"fit returned a {type(model).__name__}, which has no method {name}"
            raise ContractError(type(generator), "generator", said)


def load_on_grid(generator: Generator, folder: Path) -> OnGrid:
    """Read what `OnGrid.save` wrote."""
    grids = {name: Grid(**grid) for name, grid in read_json(folder / _FILE).items()}
    return OnGrid(generator.load(folder), grids)


def learn_grids(table: Table) -> dict[str, Grid]:
    """The grids of the columns of numbers that have one."""
    windows = table.schema.windows
    origins = windows.origins() if windows is not None else {}
    summaries = windows.summaries() if windows is not None else []
    alike: dict[str, list[str]] = {}
    for column in table.schema.columns:
        if column.is_numeric and column.name not in summaries:
            alike.setdefault(origins.get(column.name, column.name), []).append(column.name)
    grids: dict[str, Grid] = {}
    for names in alike.values():
        grid = Grid.learn(pd.concat([table.frame[name] for name in names], ignore_index=True))
        grids |= {name: grid for name in names if grid is not None}
    return grids
