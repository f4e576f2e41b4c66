"""Handwritten digits that come with scikit-learn: no file and no network is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.images import Minorities, assemble_images
from tabsculpt.table.pixels import Pixels

LAYOUT = Pixels(8, 8, 1, 0, 16)


@dataclass(frozen=True)
class Digits:
    """1,797 handwritten digits of 8 x 8 pixels in 17 shades; the digit is the target.

    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", 1998, UCI Machine Learning
    Repository, https://doi.org/10.24432/C50P49; the part that scikit-learn has is the test part
    there, of 13 writers. Who wrote which digit is not known here, so that the same hands are in
    both parts of a split.

    Attributes:
        name: what results call the set.
        minorities: classes that are made rare, in both parts of a split.
        minority_share: of their images that is kept, drawn.
        missing: ``drop``, ``impute`` or ``keep`` (no value is missing).
    """

    name: str = "digits"
    minorities: list[str] = field(default_factory=list)
    minority_share: float = 0.1
    missing: str = "drop"

    def load(self) -> Dataset:
        """Read the images.

        Raises:
            UserError: ``minorities`` names no class, or too few images of one are left.
        """
        from sklearn.datasets import load_digits

        found = load_digits()
        images = found.images[..., None].astype(np.uint8)
        return assemble_images(
            images,
            found.target.astype(str),
            self.name,
            LAYOUT,
            Minorities(self.minorities, self.minority_share),
        )
