"""Frozen plans: the comparisons that were stated before, and how those of the results relate."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.analysis.cells import Cell
from tabsculpt.analysis.columns import CELL, GROUP, PROFILING, SPLIT, STEP
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.multiplicity import holm_corrected
from tabsculpt.engine.identity import hashed
from tabsculpt.errors import UserError

FOLDER = "frozen"
"""Below the folder of outputs: every plan that was frozen there, by its hash."""
HASH = "hash"
KEY = (*GROUP, "metric")
WITHOUT = ("none", "")
"""The profiling of an arm without."""


class Standing(StrEnum):
    """How a comparison relates to the plans that were frozen."""

    PLANNED = "as planned"
    PARTLY = "not all that was planned"
    MORE = "with splits that were not planned"
    BEFORE = "measured before the plan was frozen"
    CHANGED = "its plan was changed after it was frozen"
    AFTERWARDS = "looked at afterwards"


@dataclass(frozen=True)
class Plan:
    """A frozen plan.

    Attributes:
        frozen: when, ISO time in UTC.
        hypotheses: each pair of arms: what names its cell (every step of its protocol included),
            ``first``, ``second``, ``metric``, ``splits``, ``seeds`` and ``jobs``.
        finished: jobs that had a result by then.
        whole: whether its hash is that of what it says.
    """

    frozen: str
    hypotheses: Sequence[dict[str, Any]]
    finished: frozenset[str]
    whole: bool


def hypotheses(planned: Measurements) -> list[dict[str, Any]]:
    """Every pair of arms of a plan, with the splits, seeds and jobs that it is to rest on.

    Args:
        planned: a row for each job, in place of its measurements.
    """
    every = [record for cell in planned.cells() for record in _pairs(cell)]
    return list({_key(record): record for record in every}.values())


def frozen_plan(
    planned: Measurements, typed: Sequence[str], version: str, finished: Sequence[str]
) -> dict[str, Any]:
    """What a plan's file holds, its hash of all the rest included.

    Args:
        planned: see `hypotheses`.
        typed: the settings, as on the command line.
        version: of this package.
        finished: jobs of the plan that have a result already.
    """
    plan = {
        "frozen": datetime.now(UTC).isoformat(),
        "version": version,
        "settings": list(typed),
        "configuration": hashed(sorted(planned.rows.job)),
        "hypotheses": hypotheses(planned),
        "finished": sorted(finished),
    }
    return {**plan, HASH: hashed(plan)}


def read_plans(outputs: Path) -> list[Plan]:
    """The plans that were frozen in an output folder, the first first.

    Raises:
        UserError: one of them cannot be read.
    """
    return sorted(map(_read, (outputs / FOLDER).glob("*.json")), key=lambda plan: plan.frozen)


def registered(tests: pd.DataFrame, rows: pd.DataFrame, plans: Sequence[Plan]) -> pd.DataFrame:
    """How each comparison relates to the plans.

    Args:
        tests: what `tabsculpt.analysis.comparisons.compare` gives.
        rows: the result rows behind them.
        plans: see `read_plans`.

    Returns:
        A row per comparison: ``standing`` (see `Standing`); the plan's ``frozen`` time; ``ran`` of
        the ``planned`` splits and seeds of its jobs; ``p_planned``, Holm's correction over all
        comparisons as planned; and the columns of ``tests``. Planned comparisons first.
    """
    started = rows.groupby("job").started.min().to_dict()
    records = [{**pair, **_standing(pair, started, plans)} for pair in tests.to_dict("records")]
    found = pd.DataFrame(records)
    planned = found.standing.eq(Standing.PLANNED)
    found["p_planned"] = float("nan")
    found.loc[planned, "p_planned"] = holm_corrected(found.p[planned].to_list())
    order = found.standing.map({standing: place for place, standing in enumerate(Standing)})
    return found.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def never_measured(tests: pd.DataFrame, plans: Sequence[Plan]) -> list[str]:
    """Planned comparisons of which there is no result, in words."""
    there = {key for pair in tests.to_dict("records") for key in _keys(pair)}
    return [
        f"{h['dataset']} {h['generator']} {h['protocol']}: {h['first']} against {h['second']}"
        for plan in plans
        for h in plan.hypotheses
        if _key(h) not in there
    ]


def _pairs(cell: Cell) -> Iterator[dict[str, Any]]:
    for first, second in combinations(cell.arms, 2):
        rows = cell.of.rows.iloc[[*cell.own(first), *cell.own(second)]]
        names = {name: _plain(cell.names[name]) for name in CELL if name not in STEP}
        if {cell.profiling(first), cell.profiling(second)} == {WITHOUT}:
            names |= dict(zip(PROFILING, WITHOUT, strict=True))  # whichever they stand beside
        splits = rows[list(SPLIT)].drop_duplicates().sort_values(list(SPLIT))
        yield {
            **names,
            "metric": cell.names["metric"],
            "first": first,
            "second": second,
            "splits": [[_plain(value) for value in split] for split in splits.to_numpy()],
            "seeds": sorted({int(seed) for seed in rows.seed}),
            "jobs": sorted(set(rows.job)),
        }


def _read(path: Path) -> Plan:
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        digest = plan.pop(HASH)
        return Plan(
            plan["frozen"], plan["hypotheses"], frozenset(plan["finished"]), digest == hashed(plan)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} is no frozen plan ({type(error).__name__}); put the file back that "
            "'tabsculpt plan --freeze' wrote, or remove it"
        ) from error


def _standing(
    pair: dict[str, Any], started: dict[str, str], plans: Sequence[Plan]
) -> dict[str, Any]:
    for plan in plans:
        for hypothesis in plan.hypotheses:
            if _key(hypothesis) in _keys(pair):
                return _judged(pair, hypothesis, plan, started)
    return {"standing": Standing.AFTERWARDS, "frozen": "", "ran": None, "planned": None}


def _judged(
    pair: dict[str, Any], hypothesis: dict[str, Any], plan: Plan, started: dict[str, str]
) -> dict[str, Any]:
    jobs = hypothesis["jobs"]
    ran = [job for job in jobs if job in started]
    before = [job for job in ran if job in plan.finished or started[job] < plan.frozen]
    if not plan.whole:
        standing = Standing.CHANGED
    elif before:
        standing = Standing.BEFORE
    elif len(ran) < len(jobs):
        standing = Standing.PARTLY
    elif pair["splits"] > len(hypothesis["splits"]):
        standing = Standing.MORE
    else:
        standing = Standing.PLANNED
    return {"standing": standing, "frozen": plan.frozen, "ran": len(ran), "planned": len(jobs)}


def _keys(pair: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """What a comparison may be planned as: arms without a profiler stand beside any."""
    return _key(pair), _key({**pair, **dict(zip(PROFILING, WITHOUT, strict=True))})


def _key(pair: dict[str, Any]) -> tuple[str, ...]:
    return *(str(_plain(pair[name])) for name in KEY), *sorted((pair["first"], pair["second"]))


def _plain(value: Any) -> Any:
    """A value as JSON has it; missing as null."""
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else (
        value.item() if hasattr(value, "item") else value)  # fmt: skip
