"""Points around several centres, which belong to two labels in turn."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.errors import UserError


@dataclass(frozen=True)
class Blobs:
    """Normal blobs, as scikit-learn's ``make_blobs`` draws them, with overlapping labels.

    T. Ferracci, L. Goldmann, A. Hinel and F. Sanna Passino, "Targeted synthetic data generation
    for tabular data via hardness characterization", 2024, Table 2 has a set of this name and does
    not say how it was drawn; the numbers here are the project's own.

    Attributes:
        name: what results call the set.
        rows: number of points, at least 12.
        columns: number of features, at least 1.
        centres: number of blobs, at least 2; uniform in [-10, 10] in each feature. Their labels
            are 0 and 1 in turn.
        spread: standard deviation of a blob.
        seed: of the draw of the points, in [0, 2**31); it is not the seed of the run.
        missing: ``drop``, ``impute`` or ``keep`` (no value is missing).
    """

    name: str = "blobs"
    rows: int = 5000
    columns: int = 8
    centres: int = 12
    spread: float = 6.0
    seed: int = 0
    missing: str = "drop"

    def load(self) -> Dataset:
        """Draw the points.

        Raises:
            UserError: a number is too small.
        """
        from sklearn.datasets import make_blobs

        least = {"rows": 12, "columns": 1, "centres": 2, "seed": 0}
        for setting, fewest in least.items():
            if getattr(self, setting) < fewest:
                raise UserError(f"dataset.{setting} must be at least {fewest}")
        if not self.spread > 0:
            raise UserError("dataset.spread must be above 0")
        points, blob = make_blobs(
            self.rows, self.columns, centers=self.centres, cluster_std=self.spread,
            random_state=self.seed,
        )  # fmt: skip
        names = [f"x{number}" for number in range(1, self.columns + 1)]
        frame = pd.DataFrame(points, columns=names).assign(label=blob % 2)
        return assemble(frame, self.name, Roles("label", "binary", [], None, self.missing))
