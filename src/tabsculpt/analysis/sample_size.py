"""Equivalent sample size: how many real rows alone score as synthetic or augmented rows do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.columns import ARM, CONTEXT, HEADLINE, MAKING, PROFILING, STEP
from tabsculpt.analysis.estimates import LEAST_SPLITS, SURE
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.stats.learning_curve import LearningCurve, fit_curve
from tabsculpt.table import FloatArray

SIZE = re.compile(r"n_train=(\d+)(, )?")
ERRORS = ("rmse",)
"""Metrics of which low is good; of others the curve is fitted to one minus the value."""
MADE = (*MAKING, *PROFILING, *ARM, *STEP)


@dataclass(frozen=True, eq=False)
class RealCurve:
    """What real rows alone reach at several numbers of them.

    Attributes:
        names: what it holds fixed: dataset, task, predictors, the rest of the evaluation, ...
        metric: by which the task is judged.
        sizes: numbers of rows, ascending, shape (k,).
        values: by split, shape (splits, k), means over predictors and seeds.
        arms: the scores beside it, see `sample_size_table`; "curve" is that of each.
    """

    names: dict[str, Any]
    metric: str
    sizes: FloatArray
    values: FloatArray
    arms: pd.DataFrame

    @property
    def fitted(self) -> FloatArray:
        """The curve at `grid`, in the metric's own unit."""
        curve = fit_curve(self.sizes, _errors(self.metric, self.values.mean(axis=0)))
        return _errors(self.metric, curve.error(self.grid))

    @property
    def grid(self) -> FloatArray:
        """Numbers of rows from the least to the most."""
        return np.geomspace(self.sizes[0], self.sizes[-1], 12)


def real_curves(found: Measurements) -> list[RealCurve]:
    """The learning curves of real rows in results of several ``split.n_train``.

    A curve takes the splits and predictors that have a value at every size; an arm is read off the
    curve of its own splits and predictors.
    """
    rows = found.scored
    rows = rows[(rows.metric == rows.task.map(HEADLINE)) & rows.value.notna()]
    size = rows.evaluation.str.extract(SIZE)[0]
    rows = rows.assign(
        size=pd.to_numeric(size), evaluation=rows.evaluation.str.replace(SIZE, "", regex=True)
    )[size.notna()]
    curves = []
    for names, mine in rows.groupby([*CONTEXT, "metric"], sort=False, dropna=False):
        held = dict(zip((*CONTEXT, "metric"), names, strict=True))
        real = mine[mine.pipeline == REAL]
        if real["size"].nunique() > 1:
            records = list(_arms(real, mine[mine.pipeline != REAL], held))
            sizes, values = _by_split(real)
            if len(values):
                frame = pd.DataFrame(records)
                curves.append(RealCurve(held, held["metric"], sizes, values, frame))
    return curves


