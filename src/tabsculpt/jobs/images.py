"""Some of the images behind a job's rows, for whoever reads them: the report shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tabsculpt.jobs.shown import shown_rows
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

    Args:
        train: the real rows, see `tabsculpt.jobs.shown.shown_rows`.
        synthetic: those that were kept.
        dropped: those that were not; None where none were.
        hardness: of the train rows, shape (n,), high is hard; None without a profile.
        common: what each record says of the job.
    """
    if train.schema.pixels is None:
        return
    shown = shown_rows(train, synthetic, dropped, hardness, MOST)
    for sort, (table, rows) in shown.items():
        yield from ({**common, "sort": sort, **each} for each in _images(table, rows))


def _images(table: Table, rows: IntArray) -> Iterator[dict[str, Any]]:
    pixels = table.schema.pixels
    assert pixels is not None
    some = table.take(rows)
    shades = np.rint(255 * pixels.images(some.matrix())).astype(np.uint8)
    size = {"height": pixels.height, "width": pixels.width, "channels": pixels.channels}
    labels = some.frame[some.schema.target].astype(str)
    for row, label, image in zip(rows, labels, shades, strict=True):
        yield {"row": int(row), "label": label, **size, "shades": image.tobytes()}
