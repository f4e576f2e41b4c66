"""The device that jobs compute on."""

from __future__ import annotations

from tabsculpt.engine import cuda
from tabsculpt.errors import UserError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(device: str, gpu: bool | None = None) -> str:
    """Resolve "auto" to the device there is.

    Args:
        device: as configured.
        gpu: whether jobs get a GPU on the machine that they are sent to; None: they run on this.

    Raises:
        UserError: an unknown device, or cuda where there is none.
    """
    if device not in DEVICES:
        raise UserError(f"device is {device!r}; expected one of {', '.join(DEVICES)}")
    if gpu is not None:
        if device == "cuda" and not gpu:
            raise UserError(
                "device=cuda, but hydra.launcher.gpus (num_gpus for Ray) gives jobs no GPU"
            )
        return "cuda" if gpu and device != "cpu" else "cpu"
    if device != "cpu" and cuda.has_driver() and cuda.is_usable():
        return "cuda"
    if device == "cuda":
        raise UserError("device=cuda, but torch finds no CUDA device; use device=cpu or auto")
    return "cpu"


def is_open(device: str, chosen: str) -> bool:
    """Whether a GPU was chosen and not asked for; arguments: as configured, as resolved."""
    return device == "auto" and chosen == "cuda"
