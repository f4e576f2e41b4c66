"""The rows of the study, kept in a form small enough to commit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pandas as pd

from tabsculpt.engine.writing import replacing
from tabsculpt.papers.profile2gen.kept import COLUMNS, FOLDERS
from tabsculpt.results import read_rows, schema

METRICS = ("auc_roc", "rmse", "macro_f1", "ece", "brier")
ROOT = Path(__file__).parents[2]


def keep(rows: pd.DataFrame, path: Path) -> None:
    """Write what the study reads of some result rows to a file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    mine = rows[rows.predictor.notna()]
    mine = mine[mine.metric.isin(METRICS)]
    mine = mine.assign(
        notes="", reason=mine.reason.map(lambda phrase: FOLDERS.sub("", phrase), "ignore")
    )
    names = [*dict.fromkeys([*COLUMNS, "experiment", "cpu_seconds_generate"])]
    columns = pa.schema([schema().field(name) for name in names])
    table = pa.Table.from_pandas(mine[names], schema=columns, preserve_index=False)
    with replacing(path) as draft:
        pq.write_table(table, draft, compression="zstd")


def collect(rows: Path, folder: Path) -> int:
    """Bring the rows of all tables and passes together in one file; gives their number."""
    found = read_rows(rows)
    keep(found, folder / "rows.parquet")
    return len(found)


def kept(folder: Path) -> pd.DataFrame:
    """What `collect` wrote, as result rows."""
    return read_rows(folder, ["rows"])


def note_run(path: Path, planned: int) -> None:
    """Write of which commits the rows are, and how many tables were planned.

    Args:
        path: of the file, which may name earlier commits.
        planned: number of tables.

    Raises:
        SystemExit: files differ from the commit.
    """
    if _git("status", "--porcelain", "--", "src", "conf", "scripts", ":!scripts/results"):
        raise SystemExit("commit what was changed first: the rows are of a commit")
    earlier = json.loads(path.read_text(encoding="utf-8"))["commits"] if path.exists() else []
    commits = [*dict.fromkeys([*earlier, _git("rev-parse", "HEAD")])]
    with replacing(path) as draft:
        written = json.dumps({"commits": commits, "planned": planned}, indent=1)
        draft.write_text(written + "\n", encoding="utf-8")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
