"""Generators: learn a table, then sample rows of the same schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from tabsculpt.table import Kind, Table, Task

Given = Mapping[str, str | int | float | bool]
"""Values by column that every sampled row is to have; a category or class by its name."""

ANY_TASK = tuple(Task)
ANY_KIND = tuple(kind for kind in Kind if kind is not Kind.TEXT)
WITH_TEXT = tuple(Kind)
"""Of generators that write text; from all others it is kept, see `generators.text_aside`."""


class FittedGenerator(Protocol):
    """A generator that has seen its training rows."""

    def sample(self, n: int, seed: int) -> Table:
        """Draw ``n`` rows of the training table's schema; the same seed gives the same rows.

        Numbers stay inside the range of the training rows unless the generator is set to
        extrapolate, integers are integers, categories are known, and values are missing only
        where they were in training.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write everything that `Generator.load` needs: safetensors, JSON, npz or parquet only."""
        ...


class ConditionalGenerator(FittedGenerator, Protocol):
    """A fitted generator that can be asked for rows with given values."""

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; each has the values of ``given``, and the rest goes with them.

        Raises:
            UserError: an unknown column, or a value or column that it cannot be asked for.
        """
        ...


class Generator(Protocol):
    """A frozen dataclass of settings (its fields), with what it can do as class variables.

    One that learns whole sequences has ``sequential`` true besides, and is refused tables whose
    rows are no windows (`Schema.windows`); one that learns images has ``spatial`` true, and is
    refused those without a layout of pixels (`Schema.pixels`). One that is for tables with text has
    ``writes_text`` true. One whose rows are not ours to change has ``verbatim`` true. One whose
    rows, at its default settings, teach where a number goes along a curve of another has
    ``follows_curves`` true, one whose rows are known not to has it false, and a test holds the
    former to it. None rounds numbers by itself: see `tabsculpt.generators.on_grid`.
    """

    libraries: ClassVar[tuple[str, ...]]
    """Distributions whose version changes the result."""
    least_rows: ClassVar[int]
    """Fewest training rows that it can be fitted on."""
    tasks: ClassVar[tuple[Task, ...]]
    """The tasks whose tables it can learn."""
    kinds: ClassVar[tuple[Kind, ...]]
    """The kinds of feature columns that it can learn."""
    accepts_missing: ClassVar[bool]
    """Whether values may be missing."""
    conditional: ClassVar[bool]
    """Whether what it fits is a `ConditionalGenerator`."""
    devices: ClassVar[tuple[str, ...]]
    """Where it can be trained: "cpu", and "cuda" if it gains from a GPU."""
    extra: ClassVar[str | None]
    """The extra of this package that it needs, or None."""

    def fit(self, table: Table, seed: int, device: str) -> FittedGenerator:
        """Learn ``table``; ``device`` is "cpu" or "cuda", which the former also may be given.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: a task, kind of column or missing value that it cannot learn, or "cuda"
                where there is none.
        """
        ...

    def load(self, folder: Path) -> FittedGenerator:
        """The inverse of `FittedGenerator.save`: samples the same rows for the same seed."""
        ...