def sample_size_table(found: Measurements) -> pd.DataFrame:
    """How many real rows alone score as each arm does.

    The real curve error(n) = a + b n^-c (see `tabsculpt.stats.learning_curve`) is fitted to the
    means over splits, and read off at the arm's mean. Outside the numbers of rows that were
    measured nothing is read off. The interval is that of a delete-one jackknife over splits of
    log n (Student's t); as draws of n of N rows share rows, its variance is widened by
    1 + J n / (N - n), J splits.

    Returns:
        A row per arm and number of rows it was made from: what names the arm, ``metric``,
        ``n_train`` (real rows it was made from), ``value`` (mean), ``equivalent`` rows (NaN outside
        the measured), its interval ``low`` to ``high`` (NaN likewise), ``ratio`` to ``n_train``,
        ``words``, ``sizes`` of the curve and ``splits``.
    """
    frames = [curve.arms for curve in real_curves(found) if len(curve.arms)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _arms(real: pd.DataFrame, made: pd.DataFrame, held: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for names, mine in made.groupby([*MADE, "size"], sort=False, dropna=False):
        named = dict(zip((*MADE, "size"), names, strict=True))
        predictors = set(mine.predictor) & set(real.predictor)
        beside, own = (part[part.predictor.isin(predictors)] for part in (real, mine))
        paired = own[own.split_seed.isin(beside.split_seed)]
        beside = beside[beside.split_seed.isin(paired.split_seed)]
        sizes, values = _by_split(beside)
        if not len(values) or len(sizes) < 2:
            continue
        kept = paired[paired.split_seed.isin(_whole(beside))]
        scores = kept.groupby("split_seed", sort=True).value.mean().to_numpy(float)
        share = float((kept.n_train / kept.n_test).mean())
        arm = f"{named['pipeline']} {named['pipeline_settings'] or ''}".strip()
        yield {
            **held, **named, "arm": arm, "n_train": int(named["size"]), "value": scores.mean(),
            **_read_off(str(held["metric"]), sizes, values, scores, int(named["size"]), share),
        }  # fmt: skip


def _read_off(
    metric: str, sizes: FloatArray, values: FloatArray, scores: FloatArray, n: int, share: float
) -> dict[str, Any]:
    """The equivalent number of rows of some scores, see `sample_size_table`."""
    reals, mine = _errors(metric, values), _errors(metric, scores)
    curve = fit_curve(sizes, reals.mean(axis=0))
    rows = curve.rows(float(mine.mean()))
    splits = len(mine)
    low = high = float("nan")
    if splits >= LEAST_SPLITS and np.isfinite(rows):
        low, high = _jackknife(sizes, reals, mine, np.log(rows), 1 + splits * share)
    least, most = sizes[0], sizes[-1]
    inside = bool(least <= rows <= most)
    return {
        "equivalent": rows if inside else float("nan"),
        "low": low if inside and low >= least else float("nan"),
        "high": high if inside and high <= most else float("nan"),
        "ratio": rows / n if inside else float("nan"),
        "words": _words(curve, rows, (low, high), (least, most)),
        "sizes": ", ".join(f"{size:g}" for size in sizes),
        "splits": splits,
    }


def _jackknife(
    sizes: FloatArray, reals: FloatArray, mine: FloatArray, whole: float, widened: float
) -> tuple[float, float]:
    """The ends of the 95 % interval; NaN where leaving out a split leaves no such number."""
    from scipy.stats import t

    splits = len(mine)
    logs = []
    for left in range(splits):
        kept = np.arange(splits) != left
        rows = fit_curve(sizes, reals[kept].mean(axis=0)).rows(float(mine[kept].mean()))
        logs.append(np.log(rows) if rows > 0 else np.nan)
    if not np.isfinite(logs).all():
        return float("nan"), float("nan")
    variance = (splits - 1) ** 2 / splits * float(np.var(logs, ddof=1)) * widened
    reach = float(t.ppf(SURE, splits - 1)) * variance**0.5
    return float(np.exp(whole - reach)), float(np.exp(whole + reach))


def _words(
    curve: LearningCurve, rows: float, ends: tuple[float, float], span: tuple[float, float]
) -> str:
    if curve.b == 0:
        return "more real rows score no better, so none can be read off"
    if rows < span[0]:
        return f"fewer than {span[0]:g} real rows"
    if rows > span[1]:
        return f"more than {span[1]:g} real rows"
    text = f"{rows:.0f} real rows"
    if np.isnan(ends).any():
        return text
    low = f"below {span[0]:g}" if ends[0] < span[0] else f"{ends[0]:.0f}"
    high = f"above {span[1]:g}" if ends[1] > span[1] else f"{ends[1]:.0f}"
    return f"{text} (95 % interval {low} to {high})"


def _by_split(real: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Sizes, and values of the splits that have all of them, shape (splits, sizes)."""
    wide = real.pivot_table(
        "value", ["split_seed", "predictor"], "size", aggfunc="mean", dropna=False
    ).dropna()
    by_split = wide.groupby(level=0).mean()
    return by_split.columns.to_numpy(dtype=np.float64), by_split.to_numpy(dtype=np.float64)


def _whole(real: pd.DataFrame) -> set[int]:
    """The splits that have a value at every size."""
    wide = real.pivot_table("value", "split_seed", "size", aggfunc="mean", dropna=False)
    return set(wide.dropna().index)


def _errors(metric: str, values: Any) -> FloatArray:
    """Errors of values, and values of errors: of metrics where high is good, one minus them."""
    found = np.asarray(values, dtype=np.float64)
    return found if metric in ERRORS else 1 - found
