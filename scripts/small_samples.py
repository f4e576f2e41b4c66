"""Run the experiment small_samples, keep its rows, and write what came out as a page.

    TABSCULPT_DATA=... python scripts/small_samples.py --outputs FOLDER
    python scripts/small_samples.py --outputs FOLDER --collect
    python scripts/small_samples.py --page

The first says what it may cost, goes on where it was cut short, and keeps the rows. The second
keeps what has run so far, and the third writes ``docs/small-samples.md`` from what is kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from small_study.kept import keep, kept
from small_study.page import page
from tabsculpt.launch.sweep import prepare_sweep, run_sweep

ROOT = Path(__file__).parents[1]
ROWS = ROOT / "scripts" / "results" / "small_samples"
PAGE = ROOT / "docs" / "small-samples.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--outputs", type=Path, help="folder of the jobs")
    parser.add_argument("--collect", action="store_true", help="run nothing, keep what has run")
    parser.add_argument("--jobs", type=int, default=1, help="at a time")
    parser.add_argument("--page", action="store_true", help="write the documentation's page anew")
    given = parser.parse_args()
    if given.outputs:
        if not given.collect:
            run(given.outputs.resolve(), given.jobs)
        print(f"{keep(given.outputs, ROWS)} values in {ROWS}")
    if given.page:
        PAGE.write_text(page(kept(ROWS)), encoding="utf-8")
        print(f"{PAGE} written")


def run(outputs: Path, jobs: int) -> None:
    """Run what is missing; what it may cost is said first."""
    console = Console()
    settings = [f"hydra.launcher.jobs={jobs}", "device=cpu", f"paths.outputs={outputs}"]
    prepared = prepare_sweep(["experiment=small_samples", *settings], None, Console(quiet=True))
    for bad in run_sweep(prepared, console):
        console.print(f"  {bad.title}: {bad.status}", markup=False)


if __name__ == "__main__":
    main()
