"""Grids of images in the report, and the files that they are read from."""

from __future__ import annotations

import re
import struct
import zlib
from base64 import b64decode
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from segment_tables import diabetes, images
from tabsculpt.jobs.images import MOST, image_records
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.pictures import image_section, png
from tabsculpt.report.section import Results
from tabsculpt.results import write_table

COMMON = {"job": "a", "dataset": "lines"}


def decoded(file: bytes) -> np.ndarray:
    """The shades of a PNG file whose lines are not filtered."""
    assert file.startswith(b"\x89PNG\r\n\x1a\n")
    place, parts = 8, {}
    while place < len(file):
        (size,) = struct.unpack(">I", file[place : place + 4])
        name, content = file[place + 4 : place + 8], file[place + 8 : place + 8 + size]
        (check,) = struct.unpack(">I", file[place + 8 + size : place + 12 + size])
        assert check == zlib.crc32(name + content)
        parts[name] = content
        place += 12 + size
    width, height, depth, colours = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert depth == 8
    channels = {0: 1, 2: 3}[colours]
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, -1)
    assert (lines[:, 0] == 0).all()
    return lines[:, 1:].reshape(height, width, channels)


@pytest.mark.parametrize("shape", [(2, 3, 1), (3, 2, 3)])
def test_a_picture_has_the_shades_of_its_pixels(shape):
    shades = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape) * 10
    assert (decoded(png(shades.tobytes(), *shape)) == shades).all()


def results(tmp_path, records) -> Results:
    if records:
        write_table(records, tmp_path / "images" / "a.parquet")
    row = {
        "job": "a", "dataset": "lines", "generator": "smote", "profiler": "dataiq",
        "arm": "profile2gen", "predictor": None, "metric": "wasserstein", "round": None,
        "split_seed": 3, "seed": 5,
    }  # fmt: skip
    found = SimpleNamespace(rows=pd.DataFrame([row, {**row, "metric": "accuracy"}]))
    return Results(Inputs(found, tmp_path))


def test_grids_show_the_first_the_hardest_and_the_dropped_images(tmp_path):
    train, made = images(60), images(45)
    hardness = np.zeros(60)
    hardness[[17, 40]] = 2.0, 1.0
    records = list(image_records(train, made, made.take([4, 8]), hardness, COMMON))
    section = image_section(results(tmp_path, records))
    [figure] = section.blocks[0].figures
    real, synthetic, hard, dropped = figure.marks
    assert real.labels == ["low"] * 10 + ["middle"] * 10 + ["top"] * 10
    assert len(synthetic.sources) == len(hard.sources) == MOST
    assert hard.tips[:2] == [f"hard, class {train.frame['label'][row]}, row {row}"
                             for row in (17, 40)]  # fmt: skip
    assert len(dropped.sources) == 2
    head, _, content = hard.sources[0].partition(",")
    assert head == "data:image/png;base64"
    shades = decoded(b64decode(content))[..., 0]
    expected = train.frame.iloc[17, :20].to_numpy(dtype=float).reshape(5, 4) / 16
    assert shades == pytest.approx(255 * expected, abs=0.51)
    assert figure.where["pipeline"] == "profile2gen"
    assert figure.caption == (
        "30 real, 30 synthetic, 30 hard, 2 dropped images of 5 x 4 pixels. Split 3, seed 5."
    )
    assert figure.series == []
    assert figure.to_json()["marks"][0]["labels"] == real.labels


def test_without_images_there_is_no_section(tmp_path):
    assert list(image_records(diabetes(20), diabetes(20), None, None, COMMON)) == []
    section = image_section(results(tmp_path, []))
    assert not section.blocks[0].figures
    assert not section.text


@pytest.mark.extra("figures")
def test_grids_are_drawn_for_a_paper(tmp_path):
    from tabsculpt.report.paper import write_figures

    records = list(image_records(images(30), images(30), None, None, COMMON))
    [figure] = image_section(results(tmp_path, records)).blocks[0].figures
    assert write_figures([figure], tmp_path / "figures") == 1
    [drawn] = (tmp_path / "figures").glob("*.svg")
    text = drawn.read_text(encoding="utf-8")
    assert {"low", "middle", "top"} <= set(re.findall(r"<text[^>]*>([^<]+)</text>", text))
    assert "<image" in text
    assert "synthetic: kept images of each class" in text
