"""Check what `tabsculpt advise` promises on real tables against splits that it has not seen.

    python scripts/check_advice_held_out.py --data FOLDER --out FOUND.csv [--budget 2m]

On each table ``advise`` runs as a user runs it, in a process of its own. Then what it recommends,
or, where it recommends nothing, the synthetic rows that it would have added, is fitted on ten
splits drawn with other seeds (test_size=0.33) and scored beside real rows alone; the change has the
95 % interval that `tabsculpt.analysis.comparisons.compare` gives over splits. The tables are
sklearn_diabetes, credit_approval, titanic, plasma, and adult_200: 200 rows of the rarer class of
adult among 4,000, drawn by a seed. A table that is in the file already is not done again.

``--page docs/how-to/advise-and-generate.md`` puts the table between the lines that mark its place.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from tabsculpt.advice.candidates import NONE, Candidate, candidates
from tabsculpt.advice.decide import goal_of
from tabsculpt.advice.nested import HeldRows
from tabsculpt.advice.scores import Arm, read_jobs, verdict
from tabsculpt.advice.search import arms_of
from tabsculpt.config.compose import load
from tabsculpt.datasets import load as load_dataset
from tabsculpt.datasets.split import Splitting
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job

TABLES = ("plasma", "sklearn_diabetes", "credit_approval", "titanic", "adult_200")
SPLITS, FIRST_SEED, TEST = 10, 90_001, 0.33
ROWS, RARE = 4_000, 200
ROPE = 0.01
BEGIN, END = "<!-- held-out check: begin -->", "<!-- held-out check: end -->"


def settings_of(name: str, data: Path, folder: Path) -> list[str]:
    """What is typed to name a table, and where its files are."""
    places = [f'paths.data="{data}"', f'paths.outputs="{folder / "outputs"}"']
    if name != "adult_200":
        return [f"dataset={name}", *places]
    path = folder / "adult_200.csv"
    adult = pd.read_csv(data / "more" / "adult.csv", dtype=str, keep_default_na=False)
    sizes = adult.income.value_counts()
    rare = adult[adult.income == sizes.index[-1]].sample(RARE, random_state=0)
    rest = adult[adult.income == sizes.index[0]].sample(ROWS - RARE, random_state=0)
    pd.concat([rest, rare]).sample(frac=1, random_state=0).to_csv(path, index=False)
    return ["dataset=csv", f'dataset.path="{path}"', "dataset.target=income", *places]


def advised(settings: list[str], budget: str, folder: Path) -> dict[str, Any]:
    """The recommendation, with wall and CPU seconds and the peak MB of all its processes."""
    command = [sys.executable, "-m", "tabsculpt", "advise", *settings, f"budget={budget}", "--json"]
    began = time.perf_counter()
    with (folder / "advise.json").open("w") as out, (folder / "advise.log").open("w") as log:
        process = psutil.Popen(command, stdout=out, stderr=log)
        seconds, peak = watched(process)
    if process.returncode:
        raise SystemExit((folder / "advise.log").read_text()[-2_000:])
    answer = json.loads((folder / "advise.json").read_text())["recommendation"]
    wall = time.perf_counter() - began
    return {**answer, "wall_s": wall, "cpu_s": seconds, "all_mb": peak}


def watched(process: psutil.Popen) -> tuple[float, float]:
    """CPU seconds of a process and those that it starts, and the peak MB of all together."""
    seconds, peak = dict[int, float](), 0.0
    while process.poll() is None:
        held = 0
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                spent = each.cpu_times()
                seconds[each.pid] = spent.user + spent.system
                held += each.memory_info().rss
        peak = max(peak, held / 1e6)
        time.sleep(0.5)
    return sum(seconds.values()), peak


def arm_of(answer: dict[str, Any]) -> Arm | None:
    """What is recommended; else the synthetic rows that would have been added, or None."""
    if answer["instead"]:
        return Arm(NONE, str(answer["instead"]), None)
    arm = answer["arm"]
    return Arm(arm["generator"], arm["pipeline"], arm["proportion"]) if arm else None


def held_out(settings: list[str], arm: Arm) -> dict[str, Any]:
    """A row of `compare` of an arm against real rows alone on fresh splits."""
    base = Job.of(load([*settings, "pipeline=real"]))
    dataset = load_dataset(base.source)
    goal = goal_of("auto", ROPE, dataset.table.schema.task)
    made = "bootstrap" if arm.generator == NONE else arm.generator
    tried = [f"generator={made}", f"pipeline={arm.pipeline},traditional"]
    found, _ = candidates([*settings, *tried], None, dataset, base.source.missing)
    candidate = next(each for each in found if arm in arms_of(each))
    source = HeldRows.of(dataset, base.source.missing)
    chosen: dict[str, Arm | None] = {}
    for seed in range(FIRST_SEED, FIRST_SEED + SPLITS):
        job = _fresh(candidate, source, seed)
        for each in (job.baseline(), job):
            run_job(each, dataset, lambda _layout: None, lambda _step, _done: None)
        chosen[job.identity(source.data)] = arm
    jobs = [*chosen, *(_fresh(candidate, source, seed).baseline().identity(source.data)
                       for seed in range(FIRST_SEED, FIRST_SEED + SPLITS))]  # fmt: skip
    return verdict(read_jobs(base.outputs, jobs, goal), chosen, goal)


def _fresh(candidate: Candidate, source: HeldRows, seed: int) -> Job:
    job = candidate.with_sample_seed(seed)
    split = Splitting(TEST, seed)
    return replace(job, source=source, split=split, seed=seed, scores_only=True)


def checked(name: str, data: Path, budget: str) -> dict[str, Any]:
    """What is advised on a table, and what fresh splits say of it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        settings = settings_of(name, data, folder)
        answer = advised(settings, budget, folder)
        arm = arm_of(answer)
        found = held_out(settings, arm) if arm else {}
    rival = answer["rival"] if answer["instead"] else None
    promised = rival or answer
    return {
        "table": name,
        "budget": budget,
        "metric": answer["metric"],
        "advice": _words(answer),
        "arm": arm.words if arm else "",
        "outer_splits": answer["splits"],
        **{f"promised_{key}": promised[key] for key in ("change", "low", "high")},
        "held_out_real": found.get("mean_second"),
        "held_out_change": found.get("difference"),
        "held_out_low": found.get("low"),
        "held_out_high": found.get("high"),
        "held_out_verdict": found.get("verdict", ""),
        **{key: answer[key] for key in ("wall_s", "cpu_s", "all_mb")},
    }


