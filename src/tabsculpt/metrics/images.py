"""How far synthetic images are from real ones, by what a network sees in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.metrics.features import some_rows
from tabsculpt.metrics.measurement import LEAST_IMAGES, Measurement, measurement
from tabsculpt.metrics.pair import Cloud, Pair
from tabsculpt.metrics.prdc import prdc
from tabsculpt.table import FloatArray, Table

MOST_IMAGES = 3000
DEGREE = 3
Seeing = Callable[[Table], FloatArray]
"""From a table of images to what a network sees in them, shape (n, features)."""


def frechet_distance(real: FloatArray, other: FloatArray) -> float:
    """The Fréchet distance of two normal distributions fitted to features (FID); low is good.

    |m − m'|² + tr(C + C' − 2 (C C')^½) of the means and covariances; 0 for equal ones. It is
    greater on fewer images of the same source, so that it is compared at equal numbers alone.

    Source: M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler, S. Hochreiter, "GANs trained by a
    two time-scale update rule converge to a local Nash equilibrium", 2017, section 3,
    https://arxiv.org/abs/1706.08500

    Args:
        real: shape (n, features).
        other: shape (m, features).
    """
    mine, its = (np.cov(points, rowvar=False) for points in (real, other))
    values, vectors = np.linalg.eigh(mine)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ its @ root).clip(0)).sum()
    between = np.square(real.mean(axis=0) - other.mean(axis=0)).sum()
    return float(max(0.0, between + np.trace(mine) + np.trace(its) - 2 * shared))


def feature_distance(real: FloatArray, other: FloatArray) -> float:
    """How far features are apart as a whole, in their own unit; low is good, 0 for equal ones.

    The root of the Fréchet distance for each feature: of features that are divided by their
    standard deviation, what the mean Wasserstein distance of the columns is to tables.

    Formula: (FID / d)^½ of the d features that vary in the real images; in [0, inf).

    Args:
        real: shape (n, features).
        other: shape (m, features).
    """
    varying = max(1, int((real.std(axis=0) > 0).sum()))
    return math.sqrt(frechet_distance(real, other) / varying)


def kernel_distance(real: FloatArray, other: FloatArray) -> float:
    """The kernel distance of two sets of features (KID); low is good, 0 is expected of equals.

    The squared maximum mean discrepancy by the kernel (x·y / d + 1)³, its unbiased estimate, which
    may be below 0 and does not depend on the number of images. Of all pairs, where the source has
    the mean over subsets of 1,000.

    Source: M. Bińkowski, D. Sutherland, M. Arbel, A. Gretton, "Demystifying MMD GANs", 2018,
    section 4, https://arxiv.org/abs/1801.01401

    Args:
        real: shape (n, features), n at least 2.
        other: shape (m, features), m at least 2.
    """
    within = (_within(points) for points in (real, other))
    return float(sum(within) - 2 * _kernel(real, other).mean())


def measure_images(
    train: Table, test: Table, synthetic: Table, seed: int, seeing: Mapping[str, Seeing]
) -> Iterator[Measurement]:
    """FID, KID, precision, recall, density and coverage of what networks see in images.

    Of equally many images of train, test and the synthetic table, as many as the smallest has and
    at most 3,000, as for the measures of whole rows. Each feature is divided by its standard
    deviation in train, where it varies, so that values of networks that scale them otherwise
    compare.

    The network may have been trained on the images of train, which it then knows better than
    fresh ones: a generator that copies has an ``fid`` below the reference. ``fid_held_out`` is the
    distance from the images of test, with that of train as the reference.

    Args:
        train: the images the generator learnt from.
        test: held-out images, the reference.
        synthetic: of the same schema.
        seed: of the draws.
        seeing: networks, by what the names of their measures end in.
    """
    size = min(len(train), len(test), len(synthetic), MOST_IMAGES)
    if size < LEAST_IMAGES:
        for suffix in seeing:
            yield from (measurement(f"{name}{suffix}", math.nan, None) for name in MEASURES)
        return
    parts = {"train": train, "test": test, "synthetic": synthetic}
    drawn = {role: some_rows(t, size, derive_seed(seed, role)) for role, t in parts.items()}
    for suffix, see in seeing.items():
        seen = {role: see(table) for role, table in drawn.items()}
        spread = seen["train"].std(axis=0)
        points = {role: each / np.where(spread > 0, spread, 1.0) for role, each in seen.items()}
        made, usual = (
            feature_metrics(points["train"], points[role])
            | {"fid_held_out": frechet_distance(points["test"], points[against])}
            for role, against in (("synthetic", "synthetic"), ("test", "train"))
        )
        for name in MEASURES:
            yield measurement(f"{name}{suffix}", made[name], usual[name])


def feature_metrics(real: FloatArray, other: FloatArray) -> dict[str, float]:
    """Every measure of images by its name, of features, shape (n, features) each."""
    nearest = prdc(Pair(Cloud(real), Cloud(other)))
    return {
        "fid": frechet_distance(real, other),
        "kid": kernel_distance(real, other),
        "feature_distance": feature_distance(real, other),
        **{f"feature_{name}": value for name, value in nearest.items()},
    }


MEASURES = (
    "fid",
    "fid_held_out",
    "kid",
    "feature_distance",
    *(f"feature_{n}" for n in ("precision", "recall", "density", "coverage")),
)
"""Their names, in order."""


def _within(points: FloatArray) -> float:
    kernel, n = _kernel(points, points), len(points)
    return float((kernel.sum() - np.trace(kernel)) / (n * (n - 1)))


def _kernel(a: FloatArray, b: FloatArray) -> Any:
    return (a @ b.T / a.shape[1] + 1) ** DEGREE
