"""The steps that measure a synthetic table and that sort the test rows by hardness."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.engine.artifacts import read_arrays, read_frame, read_json, write_arrays, write_json
from tabsculpt.engine.identity import LATER
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.metrics.composite import Weights, image_composite
from tabsculpt.metrics.images import Seeing, measure_images
from tabsculpt.metrics.measurement import Measurement, measurement
from tabsculpt.metrics.quality import measure
from tabsculpt.metrics.sdmetrics import sdmetrics_scores
from tabsculpt.metrics.strata import strata
from tabsculpt.profilers.dataiq import DataIQ
from tabsculpt.profilers.dynamics.learners import BetterRecorder
from tabsculpt.table import FloatArray, Table
from tabsculpt.text.features import text_reader
from tabsculpt.vision.classifier import Classifier
from tabsculpt.vision.inception import Inception


@dataclass(frozen=True)
class ScoresOfTest(Step[dict[str, float]]):
    """The scores of SDMetrics of the test part, which those of synthetic tables are held against.

    It takes the package as long as a synthetic table does, and is the same for all generators.

    Attributes:
        train: the rows the generators learn from.
        test: the test part.
    """

    phase: ClassVar[str] = "score"

    train: Step[Table]
    test: Step[Table]

    @property
    def label(self) -> str:
        return "measure the test rows"

    def compute(self, fetch: Fetch) -> dict[str, float]:
        return sdmetrics_scores(fetch(self.train), fetch(self.test))

    def write(self, result: dict[str, float], folder: Path) -> None:
        write_json(result, folder / "scores.json")

    def read(self, folder: Path) -> dict[str, float]:
        return dict(read_json(folder / "scores.json"))


@dataclass(frozen=True)
class MeasureQuality(Step[list[Measurement]]):
    """Every number of a synthetic table, see `tabsculpt.metrics.quality.measure`.

    Attributes:
        synthetic: the rows that are measured.
        train: the rows their generator learnt from.
        test: the test part, the reference.
        usual: the scores of SDMetrics of the test part.
        seed: the user's seed.
        weights: of the parts of Q.
        network: what images are compared by, where rows are images; None where they are not.
        inception: a second network for that, from the user's own weights; None without.
    """

    phase: ClassVar[str] = "score"

    synthetic: Step[Table]
    train: Step[Table]
    test: Step[Table]
    usual: Step[dict[str, float]]
    seed: int
    weights: Weights = field(default_factory=Weights)
    network: Step[Classifier] | None = field(default=None, metadata=LATER)
    inception: Inception | None = field(default=None, metadata=LATER)

    @property
    def label(self) -> str:
        return "measure quality"

    def compute(self, fetch: Fetch) -> list[Measurement]:
        train, test, synthetic = fetch(self.train), fetch(self.test), fetch(self.synthetic)
        usual = fetch(self.usual)
        found = measure(train, test, synthetic, self.random_seed, self.weights, usual)
        if self.network is None:
            return found
        seeing = _seeing(fetch(self.network), self.inception)
        found += measure_images(train, test, synthetic, self.random_seed, seeing)
        return [*found, *_q_of_images(found, seeing, self.weights)]

    def write(self, result: list[Measurement], folder: Path) -> None:
        frame = pd.DataFrame([asdict(measurement) for measurement in result])
        numbers = dict.fromkeys(("value", "reference", "low", "high"), "Float64")
        kinds = {"column": "string", **numbers, "attacks": "Int64"}
        frame.astype(kinds).to_parquet(folder / "quality.parquet", index=False)

    def read(self, folder: Path) -> list[Measurement]:
        frame = read_frame(folder / "quality.parquet").astype(object)
        records = frame.where(frame.notna(), None).to_dict("records")
        return [Measurement(**record) for record in records]


def _q_of_images(
    found: Sequence[Measurement], seeing: Iterable[str], weights: Weights
) -> Iterator[Measurement]:
    """Q by what each network sees, named by what the names of its measures end in."""
    whole = {m.metric: math.nan if m.value is None else m.value for m in found if m.column is None}
    for suffix in seeing:
        q = image_composite(
            whole[f"feature_distance{suffix}"],
            whole[f"fid{suffix}"],
            whole[f"feature_recall{suffix}"],
            whole["membership_accuracy"],
            weights,
        )
        yield from (measurement(f"{name}{suffix}", value, None) for name, value in q.items())


def _seeing(network: Classifier, inception: Inception | None) -> dict[str, Seeing]:
    """The networks that see images, by what the names of their measures end in."""

    def by_inception(table: Table) -> FloatArray:
        assert inception is not None
        assert table.schema.pixels is not None  # the graph gives a network to no others
        return inception.features(table.matrix(), table.schema.pixels)

    own: dict[str, Seeing] = {"": lambda table: network.features(table.matrix())}
    return own if inception is None else {**own, "_inception": by_inception}


@dataclass(frozen=True)
class Strata(Step[npt.NDArray[np.str_]]):
    """The segment of each test row, shape (n_test,), see `tabsculpt.metrics.strata.strata`.

    Attributes:
        train: what the profiler is fitted on.
        test: the rows that get a segment.
        seed: the user's seed.
        profiler: gives the segments.
        recorder: gives the dynamics that it reads.
    """

    phase: ClassVar[str] = "score"

    train: Step[Table]
    test: Step[Table]
    seed: int
    profiler: DataIQ = field(default_factory=DataIQ)
    recorder: BetterRecorder = field(default_factory=BetterRecorder)

    @property
    def label(self) -> str:
        return "sort test rows by hardness"

    def compute(self, fetch: Fetch) -> npt.NDArray[np.str_]:
        train, test = fetch(self.train), fetch(self.test)
        read = text_reader(train)
        return strata(self.profiler, self.recorder, read(train), read(test), self.random_seed)

    def write(self, result: npt.NDArray[np.str_], folder: Path) -> None:
        write_arrays({"segment": result}, folder / "strata.npz")

    def read(self, folder: Path) -> npt.NDArray[np.str_]:
        return read_arrays(folder / "strata.npz")["segment"]
