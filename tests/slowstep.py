"""A step that takes its time, also while it writes; and a script that asks a store for it.

Run as ``python slowstep.py STORE LOG SECONDS``; prints the sum of the result.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from tabsculpt.engine.artifacts import read_arrays, write_arrays
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.engine.store import Store

PARTS = 5


@dataclass(frozen=True)
class SlowStep(Step[np.ndarray]):
    phase: ClassVar[str] = "data"

    log: str
    seconds: float

    def compute(self, fetch: Fetch) -> np.ndarray:
        with Path(self.log).open("a") as file:
            file.write("computed\n")
        time.sleep(self.seconds)
        return np.random.default_rng(self.random_seed).random((PARTS, 50_000))

    def write(self, result: np.ndarray, folder: Path) -> None:
        for i, part in enumerate(result):
            write_arrays({"part": part}, folder / f"{i}.npz")
            time.sleep(self.seconds / PARTS)

    def read(self, folder: Path) -> np.ndarray:
        return np.stack([read_arrays(folder / f"{i}.npz")["part"] for i in range(PARTS)])


def ask(store: Path, log: str, seconds: float) -> np.ndarray:
    return Runner(Store(store), lambda _step, _done: None).result(SlowStep(log, seconds))


if __name__ == "__main__":
    import slowstep  # so that the class is slowstep.SlowStep here as in the tests

    print(slowstep.ask(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])).sum())
