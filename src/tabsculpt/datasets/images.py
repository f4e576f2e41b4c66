"""From arrays of images to a data set: a table whose features are their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.source_form import names_of
from tabsculpt.datasets.target import TaskChoice, settle_target
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError, unknown
from tabsculpt.table import Column, IntArray, Kind, Schema, conform
from tabsculpt.table.pixels import Pixels

TARGET = "label"
"""The column of classes."""
LEAST_KEPT = 4
"""Images that each class keeps, so that both parts of a split and a validation part have some."""


@dataclass(frozen=True)
class Minorities:
    """Classes that are made rare.

    Attributes:
        classes: their names.
        share: of their images that is kept, drawn; those of a smaller share are among those of a
            larger one.
    """

    classes: Sequence[str] = ()
    share: float = 1.0


def assemble_images(
    images: npt.NDArray[Any],
    labels: npt.NDArray[np.str_],
    name: str,
    pixels: Pixels,
    minorities: Minorities | None = None,
    notes: Sequence[Fact] = (),
) -> Dataset:
    """Lay images out as the rows of a table, their pixels as its features.

    Args:
        images: whole intensities, shape (n, height, width, channels).
        labels: the class of each, shape (n,).
        name: what results call the data set.
        pixels: the layout.
        minorities: classes that are made rare; None for none.
        notes: what the reader did.

    Raises:
        UserError: the images are none of this layout, or not as many as labels;
            ``dataset.minorities`` names no class, or too few images of one are left.
    """
    _check(images, labels, pixels)
    kept, cut = _kept(labels, minorities or Minorities())
    flat = images[kept].reshape(len(kept), pixels.count)
    source = pd.DataFrame(flat, columns=pixels.names()).assign(**{TARGET: labels[kept]})
    target, values, task = settle_target(source[TARGET], TaskChoice.AUTO)
    columns = [Column(column, Kind.CONTINUOUS) for column in pixels.names()]
    schema = Schema((*columns, target), TARGET, task, pixels=pixels)
    frame = source.drop(columns=TARGET).astype(np.float64).assign(**{TARGET: values})
    return Dataset(name, conform(frame, schema), None, (*notes, *cut), form=names_of(source))


def drawn_evenly(labels: npt.NDArray[np.str_], rows: int) -> IntArray:
    """Positions of so many images, ascending, the classes at their shares."""
    rng = np.random.default_rng(derive_seed("images", rows))
    order = rng.permutation(len(labels))
    place = np.empty(len(labels))
    for label in np.unique(labels):
        mine = order[labels[order] == label]
        place[mine] = (np.arange(len(mine)) + rng.random()) / len(mine)
    return np.sort(np.argsort(place, kind="stable")[:rows]).astype(np.int64)


def _check(images: npt.NDArray[Any], labels: npt.NDArray[np.str_], pixels: Pixels) -> None:
    """Refuse what would be read as other images than it holds, and nothing at all."""
    if not len(labels):
        raise UserError(f"there is no image; expected {pixels}")
    if images.shape != (len(labels), *pixels.shape):
        raise UserError(
            f"images of shape {images.shape} for {len(labels)} labels are not laid out as "
            f"{pixels}; expected the shape (images, height, width, channels), which is "
            f"{(len(labels), *pixels.shape)}"
        )
    outside = ~((images >= pixels.darkest) & (images <= pixels.lightest))
    if outside.any():
        raise UserError(
            f"{int(outside.any(axis=(1, 2, 3)).sum())} images have intensities outside the "
            f"layout's {pixels.darkest:g} to {pixels.lightest:g}, such as "
            f"{images[outside].flat[0]:g}"
        )


def _kept(labels: npt.NDArray[np.str_], minorities: Minorities) -> tuple[IntArray, list[Fact]]:
    """Positions of the images that are kept, ascending, and a note on each class that is cut."""
    kept, notes, share = np.ones(len(labels), dtype=bool), [], minorities.share
    known = [str(label) for label in np.unique(labels)]
    for label in dict.fromkeys(minorities.classes):
        if label not in known:
            raise unknown("class of dataset.minorities", label, known)
        members = np.flatnonzero(labels == label)
        count = round(share * len(members))
        if not (0 < share <= 1 and count >= LEAST_KEPT):
            raise UserError(
                f"dataset.minority_share: {share:g} of the {len(members)} images of class "
                f"{label!r} are {count}; expected a share of at most 1 that leaves {LEAST_KEPT} or "
                "more"
            )
        order = np.random.default_rng(derive_seed("minorities", label)).permutation(members)
        kept[order[count:]] = False
        text = f"class {label}: {count} of {len(members)} images kept, drawn (dataset.minorities)"
        notes.append(Fact(Done.SOURCE, text))
    return np.flatnonzero(kept), notes
