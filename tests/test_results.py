"""Result files are read whole, whatever is being written at the time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd

from tabsculpt.results import Row, read_rows, write_rows

JOBS, ROWS, ROUNDS = 40, 30, 15


def write(folder: Path) -> None:
    """Write the rows of every job, and write them again as a sweep does that retries."""
    for turn in range(ROUNDS):
        for job in range(JOBS):
            row = Row(
                job=f"{job:016x}", dataset="d", task="binary", split_seed=0, profiler="none",
                generator="none", pipeline="real", protocol="trtr", seed=turn, device="cpu",
                data="", started=str(job), predictors="quick", evaluation="", metric="auc_roc",
                value=float(turn),
            )  # fmt: skip
            write_rows([row] * ROWS, folder)


def test_a_reader_sees_whole_jobs_while_a_writer_writes(tmp_path):
    folder = tmp_path / "results"
    writer = subprocess.Popen([sys.executable, __file__, str(folder)])
    looks = unfinished = 0
    while writer.poll() is None:
        if not list(folder.glob("*.parquet")):
            continue
        for found in (read_rows(folder), pd.read_parquet(folder)):
            jobs = found.groupby("job")
            assert (jobs.size() == ROWS).all()
            assert (jobs.seed.nunique() == 1).all()
            looks += 1
            unfinished += len(jobs) < JOBS or found.seed.nunique() > 1
    assert writer.returncode == 0
    assert looks > 5
    assert unfinished  # it did look while the writer wrote
    final = read_rows(folder)
    assert (final.groupby("job").seed.max() == ROUNDS - 1).all()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
