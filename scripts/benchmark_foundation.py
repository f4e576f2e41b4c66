"""Measure what networks that read training rows as context cost: CPU seconds and peak memory.

    python scripts/benchmark_foundation.py
    python scripts/benchmark_foundation.py --models tabicl --shapes 350x10

Each model has the size at which its package publishes weights and random numbers in their place,
which cost the same. A line is one fit and 200 predictions of a classification with 8 passes, in a
process of its own, on one thread. Needs the extra ``foundation`` and up to 4 GB of memory.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.runner import one_thread
from tabsculpt.pretrained import tabicl, tabpfn

MODELS = ("tabpfn_v2", "tabpfn_v3_5", "tabicl")
SHAPES = ("50x10", "350x10", "1000x10", "350x30")
ASKED, ESTIMATORS = 200, 8


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), help="rows x columns")
    parser.add_argument("--one", nargs=2, metavar=("MODEL", "SHAPE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(measured(*given.one))
        return
    print("| model | context rows x columns | CPU s | peak GB |\n| --- | --- | ---: | ---: |")
    for model in given.models:
        for shape in given.shapes:
            command = [sys.executable, __file__, "--one", model, shape]
            line = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            print(line.strip().splitlines()[-1], flush=True)


def measured(model: str, shape: str) -> str:
    """A line of the table."""
    rows, columns = map(int, shape.split("x"))
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(rows + ASKED, columns))).add_prefix("x")
    codes = (frame.x0 + rng.normal(size=len(frame)) > 0).astype(np.int64).to_numpy()
    with tempfile.TemporaryDirectory() as folder, one_thread():
        path = tabicl_checkpoint(folder) if model == "tabicl" else tabpfn_checkpoint(folder, model)
        start = time.process_time()
        if model == "tabicl":
            asked = tabicl.Asked(path, ESTIMATORS, 0)
            asked.answers("classifier", frame[:rows], codes[:rows])(frame[rows:])
        else:
            tabpfn.Asked(path, ESTIMATORS, 0).classifier(
                frame[:rows], codes[:rows], 10
            ).probabilities(frame[rows:])
        cpu = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return f"| {model} | {shape} | {cpu:.1f} | {peak:.1f} |"


def tabpfn_checkpoint(folder: str, architecture: str) -> Path:
    """A checkpoint of the architecture at its default size."""
    import dataclasses

    import torch
    from tabpfn.architectures import ARCHITECTURES
    from tabpfn.constants import ModelVersion
    from tabpfn.inference_config import InferenceConfig

    module = ARCHITECTURES[architecture]
    config = {"max_num_classes": 10, "num_buckets": 5000}
    default = InferenceConfig.get_default("multiclass", ModelVersion.V2_5)
    whole: dict[str, Any] = {
        "architecture_name": architecture,
        "config": config,
        "state_dict": module.get_architecture(module.parse_config(config)[0]).state_dict(),
        "inference_config": {
            name: value
            for name, value in dataclasses.asdict(default).items()
            if not name.startswith("_")
        },
    }
    path = Path(folder) / f"{architecture}.ckpt"
    torch.save(whole, path)
    return path


def tabicl_checkpoint(folder: str) -> Path:
    """A checkpoint of a classifier at the default size."""
    import torch
    from tabicl._model.tabicl import TabICL

    config = {"max_classes": 10}
    path = Path(folder) / "tabicl.ckpt"
    torch.save({"config": config, "state_dict": TabICL(**config).state_dict()}, path)
    return path


if __name__ == "__main__":
    main()
