"""CIFAR-10: from its binary files in the data folder, or else from OpenML."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.images import Minorities, assemble_images, drawn_evenly
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.openml import fetch
from tabsculpt.errors import UserError
from tabsculpt.table.pixels import Pixels

LAYOUT = Pixels(32, 32, 3, 0, 255)
CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
FOLDER = "cifar-10-batches-bin"
FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
OPENML = 40927
_RECORD = 1 + LAYOUT.count
"""Bytes of an image in a file: its class, then its red, green and blue pixels."""

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Cifar10:
    """Photographs of 32 x 32 pixels in colour, of ten things; the thing is the target.

    The binary version is read, ``<data>/cifar-10-batches-bin/*.bin``: that for Python is pickled,
    and nothing that can run is loaded. Without it, OpenML's copy (40927) is read, from its client's
    cache or the network. The published test part is one part of the rows like any other, so that
    ``split`` splits this set as all others.

    A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009,
    https://www.cs.toronto.edu/~kriz/cifar.html

    Attributes:
        name: what results call the set.
        data: the data folder, or None where none is set.
        rows: images that are drawn, each class at its share; None for all 60,000.
        minorities: classes that are made rare, in both parts of a split.
        minority_share: of their images that is kept, drawn.
        missing: ``drop``, ``impute`` or ``keep`` (no value is missing).
    """

    name: str = "cifar10"
    data: str | None = None
    rows: int | None = 3_000
    minorities: list[str] = field(default_factory=list)
    minority_share: float = 0.1
    missing: str = "drop"

    def load(self) -> Dataset:
        """Read the images.

        Raises:
            UserError: they are neither in the data folder nor to be had from OpenML, a file is
                none of CIFAR-10, or a setting does not fit.
        """
        if self.rows is not None and self.rows < 10 * len(CLASSES):
            raise UserError(f"dataset.rows is {self.rows}; expected at least {10 * len(CLASSES)}")
        records, notes = self._records()
        labels = np.array(CLASSES)[records[:, 0]]
        if self.rows is not None and self.rows < len(records):
            text = f"{self.rows:,} of {len(records):,} images drawn (dataset.rows=null for all)"
            notes.append(Fact(Done.SOURCE, text))
            kept = drawn_evenly(labels, self.rows)
            records, labels = records[kept], labels[kept]
        height, width, channels = LAYOUT.shape
        planes = records[:, 1:].reshape(-1, channels, height, width)
        images = planes.transpose(0, 2, 3, 1)
        return assemble_images(
            images,
            labels,
            self.name,
            LAYOUT,
            Minorities(self.minorities, self.minority_share),
            notes,
        )

    def _records(self) -> tuple[Bytes, list[Fact]]:
        """Class and pixels of each image, shape (n, 3073), and which files are absent."""
        folder = Path(self.data or ".").expanduser() / FOLDER
        there = [folder / name for name in FILES if (folder / name).is_file()]
        if self.data is None or not there:
            return _of_arff(self._openml(folder)), []
        absent = [name for name in FILES if not (folder / name).is_file()]
        text = f"not in {folder}, and left out: {', '.join(absent)}"
        notes = [Fact(Done.SOURCE, text)] if absent else []
        return np.concatenate([_of_file(path) for path in there]), notes

    def _openml(self, folder: Path) -> Path:
        """OpenML's file, where ``folder`` has none."""
        try:
            return fetch(OPENML, [folder / FILES[0]] if self.data is not None else []).path
        except UserError as error:
            raise UserError(f"{error}; or set paths.data to the folder with {FOLDER}") from error


def _of_file(path: Path) -> Bytes:
    """The records of a binary file."""
    content = np.fromfile(path, dtype=np.uint8)
    if not content.size or content.size % _RECORD:
        raise UserError(
            f"{path} has {content.size:,} bytes, which are no images of CIFAR-10; expected a "
            f"multiple of {_RECORD:,}, as in its binary version"
        )
    return _checked(content.reshape(-1, _RECORD), path)


def _of_arff(path: Path) -> Bytes:
    """The records of OpenML's file, which is too long to be read as other ARFF files are.

    Its rows are the pixels in the order of the binary files, and then the class.
    """
    with path.open(encoding="utf-8") as file:
        head = next((n for n, line in enumerate(file) if line.strip().lower() == "@data"), None)
    try:
        if head is None:
            raise ValueError("it has no line @data")
        rows = pd.read_csv(path, skiprows=head + 1, header=None, dtype=np.uint8).to_numpy()
    except (ValueError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(f"{path} is not OpenML's CIFAR-10: {reason}") from None
    if rows.shape[1] != _RECORD:
        raise UserError(f"{path} is not OpenML's CIFAR-10: {rows.shape[1]} columns, not {_RECORD}")
    return _checked(np.roll(rows, 1, axis=1), path)


def _checked(records: Bytes, path: Path) -> Bytes:
    if (largest := int(records[:, 0].max())) >= len(CLASSES):
        raise UserError(f"{path} has the class {largest}; CIFAR-10 has 0 to {len(CLASSES) - 1}")
    return records
