"""What is advised, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from tabsculpt.advice.scores import Arm, Goal
from tabsculpt.analysis.estimates import Verdict


@dataclass(frozen=True)
class Recommendation:
    """Whether to add synthetic rows to a table, and which.

    Attributes:
        use: whether they help by more than the rope, as sure as a verdict is.
        arm: what to add; None where nothing was better than real rows alone on inner splits.
        metric, direction: what is improved.
        real: its mean with real rows alone, on outer test rows.
        change: expected change of it by following the advice; ``low`` and ``high``: its 95 %
            interval over outer splits, each with a fit and a sample of its own.
        rope: change that is none in practice, in the metric's unit.
        probability: that the advice helps by more than that; NaN below 3 outer splits.
        verdict: of following the advice against real rows alone.
        splits: outer splits that it rests on.
        chosen: how often each arm was chosen on inner splits; "real" for none.
        seconds, peak_mb: of a fit of the arm with its samples, median and highest.
    """

    use: bool
    arm: Arm | None
    metric: str
    direction: str
    real: float
    change: float
    low: float
    high: float
    rope: float
    probability: float
    verdict: str
    splits: int
    chosen: dict[str, int]
    seconds: float
    peak_mb: float

    @property
    def words(self) -> list[str]:
        """Sentences for a reader who did not run it."""
        if not self.splits:
            return ["Cannot tell: the time was over before any outer split was done."]
        size = f"{self.change:+.3g} (95 % interval {self.low:+.3g} to {self.high:+.3g})"
        on = f"{self.metric} of real rows alone: {self.real:.3g}, on {self.splits} outer splits."
        sure = (
            f"Probability that it helps by more than {self.rope:.2g}: {_share(self.probability)}."
        )
        if self.use:
            assert self.arm is not None
            return [f"Add {self.arm.words} to your rows.", f"Expected change: {size}.", on, sure]
        why = {
            Verdict.EQUAL: "it makes no difference in practice",
            Verdict.WORSE: "it makes predictions worse",
        }.get(Verdict(self.verdict), "there is no sign of it that would hold on other rows")
        return [
            f"Do not add synthetic rows: {why}.",
            f"Expected change by the best choice: {size}.", on, sure,
        ]  # fmt: skip

    def record(self) -> dict[str, Any]:
        """JSON-ready; numbers that are not defined are None."""
        plain = {**vars(self), "arm": None if self.arm is None else vars(self.arm)}
        return {
            key: None if isinstance(value, float) and not abs(value) < float("inf") else value
            for key, value in plain.items()
        } | {"words": self.words}


def recommend(
    found: dict[str, Any],
    ranked: pd.DataFrame,
    chosen: dict[str, int],
    cost: tuple[float, float],
    goal: Goal,
) -> Recommendation:
    """The recommendation that outer splits allow.

    Args:
        found: see `scores.verdict`.
        ranked: see `scores.ranking`; its first row is what all inner splits call best.
        chosen: how often each arm was chosen.
        cost: seconds and peak MB of a fit.
        goal: what is improved.
    """
    nan = float("nan")
    arm = best_arm(ranked)
    if not found:
        return Recommendation(
            False, arm, goal.metric, goal.direction, nan, nan, nan, nan, nan, nan,
            str(Verdict.UNKNOWN), 0, chosen, *cost,
        )  # fmt: skip
    low, high = float(found["low"]) + 0.0, float(found["high"]) + 0.0  # no -0
    return Recommendation(
        use=arm is not None and found["verdict"] == Verdict.BETTER,
        arm=arm,
        metric=goal.metric,
        direction=goal.direction,
        real=float(found["mean_second"]),
        change=float(found["difference"]) + 0.0,
        low=low,
        high=high,
        rope=float(found["rope"]),
        probability=float(found["probability_better"]),
        verdict=str(found["verdict"]),
        splits=int(found["splits"]),
        chosen=chosen,
        seconds=cost[0],
        peak_mb=cost[1],
    )


def best_arm(ranked: pd.DataFrame) -> Arm | None:
    """The arm that is best over the inner splits of every outer split; None if none helps."""
    if ranked.empty:
        return None
    whole = ranked[(ranked.splits == ranked.splits.max()) & (ranked.gain > 0)]
    if whole.empty:
        return None
    first = whole.iloc[0]
    share = None if pd.isna(first.proportion) else float(first.proportion)
    return Arm(str(first.generator), str(first.pipeline), share)


def _share(probability: float) -> str:
    return (
        "not known below 3 splits" if probability != probability else f"{100 * probability:.0f} %"
    )
