"""Heart disease: the Cleveland patients, ill or not."""

from __future__ import annotations

from dataclasses import dataclass, field

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.medical import Medical

_COLUMNS = [
    "age", "sex", "cp", "trestbps", "fbs", "restecg", "thalach", "exang", "oldpeak", "slope", "ca",
    "thal", "num", "chol",
]  # fmt: skip
_TARGET = "disease"


@dataclass(frozen=True)
class Heart:
    """The 303 Cleveland patients of the UCI heart disease set, with the diagnosis as two classes.

    R. Detrano et al., "International application of a new probability algorithm for the diagnosis
    of coronary artery disease", American Journal of Cardiology, 1989,
    https://doi.org/10.1016/0002-9149(89)90524-9. The rows are those of OpenML 204 (cholesterol),
    where the diagnosis is the column ``num``: 0, or 1 to 4 for an artery that is narrowed by more
    than half. The target ``disease`` is whether it is above 0, as in OpenML 49 (heart-c), which
    has the same patients.

    Attributes:
        name: what results call the set.
        data: the data folder, whose ``openml/cholesterol.arff`` is read; None, or where it is not
            there, for OpenML's cache or the network.
        drop: columns left out.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    name: str = "heart"
    data: str | None = None
    drop: list[str] = field(default_factory=list)
    missing: str = "impute"

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: the set is found nowhere, is not what is declared, or a setting does not
                fit.
        """
        roles = Roles(_TARGET, "binary", self.drop, None, self.missing)
        file = Medical(self.name, 204, "cholesterol", _COLUMNS, 303, "num", self.data)
        frame, notes = file.read()
        ill = (frame["num"] > 0).map({True: "yes", False: "no"})
        frame = frame.drop(columns="num").assign(**{_TARGET: ill})
        return assemble(frame, self.name, roles, notes)
