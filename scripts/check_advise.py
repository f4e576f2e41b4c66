"""Check that advice is honest: wrong "add rows" on tables whose answer is known, and its regret.

    python scripts/check_advise.py --out advice.csv [--tables 30] [--budget 90s]

Tables are simulated, so that the truth is known: every arm that was tried is trained again on the
whole table, and scored on 5,000 further rows of the same law, over three fits. "Helps" means better
there than real rows alone by more than the rope. A forest learns. The worlds, in turn:

- noise: the target has nothing to do with the features, so that nothing can help, whatever the
  further rows say by chance;
- even: two classes of one size and a linear boundary: copies and models add next to nothing;
- shift: one row in twelve is of the rare class, whose features are larger; macro F1 is the metric;
- ring: the same share, the rare class on a ring about the others: evening out helps most.

A table that is in the file already is not judged again. Printed are every table, the share of
tables with a wrong "add rows" (5 % at most is wanted), and the regret: how much worse on fresh rows
following the advice is than the best arm, real rows alone among them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt import advise, read_results
from tabsculpt.advice.candidates import NONE, Candidate, candidates, proportions_of
from tabsculpt.advice.nested import HeldRows
from tabsculpt.advice.scores import Arm
from tabsculpt.config.compose import load
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.split import Splitting
from tabsculpt.jobs.run import run_job

FRESH, FITS, ROPE = 5_000, 3, 0.01
TRIED = ["generator=bootstrap,smote", "pipeline=upsample,traditional,weighted,threshold"]
FOREST = ["~predictors.linear", "~predictors.lightgbm", "~predictors.knn"]
METRIC = {"noise": "auc_roc", "even": "auc_roc", "shift": "macro_f1", "ring": "macro_f1"}
ROWS = {"noise": 300, "even": 300, "shift": 900, "ring": 900}


def table(world: str, rows: int, seed: int) -> pd.DataFrame:
    """Rows of a world: six features and the class ``y``."""
    rng = np.random.default_rng([seed, rows])
    x = rng.normal(size=(rows, 6))
    rare = world in ("shift", "ring")
    ill = rng.random(rows) < (1 / 12 if rare else 0.5)
    x[ill] += {"noise": 0.0, "even": 0.3, "shift": 0.7, "ring": 0.4}[world]
    if world == "ring":
        angle = rng.uniform(0, 2 * np.pi, rows)
        on_ring = 2.2 * np.column_stack([np.cos(angle), np.sin(angle)])
        x[ill, :2] = (on_ring + rng.normal(0, 0.25, (rows, 2)))[ill]
    frame = pd.DataFrame(x.round(3), columns=list("abcdef"))
    return frame.assign(y=np.where(ill, "ill", "a_well"))


def truth(learnt: pd.DataFrame, fresh: pd.DataFrame, metric: str) -> dict[Arm | None, float]:
    """Each arm's value on fresh rows, the mean over fits; real rows alone are None."""
    whole = pd.concat([learnt, fresh], ignore_index=True)
    dataset = assemble(whole, "fresh", Roles("y", "auto", [], None, "keep"))
    dataset = replace(dataset, test_rows=np.arange(len(learnt), len(whole)))
    with tempfile.TemporaryDirectory() as folder:
        tried, _ = candidates([*TRIED, *FOREST, f"paths.outputs={folder}"], None, dataset, "keep")
        for fit in range(FITS):
            judge(tried, dataset, fit)
        rows = read_results(folder)
    rows = rows[rows.predictor.notna() & rows.metric.eq(metric)]
    found: dict[Arm | None, float] = {None: float(rows[rows.pipeline == "real"].value.mean())}
    for one in tried:
        mine = rows[(rows.generator == one.generator) & (rows.pipeline == one.pipeline)]
        for share in proportions_of(one.job):
            of = mine if share is None else mine[mine.proportion == share]
            found[Arm(one.generator, one.pipeline, share)] = float(of.value.mean())
    return found


