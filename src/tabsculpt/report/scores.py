"""The table of scores: each arm of each cell with its distance from the two baselines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.report.by_step import HEADLINE
from tabsculpt.report.inputs import GROUP, arms_in_order
from tabsculpt.stats.cells import SAME, UNITS, UNPAIRED
from tabsculpt.table import Task

STEPS = ["proportion", "round"]
READ = [*GROUP, *STEPS, *UNITS, "metric", "pipeline", "arm", "value", "status", "job"]
"""What is looked at of the rows."""

Group = tuple[dict[str, Any], pd.DataFrame]
"""What a group of rows holds fixed, and the rows."""


def groups(rows: pd.DataFrame) -> Iterator[Group]:
    """The rows of the headline metric that belong side by side, with their baselines.

    Arms without a profiler stand in the group of each profiler, the real baseline in every group
    of its data set, predictors and evaluation.

    Args:
        rows: result rows with ``arm``.

    Yields:
        What the group holds fixed, by the names of `GROUP` and ``metric``; its rows, with ``unit``:
        a number for what predictors are scored on, the split, the seeds and the step.
    """
    scored = rows[rows.predictor.notna() & ~rows.protocol.isin(UNPAIRED)]
    headline = scored.task.map({str(task): metric for task, metric in HEADLINE.items()})
    scored = scored.loc[scored.metric == headline, READ]
    units = scored.groupby([*UNITS[1:], *STEPS], sort=False, dropna=False)
    scored = scored.assign(unit=units.ngroup())
    for same, cell in scored.groupby(SAME, sort=False):
        real, made = cell[cell.pipeline == "real"], cell[cell.pipeline != "real"]
        common = {**dict(zip(SAME, same, strict=True)), "metric": HEADLINE[Task(same[2])]}
        if made.empty:
            yield {**dict.fromkeys(GROUP, ""), **common, "protocol": "trtr"}, real
        how = ["protocol", "protocol_settings", "generator", "generator_settings"]
        for keys, arms in made.groupby(how, sort=False):
            names = {**common, **dict(zip(how, keys, strict=True))}
            for profiler, mine in _by_profiler(arms):
                yield {**names, **profiler}, pd.concat([_present(real, mine), mine])


def score_table(found_in: Sequence[Group], tests: pd.DataFrame) -> pd.DataFrame:
    """A row per group, step and arm.

    Args:
        found_in: see `groups`.
        tests: what `compare_arms` gives for their rows.

    Returns:
        The columns of `GROUP`, ``metric``, ``proportion``, ``round``, ``arm``; ``mean`` over units
        and ``deviation`` of the predictors' means; ``ran``, ``failed``, ``skipped``, ``absent``;
        ``over_traditional`` and ``over_real``: improvement, in percent of the baseline's error
        (RMSE) or in hundredths (AUC), above 0 where the arm is better; ``p_traditional``,
        ``p_real``: Holm's; ``n``: pairs; ``jobs``: their names.
    """
    found: list[dict[str, Any]] = []
    for names, group in found_in:
        real = group[group.pipeline == "real"]
        made = group[group.pipeline != "real"]
        if made.empty:
            found += _of_step(names, real, None, None)
        for (proportion, number), mine in made.groupby(STEPS, dropna=False):
            found += _of_step(names, pd.concat([real, mine]), proportion, number)
    table = pd.DataFrame(found)
    return _with_tests(table, tests) if len(table) else table


def counts(group: pd.DataFrame) -> dict[str, int]:
    """How many values ran, failed, were skipped, and are absent of all arms by all units."""
    predictors = group.predictor.nunique()
    expected = 0
    baseline = (group.pipeline == "real").to_numpy()
    for part in (group[~baseline], group[baseline]):
        expected += part.arm.nunique() * part.unit.nunique() * predictors
    return {**_ended(group), "absent": max(0, expected - len(group))}


def _ended(rows: pd.DataFrame) -> dict[str, int]:
    """How many values there are, and how many there are not: skipped ones could not be had."""
    ran = int(rows.value.notna().sum())
    skipped = int((rows.status == "skipped").sum())
    return {"ran": ran, "failed": len(rows) - ran - skipped, "skipped": skipped}


def said(found: dict[str, int]) -> str:
    """Counts in words."""
    skipped = f", {found['skipped']} skipped (see failures)" if found["skipped"] else ""
    ended = f"{found['ran']} values ran, {found['failed']} failed{skipped}"
    return f"{ended}, {found['absent']} absent."


def improvement(arm: float, base: float, metric: str) -> float:
    """How much better: percent of the baseline's error, or hundredths of AUC."""
    return 100 * (base - arm) / abs(base) if metric == "rmse" else 100 * (arm - base)


