"""Run the study of when synthetic rows help on many real tables, and write what came out.

    python scripts/when_it_helps.py --choose
    python scripts/when_it_helps.py --outputs FOLDER [--passes 1 2]
    python scripts/when_it_helps.py --outputs FOLDER --collect
    python scripts/when_it_helps.py --page

The first writes which tables are used. The second runs them one after the other in this process,
goes on where it was cut short, and refuses to start where files differ from the commit. The third
keeps what has run so far, and the last writes ``docs/when-it-helps.md`` from what is kept.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from help_study.kept import collect, note_run
from help_study.run import run
from help_study.tables import chosen_tables, read_tables, write_tables

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "scripts" / "results" / "when_it_helps"
TABLES = KEPT / "tables.csv"
SEED, IMBALANCED, OTHERS = 0, 60, 100
"""Of the draw of tables: 60 imbalanced ones of KEEL, 100 others."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--choose", action="store_true", help="draw the tables anew")
    parser.add_argument("--outputs", type=Path, help="folder of the jobs")
    parser.add_argument("--passes", type=int, nargs="+", choices=(1, 2, 3), default=(1, 2, 3))
    parser.add_argument("--collect", action="store_true", help="run nothing, keep what has run")
    given = parser.parse_args()
    if given.choose:
        write_tables(chosen_tables(SEED, IMBALANCED, OTHERS), TABLES)
        print(f"{TABLES} written")
    if given.outputs:
        tables, outputs = read_tables(TABLES), given.outputs.resolve()
        if not given.collect:
            note_run(outputs / "run.json", len(tables))
            run(tables, outputs, given.passes)
        print(f"{collect(outputs / 'rows', KEPT)} values in {KEPT}")
        shutil.copy(outputs / "run.json", KEPT)


if __name__ == "__main__":
    main()
