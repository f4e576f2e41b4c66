"""Make pictures in the files of CIFAR-10, to see what a job on colour images takes without them.

    python scripts/make_colour_images.py FOLDER [--images 3000]
    tabsculpt run dataset=cifar10 paths.data=FOLDER generator=unet_ddpm pipeline=traditional \
        protocol=tstr predictors=images repeats=1

Each class is a spot of a colour and a place of its own; place, size, colour, background and every
pixel vary. They are no photographs: what models reach on them says nothing of CIFAR-10.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tabsculpt.datasets.cifar10 import CLASSES, FOLDER

SIDE = 32


def records(images: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Class, then red, green and blue planes of each image, shape (images, 3073)."""
    rng = np.random.default_rng(seed)
    lines, across = np.mgrid[:SIDE, :SIDE]
    found = np.empty((images, 1 + 3 * SIDE * SIDE), dtype=np.uint8)
    for number, record in enumerate(found):
        label = number % len(CLASSES)
        turn = 2 * np.pi * label / len(CLASSES)
        down, right = SIDE / 2 + 8 * np.array([np.sin(turn), np.cos(turn)]) + rng.normal(0, 2, 2)
        wide = 40 * rng.uniform(0.6, 1.6)
        spot = np.exp(-((lines - down) ** 2 + (across - right) ** 2) / wide)
        colour = 0.5 + 0.5 * np.cos(turn + np.array([0, 2.1, 4.2])) + rng.normal(0, 0.15, 3)
        shades = rng.uniform(0.1, 0.4) + 0.7 * colour.clip(0, 1)[:, None, None] * spot
        shades = shades + rng.normal(0, 0.08, shades.shape)
        record[0], record[1:] = label, (255 * shades.clip(0, 1)).astype(np.uint8).ravel()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=3000)
    given = parser.parse_args()
    folder = given.folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    records(given.images).tofile(folder / "data_batch_1.bin")
    print(f"{given.images:,} images in {folder}")


if __name__ == "__main__":
    main()
