"""Generators: learn a table, then sample rows of the same schema."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Protocol

from tabsculpt.table import Table


class FittedGenerator(Protocol):
    """A generator that has seen its training rows."""

    def sample(self, n: int, seed: int) -> Table:
        """Draw ``n`` rows of the training table's schema; the same seed gives the same rows.

        Numbers stay inside the range of the training rows, integers are integers, categories are
        known, and values are missing only where they were in training.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write everything that `Generator.load` needs: safetensors, JSON, npz or parquet only."""
        ...


class Generator(Protocol):
    """A frozen dataclass of settings (its fields), with what it can do as class variables."""

    libraries: ClassVar[tuple[str, ...]]
    """Distributions whose version changes the result."""
    least_rows: ClassVar[int]
    """Fewest training rows that it can be fitted on."""
    accepts_missing: ClassVar[bool]
    """Whether numeric columns may have missing values."""
    extra: ClassVar[str | None]
    """The extra of this package that it needs, or None."""

    def fit(self, table: Table, seed: int, device: str) -> FittedGenerator:
        """Learn ``table``; ``device`` is "cpu" or "cuda".

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
        """
        ...

    def load(self, folder: Path) -> FittedGenerator:
        """The inverse of `FittedGenerator.save`: samples the same rows for the same seed."""
        ...
