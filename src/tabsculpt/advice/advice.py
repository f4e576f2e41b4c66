"""What is advised, as data and in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from tabsculpt.advice.scores import Arm, Goal
from tabsculpt.analysis.columns import RIVALS
from tabsculpt.analysis.estimates import Verdict

WITHOUT = {
    "weighted": "weight the classes alike (pipeline=weighted)",
    "threshold": "predict with another threshold (pipeline=threshold)",
    "oversample": "repeat real rows of the rarer classes (pipeline=oversample)",
    "undersample": "leave out real rows of the larger classes (pipeline=undersample)",
    "regularised": "regularise the predictors more (pipeline=regularised)",
    "mixup": "mix pairs of real rows (pipeline=mixup)",
}
"""What the ways without synthetic rows are, as an advice."""


@dataclass(frozen=True)
class Rival:
    """The best way to do without synthetic rows, chosen and judged as these are.

    Attributes:
        arm: it, over all inner splits; None where nothing was better than the rows as they are.
        change, low, high, verdict: of following it against the real rows as they are.
        over_change, over_low, over_high, over_verdict: of the best synthetic rows against it.
    """

    arm: Arm | None
    change: float
    low: float
    high: float
    verdict: str
    over_change: float
    over_low: float
    over_high: float
    over_verdict: str

    @property
    def helps(self) -> bool:
        """Whether it is better than the real rows as they are, as sure as a verdict is."""
        return self.arm is not None and self.verdict == Verdict.BETTER

    def beaten(self, sign: int) -> bool:
        """Whether synthetic rows that help are to be preferred to it.

        Of a way that helps, they have to be better for sure; of one that may as well do nothing,
        better in the mean.

        Args:
            sign: 1 where high values of the metric are good, else -1.
        """
        if self.helps or self.over_verdict != Verdict.UNKNOWN:
            return self.over_verdict == Verdict.BETTER
        return sign * self.over_change > 0

    @property
    def words(self) -> list[str]:
        """Sentences."""
        name = "the rows as they are" if self.arm is None else self.arm.words
        over = _size(self.over_change, self.over_low, self.over_high)
        known = self.over_verdict != Verdict.UNKNOWN
        words = f"they are {self.over_verdict}" if known else "it is not known which is better"
        lines = [f"Synthetic rows against the best way without them ({name}): {words}: {over}."]
        if self.helps:
            size = _size(self.change, self.low, self.high)
            lines.append(f"Real rows alone, by {name}, are better than as they are: {size}.")
        return lines


@dataclass(frozen=True)
class Recommendation:
    """Whether to add synthetic rows to a table, and which.

    Attributes:
        use: whether they help by more than the rope, as sure as a verdict is, and are to be
            preferred to the best way to do without them, where that was tried (`Rival.beaten`).
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
        rival: the best way to do without; None where none was tried.
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
    rival: Rival | None = None

    def beside(
        self, arm: Arm | None, found: dict[str, Any], over: dict[str, Any]
    ) -> Recommendation:
        """The same, set against the best way to do without synthetic rows.

        Args:
            arm: that way.
            found: its verdict against the rows as they are, see `scores.verdict`; may be empty.
            over: that of the best synthetic rows against it.
        """
        if not found or not over:  # what was not judged is not beaten
            return replace(self, use=False)
        rival = Rival(
            arm=arm,
            change=float(found["difference"]),
            low=float(found["low"]),
            high=float(found["high"]),
            verdict=str(found["verdict"]),
            over_change=float(over["difference"]),
            over_low=float(over["low"]),
            over_high=float(over["high"]),
            over_verdict=str(over["verdict"]),
        )
        sign = 1 if self.direction == "max" else -1
        return replace(self, use=self.use and rival.beaten(sign), rival=rival)

    @property
    def instead(self) -> Arm | None:
        """How to train on the real rows alone in place of adding some; None for as they are."""
        helps = self.rival is not None and self.rival.helps and not self.use
        return self.rival.arm if helps and self.rival is not None else None

    @property
    def words(self) -> list[str]:
        """Sentences for a reader who did not run it."""
        if not self.splits:
            return ["Cannot tell: the time was over before any outer split was done."]
        if self.instead is not None:
            return self._otherwise(self.instead)
        size = _size(self.change, self.low, self.high)
        besides = [] if self.rival is None else self.rival.words
        on = f"{self.metric} of real rows alone: {self.real:.3g}, on {self._places}."
        sure = (
            f"Probability that it helps by more than {self.rope:.2g}: {_share(self.probability)}."
        )
        if self.use:
            assert self.arm is not None
            return [f"Add {self.arm.words} to your rows.", f"Expected change: {size}.", on, sure,
                    *besides]  # fmt: skip
        why = {
            Verdict.BETTER: "they help, but a way that costs less promises as much",
            Verdict.EQUAL: "it makes no difference in practice",
            Verdict.WORSE: "it makes predictions worse",
        }.get(Verdict(self.verdict), "there is no sign of it that would hold on other rows")
        return [
            f"Do not add synthetic rows: {why}.",
            f"Expected change by the best choice: {size}.", on, sure, *besides,
        ]  # fmt: skip

    def _otherwise(self, arm: Arm) -> list[str]:
        """Sentences where the classes' imbalance is better met without synthetic rows."""
        assert self.rival is not None
        own = _size(self.rival.change, self.rival.low, self.rival.high)
        made = _size(self.change, self.low, self.high)
        over = _size(self.rival.over_change, self.rival.over_low, self.rival.over_high)
        beside = {
            Verdict.WORSE: "which is worse",
            Verdict.EQUAL: "which is practically the same",
        }.get(Verdict(self.rival.over_verdict), "which is not known to be better")
        return [
            f"Do not add synthetic rows: {WITHOUT.get(arm.pipeline, arm.words)} instead.",
            f"Expected change by that: {own}.",
            f"{self.metric} of real rows as they are: {self.real:.3g}, on {self._places}.",
            f"The best synthetic rows change it by {made}, {beside}: {over} against this way.",
        ]

    @property
    def _places(self) -> str:
        """The outer splits that it rests on, and those that it lacks."""
        chosen_on = sum(self.chosen.values())
        if chosen_on <= self.splits:
            return f"{self.splits} outer splits"
        return (
            f"{self.splits} of {chosen_on} outer splits (on the others the choice failed or was "
            "not done in time)"
        )

    def record(self) -> dict[str, Any]:
        """JSON-ready; numbers that are not defined are None."""
        instead = None if self.instead is None else self.instead.pipeline
        return {**_plain(asdict(self)), "instead": instead, "words": self.words}


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


def best_arm(ranked: pd.DataFrame, on_real: bool = False) -> Arm | None:
    """The arm that is best over the inner splits of every outer split; None if none helps.

    Args:
        ranked: see `scores.ranking`.
        on_real: among those of real rows alone; else among those with synthetic rows.
    """
    ranked = ranked[ranked.pipeline.isin(RIVALS) == on_real]
    if ranked.empty:
        return None
    whole = ranked[(ranked.splits == ranked.splits.max()) & (ranked.gain > 0)]
    if whole.empty:
        return None
    first = whole.iloc[0]
    share = None if pd.isna(first.proportion) else float(first.proportion)
    return Arm(str(first.generator), str(first.pipeline), share)


def _size(change: float, low: float, high: float) -> str:
    return f"{change:+.3g} (95 % interval {low:+.3g} to {high:+.3g})"


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """JSON-ready; numbers that are not defined are None."""
    return {
        key: _plain(value)
        if isinstance(value, dict)
        else None
        if isinstance(value, float) and not abs(value) < float("inf")
        else value
        for key, value in values.items()
    }


def _share(probability: float) -> str:
    return (
        "not known below 3 splits" if probability != probability else f"{100 * probability:.0f} %"
    )