def _by_profiler(made: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    plain, profiled = made[made.profiler == "none"], made[made.profiler != "none"]
    if profiled.empty:
        yield {"profiler": "none", "profiler_settings": ""}, plain
    for (name, settings), mine in profiled.groupby(["profiler", "profiler_settings"], sort=False):
        names = {"profiler": str(name), "profiler_settings": str(settings)}
        yield names, pd.concat([plain, mine])


def _present(real: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """The baseline on the splits and seeds of the synthetic arms."""
    keys = ["split_seed", "fold", "seed"]
    wanted = made[keys].drop_duplicates()
    return real.merge(wanted, on=keys, how="inner")


def _of_step(
    names: dict[str, Any], group: pd.DataFrame, proportion: Any, number: Any
) -> Iterator[dict[str, Any]]:
    means = arm_means(arm_values(group))
    # Arms are compared over the predictors that all have, or a failure would look like a gain.
    present = [set(mean) for mean in means.values() if mean]
    shared = sorted(set.intersection(*present)) if present else []
    common = {arm: [mean[name] for name in shared if mean] for arm, mean in means.items()}
    predictors = group.predictor.nunique()
    for arm, values in common.items():
        mine = group[(group.arm == arm).to_numpy()]
        expected = predictors * mine.unit.nunique()
        record = {**names, "proportion": proportion, "round": number, "arm": arm}
        record |= {"mean": None, "deviation": None} if not values else {
            "mean": float(np.mean(values)), "deviation": float(np.std(values))
        }  # fmt: skip
        record |= {**_ended(mine), "absent": max(0, expected - len(mine))}
        for base in ("traditional", "real"):
            record[f"over_{base}"] = None
            if arm != base and values and (level := common.get(base)):
                own, its = float(np.mean(values)), float(np.mean(level))
                record[f"over_{base}"] = improvement(own, its, names["metric"])
        yield {**record, "jobs": ",".join(mine.job.unique())}


def arm_means(values: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    """The mean value of each predictor that has one, by arm in their order; see `arm_values`."""
    return {
        arm: {name: float(np.mean(found)) for name, found in by.items() if found}
        for arm, by in values.items()
    }


def arm_values(group: pd.DataFrame) -> dict[str, dict[str, list[float]]]:
    """The values of each predictor, by arm in their order; an empty list where all failed."""
    found: dict[str, dict[str, list[float]]] = {arm: {} for arm in arms_in_order(group.arm)}
    for arm, predictor, value in zip(group.arm, group.predictor, group.value, strict=True):
        values = found[arm].setdefault(predictor, [])
        if not math.isnan(value):
            values.append(value)
    return found


def _with_tests(table: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """The corrected p of each arm against both baselines, and how many pairs it is of."""
    keys = [*GROUP, "metric", *STEPS]
    found: dict[tuple[Any, ...], Any] = {}
    pairs = tests[tests.test == "wilcoxon"] if len(tests) else tests
    for pair in pairs.to_dict("records"):
        where = tuple(_key(pair[k]) for k in keys)
        found[(*where, pair["first"], pair["second"])] = pair
        found[(*where, pair["second"], pair["first"])] = pair
    columns: dict[str, list[Any]] = {"p_traditional": [], "p_real": [], "n": []}
    for row in table.to_dict("records"):
        where = tuple(_key(row[k]) for k in keys)
        of = {base: found.get((*where, row["arm"], base)) for base in ("traditional", "real")}
        for base, pair in of.items():
            columns[f"p_{base}"].append(pair and pair["p_holm"])
        either = of["traditional"] or of["real"]
        columns["n"].append(either and either["n"])
    return table.assign(**{name: pd.Series(v, dtype=float) for name, v in columns.items()})


def _key(value: Any) -> Any:
    return None if pd.isna(value) else value
