"""What groups and metrics are called."""

from __future__ import annotations

from typing import Any

NAMES = {"rmse": "RMSE", "auc_roc": "AUC"}
PROTOCOLS = {
    "tstr": "Synthetic rows in place of the real ones (tstr)",
    "augmentation": "Synthetic rows added to the real ones (augmentation)",
    "iterative": "Synthetic rows added, hard ones dropped again and again (iterative)",
}


def labels(names: dict[str, Any]) -> dict[str, str]:
    """What a reader tells groups apart by: each part with its settings, and the rest if unusual."""
    found = {"dataset": str(names["dataset"])}
    for part in ("protocol", "generator", "profiler"):
        words = [str(names[part]), str(names[f"{part}_settings"] or "")]
        found[part] = " ".join(filter(None, words))
    return found | {name: str(names[name]) for name in ("predictors", "evaluation", "device")}


def protocol_words(protocol: str) -> str:
    """What a protocol does, with its name."""
    return PROTOCOLS.get(protocol, f"Protocol {protocol}")


def metric_name(metric: str) -> str:
    """As a reader knows it."""
    return NAMES.get(metric, metric)


def metric_unit(metric: str) -> str:
    """The name with the unit, where it has one."""
    return f"{metric_name(metric)}, unit of the target" if metric == "rmse" else metric_name(metric)


def metric_axis(metric: str, direction: str) -> str:
    """The name with the unit and which way is better."""
    better = "lower" if direction == "min" else "higher"
    unit = "unit of the target, " if metric == "rmse" else ""
    return f"{metric_name(metric)} ({unit}{better} is better)"


def gain_unit(metric: str, direction: str) -> str:
    """What an improvement is counted in, see `tabsculpt.analysis.scores.improvement`."""
    return "%" if direction == "min" else f"{metric_name(metric)} points"
