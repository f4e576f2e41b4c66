"""The table of scores: each arm of each cell with its distance from the two baselines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from tabsculpt.report.by_step import HEADLINE
from tabsculpt.report.inputs import GROUP, arms_in_order
from tabsculpt.stats.cells import SAME, UNPAIRED
from tabsculpt.table import Task

STEPS = ["proportion", "round"]
UNITS = ["predictor", "split_seed", "fold", "seed", "sample_seed"]


Group = tuple[dict[str, Any], pd.DataFrame]
"""What a group of rows holds fixed, and the rows."""


def groups(rows: pd.DataFrame) -> Iterator[Group]:
    """The rows of the headline metric that belong side by side, with their baselines.

    Arms without a profiler stand in the group of each profiler, the real baseline in every group
    of its data set, predictors and evaluation.

    Args:
        rows: result rows with ``arm``.

    Yields:
        What the group holds fixed, by the names of `GROUP` and ``metric``; its rows.
    """
    scored = rows[rows.predictor.notna() & ~rows.protocol.isin(UNPAIRED)]
    headline = scored.task.map({str(task): metric for task, metric in HEADLINE.items()})
    scored = scored[scored.metric == headline]
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
    made = group[group.pipeline != "real"]
    real = group[group.pipeline == "real"]
    predictors = group.predictor.nunique()
    expected = 0
    for part in (made, real):
        units = part[[*UNITS[1:], *STEPS]].drop_duplicates()
        expected += part.arm.nunique() * len(units) * predictors
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
    arms = {arm: group[group.arm == arm] for arm in arms_in_order(group.arm)}
    # Arms are compared over the predictors that all have, or a failure would look like a gain.
    means = {arm: mine.groupby("predictor").value.mean().dropna() for arm, mine in arms.items()}
    present = [set(mean.index) for mean in means.values() if len(mean)]
    shared = set.intersection(*present) if present else set()
    for arm, mine in arms.items():
        common = means[arm][sorted(shared)] if shared and len(means[arm]) else means[arm][:0]
        expected = group.predictor.nunique() * mine[UNITS[1:]].drop_duplicates().shape[0]
        record = {**names, "proportion": proportion, "round": number, "arm": arm}
        record |= {"mean": common.mean(), "deviation": common.std(ddof=0)}
        record |= {**_ended(mine), "absent": max(0, expected - len(mine))}
        for base in ("traditional", "real"):
            record[f"over_{base}"] = None
            if arm != base and base in means and len(means[base]) and len(common):
                level = means[base][sorted(shared)].mean()
                record[f"over_{base}"] = improvement(common.mean(), level, names["metric"])
        yield {**record, "jobs": ",".join(mine.job.unique())}


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
