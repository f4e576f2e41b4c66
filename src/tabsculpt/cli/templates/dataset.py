"""A data set of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from annotated_types import Ge

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble


@dataclass(frozen=True)
class Template:
    """Blood pressure by age, sex and smoking, drawn at random; put the reading of a file here.

    Args:
        rows: how many, at least 20.
        seed: of the draw; it is not the seed of the run.
        missing: what happens to missing values: drop, impute or keep.
    """

    rows: Annotated[int, Ge(20)] = 150
    seed: Annotated[int, Ge(0)] = 0
    missing: str = "drop"

    def load(self) -> Dataset:
        """See `tabsculpt.datasets.DatasetSource.load`."""
        rng = np.random.default_rng(self.seed)
        age = rng.integers(20, 80, self.rows)
        sex = rng.choice(["female", "male"], self.rows)
        smoker = rng.random(self.rows) < 0.3
        pressure = 90 + 0.6 * age + 8 * smoker + rng.normal(0, 8, self.rows)
        frame = pd.DataFrame({"age": age, "sex": sex, "smoker": smoker, "pressure": pressure})
        roles = Roles(
            target="pressure", task="regression", drop=[], group=None, missing=self.missing
        )
        return assemble(frame, "template", roles)
