"""One stage of check_gpu.sh: what generators do on a GPU, how fast, and how well jobs share it.

    python scripts/check_gpu.py contract|speed|sharing [--dry-run] [--mps] [--seconds 240]

contract: each generator that can use CUDA is fitted twice with one seed, sampled, saved and read on
a small table; the profilers' scores must be those of the CPU. speed: seconds of a fit at the
default settings, by the seconds of a few steps, on the CPU (one thread) and the GPU at 1,000,
10,000 and 100,000 rows, and the least rows where the GPU is faster. sharing: a sweep of 24 jobs
with 1, 2, 4 and 8 at a time on the GPU, and one that asks for more memory than there is. A line
each as it comes, also into a table named for the card. Exits with 1 where a contract is broken.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from tabsculpt.config.compose import choices, load
from tabsculpt.jobs.job import Job
from tabsculpt.results import read_rows
from tabsculpt.table import Table

RESULTS = Path(__file__).parent / "results" / "gpu"
SIZES, DRY_SIZES = (1_000, 10_000, 100_000), (200, 400)
SHARES, DRY_SHARES = (1, 2, 4, 8), (1, 2)
DATASETS = {"text_lm": "simulated_notes", "unet_ddpm": "digits"}
"""Of generators that learn no plain table."""
TOLERANCES = {"network losses": 1e-3, "knn_shapley": 1e-9}
"""How far a score may lie from that of the CPU: single precision over epochs; double precision."""
LONG = 20.0
"""Seconds of one fit that are not waited for: the next size takes ten times as long at most."""
GREEDY = '''"""A generator that asks for more memory than any device has."""

from dataclasses import dataclass

import torch

from tabsculpt.generators.bootstrap import Bootstrap


@dataclass(frozen=True)
class Greedy(Bootstrap):
    devices = ("cpu", "cuda")

    def fit(self, table, seed, device):
        torch.empty(1 << 50, dtype=torch.uint8, device=device)
'''


class Lines:
    """Prints records as they come and keeps them in a file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._began = path, False

    def add(self, **fields: Any) -> None:
        shown = {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in fields.items()}
        print("  ".join(f"{key} {value}" for key, value in shown.items()), flush=True)
        with self._path.open("a" if self._began else "w", newline="") as file:
            writer = csv.DictWriter(file, list(fields))
            if not self._began:
                writer.writeheader()
            writer.writerow(shown)
        self._began = True


def generators() -> list[tuple[str, Any]]:
    """Those of the packaged files that can use CUDA and are installed here, large models last."""
    return sorted(_generators(), key=lambda named: named[1].extra is not None)


def _generators() -> Iterator[tuple[str, Any]]:
    for name in choices("generator"):
        if name.endswith("_paper"):
            continue
        try:
            found = Job.of(load([f"generator={name}", "pipeline=traditional", "device=cpu"]))
        except Exception as error:  # a library or a required setting is missing here
            print(f"{name} is left out: {error}")
            continue
        made: Any = found.generator
        if "cuda" in made.devices and hasattr(made, "fit"):
            yield name, made


def rows(count: int, generator: str = "") -> Table:
    """A simulated table, or what a generator of notes or images learns; few images are repeated."""
    return _rows(count, DATASETS.get(generator, "simulated"))


@cache
def _rows(count: int, dataset: str) -> Table:
    asked = [] if dataset == "digits" else [f"dataset.rows={count}"]
    table = Job.of(load([f"dataset={dataset}", *asked, "device=cpu"])).source.load().table
    return table.take(np.arange(count) % len(table))


