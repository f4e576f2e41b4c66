"""Compare CPU and GPU: every generator that can use one, and what the profilers compute on it.

    python scripts/benchmark_devices.py            # on a machine with CUDA
    python scripts/benchmark_devices.py --rows 2000 --generators ddpm nflow

Wall-clock seconds of a fit on the CPU (one thread) and on the GPU, at the defaults, on the train
part of scikit-learn's diabetes and on simulated rows; whether two GPU fits with one seed sample the
same rows, whether a stored GPU model samples what the fresh one does, and the mean Wasserstein
distance of both samples. Then the dynamics of the network and KNN-Shapley, with the largest
difference between the devices. It exits with 1 if a generator breaks its contract on the GPU.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from tabsculpt.config.compose import choices, load
from tabsculpt.jobs.job import Job
from tabsculpt.metrics.wasserstein import wasserstein_mean
from tabsculpt.profilers.dynamics.mlp import MLPRecorder
from tabsculpt.profilers.placement import Device
from tabsculpt.table import Table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=4000, help="of the simulated table")
    parser.add_argument("--generators", nargs="+", default=[])
    given = parser.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("torch sees no GPU here")
    torch.set_num_threads(1)
    print(torch.cuda.get_device_name(0), torch.__version__)
    tables = {
        "sklearn_diabetes": table_of("sklearn_diabetes"),
        f"simulated {given.rows}": table_of("simulated", f"dataset.rows={given.rows}"),
    }
    names = [n for n in choices("generator") if not n.endswith("_paper")]
    broken = 0
    print("| generator | table | CPU s | GPU s | repeatable | stored alike | W1 CPU | W1 GPU |")
    print("|" + "---|" * 8)
    for name in given.generators or names:
        generator = made(name)
        if generator is None or "cuda" not in generator.devices:
            continue
        for title, table in tables.items():
            broken += not compared(name, generator, title, table)
    compare_profilers(tables)
    raise SystemExit(1 if broken else 0)


def table_of(name: str, *more: str) -> Table:
    return Job.of(load([f"dataset={name}", *more])).source.load().table


def made(name: str) -> Any:
    try:
        return Job.of(load([f"generator={name}", "pipeline=traditional"])).generator
    except Exception as error:  # a library or a required setting is missing here
        print(f"{name}: {error}")
        return None


def compared(name: str, generator: Any, title: str, table: Table) -> bool:
    few = table.take(np.arange(60))
    for device in ("cpu", "cuda"):
        shorter(generator).fit(few, 0, device).sample(3, 0)  # imports, kernels
    try:
        on_cpu, cpu = timed(generator, table, "cpu")
        on_gpu, gpu = timed(generator, table, "cuda")
        again, _ = timed(generator, table, "cuda")
        samples = [model.sample(len(table), 5) for model in (on_cpu, on_gpu, again)]
        with TemporaryDirectory() as folder:
            on_gpu.save(Path(folder))
            stored = generator.load(Path(folder)).sample(len(table), 5)
    except Exception as error:  # one line per generator; the exit code tells
        print(f"| {name} | {title} | failed: {type(error).__name__}: {error} |", flush=True)
        return False
    same = samples[1].fingerprint() == samples[2].fingerprint()
    alike = samples[1].fingerprint() == stored.fingerprint()
    far = [wasserstein_mean(table, sample) for sample in samples[:2]]
    print(
        f"| {name} | {title} | {cpu:.1f} | {gpu:.1f} | {same} | {alike} | {far[0]:.3f} | "
        f"{far[1]:.3f} |",
        flush=True,
    )
    return alike and samples[1].schema == table.schema


def shorter(generator: Any) -> Any:
    short = {"steps": 2, "epochs": 1}
    changes = {k: v for k, v in short.items() if getattr(generator, k, None)}
    return replace(generator, **changes)


def timed(generator: Any, table: Table, device: str) -> tuple[Any, float]:
    start = time.perf_counter()
    model = generator.fit(table, 3, device)
    torch.cuda.synchronize()
    return model, time.perf_counter() - start


def compare_profilers(tables: dict[str, Table]) -> None:
    from tabsculpt.profilers.knn_shapley import KNNShapley

    print("| profiler | table | CPU s | GPU s | largest difference |\n|---|---|---|---|---|")
    for title, table in tables.items():
        for name, run in {
            "network dynamics (losses)": lambda d, t=table: (
                MLPRecorder(device=d).record(t, 0).losses
            ),
            "knn_shapley": lambda d, t=table: KNNShapley(device=d).score(t, None, 0).score,
        }.items():
            seconds, values = [], []
            for device in (Device.CPU, Device.CUDA):
                run(device)
                start = time.perf_counter()
                values.append(run(device))
                seconds.append(time.perf_counter() - start)
            apart = float(np.abs(values[0] - values[1]).max())
            print(f"| {name} | {title} | {seconds[0]:.2f} | {seconds[1]:.2f} | {apart:.2g} |")


if __name__ == "__main__":
    main()
