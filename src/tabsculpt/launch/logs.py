"""Tracebacks of a job that runs in this process, kept where those of other processes are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from tabsculpt.engine.runner import refusals
from tabsculpt.engine.step import StepError
from tabsculpt.engine.writing import writing
from tabsculpt.errors import FailureError


@contextmanager
def kept_log(path: Path) -> Iterator[None]:
    """Send the tracebacks of failing steps to a file, which is there only where one failed.

    Raises:
        WriteError: the file cannot be written, or an earlier one cannot be removed.
    """
    with writing(path):
        path.unlink(missing_ok=True)
    handler, logger = _Log(path), logging.getLogger("tabsculpt")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
        handler.close()


@contextmanager
def one_failure(path: Path) -> Iterator[None]:
    """Turn a step that failed into the error of a command, its traceback kept in a file.

    Raises:
        UserError: the step refused its input, or had too few rows.
        FailureError: it failed otherwise.
    """
    try:
        with kept_log(path), refusals():
            yield
    except StepError as error:
        why = f"{type(error.cause).__name__}: {' '.join(str(error.cause).split())}"[:500]
        raise FailureError(f"{error.step.label} failed: {why}; traceback in {path}") from error


class _Log(logging.FileHandler):
    """Makes the file and its folder with the first line; a line that is lost is an error."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, delay=True, encoding="utf-8")
        self._path = path

    def _open(self) -> TextIOWrapper:
        with writing(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """Raise what kept the line from being written, and not print it as the library does."""
        with writing(self._path):
            raise
