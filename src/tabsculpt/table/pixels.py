"""Pixels: the features of a table that are the points of an image, one image in each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
CHANNELS = {1: ("",), 3: ("_red", "_green", "_blue")}
"""How the names of columns end, by the number of channels."""
MOST = 1000
"""Columns of images that many models of tables can be trained on within minutes."""


@dataclass(frozen=True)
class Pixels:
    """The layout of images in a table whose features are their pixels, in this order.

    A pixel has a column for each of its channels; pixels follow each other along a line, and lines
    from the top to the bottom. Pixels are quantities, so that whatever takes numbers takes them.

    Attributes:
        height: lines.
        width: pixels in a line.
        channels: 1, shades of grey, or 3: red, green and blue.
        darkest: the least intensity that there is, black.
        lightest: the greatest one.
    """

    height: int
    width: int
    channels: int
    darkest: float
    lightest: float

    def __post_init__(self) -> None:
        if min(self.height, self.width) < 1 or self.channels not in CHANNELS:
            raise ValueError(f"no image is {self.height} x {self.width} x {self.channels}")
        if not self.darkest < self.lightest:
            raise ValueError(f"{self.darkest} is not darker than {self.lightest}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.height, self.width, self.channels

    @property
    def count(self) -> int:
        """The number of columns."""
        return self.height * self.width * self.channels

    @property
    def large(self) -> bool:
        """Whether the columns are too many for models of tables, which would take hours."""
        return self.count > MOST

    def names(self) -> list[str]:
        """A name for each column, by line and place in it from 0: ``pixel_0_1``."""
        return [
            f"pixel_{line}_{place}{channel}"
            for line in range(self.height)
            for place in range(self.width)
            for channel in CHANNELS[self.channels]
        ]

    def images(self, features: npt.NDArray[Any]) -> Numbers:
        """Features, shape (n, count), as images with intensities from 0 to 1, shape (n, *shape)."""
        scaled = (features - self.darkest) / (self.lightest - self.darkest)
        images: Numbers = np.clip(scaled, 0.0, 1.0).reshape(-1, *self.shape)
        return images

    def __str__(self) -> str:
        colours = "grey" if self.channels == 1 else "colour"
        return f"images of {self.height} x {self.width} pixels in {colours}"
