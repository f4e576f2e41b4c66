"""Where networks are trained and neighbours are sorted."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from tabsculpt.engine.cuda import check_usable


class Device(StrEnum):
    """A CPU or a GPU; they round differently. auto: the job's, and the CPU outside of a job."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def placed(part: Any, device: str) -> Any:
    """A profiler or recorder with the job's device in place of "auto".

    It is done before a step is named by its settings, so that what was computed on a CPU is never
    taken for the result of a GPU.

    Args:
        part: a component; one without a device, or with one of its own, comes back as it is.
        device: "cpu" or "cuda".
    """
    if getattr(part, "device", None) != Device.AUTO:
        return part
    return replace(part, device=Device(device))


def torch_device(device: str) -> str:
    """What torch calls a device; "auto" is the CPU, whatever the machine has.

    Raises:
        UserError: a GPU where torch sees none.
    """
    if device == Device.AUTO:
        return "cpu"
    check_usable(device)
    return device
