"""Data-centric synthetic tabular data: profile, generate, refine, and measure whether it helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tabsculpt.advice.frame import advise
    from tabsculpt.analysis.comparisons import compare
    from tabsculpt.analysis.measurements import read_results
    from tabsculpt.samplers.estimators import Profile2Gen, TargetedAugmentation, Upsampler
    from tabsculpt.synthesis.frame import generate

__all__ = [
    "Profile2Gen",
    "TargetedAugmentation",
    "Upsampler",
    "advise",
    "compare",
    "generate",
    "read_results",
]

_HOMES = {
    "advise": "tabsculpt.advice.frame",
    "compare": "tabsculpt.analysis.comparisons",
    "generate": "tabsculpt.synthesis.frame",
    "read_results": "tabsculpt.analysis.measurements",
}


def __getattr__(name: str) -> Any:
    """Results as tables, and samplers for scikit-learn; imported when one of them is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "tabsculpt.samplers.estimators")), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
