"""Tables whose features are the pixels of images."""

from __future__ import annotations

import numpy as np
import pytest

from segment_tables import images
from tabsculpt.table import Column, Kind, Schema, Table, Task
from tabsculpt.table.files import read_table, write_table
from tabsculpt.table.pixels import Pixels


def test_columns_are_pixels_line_by_line_and_come_back_as_images():
    layout = Pixels(2, 3, 3, 0, 255)
    assert layout.names()[:4] == [
        "pixel_0_0_red", "pixel_0_0_green", "pixel_0_0_blue", "pixel_0_1_red",
    ]  # fmt: skip
    assert layout.names()[-1] == "pixel_1_2_blue"
    shades = np.arange(18.0)[None] * 15
    made = layout.images(shades)
    assert made.shape == (1, 2, 3, 3)
    assert made[0, 1, 2, 2] == 1.0
    assert made[0, 0, 1, 0] == pytest.approx(45 / 255)
    assert layout.images(shades + 300).max() == 1.0


def test_the_layout_is_kept_on_disk_and_in_the_fingerprint(tmp_path):
    table = images(12)
    write_table(table, tmp_path)
    assert read_table(tmp_path).schema == table.schema
    assert read_table(tmp_path).fingerprint() == table.fingerprint()
    layout = Pixels(4, 5, 1, 0, 16)
    turned = Table(
        table.frame, Schema(table.schema.columns, "label", Task.MULTICLASS, pixels=layout)
    )
    assert turned.unnamed_fingerprint() != table.unnamed_fingerprint()
    assert table.take([3, 1]).schema.unnamed().pixels == table.schema.pixels


def test_features_that_are_no_pixels_are_refused():
    target = Column("y", Kind.CATEGORICAL, ("a", "b"))
    layout = Pixels(1, 2, 1, 0, 16)
    one = (Column("x", Kind.CONTINUOUS), target)
    names = (Column("x", Kind.CONTINUOUS), Column("z", Kind.CATEGORICAL, ("u",)), target)
    for columns in (one, names):
        with pytest.raises(ValueError, match="images of 1 x 2 pixels in grey have 2 numbers"):
            Schema(columns, "y", Task.BINARY, pixels=layout)
    with pytest.raises(ValueError, match="no image is 2 x 0 x 1"):
        Pixels(2, 0, 1, 0, 16)
    with pytest.raises(ValueError, match="16 is not darker than 16"):
        Pixels(2, 2, 1, 16, 16)
