"""Data-centric synthetic tabular data: profile, generate, refine, and measure whether it helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tabsculpt.samplers.estimators import Profile2Gen, TargetedAugmentation, Upsampler

__all__ = ["Profile2Gen", "TargetedAugmentation", "Upsampler"]


def __getattr__(name: str) -> Any:
    """The samplers for scikit-learn, which is imported when one of them is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tabsculpt.samplers import estimators

    return getattr(estimators, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
