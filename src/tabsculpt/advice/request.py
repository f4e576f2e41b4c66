"""What was typed to `advise`, sorted into settings of a job and what is asked for besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tabsculpt.config.amounts import seconds_of
from tabsculpt.errors import UserError

BUDGET, METRIC, ROPE = "budget", "metric", "rope"
NESTED = "splits are nested, and as many as the budget allows"
DECIDED = {
    "protocol": "rows are added to real ones, as with protocol=augmentation",
    "repeats": NESTED,
    **dict.fromkeys((f"split.{k}" for k in ("test_size", "seed", "repeats", "folds")), NESTED),
    "split.n_train": NESTED,
}
"""Settings that `advise` decides on itself, and how."""
LEAST = 30.0
"""Seconds that are needed at least."""


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        settings: of jobs; ``generator`` and ``pipeline`` may have several values.
        budget: seconds of all.
        metric: a name, or "auto".
        rope: share of the metric that is no difference in practice.
    """

    settings: list[str]
    budget: float = 600.0
    metric: str = "auto"
    rope: float = 0.01

    @classmethod
    def of(cls, typed: Sequence[str]) -> Request:
        """Sort what was typed.

        Raises:
            UserError: a value cannot be read.
        """
        settings: list[str] = []
        own: dict[str, str] = {}
        for text in typed:
            key, separator, value = text.partition("=")
            name = key.lstrip("+~")
            if why := DECIDED.get(name, DECIDED.get(name.partition(".")[0])):
                raise UserError(f"{name} is not for advise: {why}; leave {text} out")
            if separator and key in (BUDGET, METRIC, ROPE):
                own[key] = value
            else:
                settings.append(text)
        return cls(
            settings,
            read_budget(own.get(BUDGET, "10m")),
            own.get(METRIC, "auto"),
            _share(own.get(ROPE, "0.01")),
        )

    @property
    def other(self) -> list[str]:
        """The settings without those that say what is tried."""
        return [t for t in self.settings if t.partition("=")[0] not in ("generator", "pipeline")]


def read_budget(text: str) -> float:
    """Seconds of a span of time such as ``10m``.

    Raises:
        UserError: it is none, or too short.
    """
    seconds = seconds_of(text, "budget", "a span of time, as in 90s, 10m or 2h")
    if seconds < LEAST:
        raise UserError(f"budget is {text}; expected {LEAST:.0f}s at least")
    return seconds


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"rope is {text!r}; expected a share such as 0.01") from None