def judge(tried: Sequence[Candidate], dataset: Dataset, fit: int) -> None:
    """Run the jobs of every candidate, and real rows alone, on a fixed test part."""
    source, split = HeldRows.of(dataset, "keep"), Splitting(0.5, 0)
    jobs = [
        replace(one.with_sample_seed(fit), source=source, split=split, seed=fit, scores_only=True)
        for one in tried
    ]
    for job in [jobs[0].baseline(), *jobs]:
        run_job(job, dataset, lambda _layout: None, lambda _step, _done: None)


def judged(world: str, seed: int, budget: str) -> dict[str, Any]:
    """What is advised on a table, and what is true."""
    metric, began = METRIC[world], time.process_time()
    frame = table(world, ROWS[world], seed)
    settings = [*TRIED, *FOREST]
    advice = advise(frame, "y", budget=budget, metric=metric, settings=settings, seed=seed)
    found = advice.recommendation
    spent = time.process_time() - began
    known = truth(frame, table(world, FRESH, seed), metric)
    instead = None if found.instead is None else Arm(NONE, found.instead.pipeline, None)
    arm = found.arm if found.use else instead
    best, made = (
        max((each for each in known if of(each)), key=lambda each: known[each])
        for of in (lambda _: True, lambda each: each is None or not each.on_real)
    )
    least = ROPE * known[None]
    return {
        "world": world,
        "seed": seed,
        "advice": arm.words if arm else "leave as it is",
        "add": found.use,
        "splits": found.splits,
        "expected": found.change,
        "gain": known[arm] - known[None],
        "best": best.words if best else "leave as it is",
        "best_gain": known[best] - known[None],
        "regret": known[best] - known[arm],
        "wrong": found.use and known[arm] - known[None] <= least,
        "rows_help": known[made] - known[None] > least,
        "cpu_s": spent,
    }


def show(found: pd.DataFrame) -> None:
    """Print every table, and what they say together."""
    nothing = found.world == "noise"
    found.loc[nothing, ["gain", "best_gain", "regret"]] = 0.0
    found.loc[nothing, "best"] = "leave as it is"
    found = found.assign(wrong=found.wrong | (nothing & found["add"]))
    found["rows_help"] &= ~nothing
    print("| table | advice | splits | its gain | best | its gain | regret | CPU s |")
    print("|---|---|---:|---:|---|---:|---:|---:|")
    for row in found.itertuples():
        print(
            f"| {row.world} {row.seed} | {row.advice} | {row.splits} | {row.gain:+.3f} | "
            f"{row.best} | {row.best_gain:+.3f} | {row.regret:.3f} | {row.cpu_s:.0f} |"
        )
    n, wrong = len(found), int(found.wrong.sum())
    print(f'wrong "add rows": {wrong} of {n} tables ({100 * wrong / n:.1f} %)')
    for world, mine in found.groupby("world", sort=False):
        print(
            f"{world}: {len(mine)} tables, rows help on {mine.rows_help.sum()}; advice: "
            f"add {mine['add'].sum()}, train otherwise "
            f"{(~mine['add'] & (mine.advice != 'leave as it is')).sum()}, "
            f"leave {(mine.advice == 'leave as it is').sum()}; "
            f"regret mean {mine.regret.mean():.3f}, highest {mine.regret.max():.3f}; "
            f"of leaving it as it is {mine.best_gain.mean():.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="CSV file of what was found")
    parser.add_argument("--tables", type=int, default=30)
    parser.add_argument("--budget", default="90s")
    parser.add_argument("--worlds", nargs="+", default=list(METRIC), choices=list(METRIC))
    given = parser.parse_args()
    load([])  # wrong packaged configuration ends it here
    records = pd.read_csv(given.out).to_dict("records") if given.out.exists() else []
    done = {(record["world"], record["seed"]) for record in records}
    for seed in range(given.tables):
        world = given.worlds[seed % len(given.worlds)]
        if (world, seed) not in done:
            records.append(judged(world, seed, given.budget))
            pd.DataFrame(records).to_csv(given.out, index=False)
    show(pd.DataFrame(records))


if __name__ == "__main__":
    main()
