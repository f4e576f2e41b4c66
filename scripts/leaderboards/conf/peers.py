"""Packages by others that the leaderboard runs beside ours, as generators of its own.

They are no dependencies: `pip install --no-deps ForestDiffusion` where its cells are to be run.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from annotated_types import Ge

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sdv.pool import FittedPool
from tabsculpt.table import Kind, Table, Task, conform
from tabsculpt.table.files import read_table


@dataclass(frozen=True)
class ForestDiffusion:
    """The package ForestDiffusion 1.0.6 by the authors of the method; keeps rows that it made.

    As its README has it: categories as codes, whole numbers named as such, a model for each class
    where classes are predicted, flow matching with XGBoost; its own settings but for ``steps`` and
    ``noises``. Its models are pickles, so twice as many rows as it learnt from are kept in place.

    Source: A. Jolicoeur-Martineau, K. Fatras, T. Kachman, "Generating and Imputing Tabular Data via
    Diffusion and Flow-based Gradient-Boosted Trees", AISTATS 2024.

    Args:
        steps: of the flow.
        noises: draws of noise for each row.
    """

    libraries: ClassVar[tuple[str, ...]] = ("ForestDiffusion", "xgboost-cpu")
    least_rows: ClassVar[int] = 10
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    steps: Annotated[int, Ge(2)] = 50
    noises: Annotated[int, Ge(1)] = 100

    def fit(self, table: Table, seed: int, device: str) -> FittedPool:
        """See `tabsculpt.generators.Generator.fit`."""
        from ForestDiffusion import ForestDiffusionModel

        check_table("forest_diffusion", self, table, device)
        schema, own = table.schema, derive_seed(seed, "train")
        labelled = schema.task is not Task.REGRESSION
        columns = [c for c in schema.columns if not (labelled and c.name == schema.target)]
        coded = [c.name for c in columns if not c.is_numeric]
        coded += [schema.target] if labelled else []
        codes = {name: table.frame[name].astype("category").cat for name in coded}
        frame = table.frame.assign(**{name: codes[name].codes for name in coded})
        settings: dict[str, Any] = {
            "n_t": self.steps, "duplicate_K": self.noises, "n_jobs": 1, "seed": own,
            "cat_indexes": [k for k, c in enumerate(columns) if not c.is_numeric],
            "int_indexes": [k for k, c in enumerate(columns) if c.kind is Kind.INTEGER],
        }  # fmt: skip
        if labelled:
            settings["label_y"] = frame[schema.target].to_numpy()
        matrix = frame[[c.name for c in columns]].to_numpy(dtype=np.float64)
        with seeded_globals(own, uses_torch=False), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = ForestDiffusionModel(matrix, **settings).generate(batch_size=2 * len(table))
        names = [c.name for c in columns] + ([schema.target] if labelled else [])
        drawn = pd.DataFrame(made, columns=names)
        for name in coded:
            places = drawn[name].round().astype(int).to_numpy()
            drawn[name] = codes[name].categories.to_numpy()[places]
        return FittedPool(conform(drawn[schema.names], schema))

    def load(self, folder: Path) -> FittedPool:
        """Read what `FittedPool.save` wrote."""
        return FittedPool(read_table(folder))
