"""What jobs on nested splits say, read through the analysis of result rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.analysis.columns import RIVALS
from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.estimates import turned_round
from tabsculpt.results import read_rows
from tabsculpt.table import Task

ADVISED = "advised"
"""The arm of what was chosen in each outer split."""
REAL = "real"


@dataclass(frozen=True)
class Goal:
    """What is to be improved.

    Attributes:
        metric: its name.
        direction: "min" or "max".
        rope: share of the real baseline's value up to which a change is none in practice.
        task: of the table.
    """

    metric: str
    direction: str
    rope: float
    task: Task


@dataclass(frozen=True)
class Arm:
    """Something that was tried.

    Attributes:
        generator, pipeline: by name; the generator is "none" where no rows are made.
        proportion: synthetic rows added, as a share of the real ones; None where the pipeline
            decides.
    """

    generator: str
    pipeline: str
    proportion: float | None

    @property
    def on_real(self) -> bool:
        """Whether it is of real rows alone."""
        return self.pipeline in RIVALS

    @property
    def words(self) -> str:
        if self.on_real:
            return self.pipeline
        share = "" if self.proportion is None else f", {self.proportion:g} rows for each real one"
        return f"{self.generator} ({self.pipeline}{share})"


def read_jobs(outputs: Path, jobs: Sequence[str], goal: Goal) -> pd.DataFrame:
    """The rows of some jobs with the metric, and those that say why there is none."""
    rows = read_rows(outputs / "results", jobs, [goal.metric])
    return rows[rows.predictor.notna() & rows.metric.eq(goal.metric)].reset_index(drop=True)


def gains(rows: pd.DataFrame, goal: Goal) -> dict[str, dict[Arm, float]]:
    """How much better than real rows alone each arm is on each table, by its fingerprint.

    Args:
        rows: of jobs on inner splits; those of a table are averaged.
        goal: higher gains are better whatever the metric's direction.
    """
    found: dict[str, dict[Arm, float]] = {}
    for record in _against_real(rows, goal):
        found.setdefault(str(record["data"]), {})[_arm(record)] = _gain(record, goal)
    return found


def ranking(rows: pd.DataFrame, outer: Mapping[str, int], goal: Goal) -> pd.DataFrame:
    """Every arm against real rows alone over all inner splits of one table, the best first.

    Args:
        rows: of jobs on inner splits.
        outer: number of the outer split, by fingerprint of the table that was left of it.
        goal: what is improved.

    Returns:
        A row per arm: ``generator``, ``pipeline``, ``proportion``, ``gain`` (positive is better)
        with its interval ``low`` to ``high``, ``probability`` that it is better by more than the
        rope, ``splits`` and ``seconds`` of a fit with its samples.
    """
    columns = ["generator", "pipeline", "proportion", "gain", "low", "high", "probability",
               "splits", "seconds"]  # fmt: skip
    inner = rows.groupby("data").split_seed.rank("dense").astype(int)
    alike = rows.assign(
        split_seed=rows.data.map(outer), seed=inner, sample_seed=None, data="", dataset=""
    )
    spent = rows.groupby(["generator", "pipeline"]).seconds_generate.median()
    records = []
    for arm, record in {_arm(record): record for record in _against_real(alike, goal)}.items():
        low, high = (goal_sign(goal) * record[end] for end in ("low", "high"))
        records.append(
            {
                **vars(arm),
                "gain": _gain(record, goal),
                "low": min(-low, -high),
                "high": max(-low, -high),
                "probability": record["probability_worse"],
                "splits": int(record["splits"]),
                "seconds": float(spent.get((arm.generator, arm.pipeline), float("nan"))),
            }
        )
    table = pd.DataFrame(records, columns=columns)
    return table.sort_values("gain", ascending=False, kind="stable").reset_index(drop=True)


Chosen = Mapping[str, Arm | None]
"""The arm by job; None for real rows alone, which then stand for the choice, too."""


def verdict(
    rows: pd.DataFrame, chosen: Chosen, goal: Goal, against: Chosen | None = None
) -> dict[str, Any]:
    """What was chosen in each outer split against real rows alone, over these splits.

    Args:
        rows: of the outer jobs.
        chosen: what was chosen.
        goal: what is improved.
        against: another choice, to stand in the place of real rows alone.

    Returns:
        A row of `compare`, ``first`` being what was advised; empty where no split has both.
    """
    real = rows[rows.pipeline == REAL] if against is None else _as_real(_taken(rows, against))
    taken = _taken(rows, chosen)
    advised = taken.assign(
        job=taken.job + ADVISED, generator=ADVISED, generator_settings="", profiler="none",
        profiler_settings="", pipeline=ADVISED, pipeline_settings="", protocol="augmentation",
        protocol_settings="", proportion=None, sample_seed=None,
    )  # fmt: skip
    keys = ["split_seed", "fold", "seed"]
    both = real.merge(advised[keys].drop_duplicates(), on=keys)
    if both.empty:
        return {}
    pairs = compare(pd.concat([both[rows.columns], advised]), goal.metric, rope=goal.rope)
    found = [_turned(record) for record in pairs.to_dict("records")]
    return found[0] if found else {}


def _taken(rows: pd.DataFrame, chosen: Chosen) -> pd.DataFrame:
    """The rows of what was chosen."""
    return pd.concat([_of(rows, job, arm) for job, arm in chosen.items()] or [rows.head(0)])


def _as_real(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as if they were those of real rows alone."""
    return rows.assign(
        generator="none", generator_settings="", profiler="none", profiler_settings="",
        pipeline=REAL, pipeline_settings="", protocol="trtr", protocol_settings="",
        proportion=None, sample_seed=None,
    )  # fmt: skip


def goal_sign(goal: Goal) -> int:
    """1 where high values are good, else -1."""
    return 1 if goal.direction == "max" else -1


def _of(rows: pd.DataFrame, job: str, arm: Arm | None) -> pd.DataFrame:
    mine = rows[rows.job == job]
    if arm is None or arm.proportion is None:
        return mine
    return mine[(mine.proportion - arm.proportion).abs() < 1e-9]


def _against_real(rows: pd.DataFrame, goal: Goal) -> list[dict[str, Any]]:
    """The pairs of real rows alone and an arm, real first."""
    if rows.empty:
        return []
    pairs = compare(rows, goal.metric, rope=goal.rope)
    kept = pairs[pairs["first"] == REAL] if len(pairs) else pairs
    records: list[dict[str, Any]] = kept.to_dict("records")
    return records


def _turned(record: dict[Any, Any]) -> dict[str, Any]:
    """A pair with real rows first as one with them second."""
    swapped = {
        "first": record["second"], "second": record["first"],
        "mean_first": record["mean_second"], "mean_second": record["mean_first"],
        "difference": -record["difference"], "low": -record["high"], "high": -record["low"],
        "probability_better": record["probability_worse"],
        "probability_worse": record["probability_better"],
        "verdict": str(turned_round(record["verdict"])),
    }  # fmt: skip
    return {**record, **swapped} if record["first"] == REAL else dict(record)


def _arm(record: Mapping[str, Any]) -> Arm:
    share, pipeline = record["proportion"], str(record["second"]).split(" ")[0]
    if pipeline in RIVALS:  # it stands beside every generator
        return Arm("none", pipeline, None)
    known = None if share is None or pd.isna(share) else float(share)
    return Arm(str(record["generator"]), pipeline, known)


def _gain(record: Mapping[str, Any], goal: Goal) -> float:
    return -goal_sign(goal) * float(record["difference"])
