"""The runner: asks the store for a step, computes what is missing, and measures it."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from tabsculpt.engine.step import Step, StepError
from tabsculpt.engine.store import Record, Store
from tabsculpt.engine.writing import WriteError
from tabsculpt.errors import TooFewRowsError, UserError

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

T = TypeVar("T")
log = logging.getLogger(__name__)
"""Tracebacks of steps that failed; shown where somebody sets it to INFO."""
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a step that refused its input into the user's error; other failures pass.

    Raises:
        UserError: the cause was one, or there were too few rows.
    """
    try:
        yield
    except StepError as error:
        if isinstance(error.cause, (UserError, TooFewRowsError)):
            raise UserError(str(error.cause)) from error
        raise


class Runner:
    """Gets the results of steps for one job.

    Args:
        store: where results are kept; None for results that are remembered here alone.
        on_step: called with each step that is about to be computed, and again (``done=True``)
            with each that is at hand, computed or stored.
        size: of the data that the steps are about, kept with what each of them took, so that what
            it takes on more data can be judged.
    """

    def __init__(
        self,
        store: Store | None,
        on_step: Callable[[Step[Any], bool], None],
        size: int | None = None,
    ) -> None:
        self.store, self._size = store, size
        self._records: dict[str, Record] = {}
        self._on_step = on_step
        self._results: dict[str, Any] = {}
        self._failures: dict[str, StepError] = {}

    def result(self, step: Step[T]) -> T:
        """The result of a step: remembered, stored, or computed now together with its inputs.

        Raises:
            StepError: the step, or one it depends on, failed now or earlier in this job.
            WriteError: a result could not be stored.
        """
        if step.key in self._failures:
            raise self._failures[step.key]
        if step.key not in self._results:
            try:
                self._results[step.key] = self._obtain(step)
            except StepError as error:
                self._failures[step.key] = error
                raise
            self._on_step(step, True)
        found: T = self._results[step.key]
        return found

    def record(self, step: Step[Any]) -> Record | None:
        """The record of a stored step, None for steps that are not stored or did not succeed."""
        if self.store and step.stored and step.key not in self._records:
            record = self.store.record(step)
            if record is None:
                return None
            self._records[step.key] = record
        return self._records.get(step.key)

    def _obtain(self, step: Step[T]) -> T:
        store = self.store if step.stored else None
        if store and (found := store.read(step)) is not None:
            self._records[step.key] = found[1]
            return found[0]
        for parent in step.inputs:
            try:
                self.result(parent)
            except StepError as error:
                if not isinstance(error.cause, step.forgives):
                    raise
        if store is None:
            return self._compute(step)[0]
        with store.lock(step):
            if (found := store.read(step)) is not None:
                self._records[step.key] = found[1]
                return found[0]
            result, record = self._compute(step)
            with _failures(step):
                store.write(step, result, record)
            self._records[step.key] = record
            return result

    def _compute(self, step: Step[T]) -> tuple[T, Record]:
        self._on_step(step, False)
        wall, cpu = time.perf_counter(), time.process_time()
        with PeakMemory() as memory, one_thread(), _failures(step):
            result = step.compute(self.result)
        record = Record(
            key=step.key,
            step=type(step).__name__,
            phase=step.phase,
            description=step.description,
            inputs=[parent.key for parent in step.inputs],
            seconds=time.perf_counter() - wall,
            cpu_seconds=time.process_time() - cpu,
            peak_mb=memory.peak_mb,
            ended=datetime.now(UTC).isoformat(),
            size=self._size,
        )
        return result, record


@contextmanager
def _failures(step: Step[Any]) -> Iterator[None]:
    """Turn what a step raises into its failure; nothing goes on where nothing can be written.

    Raises:
        StepError: the step failed.
        WriteError: as it is.
    """
    try:
        yield
    except (StepError, WriteError):
        raise
    except Exception as error:
        if not isinstance(error, (UserError, TooFewRowsError)):
            log.info("%s failed", step.label, exc_info=True)
        raise StepError(step, error) from error


class PeakMemory:
    """Samples the resident memory of this process while the block runs."""

    def __init__(self) -> None:
        self.peak_mb = 0.0

    def __enter__(self) -> PeakMemory:
        WATCH.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        WATCH.remove(self)

    def note(self, resident_mb: float) -> None:
        """Take in a sample."""
        self.peak_mb = max(self.peak_mb, resident_mb)


class _Watch:
    """One thread that samples for all: to start one for each step takes longer than most steps."""

    def __init__(self, interval: float = 0.05) -> None:
        self._interval = interval
        self._watched: list[PeakMemory] = []
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, peak: PeakMemory) -> None:
        import psutil

        if self._thread is None or not self._thread.is_alive():  # or this process was forked
            self._process, self._watched = psutil.Process(), []
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._watched.append(peak)
        self._sample()
        self._wanted.set()

    def remove(self, peak: PeakMemory) -> None:
        self._sample()
        self._watched.remove(peak)
        if not self._watched:
            self._wanted.clear()

    def _run(self) -> None:
        while self._wanted.wait():
            time.sleep(self._interval)
            self._sample()

    def _sample(self) -> None:
        resident = self._process.memory_info().rss / 1e6
        for peak in list(self._watched):
            peak.note(resident)


WATCH = _Watch()


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold numeric libraries to one thread: sums then do not depend on the machine's cores."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))  # for libraries not yet imported
    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch else None
    if torch:
        torch.set_num_threads(1)
    try:
        with _pools(len(sys.modules)).limit(limits=1):
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        if torch and threads:
            torch.set_num_threads(threads)


@lru_cache(maxsize=1)
def _pools(_modules: int) -> ThreadpoolController:
    """The thread pools of this process; looked for again once more modules are imported."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
