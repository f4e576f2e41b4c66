"""Sets results beside what "Profile2Gen" publishes, with a verdict for each figure.

    python scripts/compare_profile2gen.py                              # the rows kept here
    python scripts/compare_profile2gen.py outputs --out comparison     # your own, and the tables
    python scripts/compare_profile2gen.py outputs --save scripts/results/profile2gen

Prints the findings as Markdown. With --out: figures (each published figure beside what was
obtained), verdicts, pairs (figure 7) and directions as parquet and CSV, and findings.md. With
--save: the rows themselves in a short form, from which the same tables come again. The rows are
those of `tabsculpt sweep experiment=profile2gen_paper`, or of any part of it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tabsculpt.errors import UserError
from tabsculpt.papers.profile2gen.kept import read_results, save_rows
from tabsculpt.papers.profile2gen.summary import make_tables
from tabsculpt.papers.profile2gen.words import findings

KEPT = Path(__file__).parent / "results" / "profile2gen"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="output folders, or kept rows")
    parser.add_argument("--out", type=Path, help="a folder for the tables")
    parser.add_argument("--save", type=Path, help="a folder for the rows in a short form")
    given = parser.parse_args()
    try:
        run(given.folders or [KEPT], given.out, given.save)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def run(folders: list[Path], out: Path | None, save: Path | None) -> None:
    if out is not None and out in [*folders, save]:
        raise UserError("--out needs a folder of its own: tables there would be read as rows")
    rows = read_results(folders)
    if save is not None:
        saved = save_rows(rows, save)
        print(f"{len(rows)} rows kept in {len(saved)} files of {save}", file=sys.stderr)
    tables = make_tables(rows)
    text = findings(rows, tables)
    print(text, end="")
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
            for name, table in tables.items():
                table.to_parquet(out / f"{name}.parquet", index=False)
                table.to_csv(out / f"{name}.csv", index=False)
            (out / "findings.md").write_text(text, encoding="utf-8")
        except OSError as error:
            raise UserError(f"cannot write to {str(out)!r} ({error.strerror})") from error


if __name__ == "__main__":
    main()
