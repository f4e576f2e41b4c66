"""What came of a job, and the records of the tables beside its result rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tabsculpt.metrics.distributions import distributions
from tabsculpt.metrics.measurement import Measurement
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.profilers import Profile, Segment
from tabsculpt.results import Row, is_well
from tabsculpt.stats.outliers import outlier_shares
from tabsculpt.table import Table


@dataclass(frozen=True)
class Outcome:
    """What a job left: its rows, and those of its tables of synthetic data.

    Attributes:
        job: its name.
        rows: of the results.
        quality: each measurement of each synthetic table.
        log: each round of a loop.
        distributions: each column of train, test and synthetic table.
        images: some of the images, where rows are images.
        texts: some of the texts, where there are some.
        profiles: each row that was profiled, by the key of the profile's step.
    """

    job: str
    rows: list[Row]
    quality: list[dict[str, Any]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    distributions: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    profiles: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether everything went through; later rounds may run out of rows, as is their way."""
        return all(map(is_well, self.rows))


def common_columns(base: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """What the tables beside the results say of the job in every record.

    Args:
        base: what its rows have in common.
        names: of its parts, by group.
    """
    return {
        "job": base.job,
        **names,
        "dataset": base.dataset,
        "seed": base.seed,
        "split_seed": base.split_seed,
        "fold": base.fold,
        "round": base.round,
    }


def quality_records(
    measured: Sequence[Measurement], kept: Synthetic, train: Table, common: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Every measurement of one synthetic table, and whether outliers were dropped from it."""
    yield from ({**common, **vars(measurement)} for measurement in measured)
    if kept.dropped is not None:
        usual = outlier_shares(kept.table, train)
        for metric, share in outlier_shares(kept.dropped, train).items():
            named = Measurement(f"dropped_{metric}", None, finite(share), usual[metric], "match")
            yield {**common, **vars(named)}


def distribution_records(
    tables: Mapping[str, Table], common: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Each column of each table, in few numbers."""
    yield from ({**common, **vars(found)} for found in distributions(dict(tables)))


def profile_records(profile: Profile, base: Row, of: str) -> list[dict[str, Any]]:
    """A record per profiled row: its place in the table that was profiled, scores and segment."""
    scores = profile.scores
    blank = [None] * len(profile.segment)
    columns = zip(
        profile.hardness.tolist(),
        scores.score.tolist(),
        blank if scores.uncertainty is None else scores.uncertainty.tolist(),
        profile.segment.tolist(),
        strict=True,
    )
    common = {"dataset": base.dataset, "profiler": base.profiler, "of": of}
    names = ("hardness", "score", "uncertainty", "segment")
    return [
        {**common, "row": row, **dict(zip(names, values, strict=True))}
        for row, values in enumerate(columns)
    ]


def segment_counts(generated: Synthetic, kept: Synthetic) -> dict[str, dict[str, int]]:
    """Rows by segment: real ones that a generator learnt, generated ones, those that were kept."""
    order = [str(segment) for segment in Segment]
    names = sorted(generated.trained_on, key=lambda name: order.index(name) if name in order else 0)
    return {
        name: {
            "real": generated.trained_on[name],
            "generated": int((generated.origin == name).sum()),
            "kept": int((kept.origin == name).sum()),
        }
        for name in names
    }


def finite(value: float) -> float | None:
    """A number, None in place of NaN and infinity."""
    return float(value) if math.isfinite(value) else None
