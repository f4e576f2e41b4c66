"""Run every generator on the tables of the leaderboard, keep the cells, and write the page.

    TABSCULPT_DATA=... python scripts/leaderboard.py --outputs FOLDER
    TABSCULPT_DATA=... python scripts/leaderboard.py --outputs FOLDER --minutes 30 --jobs 2
    TABSCULPT_DATA=... python scripts/leaderboard.py --outputs ANOTHER --generators arf
    python scripts/leaderboard.py --page

A cell is a job of a sweep (pipeline=traditional, protocol=tstr, predictors=quick, real rows beside
it), so that a run that was cut short goes on where it was, and failures are cells with a reason.
Cells replace those that are kept of the same table, generator and split: a generator whose code has
changed is run in another folder. Generators come cheapest first. ``--minutes`` begins no further
cell after so long; ``--timeout`` ends one that takes longer. Tables whose files or network are
missing here are left out and named.

Which tables settings may be tuned on, and which are judged by, is in ``leaderboards/tables.py``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from rich.console import Console

from leaderboards.cells import collect, keep
from leaderboards.page import page
from leaderboards.tables import JUDGE, TUNE, overrides
from tabsculpt.config.choices import choices
from tabsculpt.engine.artifacts import read_frame
from tabsculpt.errors import UserError
from tabsculpt.launch.sweep import prepare_sweep, run_sweep

ROOT = Path(__file__).parents[1]
CELLS = ROOT / "scripts" / "results" / "leaderboard.parquet"
PAGE = ROOT / "docs" / "leaderboard.md"
CONF = Path(__file__).parent / "leaderboards" / "conf"

CHEAPEST = (
    "bootstrap", "marginal", "cart", "gaussian_copula", "arf", "sdv_gaussian_copula",
    "bayesian_network", "forest_flow", "dp_nade", "mst", "tvae", "wgan_gp", "ddpm", "cdtd",
    "nflow", "ctgan", "tabformer", "sdv_tvae", "sdv_ctgan", "sdv_copulagan",
)  # fmt: skip
"""Those that are not named come last."""
NO_MODEL = {"file", "tuned", "tuned_tvae", "par", "rgan", "auto"}
"""A file of the user's, searches, sequences, and what chooses among the others."""
OVERSAMPLERS = {"smote", "smotenc", "smoter", "adasyn", "naive"}
"""They make rows for rare classes or values, not a table."""
NOTES_OR_IMAGES = {"text_lm", "eda", "unet_ddpm"}
"""They write notes or draw pixels, which none of these tables has."""
PEERS = ("forest_diffusion",)
"""Packages by others, see ``leaderboards/conf``; where they are not installed they are left out."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--outputs", type=Path, help="folder of the jobs; runs what is missing")
    parser.add_argument("--generators", nargs="+", default=generators())
    parser.add_argument("--tables", nargs="+", default=[*TUNE, *JUDGE])
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1, help="at a time")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin none after")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds of one cell")
    parser.add_argument("--cells", type=Path, default=CELLS, help="where they are kept")
    parser.add_argument("--page", action="store_true", help="write the documentation's page anew")
    given = parser.parse_args()
    if given.outputs:
        run(given)
        cells = keep(collect(given.outputs), given.cells)
        print(f"{len(cells)} values in {given.cells}")
    if given.page:
        PAGE.write_text(page(read_frame(given.cells), generators()), encoding="utf-8")
        print(f"{PAGE} written")


def generators() -> list[str]:
    """All that learn tables of any kind, cheapest first."""
    left = NO_MODEL | OVERSAMPLERS | NOTES_OR_IMAGES
    names = [n for n in choices("generator") if n not in left and not n.endswith("_paper")]
    names += PEERS
    return sorted(names, key=lambda n: (CHEAPEST.index(n) if n in CHEAPEST else 99, n))


def run(given: argparse.Namespace) -> None:
    """Run the cells that are missing, a sweep for each generator on each table."""
    end, console = time.monotonic() + 60 * given.minutes, Console()
    outputs = given.outputs.resolve()
    for generator in given.generators:
        for table in given.tables:
            if time.monotonic() > end:
                console.print(f"time is over: {generator} on {table} and what follows is not run")
                return
            console.print(f"[bold]{generator}[/] on {table}")
            try:
                named = overrides(table, outputs / "cut")
                sweep(generator, named, outputs, given, console)
            except UserError as error:
                console.print(f"{generator} on {table} left out: {error}", markup=False)


def sweep(
    generator: str, named: list[str], outputs: Path, given: argparse.Namespace, console: Console
) -> None:
    """The cells of a generator on a table; those that are there are not run again."""
    settings = [
        f"generator={generator}", "pipeline=traditional", "protocol=tstr", "predictors=quick",
        f"split.repeats={given.splits}", f"hydra.launcher.jobs={given.jobs}", "device=cpu",
        f"hydra.launcher.timeout={given.timeout}", f"paths.outputs={outputs}",
    ]  # fmt: skip
    silent = Console(quiet=True)
    prepared = prepare_sweep([*named, *settings], CONF, silent)
    for bad in run_sweep(prepared, silent):
        console.print(f"  {bad.title}: {bad.status}", markup=False)


if __name__ == "__main__":
    main()
