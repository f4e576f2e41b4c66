"""A small convolutional network, for tables whose features are the pixels of images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from tabsculpt.errors import UserError
from tabsculpt.generators.training.loop import Training
from tabsculpt.predictors.matrix import MatrixModel, at_least, encoded_target, present_classes
from tabsculpt.table import FloatArray, Table, Task
from tabsculpt.vision.classifier import Architecture, train_classifier


@dataclass(frozen=True)
class ConvolutionalNetwork:
    """Convolutions of 3 x 3 pixels at two or three levels, a layer of features, and the classes.

    It sees which pixels are neighbours, where all others see columns. Tables without a layout of
    pixels are refused, so that its rows are skipped where a grid has tables of both sorts.

    Attributes:
        width: channels at the first level, twice as many at each further one; a multiple of 8.
        features: of an image, read off before the classes.
        learning_rate: of AdamW at the start; it falls to zero along a cosine.
        weight_decay: of AdamW.
        batch_size: images in a step; all of them where there are fewer.
        steps: optimiser steps; the cost does not grow with the rows.
    """

    width: int = 16
    features: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    batch_size: int = 64
    steps: int = 600

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    extra: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[Task]] = frozenset({Task.BINARY, Task.MULTICLASS})
    stochastic: ClassVar[bool] = True
    uses_validation: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, batch_size=self.batch_size, steps=self.steps, features=self.features)
        at_least(0, weight_decay=self.weight_decay)
        if self.width < 8 or self.width % 8 or self.learning_rate <= 0:
            raise UserError("cnn: width is a multiple of 8, and learning_rate above 0")

    def fit(
        self, train: Table, validation: Table | None, seed: int, weights: FloatArray | None = None
    ) -> MatrixModel:
        """Train on every row of ``train``, by their weights.

        Raises:
            UserError: rows that are no images.
            ValueError: rows of one class only, or the training diverged.
        """
        if (pixels := train.schema.pixels) is None:
            raise UserError(
                f"cnn learns images, and the rows of this table, with the target "
                f"{train.schema.target!r}, have no layout of pixels"
            )
        present = present_classes(train)
        training = Training(self.steps, self.batch_size, self.learning_rate, self.weight_decay)
        model = train_classifier(
            Architecture(pixels, len(present), self.width, self.features),
            train.matrix(),
            encoded_target(train, present).astype("int64"),
            training,
            seed,
            weights,
        )
        return MatrixModel(train.schema, present, model.probabilities)

    def regularised(self) -> tuple[ConvolutionalNetwork, ...]:
        """See `tabsculpt.predictors.Regularisable`: 3 and 10 times the weight decay."""
        more = (max(self.weight_decay, 1e-2) * times for times in (3, 10))
        return (self, *(replace(self, weight_decay=decay) for decay in more))
