"""What changed between two sets of results, such as those of two versions of code or data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.columns import CELL, RUN, SPLIT, UNIT
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.stats.resampled import LEAST_SPLITS, resampled_difference

LOOSE = ("data", "evaluation", "device")
"""What two results may differ in and yet be set side by side; a note names them where they do."""
ARM_KEY = tuple(name for name in CELL if name not in LOOSE)
NAMED = ("dataset", "generator", "profiler", "pipeline", "protocol", "predictors")
"""What a job was chosen by."""
NUMBERS = ("proportion", "round", *RUN, "sample_seed")


class Change(StrEnum):
    """What became of a value."""

    BEYOND = "beyond its interval"
    WITHIN = "within its interval"
    UNKNOWN = f"no interval below {LEAST_SPLITS} splits"
    SAME = "the same"


@dataclass(frozen=True, eq=False)
class Changes:
    """What differs between results before and after.

    Attributes:
        values: a row for each arm, cell and metric that both have: ``before`` and ``after``, means
            over the ``n`` units that both have a value of; ``difference`` (after less before) with
            its interval ``low`` to ``high`` over ``splits`` (0 where every value is the same);
            ``lost`` and ``gained``, units that have a value before alone, and after alone;
            ``change``; ``better``, which of the two, empty where they are equal.
        alone: a row for each arm of a group that only one has: ``only`` says which.
        differs: a row for each version or setting that differs: ``name``, ``before``, ``after``,
            and ``of``: which combinations of `NAMED`.
    """

    values: pd.DataFrame
    alone: pd.DataFrame
    differs: pd.DataFrame

    def count(self, change: Change) -> int:
        """How many values changed so."""
        return int((self.values.change == change).sum()) if len(self.values) else 0


def changes(
    before: Measurements, after: Measurements, jobs: tuple[pd.DataFrame, pd.DataFrame]
) -> Changes:
    """Set two results side by side, over the units that both have.

    An arm stands beside the one of the same names and settings; where either has it on several
    versions of data, evaluations or devices, beside the one that agrees in those. The interval is
    that of the corrected resampled t-test over splits and fits, see `resampled_difference`.

    Args:
        before: result rows, with ``versions``.
        after: the same of the others.
        jobs: what the jobs of each were asked to do: names and ``settings`` (JSON).
    """
    one, other = _keyed(before.rows, after.rows), _keyed(after.rows, before.rows)
    key = [*ARM_KEY, "arm", "metric", "among"]
    both = one.merge(other, on=[*key, *UNIT], how="outer", suffixes=("_before", "_after"))
    records = [
        {**dict(zip(key, names, strict=True)), **found}
        for names, mine in both.groupby(key, sort=False, dropna=False)
        if (found := _value(mine)) is not None
    ]
    return Changes(pd.DataFrame(records), _alone(one, other), _differs(before, after, jobs))


def _keyed(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """The rows with ``among``: what tells several versions of one arm and unit apart."""
    rows, others = (found.astype(dict.fromkeys(NUMBERS, float)) for found in (rows, others))
    key = [*ARM_KEY, "arm"]
    sides = pd.concat([rows[[*key, *LOOSE]].drop_duplicates().assign(side=0),
                      others[[*key, *LOOSE]].drop_duplicates().assign(side=1)])  # fmt: skip
    several = sides.groupby([*key, "side"], dropna=False).size().gt(1)
    several = several.groupby(key, dropna=False).any().rename("several").reset_index()
    kept = [*key, *LOOSE, *UNIT, "metric", "value", "direction", "n_train", "n_test"]
    found = rows[kept].merge(several, on=key, how="left")
    found["among"] = (found.data + "; " + found.evaluation + "; " + found.device).where(
        found.several, ""
    )
    return found.drop(columns=[*LOOSE, "several"])


def _value(units: pd.DataFrame) -> dict[str, Any] | None:
    """What became of one arm; None where the two share no unit."""
    has = units[["value_before", "value_after"]].notna().to_numpy()
    both = has.all(axis=1)
    if not both.any():
        return None
    mine = units[both]
    difference = (mine.value_after - mine.value_before).astype(float)
    low, high, splits = _interval(mine, difference) if difference.any() else (0.0, 0.0, 0)
    mean = float(difference.mean())
    direction = mine.direction_after.iloc[0]
    return {
        "before": float(mine.value_before.mean()),
        "after": float(mine.value_after.mean()),
        "difference": mean,
        "low": low,
        "high": high,
        "splits": splits,
        "n": len(mine),
        "lost": int((has[:, 0] & ~has[:, 1]).sum()),
        "gained": int((has[:, 1] & ~has[:, 0]).sum()),
        "change": str(_change(difference, low, high, splits)),
        "better": "" if not mean else ("after" if (mean < 0) == (direction == "min") else "before"),
    }


def _interval(units: pd.DataFrame, difference: pd.Series) -> tuple[float, float, int]:
    by_fit = difference.groupby([units[name] for name in RUN], dropna=False).mean()
    split = list(range(len(SPLIT)))
    by_split = [v.to_numpy() for _, v in by_fit.groupby(level=split, dropna=False, sort=False)]
    share = float((units.n_test_after / units.n_train_after).mean())
    found = resampled_difference(by_split, share if np.isfinite(share) else 0.0, 0.0)
    return found.low, found.high, found.splits


def _change(difference: pd.Series, low: float, high: float, splits: int) -> Change:
    if not difference.any():
        return Change.SAME
    if splits < LEAST_SPLITS:
        return Change.UNKNOWN
    return Change.BEYOND if low > 0 or high < 0 else Change.WITHIN


def _alone(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    key = [name for name in (*ARM_KEY, "arm") if name not in ("proportion", "round")]
    one, other = (rows[key].drop_duplicates() for rows in (before, after))
    found = one.merge(other, on=key, how="outer", indicator="only")
    found = found[found.only != "both"]
    return found.assign(only=found.only.map({"left_only": "before", "right_only": "after"}))


def _differs(
    before: Measurements, after: Measurements, jobs: tuple[pd.DataFrame, pd.DataFrame]
) -> pd.DataFrame:
    records = [*_versions(before.rows, after.rows), *_loose(before.rows, after.rows)]
    records += _settings(*jobs)
    return pd.DataFrame(records, columns=["name", "before", "after", "of"])


def _versions(before: pd.DataFrame, after: pd.DataFrame) -> Iterator[dict[str, str]]:
    one, other = _version_sets(before), _version_sets(after)
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            yield _record(f"version of {name}", one.get(name, set()), other.get(name, set()), "")


def _version_sets(rows: pd.DataFrame) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for text in rows.versions.dropna().unique():
        for name, version in json.loads(text).items():
            found.setdefault(name, set()).add(str(version))
    return found


def _loose(before: pd.DataFrame, after: pd.DataFrame) -> Iterator[dict[str, str]]:
    names = {"data": "fingerprint of the data"}
    for dataset in (name for name in before.dataset.unique() if name in set(after.dataset)):
        for name in LOOSE:
            one, other = (set(r[name][r.dataset == dataset]) for r in (before, after))
            if one != other:
                yield _record(names.get(name, name), one, other, str(dataset))


def _settings(before: pd.DataFrame, after: pd.DataFrame) -> list[dict[str, str]]:
    """Settings that differ between jobs of the same names, each once with where it does."""
    if before.empty or after.empty:
        return []
    where: dict[tuple[str, str, str], list[str]] = {}
    one, other = _leaves(before), _leaves(after)
    for names in (names for names in one if names in other):
        for path in sorted(one[names].keys() | other[names].keys()):
            first, second = (side[names].get(path, set()) for side in (one, other))
            if first != second:
                found = _record(path, first, second, "")
                key = (found["name"], found["before"], found["after"])
                where.setdefault(key, []).append(" ".join(n for n in names if n != "none"))
    return [
        {"name": name, "before": first, "after": second, "of": _some(of)}
        for (name, first, second), of in where.items()
    ]


def _leaves(jobs: pd.DataFrame) -> dict[tuple[str, ...], dict[str, set[str]]]:
    """The values of each setting of the jobs of the same names; seeds are no setting."""
    found: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for record in jobs.drop_duplicates("settings").to_dict("records"):
        mine = found.setdefault(tuple(str(record.get(name)) for name in NAMED), {})
        for path, value in _flat(json.loads(record["settings"])):
            if path.split(".")[-1] not in ("seed", "fold"):
                mine.setdefault(path, set()).add(value)
    return found


def _flat(settings: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(settings, dict) and settings:
        for name, value in settings.items():
            yield from _flat(value, f"{path}.{name}" if path else name)
    else:
        yield path, json.dumps(settings)


def _record(name: str, before: set[str], after: set[str], of: str) -> dict[str, str]:
    texts = (", ".join(sorted(map(str, values))) or "none" for values in (before, after))
    return {"name": name, **dict(zip(("before", "after"), texts, strict=True)), "of": of}


def _some(names: list[str]) -> str:
    more = len(names) - 3
    return "; ".join(names[:3]) + (f"; and {more} more" if more > 0 else "")
