"""Handwritten digits that come with scikit-learn: no file and no network is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.images import assemble_images
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
        shares: by class, the share of its images that is kept, as in ``{3: 0.1, 8: 0.1}``, in
            both parts of a split; all of a class that is not named.
        missing: ``drop``, ``impute`` or ``keep`` (no value is missing).
    """

    name: str = "digits"
    shares: dict[str, float] = field(default_factory=dict)
    missing: str = "drop"

    def load(self) -> Dataset:
        """Read the images.

        Raises:
            UserError: ``shares`` names no class, or leaves too few images of one.
        """
        from sklearn.datasets import load_digits

        found = load_digits()
        images = found.images[..., None].astype(np.uint8)
        return assemble_images(images, found.target.astype(str), self.name, LAYOUT, self.shares)
