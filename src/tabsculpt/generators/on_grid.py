"""Generators whose numbers have the decimals and steps of the rows that they were fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import ContractError, check_returned
from tabsculpt.generators import ConditionalGenerator, FittedGenerator, Generator, Given
from tabsculpt.generators.requirements import takes_text
from tabsculpt.generators.text_aside import TextAside, fit_without_text, load_fitted
from tabsculpt.notes import Code, Note, notes_of
from tabsculpt.table import Table
from tabsculpt.table.constraints import Rules
from tabsculpt.table.grid import Grid

_FILE = "grids.json"
_RULES = "constraints.json"
_DRAWS = 20
_LEAST = 200
"""Rows that are drawn anew at a time, at least."""


@dataclass(frozen=True, eq=False)
class OnGrid:
    """A fitted generator whose numbers are put on the grid of their column.

    Every generator is used through this, so that none rounds by itself, and what is measured of
    its rows is what it learnt and not that it writes 0.7184 among numbers of two decimals. A number
    moves by half a step at most and stays in the range of the training rows, whose ends are on the
    grid; missing ones stay missing. Rows put between others (SMOTE) are put there first. What is
    asked for with ``given`` stays as it was asked for. In windows, steps of one variable share a
    grid, and their summaries have none; the pixels of images share one.

    Attributes:
        model: what was fitted.
        grids: by column, where it has one.
        rules: what holds in every row; None without constraints.
        said: notes beside the model's own; not saved.
    """

    model: FittedGenerator
    grids: Mapping[str, Grid]
    rules: Rules | None = None
    said: tuple[Note, ...] = ()

    @property
    def notes(self) -> tuple[Note, ...]:
        """The model's own, if it has some, and what is said beside."""
        return (*notes_of(self.model), *self.said)

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`.

        Rows in which a constraint does not hold are drawn anew, twenty times at most; those that
        are left stay, and the quality of the table counts them.
        """
        table = self._drawn(n, seed, given)
        if self.rules is None:
            return table
        frame = self.rules.repaired(table.frame)
        for again in range(_DRAWS):
            broken = np.flatnonzero(~self.rules.hold(frame))
            if not len(broken):
                break
            seed_again = derive_seed(seed, "constraints", again)
            other = self.rules.repaired(self._drawn(max(n, _LEAST), seed_again, given).frame)
            spare = other[self.rules.hold(other)].iloc[: len(broken)]
            places = frame.index[broken[: len(spare)]]
            frame = pd.concat([frame.drop(index=places), spare.set_axis(places)]).sort_index()
        return Table(frame, table.schema, table.groups)

    def _drawn(self, n: int, seed: int, given: Given | None) -> Table:
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
        if self.rules is not None:
            write_json(self.rules.to_json(), folder / _RULES)


def fit_on_grid(generator: Generator, table: Table, seed: int, device: str) -> OnGrid:
    """Fit a generator; arguments and errors as `Generator.fit`.

    Rows that are not the generator's to change (``verbatim``) are left as they are. From one that
    writes no text, columns of text are kept (see `tabsculpt.generators.text_aside`).
    """
    verbatim = getattr(type(generator), "verbatim", False)
    fit = (
        generator.fit
        if takes_text(generator, table.schema)
        else partial(fit_without_text, generator)
    )
    model: FittedGenerator = fit(table, seed, device)
    _check_model(generator, model.model if isinstance(model, TextAside) else model)
    if verbatim:
        return OnGrid(model, {})
    texts = table.schema.constraints
    rules = Rules.learn(texts, table.frame) if texts else None
    return OnGrid(model, learn_grids(table), rules, tuple(_not_private(generator, rules)))


def _not_private(generator: Generator, rules: Rules | None) -> Iterator[Note]:
    """What a differentially private generator does not cover: combinations that real rows have."""
    if rules is None or not hasattr(generator, "epsilon"):
        return
    pairs = zip(rules.constraints, rules.known, strict=True)
    if texts := [constraint.text for constraint, known in pairs if known]:
        what = f"read from the data and not covered by epsilon: combinations of {', '.join(texts)}"
        yield Note(Code.NOT_PRIVATE, what)


def _check_model(generator: Generator, model: Any) -> None:
    """Refuse what `Generator.fit` returned where it lacks a method of `FittedGenerator`."""
    for name in ("sample", "save"):
        if not callable(getattr(model, name, None)):
            problem = f"fit returned a {type(model).__name__}, which has no method {name}"
            raise ContractError(type(generator), "generator", problem)


def load_on_grid(generator: Generator, folder: Path) -> OnGrid:
    """Read what `OnGrid.save` wrote."""
    grids = {name: Grid(**grid) for name, grid in read_json(folder / _FILE).items()}
    rules = folder / _RULES
    found = Rules.from_json(read_json(rules)) if rules.exists() else None
    return OnGrid(load_fitted(generator, folder), grids, found)


def learn_grids(table: Table) -> dict[str, Grid]:
    """The grids of the columns of numbers that have one."""
    windows = table.schema.windows
    origins = windows.origins() if windows is not None else {}
    if table.schema.pixels is not None:
        origins = dict.fromkeys((column.name for column in table.schema.features), "pixels")
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
