"""What rows say of a step that failed."""

from __future__ import annotations

import errno
from typing import Any

from tabsculpt.engine.step import StepError
from tabsculpt.errors import ContractError, TooFewRowsError, UserError
from tabsculpt.results import Status

NO_MEMORY = (
    *("cuda error: out of memory", "cuda out of memory", "cublas_status_alloc_failed"),
    *("can't allocate memory", "bad_alloc", "bad allocation"),
)
"""What torch, CUDA and C++ say where memory runs out."""


def failure(error: StepError) -> dict[str, Any]:
    """What a row says of a step that failed: status, phase and reason."""
    if isinstance(error.cause, (TooFewRowsError, UserError)):
        contract = isinstance(error.cause, ContractError)
        status = Status.FAILED if contract else Status.SKIPPED
    else:
        status = Status.OUT_OF_MEMORY if _out_of_memory(error.cause) else Status.FAILED
    return {"status": status, "phase": error.step.phase, "reason": one_line(error.cause)}


def _out_of_memory(error: BaseException | None) -> bool:
    """Whether a failure, or what it was raised from, is that memory ran out.

    Libraries raise errors of their own for it: torch on a GPU an `OutOfMemoryError` and on a CPU a
    plain RuntimeError, both of them RuntimeErrors; the boosting libraries pass on what C++ says.
    """
    if error is None:
        return False
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    named = any(words in str(error).lower() for words in NO_MEMORY)
    return named or _out_of_memory(error.__cause__)


def one_line(error: BaseException) -> str:
    """What an error says, without line breaks; its type where it is none of our own."""
    text = " ".join(str(error).split())
    shown = text if len(text) <= 500 else f"{text[:500]}..."
    known = isinstance(error, (TooFewRowsError, UserError))
    return shown if known else f"{type(error).__name__}: {shown}"
