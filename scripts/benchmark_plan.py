"""What it costs to plan a grid of about 18,000 jobs: jobs, CPU seconds and peak memory.

    python scripts/benchmark_plan.py [key=value ...]

Overrides given take the place of those of the same key in `GRID`; the folder of outputs is an
empty one that goes at the end.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
import time

from rich.console import Console

GRID = {
    "dataset": "sklearn_diabetes,breast_cancer,wine",
    "generator": "tvae,nflow,arf,ctgan,ddpm",
    "pipeline": "traditional,preprocess,profile2gen,random_drop",
    "protocol": "tstr,augmentation",
    "seed": "range(50)",
    "split.seed": "0,1,2",
}
MB = 1e6 if sys.platform == "darwin" else 1e3
"""What ``ru_maxrss`` counts a megabyte in: bytes on macOS, kilobytes elsewhere."""


def main() -> None:
    """Plan the grid once, as ``tabsculpt plan`` does."""
    from tabsculpt.launch.plan import show_plan
    from tabsculpt.launch.sweep import prepare_sweep

    typed = dict(text.split("=", 1) for text in sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        grid = {**GRID, **typed, "paths.outputs": folder}
        overrides = [f"{key}={value}" for key, value in grid.items()]
        console = Console(file=io.StringIO())
        opened = prepare_sweep(overrides, None, console)
        show_plan(opened.batch, opened.outputs / "store", opened.slots, console)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    jobs, seconds = len(opened.batch.titles), time.process_time()
    print(f"{jobs} jobs, {seconds:.1f} CPU seconds, {peak:.0f} MB at most")


if __name__ == "__main__":
    main()