def shorter(generator: Any, steps: int) -> tuple[Any, float]:
    """It with few steps, or one epoch, and how many times as many it takes at its settings."""
    for name in ("steps", "epochs", "iterations"):
        usual = getattr(generator, name, None)
        if isinstance(usual, int) and usual > 0:
            few = min(usual, steps if name != "epochs" else max(1, steps // 10))
            return replace(generator, **{name: few}), usual / few
    return generator, 1.0


def fitted(generator: Any, table: Table, device: str) -> tuple[Any, float]:
    began = time.perf_counter()
    model = generator.fit(table, 3, device)
    if device == "cuda":
        torch.cuda.synchronize()
    return model, time.perf_counter() - began


def contract(device: str, out: Lines, until: float) -> bool:
    """Whether all generators and profilers hold on the device what they hold on the CPU."""
    good = True
    for name, generator in generators():
        if time.monotonic() > until:
            print(f"{name} and those after it are left out, as the time is over")
            break
        try:
            held = _held(shorter(generator, 2)[0], rows(200, name), device)
        except Exception as error:  # a line per generator; the exit code tells
            reason = " ".join(str(error).split())[:200]
            held = {"repeatable": f"{type(error).__name__}: {reason}", "stored": "", "schema": ""}
        out.add(what=name, **held)
        good &= all(value is True for value in held.values())
    for name, apart in _profilers(rows(200), device):
        out.add(what=name, repeatable=apart <= TOLERANCES[name], stored=apart, schema="")
        good &= apart <= TOLERANCES[name]
    return good


def _held(generator: Any, table: Table, device: str) -> dict[str, Any]:
    models = [fitted(generator, table, device)[0] for _ in range(2)]
    samples = [model.sample(50, 5) for model in models]
    with tempfile.TemporaryDirectory() as folder:
        models[0].save(Path(folder))
        stored = generator.load(Path(folder)).sample(50, 5)
    return {
        "repeatable": samples[0].fingerprint() == samples[1].fingerprint(),
        "stored": samples[0].fingerprint() == stored.fingerprint(),
        "schema": samples[0].schema == table.schema,
    }


def _profilers(table: Table, device: str) -> Iterator[tuple[str, float]]:
    """The largest difference between the devices."""
    from tabsculpt.profilers.dynamics.mlp import MLPRecorder
    from tabsculpt.profilers.knn_shapley import KNNShapley
    from tabsculpt.profilers.placement import Device

    both = (Device.CPU, Device(device))
    losses = [MLPRecorder(device=each).record(table, 0).losses for each in both]
    yield "network losses", float(np.abs(losses[0] - losses[1]).max())
    scores = [KNNShapley(device=each).score(table, None, 0).score for each in both]
    yield "knn_shapley", float(np.abs(scores[0] - scores[1]).max())


def speed(device: str, out: Lines, until: float, sizes: tuple[int, ...]) -> None:
    """Seconds of a fit on both devices, and from how many rows on the GPU is faster."""
    torch.set_num_threads(1)
    slow: set[str] = set()
    faster: dict[str, int | None] = {}
    known = generators()
    for size in sizes:  # all at one size before the next: a cut leaves whole rows
        for name, generator in known:
            if name in slow or time.monotonic() > until:
                continue
            try:
                table = rows(size, name)
                seconds = {each: _whole(generator, table, each) for each in ("cpu", device)}
            except Exception as error:
                print(f"{name} at {size} rows: {type(error).__name__}: {str(error)[:200]}")
                slow.add(name)
                continue
            if max(taken for _, taken in seconds.values()) > LONG:
                slow.add(name)
            cpu, gpu = (seconds[each][0] for each in ("cpu", device))
            out.add(generator=name, rows=size, cpu_s=cpu, gpu_s=gpu, times=cpu / gpu)
            faster.setdefault(name, None)
            if gpu < cpu and faster[name] is None:
                faster[name] = size
    for name, least in faster.items():
        where = f"from {least} rows on" if least else "at none of the sizes measured"
        print(f"{name}: the GPU is faster {where}")


def _whole(generator: Any, table: Table, device: str) -> tuple[float, float]:
    """Seconds of a fit at the default settings, judged by two short ones, and those they took."""
    few, _ = shorter(generator, 10)
    more, left = shorter(generator, 40)
    fitted(few, table.take(np.arange(60)), device)  # imports, kernels
    _, short = fitted(few, table, device)
    if few == more:
        return short, short
    _, longer = fitted(more, table, device)
    a_quarter = max(0.0, longer - short) / 3  # ten steps, or one epoch
    return short + a_quarter * (4 * left - 1), short + longer


def sharing(device: str, out: Lines, until: float, shares: tuple[int, ...], jobs: int) -> bool:
    """Throughput with several jobs at a time, and one that outgrows the device among them."""
    alone, good = 0.0, True
    with tempfile.TemporaryDirectory() as folder:
        conf = Path(folder) / "conf"
        (conf / "generator").mkdir(parents=True)
        (conf / "check_gpu_greedy.py").write_text(GREEDY)
        (conf / "generator" / "greedy.yaml").write_text("_target_: check_gpu_greedy.Greedy\n")
        for share in shares:
            if time.monotonic() > until:
                print(f"{share} jobs at a time and more are left out, as the time is over")
                break
            outputs = Path(folder) / f"share-{share}"
            wall, peak = _sweep(["generator=wgan_gp"], device, share, jobs, outputs, conf)
            ok = (read_rows(outputs / "results").groupby("job").status.first() == "ok").sum()
            alone = alone or jobs / wall
            part = jobs / wall / (share * alone)
            out.add(at_a_time=share, jobs=jobs, ok=ok, wall_s=wall, of_solo=part, mb_a_job=peak)
            good &= ok == jobs
        outputs = Path(folder) / "greedy"
        _sweep(["generator=greedy,wgan_gp"], device, 2, 2, outputs, conf)
        states = read_rows(outputs / "results").groupby("generator").status.agg(set).to_dict()
        print(f"a job that asks for too much beside one that does not: {states}", flush=True)
    return good and states == {"greedy": {"out_of_memory"}, "wgan_gp": {"ok"}}


def _sweep(
    grid: list[str], device: str, share: int, jobs: int, outputs: Path, conf: Path
) -> tuple[float, float]:
    """Wall-clock seconds of a sweep without its start, and the most MB of a process on the GPU."""
    few = [f"~predictors.{name}" for name in ("random_forest", "lightgbm", "knn")]
    at_a_time = [f"hydra.launcher.jobs={share}", f"hydra.launcher.jobs_per_gpu={share}"]
    asked = ["dataset=wine", *grid, f"seed=range(0,{jobs})", "pipeline=traditional", *few]
    asked += [f"device={device}", "baseline=false", "repeats=1", f"paths.outputs={outputs}"]
    command = [sys.executable, "-m", "tabsculpt", "sweep", *asked, *at_a_time]
    command += ["--config-dir", str(conf)]
    peak = 0.0
    with outputs.with_suffix(".txt").open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env={**os.environ})
        while process.poll() is None:
            peak = max(peak, _most_memory())
            time.sleep(0.5)
    found = read_rows(outputs / "results")
    if found.empty:
        raise SystemExit(outputs.with_suffix(".txt").read_text())
    took = pd.to_datetime(found.ended).max() - pd.to_datetime(found.started).min()
    return max(0.001, took.total_seconds()), peak


def _most_memory() -> float:
    """MB of device memory of the process that has most; 0 where nobody tells."""
    if shutil.which("nvidia-smi") is None:
        return 0.0
    asked = ["nvidia-smi", "--query-compute-apps=used_memory", "--format=csv,noheader,nounits"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return max((float(line) for line in answer.split() if re.fullmatch(r"\d+", line)), default=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("stage", choices=("contract", "speed", "sharing"))
    parser.add_argument("--dry-run", action="store_true", help="on the CPU, small tables")
    parser.add_argument("--mps", action="store_true", help="names the table: the daemon runs")
    parser.add_argument("--seconds", type=float, default=480.0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if not given.dry_run and not torch.cuda.is_available():
        raise SystemExit("torch sees no GPU here; --dry-run checks all but the speed")
    device = "cpu" if given.dry_run else "cuda"
    card = "dry-run" if given.dry_run else torch.cuda.get_device_name(0).replace(" ", "-")
    home = given.out or (Path(tempfile.gettempdir()) if given.dry_run else RESULTS)
    out = Lines(home / card / f"{given.stage}{'-mps' if given.mps else ''}.csv")
    print(f"-- {given.stage} on {card}, torch {torch.__version__}", flush=True)
    share = {"contract": 0.3, "speed": 0.5, "sharing": 0.5}[given.stage]
    until, good = time.monotonic() + share * given.seconds, True
    if given.stage == "contract":
        good = contract(device, out, until)
    elif given.stage == "speed":
        speed(device, out, until, DRY_SIZES if given.dry_run else SIZES)
    else:
        shares, jobs = (DRY_SHARES, 3) if given.dry_run else (SHARES, 24)
        good = sharing(device, out, until, shares, jobs)
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
