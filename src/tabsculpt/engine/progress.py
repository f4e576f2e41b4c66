"""How far a long computation is, reported to whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """``done`` of at most ``total`` rounds, and the loss of the last one where there is one."""

    done: int
    total: int
    loss: float | None = None


_listener: ContextVar[Callable[[Progress], None] | None] = ContextVar("listener", default=None)


def report_progress(done: int, total: int, loss: float | None = None) -> None:
    """Say how far this computation is; costs nothing where nobody listens.

    On a GPU, reading the loss waits for the device: report every few dozen rounds, not each.
    """
    listener = _listener.get()
    if listener is not None:
        listener(Progress(done, total, loss))


@contextmanager
def listening(listener: Callable[[Progress], None]) -> Iterator[None]:
    """Have ``listener`` called with each report that is made inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
