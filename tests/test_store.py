from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

import slowstep
import tabsculpt
from tabsculpt.engine.artifacts import read_frame, read_json, write_json
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.step import Fetch, Step, StepError
from tabsculpt.engine.store import MANIFEST, Record, Store
from tabsculpt.engine.upkeep import entries, fault, faults


def ignore(step, done):
    pass


def asker(store: Path, log: Path, seconds: float) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(slowstep.__file__).parent)}
    command = [sys.executable, slowstep.__file__, str(store), str(log), str(seconds)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_a_stored_step_is_read_and_not_computed_again(tmp_path):
    log = tmp_path / "log"
    first = slowstep.ask(tmp_path / "store", str(log), 0.0)
    second = slowstep.ask(tmp_path / "store", str(log), 0.0)
    assert np.array_equal(first, second)
    assert log.read_text() == "computed\n"


@pytest.mark.parametrize("damage", ["truncate", "flip", "remove", "add", "manifest", "no manifest"])
def test_a_damaged_artifact_is_computed_again(tmp_path, damage):
    log, root = tmp_path / "log", tmp_path / "store"
    whole = slowstep.ask(root, str(log), 0.0)
    folder = Store(root).folder(slowstep.SlowStep(str(log), 0.0))
    victim = folder / "3.npz"
    match damage:
        case "truncate":
            victim.write_bytes(victim.read_bytes()[:1000])
        case "flip":
            data = bytearray(victim.read_bytes())
            data[5000] ^= 1
            victim.write_bytes(bytes(data))
        case "remove":
            victim.unlink()
        case "add":
            (folder / "stray.npz").write_bytes(b"")
        case "manifest":
            (folder / MANIFEST).write_text('{"key": ')
        case "no manifest":
            (folder / MANIFEST).unlink()
    assert np.array_equal(slowstep.ask(root, str(log), 0.0), whole)
    assert log.read_text() == "computed\n" * 2
    assert slowstep.ask(root, str(log), 0.0).shape == whole.shape
    assert log.read_text() == "computed\n" * 2


def test_no_bit_of_a_manifest_can_change_unseen(tmp_path):
    slowstep.ask(tmp_path, str(tmp_path / "log"), 0.0)
    store, step = Store(tmp_path), slowstep.SlowStep(str(tmp_path / "log"), 0.0)
    path, entry = store.folder(step) / MANIFEST, next(entries(tmp_path))
    written, record = path.read_bytes(), store.record(step)
    assert fault(entry) is None
    for place in range(len(written)):
        changed = bytearray(written)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        if fault(entry) is None:  # the same numbers in other words, such as 1e-3 and 1E-3
            assert store.record(step) == record
        else:
            assert store.record(step) is None
    reported = {**json.loads(written), "cpu_seconds": 1e6}
    path.write_text(json.dumps(reported))
    assert fault(entry) == "its manifest is not as it was written"
    del reported["checksum"]
    path.write_text(json.dumps(reported))
    assert fault(entry) == "its manifest has no checksum, as those of earlier versions"


def stored_kinds() -> list[type[Step]]:
    """Every class of steps whose results are stored."""
    for module in pkgutil.walk_packages(tabsculpt.__path__, "tabsculpt."):
        if module.name.rpartition(".")[2] in ("steps", "rounds", "judging", "tuning", "upsample"):
            importlib.import_module(module.name)
    found, waiting = set(), [Step]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.stored and kind.__module__.startswith("tabsculpt."):
            found.add(kind)
    return sorted((k for k in found if not inspect.isabstract(k)), key=lambda k: k.__name__)


def stand_in(kind: type[Step], key: str) -> Step:
    """A step of a class with a key of our own, which keeps a number."""
    step = object.__new__(kind)
    read = SimpleNamespace(key=key, inputs=(), identity=key, parts=())
    vars(step).update(_read=read, description={"key": key})
    vars(step).update(write=lambda result, folder: write_json(result, folder / "n.json"))
    vars(step).update(read=lambda folder: read_json(folder / "n.json"))
    return step


@pytest.mark.parametrize("kind", stored_kinds(), ids=lambda kind: kind.__name__)
def test_the_folder_of_another_step_is_not_taken_for_its_own(kind, tmp_path):
    store = Store(tmp_path)
    one, two = (stand_in(kind, key * 32) for key in "ab")
    other = stand_in(Holds, one.key)
    for number, step in enumerate((one, two, other)):
        named = Record(step.key, type(step).__name__, "data", {}, [], 0.0, 0.0, 0.0, "")
        store.write(step, number, named)
        assert store.read(step)[0] == number

    def exchange(first: Step, second: Step) -> None:
        folders, reserved = (store.folder(first), store.folder(second)), tmp_path / "aside"
        folders[0].rename(reserved)
        folders[1].rename(folders[0])
        reserved.rename(folders[1])

    exchange(one, two)
    wrong = {(entry.kind, entry.key): what for entry, what in faults(tmp_path)}
    words = "it is the result of another step, "
    assert wrong == {
        (kind.__name__, one.key): f"{words}{kind.__name__} {two.key}",
        (kind.__name__, two.key): f"{words}{kind.__name__} {one.key}",
    }
    exchange(one, two)
    exchange(one, other)  # of the same key, and another class
    assert {entry.kind for entry, _ in faults(tmp_path)} == {kind.__name__, "Holds"}
    exchange(one, other)
    exchange(one, two)
    assert (store.record(one), store.read(one), store.read(two)) == (None, None, None)
    assert not store.folder(one).exists()
    assert store.read(other)[0] == 2


def test_every_kind_of_step_is_among_those():
    names = {kind.__name__ for kind in stored_kinds()}
    assert names >= {
        "SplitPart",
        "Fit",
        "Sample",
        "Trial",
        "NextRows",
        "Gains",
        "CombineAndPredict",
    }
    assert len(names) >= 19


def test_two_processes_at_once_leave_one_artifact_and_both_get_it(tmp_path):
    log = tmp_path / "log"
    askers = [asker(tmp_path / "store", log, 0.5) for _ in range(2)]
    sums = {process.communicate(timeout=60)[0] for process in askers}
    assert [process.returncode for process in askers] == [0, 0]
    assert len(sums) == 1
    assert log.read_text() == "computed\n"
    assert len(list((tmp_path / "store").rglob(MANIFEST))) == 1
    assert not list((tmp_path / "store" / "drafts").iterdir())


def test_a_process_killed_at_any_point_leaves_nothing_that_is_trusted(tmp_path):
    log, root, seconds = tmp_path / "log", tmp_path / "store", 0.3
    expected = slowstep.ask(tmp_path / "elsewhere", str(log), seconds)
    begun = time.perf_counter()
    asker(tmp_path / "timing", tmp_path / "timing.log", seconds).wait(60)
    whole = time.perf_counter() - begun
    moments = random.Random(0)
    for _ in range(6):
        process = asker(root, log, seconds)
        # The interpreter starts in the first part; computing and writing fill the second.
        time.sleep(whole * moments.uniform(0.4, 1.0))
        process.kill()
        process.wait(10)
        found = Store(root).read(slowstep.SlowStep(str(log), seconds))
        assert found is None or np.array_equal(found[0], expected)
    assert np.array_equal(slowstep.ask(root, str(log), seconds), expected)


def test_a_failed_step_is_not_stored_and_names_its_cause(tmp_path):
    runner = Runner(Store(tmp_path / "store"), ignore)
    step = slowstep.SlowStep(str(tmp_path / "no such folder" / "log"), 0.0)
    with pytest.raises(StepError) as caught:
        runner.result(step)
    assert isinstance(caught.value.cause, FileNotFoundError)
    assert caught.value.step is step
    assert Store(tmp_path / "store").read(step) is None


def test_the_record_says_what_it_cost(tmp_path):
    slowstep.ask(tmp_path, str(tmp_path / "log"), 0.2)
    record = Store(tmp_path).record(slowstep.SlowStep(str(tmp_path / "log"), 0.2))
    assert 0.2 <= record.seconds < 2
    assert record.cpu_seconds < record.seconds
    assert 30 < record.peak_mb < 10_000
    assert sorted(record.files) == [f"{i}.npz" for i in range(slowstep.PARTS)]


def test_a_step_is_charged_with_its_own_memory_and_no_other(tmp_path):
    runner = Runner(Store(tmp_path), ignore)
    large, small = Holds(256, 0.3), Holds(1, 0.0)
    before, during, after = (peak(runner, step) for step in (Holds(1, 0.1), large, small))
    assert during - before > 250
    assert during - after > 250


def peak(runner: Runner, step: Step[int]) -> float:
    runner.result(step)
    return runner.record(step).peak_mb


@dataclass(frozen=True)
class Holds(Step[int]):
    """Holds so many MB for so many seconds."""

    phase: ClassVar[str] = "data"

    megabytes: int
    seconds: float

    def compute(self, fetch: Fetch) -> int:
        held = np.ones(self.megabytes * 125_000)  # of eight bytes each
        time.sleep(self.seconds)
        return int(held.sum())

    def write(self, result: int, folder: Path) -> None:
        write_json(result, folder / "sum.json")

    def read(self, folder: Path) -> int:
        return read_json(folder / "sum.json")


def test_a_folder_that_reads_like_a_setting_adds_no_column_to_a_stored_frame(tmp_path):
    """Arrow would take ``seed=1`` in a path for a partition."""
    folder = tmp_path / "seed=1"
    folder.mkdir()
    frame = pd.DataFrame({"x": [1.5, None], "kind": pd.Categorical(["a", "b"])})
    frame.to_parquet(folder / "rows.parquet", index=False)
    pd.testing.assert_frame_equal(read_frame(folder / "rows.parquet"), frame)
