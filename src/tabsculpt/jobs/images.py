"""Some of the images behind a job's rows, for whoever reads them: the report shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tabsculpt.table import FloatArray, IntArray, Table

MOST = 30
"""Images of each sort."""


def image_records(
    train: Table,
    synthetic: Table,
    dropped: Table | None,
    hardness: FloatArray | None,
    common: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """A record for each image that is shown; none where rows are no images.

    Real and synthetic ones are the first of each class, as many of one as of another; the hard
    ones are the hardest of the train part, hardest first, and those dropped the first of them.

    Args:
        train: the real rows.
        synthetic: those that were kept.
        dropped: those that were not; None where none were.
        hardness: of the train rows, shape (n,), high is hard; None without a profile.
        common: what each record says of the job.
    """
    if train.schema.pixels is None:
        return
    shown: dict[str, tuple[Table, IntArray]] = {
        "real": (train, _of_each_class(train)),
        "synthetic": (synthetic, _of_each_class(synthetic)),
    }
    if hardness is not None and len(hardness) == len(train):
        shown["hard"] = train, np.argsort(-hardness, kind="stable")[:MOST]
    if dropped is not None and len(dropped):
        shown["dropped"] = dropped, np.arange(min(MOST, len(dropped)))
    for sort, (table, rows) in shown.items():
        yield from ({**common, "sort": sort, **each} for each in _images(table, rows))


def _of_each_class(table: Table) -> IntArray:
    """Positions of the first rows of each class, class by class."""
    target = table.target
    present = np.unique(target)
    each = max(1, MOST // max(1, len(present)))
    firsts = [np.flatnonzero(target == value)[:each] for value in present[:MOST]]
    return np.concatenate([np.empty(0, dtype=np.int64), *firsts])


def _images(table: Table, rows: IntArray) -> Iterator[dict[str, Any]]:
    pixels = table.schema.pixels
    assert pixels is not None
    some = table.take(rows)
    shades = np.rint(255 * pixels.images(some.matrix())).astype(np.uint8)
    size = {"height": pixels.height, "width": pixels.width, "channels": pixels.channels}
    labels = some.frame[some.schema.target].astype(str)
    for row, label, image in zip(rows, labels, shades, strict=True):
        yield {"row": int(row), "label": label, **size, "shades": image.tobytes()}
