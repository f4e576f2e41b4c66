"""One number of a synthetic table: which way is good, and why it may not be defined."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tabsculpt.metrics.disclosure.risks import LEAST_ROWS as LEAST_ATTACKED
from tabsculpt.metrics.sdmetrics import NAMES

Direction = Literal["min", "max", "match"]


@dataclass(frozen=True)
class Measurement:
    """One number of a synthetic table.

    Attributes:
        metric: its name.
        column: the column it is of, None for the table.
        value: None where it is not defined; `reason` then says why.
        reference: the same number of the test part in place of the synthetic table, which is what
            another real sample has, but of train in its place where test rows are predicted
            (``predictive_score``); 0.5 for attacks on membership, which is a guess, and 0 for
            risks of disclosure. None where none is.
        direction: whether low or high is good, or ("match") to be near the reference.
        reason: empty where there is a value.
        low, high: ends of its 95 % interval, of the risks of disclosure.
        attacks: how many were made on train, of these.
    """

    metric: str
    column: str | None
    value: float | None
    reference: float | None
    direction: Direction
    reason: str = ""
    low: float | None = None
    high: float | None = None
    attacks: int | None = None


@dataclass(frozen=True)
class _About:
    direction: Direction
    undefined: str = "not defined for these rows"


LEAST_IMAGES = 20
"""Fewer images of a table say nothing of what a network sees in them."""

_NO_VALUES = "a table has no value in this column, or in one of them"
_NO_SEQUENCES = "the windows are of too few sequences to hold some out"
_NO_ATTACK = f"needs {LEAST_ATTACKED} rows of train and of test, and attacks that can be made"
_NO_IMAGES = f"needs {LEAST_IMAGES} images of train, test and the synthetic table"
_OF_IMAGES: dict[str, Direction] = {
    "fid": "min", "fid_held_out": "min", "kid": "min", "feature_distance": "min",
    "feature_precision": "max", "feature_recall": "max", "feature_density": "match",
    "feature_coverage": "max", "q_image": "max", "q_image_fidelity": "max",
    "q_image_published": "max",
}  # fmt: skip
_ABOUT = {
    "wasserstein": _About("min", _NO_VALUES),
    "ks": _About("min", _NO_VALUES),
    "total_variation": _About("min"),
    "marginal": _About("min", _NO_VALUES),
    "correlation": _About("min", "needs two columns of numbers"),
    "association": _About("min", "needs a column of categories and another column"),
    "entropy": _About("match"),
    "entropy_gap": _About("min", "needs a column of categories"),
    "rare_categories_1": _About("max", "no category is in fewer than 1 % of the train rows"),
    "rare_categories_5": _About("max", "no category is in fewer than 5 % of the train rows"),
    "target_low_tail": _About("match", "needs a regression with train rows below percentile 10"),
    "target_high_tail": _About("match", "needs a regression with train rows above percentile 90"),
    "exact_copies": _About("min"),
    "text_perplexity": _About("match"),
    "text_distinct_1": _About("match"),
    "text_distinct_2": _About("match", "no text has two words"),
    "text_self_bleu": _About("match"),
    "text_copied_run": _About("min"),
    "text_longest_copied_run": _About("min"),
    "text_copies": _About("min"),
    "constraint_violations": _About("min"),
    "wasserstein_joint": _About("min"),
    "detection_auc": _About("min"),
    "discriminative_score": _About("min", _NO_SEQUENCES),
    "predictive_score": _About("min", "needs a variable of numbers"),
    "alpha_precision": _About("max"),
    "beta_recall": _About("max"),
    "authenticity": _About("max"),
    "precision": _About("max"),
    "recall": _About("max"),
    "density": _About("match"),
    "coverage": _About("max"),
    **{
        f"{name}{suffix}": _About(direction, _NO_IMAGES)
        for suffix in ("", "_inception")
        for name, direction in _OF_IMAGES.items()
    },
    "closer_to_train": _About("match"),
    "membership_auc": _About("match"),
    "membership_accuracy": _About("match"),
    "membership_shadow": _About("match"),
    "singling_out": _About("min", _NO_ATTACK),
    "singling_out_multivariate": _About("min", _NO_ATTACK),
    "linkability": _About("min", _NO_ATTACK),
    "inference": _About("min", _NO_ATTACK),
    "q": _About("max", "a part of it is not defined"),
    "q_fidelity": _About("max", _NO_VALUES),
    "q_diversity": _About("max", "recall is not defined"),
    "q_privacy": _About("max", "the membership attack is not defined"),
    **dict.fromkeys(NAMES, _About("max", "the package gives no score for these columns")),
}


def measurement(
    metric: str, value: float, reference: float | None, column: str | None = None, reason: str = ""
) -> Measurement:
    """A value as a measurement; NaN is undefined, for this or the metric's usual reason."""
    about = _ABOUT[metric]
    kept = None if reference is None or math.isnan(reference) else float(reference)
    if math.isnan(value):
        return Measurement(metric, column, None, kept, about.direction, reason or about.undefined)
    return Measurement(metric, column, float(value), kept, about.direction)
