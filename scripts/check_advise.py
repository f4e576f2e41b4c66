"""Check that advice is honest: wrong "add rows" on tables whose answer is known, and its regret.

    python scripts/check_advise.py [--tables 30] [--budget 2m] [--worlds noise even rare]

Tables are simulated, so that the truth is known: every arm that was tried is trained again on the
whole table, and scored on 5,000 further rows of the same law, over three fits. "Helps" means better
there than real rows alone by more than the rope. The worlds, in turn:

- noise: the target has nothing to do with the features, so that nothing can help;
- even: two classes of one size and a linear boundary: copies and models add next to nothing;
- rare: one row in twelve is of the rare class, and macro F1 is the metric: evening out may help.

Printed are the share of tables with a wrong "add rows" (5 % at most is wanted), and the regret: how
much worse on fresh rows following the advice is than the best arm, real rows alone among them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from tabsculpt import advise, read_results
from tabsculpt.advice.candidates import Candidate, candidates, proportions_of
from tabsculpt.advice.nested import HeldRows
from tabsculpt.advice.scores import Arm
from tabsculpt.config.compose import load
from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.split import Splitting
from tabsculpt.jobs.run import run_job

FRESH, FITS, ROPE = 5_000, 3, 0.01
TRIED = ["generator=bootstrap,smote,arf", "pipeline=traditional,upsample"]
FOREST = ["~predictors.linear", "~predictors.lightgbm", "~predictors.knn"]
METRIC = {"noise": "auc_roc", "even": "auc_roc", "rare": "macro_f1"}


def table(world: str, rows: int, seed: int) -> pd.DataFrame:
    """Rows of a world: six features and the class ``y``."""
    rng = np.random.default_rng([seed, rows])
    x = rng.normal(size=(rows, 6))
    share = 1 / 12 if world == "rare" else 0.5
    ill = rng.random(rows) < share
    x[ill] += {"noise": 0.0, "even": 0.3, "rare": 0.7}[world]
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
        replace(one.with_sample_seed(fit), source=source, split=split, seed=fit) for one in tried
    ]
    for job in [jobs[0].baseline(), *jobs]:
        run_job(job, dataset, lambda _layout: None, lambda _step, _done: None)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tables", type=int, default=30)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--budget", default="2m")
    parser.add_argument("--worlds", nargs="+", default=list(METRIC), choices=list(METRIC))
    given = parser.parse_args()
    load([])  # wrong packaged configuration ends it here
    wrong, right, possible, regrets = 0, 0, 0, []
    print(
        "| table | advice | gain in truth | best | regret | CPU s |\n|---|---|---:|---|---:|---:|"
    )
    for seed in range(given.tables):
        world = given.worlds[seed % len(given.worlds)]
        metric, began = METRIC[world], time.process_time()
        frame = table(world, given.rows, seed)
        advice = advise(
            frame, "y", budget=given.budget, metric=metric, settings=[*TRIED, *FOREST], seed=seed
        ).recommendation
        spent = time.process_time() - began
        known = truth(frame, table(world, FRESH, seed), metric)
        arm = advice.arm if advice.use else None
        best = max(known, key=lambda each: known[each])
        gain, regret = known[arm] - known[None], known[best] - known[arm]
        helps = gain > ROPE * known[None]
        wrong += advice.use and not helps
        right += advice.use and helps
        possible += known[best] - known[None] > ROPE * known[None]
        regrets.append(regret)
        cells = [arm.words if arm else "add none", f"{gain:+.4f}", best.words if best else "none"]
        print(f"| {world} {seed} | {' | '.join(cells)} | {regret:.4f} | {spent:.0f} |", flush=True)
    n = given.tables
    print(f'wrong "add rows": {wrong} of {n} tables ({100 * wrong / n:.1f} %)')
    print(f'right "add rows": {right}; tables on which some arm helps: {possible}')
    print(f"regret: mean {np.mean(regrets):.4f}, highest {np.max(regrets):.4f}")


if __name__ == "__main__":
    main()
