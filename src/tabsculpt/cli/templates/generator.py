"""A generator of one's own: the smoothed bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge

from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.requirements import check_table
from tabsculpt.table import Kind, Table, Task, conform
from tabsculpt.table.files import read_table, write_table


@dataclass(frozen=True)
class FittedTemplate:
    """The training rows, and how far numbers are moved, in standard deviations."""

    table: Table
    bandwidth: float

    def sample(self, n: int, seed: int) -> Table:
        """Draw ``n`` rows; see `tabsculpt.generators.FittedGenerator.sample`."""
        rng = np.random.default_rng(seed)
        places = rng.integers(len(self.table), size=n) if n else np.arange(0)
        drawn = self.table.take(places).frame.copy()
        for column in self.table.schema.columns:
            if column.is_numeric:
                known = self.table.frame[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
                values = drawn[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
                moved = values + self.bandwidth * np.nanstd(known) * rng.standard_normal(n)
                drawn[column.name] = np.clip(moved, np.nanmin(known), np.nanmax(known))
        return conform(drawn, self.table.schema)

    def save(self, folder: Path) -> None:
        """Write the rows; the bandwidth is a setting of the generator."""
        write_table(self.table, folder)


@dataclass(frozen=True)
class Template:
    """Real rows, drawn with replacement, whose numbers are moved a little; categories stay.

    Source: Silverman, Young, "The bootstrap: To smooth or not to smooth?", Biometrika 74, 1987,
    https://doi.org/10.1093/biomet/74.3.469. Deviation: values are held in the range of the column.

    Args:
        bandwidth: standard deviation of the noise, in standard deviations of the column.
    """

    libraries: ClassVar[tuple[str, ...]] = ("numpy",)
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    bandwidth: Annotated[float, Ge(0)] = 0.1

    def fit(self, table: Table, seed: int, device: str) -> FittedTemplate:
        """See `tabsculpt.generators.Generator.fit`."""
        check_table("template", self, table, device)
        return FittedTemplate(Table(table.frame, table.schema), self.bandwidth)

    def load(self, folder: Path) -> FittedTemplate:
        """Read what `FittedTemplate.save` wrote."""
        return FittedTemplate(read_table(folder), self.bandwidth)
