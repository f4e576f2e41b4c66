"""Run the study of when synthetic rows help on many real tables, and write what came out.

    python scripts/when_it_helps.py --choose
    python scripts/when_it_helps.py --outputs FOLDER [--passes 1 2]
    python scripts/when_it_helps.py --outputs FOLDER --collect
    python scripts/when_it_helps.py --page

The first writes which tables are used. The second runs them one after the other in this process,
goes on after the rows that are kept or lie in the folder, and refuses to start where files differ
from the commit. The third keeps what has run so far, and the last writes ``docs/when-it-helps.md``
from what is kept, with the order of ways that `tabsculpt.generators.auto.order` has to have.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd

from help_study.facts import write_facts
from help_study.figure import draw
from help_study.kept import collect, kept, note_run
from help_study.page import page
from help_study.rule import section
from help_study.run import restore, run
from help_study.tables import chosen_tables, read_tables, write_tables

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "scripts" / "results" / "when_it_helps"
TABLES, FACTS = KEPT / "tables.csv", KEPT / "facts.csv"
PAGE = ROOT / "docs" / "when-it-helps.md"
SEED, IMBALANCED, OTHERS = 0, 60, 100
"""Of the draw of tables: 60 imbalanced ones of KEEL, 100 others."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--choose", action="store_true", help="draw the tables anew")
    parser.add_argument("--outputs", type=Path, help="folder of the jobs")
    parser.add_argument("--passes", type=int, nargs="+", choices=(1, 2, 3, 4), default=(1, 2, 3, 4))
    parser.add_argument("--collect", action="store_true", help="run nothing, keep what has run")
    parser.add_argument("--page", action="store_true", help="write page and figure anew")
    given = parser.parse_args()
    if given.choose:
        write_tables(chosen_tables(SEED, IMBALANCED, OTHERS), TABLES)
        write_facts(read_tables(TABLES), FACTS)
        print(f"{TABLES} written")
    if given.outputs:
        tables, outputs = read_tables(TABLES), given.outputs.resolve()
        if not given.collect:
            if (KEPT / "run.json").exists():
                restore(kept(KEPT), tables, outputs)
            note_run(KEPT / "run.json", len(tables))
            run(tables, outputs, given.passes)
        print(f"{collect(outputs / 'rows', KEPT)} values in {KEPT}")
    if given.page:
        write_page()


def write_page() -> None:
    """The page and its figure, from what is kept."""
    rows, facts = kept(KEPT), pd.read_csv(FACTS)
    run = json.loads((KEPT / "run.json").read_text(encoding="utf-8"))
    PAGE.write_text(page(rows, facts, run, section(rows, facts)), encoding="utf-8")
    draw(rows, PAGE.with_suffix(".svg"))
    print(f"{PAGE} written")


if __name__ == "__main__":
    main()
