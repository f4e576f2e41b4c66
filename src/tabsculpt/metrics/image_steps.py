"""The step that trains the network whose features images are compared by."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

from tabsculpt.engine.artifacts import read_arrays, read_json, write_arrays, write_json
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.generators.training.loop import Training
from tabsculpt.table import Table
from tabsculpt.table.pixels import Pixels
from tabsculpt.vision.classifier import Architecture, Classifier, train_classifier

TRAINING = Training(steps=600, batch_size=64, learning_rate=2e-3, weight_decay=1e-2)
LOOKS = 100
"""At an image, in training, at most."""
_WEIGHTS = "weights.npz"
_BUILT = "architecture.json"


@dataclass(frozen=True)
class FeatureNetwork(Step[Classifier]):
    """A classifier of the real train images; no test row and no synthetic one is seen by it.

    Attributes:
        rows: the train part.
        seed: of first weights and batches, the same for all synthetic tables of a split.
    """

    phase: ClassVar[str] = "score"

    rows: Step[Table]
    seed: int

    @property
    def label(self) -> str:
        return "train a network to compare images by"

    def compute(self, fetch: Fetch) -> Classifier:
        train = fetch(self.rows)
        assert train.schema.pixels is not None  # the graph asks for no other
        built = Architecture(train.schema.pixels, len(train.schema.classes))
        steps = min(TRAINING.steps, math.ceil(LOOKS * len(train) / TRAINING.batch_size))
        training = replace(TRAINING, steps=steps)
        return train_classifier(built, train.matrix(), train.target, training, self.random_seed)

    def write(self, result: Classifier, folder: Path) -> None:
        write_arrays(result.arrays(), folder / _WEIGHTS)
        write_json(asdict(result.architecture), folder / _BUILT)

    def read(self, folder: Path) -> Classifier:
        built = read_json(folder / _BUILT)
        architecture = Architecture(**{**built, "pixels": Pixels(**built["pixels"])})
        return Classifier.of_arrays(architecture, read_arrays(folder / _WEIGHTS))
