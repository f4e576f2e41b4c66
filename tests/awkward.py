"""Generators that misbehave, and one that keeps account; named by YAML files that tests write."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psutil

from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap


@dataclass(frozen=True)
class Raises(Bootstrap):
    """Raises."""

    def fit(self, table, seed, device):
        raise ValueError("no way")


@dataclass(frozen=True)
class Exits(Bootstrap):
    """Ends its process without a word."""

    def fit(self, table, seed, device):
        print("about to go", flush=True)
        os._exit(3)


@dataclass(frozen=True)
class ExitsOnce(Bootstrap):
    """Ends its process the first time, as a flaky machine does."""

    mark: str = ""

    def fit(self, table, seed, device):
        if not Path(self.mark).exists():
            Path(self.mark).touch()
            os._exit(3)
        return super().fit(table, seed, device)


@dataclass(frozen=True)
class KillsItsCarrier(Bootstrap):
    """The second fit ends the cluster job that carries its task, once; each fit leaves a line."""

    mark: str = ""

    def fit(self, table, seed, device):
        with Path(self.mark).open("a+") as file:
            file.seek(0)
            before = len(file.readlines())
            file.write("fit\n")
        carrier = psutil.Process(os.getppid()).parent()
        if before == 1 and any(
            name in " ".join(carrier.cmdline()) for name in ("_submit", "ray::")
        ):
            time.sleep(0.5)  # what was begun is told meanwhile
            carrier.kill()
            time.sleep(1000)
        return super().fit(table, seed, device)


@dataclass(frozen=True)
class Locks(Bootstrap):
    """Makes a lock between processes, as tqdm does, and leaves it."""

    kept: ClassVar[list[object]] = []

    def fit(self, table, seed, device):
        self.kept.append(multiprocessing.Lock())
        return super().fit(table, seed, device)


@dataclass(frozen=True)
class WaitsOnce(Bootstrap):
    """Says which process it is in and waits to be ended; every later fit goes through."""

    mark: str = ""

    def fit(self, table, seed, device):
        if not Path(self.mark).exists():
            write_whole(Path(self.mark), str(os.getpid()))
            time.sleep(1000)
        return super().fit(table, seed, device)


def write_whole(path, text):
    """Nobody sees the file before its content."""
    path.with_suffix(".part").write_text(text)
    path.with_suffix(".part").replace(path)


@dataclass(frozen=True)
class Swells(Bootstrap):
    """Takes memory without bound, in a child of its own: at most 3 GB, should nobody stop it."""

    def fit(self, table, seed, device):
        take = "import time\nheld = []\nfor _ in range(60):\n    held.append(b'x' * 50_000_000)\n"
        subprocess.run([sys.executable, "-c", f"{take}    time.sleep(0.05)"], check=True)
        return super().fit(table, seed, device)


@dataclass(frozen=True)
class SwellsItself(Bootstrap):
    """Takes 3 GB in its own process, should nobody stop it."""

    def fit(self, table, seed, device):
        held = [b"x" * 50_000_000 for _ in range(60)]
        assert held
        return super().fit(table, seed, device)


@dataclass(frozen=True)
class Sleeps(Bootstrap):
    """Sleeps for ever, and so does a child of its own, whose process id it leaves behind."""

    mark: str = ""

    def fit(self, table, seed, device):
        child = subprocess.Popen(["sleep", "1000"])
        Path(self.mark).write_text(str(child.pid))
        time.sleep(1000)


@dataclass(frozen=True)
class Accounts(Bootstrap):
    """Takes its time and writes down each fit: when it began and ended, and its GPU."""

    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")

    log: str = ""
    seconds: float = 0.0

    def fit(self, table, seed, device):
        begun = time.time()
        time.sleep(self.seconds)
        gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "unset")
        with Path(self.log).open("a") as file:
            file.write(f"{os.getpid()} {gpu} {begun} {time.time()}\n")
        return super().fit(table, seed, device)


@dataclass(frozen=True)
class RunsOut(Bootstrap):
    """Runs out of memory as torch does on a GPU, or as it does on a CPU."""

    memory: str = "cuda"

    def fit(self, table, seed, device):
        import torch

        if self.memory == "cuda":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return torch.empty(10**15)


@dataclass(frozen=True)
class Pickles(Bootstrap):
    """Has a model that it saves as the store does not."""

    def fit(self, table, seed, device):
        return Pickled(table)


class Pickled(FittedBootstrap):
    def save(self, folder):
        super().save(folder)
        (folder / "model.pkl").write_bytes(b"\x80\x04K\x01.")
