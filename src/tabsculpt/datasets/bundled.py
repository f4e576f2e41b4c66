"""Small data sets that come with scikit-learn: no file and no network is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.errors import unknown

_SETS = ("breast_cancer", "diabetes", "wine")


@dataclass(frozen=True)
class Bundled:
    """One of scikit-learn's bundled sets, in its original units.

    ``diabetes`` is 442 x 10, a regression of disease progression after one year (B. Efron, T.
    Hastie, I. Johnstone and R. Tibshirani, "Least Angle Regression", 2004,
    https://doi.org/10.1214/009053604000000067); ``breast_cancer`` is 569 x 30, target 1 = benign;
    ``wine`` is 178 x 13 with three cultivars.

    Attributes:
        name: what results call the set.
        bundle: ``diabetes``, ``breast_cancer`` or ``wine``.
        target: the column to predict.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out.
        group: the column whose rows stay in one part of a split, or None.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    name: str
    bundle: str
    target: str = "target"
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "drop"

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: a setting does not fit.
        """
        roles = Roles(self.target, self.task, self.drop, self.group, self.missing)
        return assemble(self._frame(), self.name, roles)

    def _frame(self) -> pd.DataFrame:
        from sklearn import datasets

        match self.bundle:
            case "diabetes":
                return datasets.load_diabetes(as_frame=True, scaled=False).frame
            case "breast_cancer":
                return datasets.load_breast_cancer(as_frame=True).frame
            case "wine":
                return datasets.load_wine(as_frame=True).frame
        raise unknown("dataset.bundle", self.bundle, _SETS)
