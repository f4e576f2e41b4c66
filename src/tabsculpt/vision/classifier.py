"""A classifier of images that is trained on the rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.training.loop import Training, train_module
from tabsculpt.table import FloatArray, IntArray
from tabsculpt.table.pixels import Pixels


@dataclass(frozen=True)
class Architecture:
    """What a `ConvNet` is built from.

    Attributes:
        pixels: the layout of the images.
        classes: how many classes there are.
        width: channels at the first level.
        features: of an image.
    """

    pixels: Pixels
    classes: int
    width: int = 16
    features: int = 64


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained network.

    Attributes:
        architecture: what it was built from.
        network: a `ConvNet`, on the CPU.
    """

    architecture: Architecture
    network: Any

    def probabilities(self, features: FloatArray) -> FloatArray:
        """Of the classes, shape (n, classes), from the features of a table, shape (n, pixels)."""
        import torch

        logits = self._said(self.network, features)
        return torch.softmax(logits, dim=1).double().numpy()

    def features(self, features: FloatArray) -> FloatArray:
        """What the last layer but one sees, shape (n, features), from those of a table."""
        found: FloatArray = self._said(self.network.features, features).double().numpy()
        return found

    def arrays(self) -> dict[str, Any]:
        """The weights by name."""
        return {name: values.numpy() for name, values in self.network.state_dict().items()}

    @classmethod
    def of_arrays(cls, architecture: Architecture, arrays: dict[str, Any]) -> Classifier:
        """The inverse of `arrays`."""
        import torch

        network = _untrained(architecture, 0)
        network.load_state_dict({name: torch.tensor(values) for name, values in arrays.items()})
        return cls(architecture, network.eval())

    def _said(self, function: Any, features: FloatArray) -> Any:
        from tabsculpt.vision.network import said_of

        return said_of(function, _inputs(features, self.architecture.pixels))


def train_classifier(
    architecture: Architecture,
    features: FloatArray,
    labels: IntArray,
    training: Training,
    seed: int,
    weights: FloatArray | None = None,
) -> Classifier:
    """Train a network on images.

    Args:
        architecture: what to build.
        features: of the table, shape (n, pixels).
        labels: codes of classes, shape (n,).
        training: how.
        seed: of the first weights and of the batches.
        weights: of the rows, shape (n,), above 0; all alike by default.

    Raises:
        ValueError: the training diverged.
    """
    import torch

    from tabsculpt.vision.network import cross_entropy

    own = np.ones(len(labels)) if weights is None else weights
    rows = [
        _inputs(features, architecture.pixels),
        torch.tensor(labels),
        torch.tensor(own, dtype=torch.float32),
    ]
    first = _untrained(architecture, derive_seed("weights", seed))
    network = train_module(first, cross_entropy, rows, training, seed, "cpu")
    return Classifier(architecture, network)


def _inputs(features: FloatArray, pixels: Pixels) -> Any:
    import torch

    images = pixels.images(features).reshape(len(features), -1)
    return torch.tensor(2 * images - 1, dtype=torch.float32)


def _untrained(architecture: Architecture, seed: int) -> Any:
    from tabsculpt.vision.network import ConvNet

    of = architecture
    with seeded_globals(seed, uses_torch=True):
        return ConvNet(of.pixels, of.classes, of.width, of.features)
