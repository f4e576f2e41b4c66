"""Whether there is a GPU that torch can compute on."""

from __future__ import annotations

from pathlib import Path

from tabsculpt.errors import UserError


def has_driver() -> bool:
    """Whether asking torch is worth its import."""
    return Path("/proc/driver/nvidia").exists() or Path("/dev/nvidia0").exists()


def is_usable() -> bool:
    """Whether torch finds a CUDA device."""
    import torch

    return torch.cuda.is_available()


def count() -> int:
    """How many CUDA devices torch finds."""
    import torch

    return torch.cuda.device_count()


def device_names() -> list[str]:
    """What the CUDA devices that torch can use are called."""
    import torch

    return [torch.cuda.get_device_name(i) for i in range(count())] if is_usable() else []


def check_usable(device: str) -> None:
    """Refuse a GPU where there is none.

    Args:
        device: "cpu" or "cuda", which may have a number (``cuda:1``).

    Raises:
        UserError: it is a GPU, and torch finds none.
    """
    if device.startswith("cuda") and not is_usable():
        raise UserError(f"device is {device!r}, but torch sees no GPU here: use device=cpu")
