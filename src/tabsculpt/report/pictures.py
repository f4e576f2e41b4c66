"""Images of the train part and of synthetic tables: a section where rows are images."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Iterator

import pandas as pd

from tabsculpt.report.draw_tables import first_runs
from tabsculpt.report.figure import Axis, Figure, FigureGroup, Tiles
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.section import Results, Section

SORTS = {
    "real": "real: train images of each class",
    "synthetic": "synthetic: kept images of each class",
    "hard": "hard: real train images, the hardest first",
    "dropped": "dropped: synthetic images that were left out",
}
TEXT = (
    "Below each image is its class. Real and synthetic ones are the first of their table, not "
    "chosen; hard ones are those that the profiler puts first."
)


def image_section(of: Results) -> Section:
    """Grids of real, synthetic, hard and dropped images, for each arm the first of its runs."""
    figures = list(_grids(of.inputs))
    text = TEXT if figures else ""
    return Section("images", "Images", text, [FigureGroup("images", "Images", figures)])


def png(shades: bytes, height: int, width: int, channels: int) -> bytes:
    """An image as a PNG file.

    Args:
        shades: a byte for each channel of each pixel, line by line.
        height: in pixels.
        width: in pixels.
        channels: 1 for grey, 3 for colour.
    """
    step = width * channels
    lines = b"".join(b"\0" + shades[at : at + step] for at in range(0, height * step, step))
    head = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def _grids(inputs: Inputs) -> Iterator[Figure]:
    runs = first_runs(inputs.rows)
    found = inputs.images(list(runs.job))
    if found.empty:
        return
    for run in runs.to_dict("records"):
        mine = found[found.job == run["job"]]
        if len(mine):
            where = {name: str(run[name]) for name in ("dataset", "generator", "profiler")}
            split = f"Split {run['split_seed']}, seed {run['seed']}."
            yield _grid(mine, {**where, "pipeline": str(run["arm"])}, split)


def _grid(images: pd.DataFrame, where: dict[str, str], split: str) -> Figure:
    marks = [
        Tiles(
            words,
            [_source(image) for image in of.to_dict("records")],
            of.label.tolist(),
            [
                f"{sort}, class {label}, row {row}"
                for label, row in zip(of.label, of.row, strict=True)
            ],
        )
        for sort, words in SORTS.items()
        if len(of := images[images["sort"] == sort])
    ]
    first = images.iloc[0]
    counts = [f"{len(mark.sources)} {mark.heading.partition(':')[0]}" for mark in marks]
    size = f"{first.height} x {first.width} pixels"
    return Figure(
        "images",
        "Real and synthetic images",
        where,
        Axis(""),
        Axis(""),
        tuple(marks),
        f"{', '.join(counts)} images of {size}. {split}",
    )


def _source(image: dict[str, object]) -> str:
    """An image as the address of its own content."""
    size = (int(str(image[name])) for name in ("height", "width", "channels"))
    shades = image["shades"]
    assert isinstance(shades, bytes)
    return f"data:image/png;base64,{b64encode(png(shades, *size)).decode()}"
