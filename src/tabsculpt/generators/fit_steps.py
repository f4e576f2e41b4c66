"""The steps that fit a generator and sample from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, cast

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.identity import LATER
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import ContractError
from tabsculpt.generators import ConditionalGenerator, FittedGenerator, Generator
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap
from tabsculpt.generators.on_grid import OnGrid, fit_on_grid, load_on_grid
from tabsculpt.generators.requirements import takes_text
from tabsculpt.generators.text_aside import TextAside, load_fitted, with_text_aside
from tabsculpt.notes import Note, from_records, notes_of, to_records
from tabsculpt.table import Table
from tabsculpt.table.files import read_table, write_table


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted generator, loaded when first sampled from: most that is read needs no sampling.

    Attributes:
        bootstrapped: whether it is the bootstrap, in place of the one asked for.
        get: makes the model, or reads it.
        notes: what the reader of a result should know; the model's own ``notes``, if it has some.
    """

    bootstrapped: bool
    get: Callable[[], FittedGenerator]
    notes: tuple[Note, ...] = ()

    @cached_property
    def model(self) -> FittedGenerator:
        return self.get()


@dataclass(frozen=True)
class Fit(Step[Fitted]):
    """A generator fitted on some rows.

    Attributes:
        generator: what to fit.
        rows: what to fit it on.
        seed: the user's seed.
        device: "cpu" or "cuda"; the two round differently.
        small: what to do on fewer rows than the generator needs: "refuse" or "bootstrap". No
            rows at all are always bootstrapped, to no rows.
    """

    phase: ClassVar[str] = "generate"

    generator: Generator
    rows: Step[Table]
    seed: int
    device: str
    small: str = "refuse"

    @property
    def label(self) -> str:
        return f"fit {type(self.generator).__name__}"

    def compute(self, fetch: Fetch) -> Fitted:
        table = fetch(self.rows)
        scarce = len(table) < self.generator.least_rows
        bootstrapped = len(table) == 0 or (scarce and self.small == "bootstrap")
        if bootstrapped:
            model: FittedGenerator = FittedBootstrap(table)
            if not takes_text(self.generator, table.schema):
                model = with_text_aside(FittedBootstrap(table.without_text()), table)
        else:
            model = fit_on_grid(self.generator, table, self.random_seed, self.device)
        return Fitted(bootstrapped, lambda: model, notes_of(model))

    def write(self, result: Fitted, folder: Path) -> None:
        content = {"bootstrapped": result.bootstrapped, "notes": to_records(result.notes)}
        write_json(content, folder / "fitted.json")
        model = folder / "model"
        model.mkdir()
        result.model.save(model)

    def read(self, folder: Path) -> Fitted:
        content = read_json(folder / "fitted.json")
        model = folder / "model"
        load: Callable[[], FittedGenerator] = partial(load_on_grid, self.generator, model)
        if content["bootstrapped"]:
            load = partial(load_fitted, Bootstrap(), model)
        return Fitted(content["bootstrapped"], load, from_records(content["notes"]))


def _check_sample(model: FittedGenerator, table: Any, count: int, like: Table) -> None:
    """Refuse rows that are not as many as were asked for, or not of the training schema."""
    while isinstance(model, (OnGrid, TextAside)):
        model = model.model
    if len(table) != count:
        problem = f"sample returned {len(table)} rows; expected {count}"
        raise ContractError(type(model), "generator", problem)
    if table.schema != like.schema or not table.frame.dtypes.equals(like.frame.dtypes):
        problem = "sample returned other columns or dtypes than those it was fitted on; "
        problem += "expected tabsculpt.table.conform(frame, table.schema)"
        raise ContractError(type(model), "generator", problem)


@dataclass(frozen=True)
class Sample(Step[Table]):
    """As many synthetic rows as another step has real ones, or a multiple of them.

    Attributes:
        fit: the model.
        like: the real rows.
        seed: the user's seed.
        times: synthetic rows for each real one.
        batch: which of several draws.
        given: values that every row is to have, by column; for a `ConditionalGenerator`.
    """

    phase: ClassVar[str] = "generate"

    fit: Step[Fitted]
    like: Step[Table]
    seed: int
    times: int = field(default=1, metadata=LATER)
    batch: int = field(default=0, metadata=LATER)
    given: tuple[tuple[str, Any], ...] = field(default=(), metadata=LATER)

    @property
    def label(self) -> str:
        return "sample"

    def compute(self, fetch: Fetch) -> Table:
        like, model = fetch(self.like), fetch(self.fit).model
        count = self.times * len(like)
        if self.given:
            asked = cast(ConditionalGenerator, model)
            table = asked.sample(count, self.random_seed, dict(self.given))
        else:
            table = model.sample(count, self.random_seed)
        _check_sample(model, table, count, like)
        return table

    def write(self, result: Table, folder: Path) -> None:
        write_table(result, folder)

    def read(self, folder: Path) -> Table:
        return read_table(folder)