def _words(answer: dict[str, Any]) -> str:
    if not answer["splits"]:
        return "cannot tell in this time"
    if answer["instead"]:
        return "train otherwise"
    return "add" if answer["use"] else "leave as it is"


def lines_of(found: pd.DataFrame) -> list[str]:
    """The table in Markdown."""
    head = ["table (metric)", "advice", "what was scored", "promised change", "held-out change",
            "wall s", "CPU s", "MB"]  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|---|---|---|---|---|---:|---:|---:|"]
    for row in found.itertuples():
        promised = size(row.promised_change, row.promised_low, row.promised_high)
        held = size(row.held_out_change, row.held_out_low, row.held_out_high)
        what = row.arm if isinstance(row.arm, str) and row.arm else "nothing"
        lines.append(
            f"| {row.table} ({row.metric}) | {row.advice} | {what} | {promised} | {held} | "
            f"{row.wall_s:.0f} | {row.cpu_s:.0f} | {row.all_mb:.0f} |"
        )
    return lines


def size(change: float, low: float, high: float) -> str:
    """A change with its interval."""
    return "" if pd.isna(change) else f"{change:+.3g} ({low:+.3g} to {high:+.3g})"


def put(lines: list[str], page: Path) -> None:
    """Put lines between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    body = "\n".join(lines)
    page.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="the data folder; needed for tables not done")
    parser.add_argument("--out", type=Path, required=True, help="CSV file of what was found")
    parser.add_argument("--budget", default="2m")
    parser.add_argument("--tables", nargs="*", default=list(TABLES), choices=TABLES)
    parser.add_argument("--page", type=Path, help="the documentation page with the table")
    given = parser.parse_args()
    load([])  # wrong packaged configuration ends it here
    records = pd.read_csv(given.out).to_dict("records") if given.out.exists() else []
    done = {(record["table"], record["budget"]) for record in records}
    for name in given.tables:
        if (name, given.budget) not in done:
            if given.data is None:
                parser.error(f"{name} is not done yet: --data is needed")
            records.append(checked(name, given.data.resolve(), given.budget))
            pd.DataFrame(records).to_csv(given.out, index=False)
    lines = lines_of(pd.DataFrame(records))
    print("\n".join(lines))
    if given.page is not None:
        put(lines, given.page)


if __name__ == "__main__":
    main()
