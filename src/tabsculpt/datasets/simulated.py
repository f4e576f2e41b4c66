"""Points of four bivariate normal distributions, two for each of two labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.errors import UserError

_CENTRES = np.array([[-1.5, -1.5], [1.5, 1.5], [-1.5, 1.5], [1.5, -1.5]])
_LABELS = np.array([0, 0, 1, 1])


@dataclass(frozen=True)
class Simulated:
    """The simulation study of targeted synthetic data generation.

    T. Ferracci, L. Goldmann, A. Hinel and F. Sanna Passino, "Targeted synthetic data generation
    for tabular data via hardness characterization", 2024, section 4.2. The paper draws from four
    bivariate normal distributions, two with label 0 and two with label 1; its text states neither
    their parameters nor the numbers of points. Here the centres are (-1.5, -1.5) and (1.5, 1.5)
    for label 0, (-1.5, 1.5) and (1.5, -1.5) for label 1, every covariance is the identity, and
    each distribution gives a quarter of the rows. The best classifier, the sign of x1 times x2,
    errs with probability 2p(1 - p) = 0.125, where p = Phi(-1.5) = 0.0668, and its errors lie
    along the boundary, as those of the paper do.

    Attributes:
        name: what results call the set.
        rows: number of points, at least 12.
        seed: of the draw of the points, in [0, 2**31); it is not the seed of the run.
        missing: ``drop``, ``impute`` or ``keep`` (no value is missing).
    """

    name: str = "simulated"
    rows: int = 2000
    seed: int = 0
    missing: str = "drop"

    def load(self) -> Dataset:
        """Draw the points.

        Raises:
            UserError: fewer than 12 rows, or a negative seed.
        """
        if self.rows < 12 or self.seed < 0:
            raise UserError("dataset.rows must be at least 12 and dataset.seed at least 0")
        rng = np.random.default_rng(self.seed)
        component = rng.permutation(np.arange(self.rows) % len(_CENTRES))
        points = _CENTRES[component] + rng.standard_normal((self.rows, 2))
        frame = pd.DataFrame(points, columns=["x1", "x2"]).assign(label=_LABELS[component])
        return assemble(frame, self.name, Roles("label", "binary", [], None, self.missing))
