import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from paper_rows import write_cell, write_job

SCRIPTS = Path(__file__).parents[2] / "scripts"
SCRIPT = SCRIPTS / "compare_profile2gen.py"
KEPT = SCRIPTS / "results" / "profile2gen"
GOLDEN = SCRIPTS / "results" / "profile2gen_tables"
STEPS = {"real": 0, "traditional": 1, "preprocess": 2, "profile2gen": 3, "random_drop": 3.5}


def run(*arguments):
    command = [sys.executable, SCRIPT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=200)


def tables(folder):
    names = ("figures", "pairs", "directions", "verdicts")
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}


def test_kept_rows_give_the_same_tables_as_the_results(tmp_path):
    write_cell(tmp_path, "plasma_published", STEPS)
    write_cell(tmp_path, "plasma", STEPS)
    failed = {"status": "failed", "reason": "no room in /some/where/model.bin"}
    write_job(tmp_path, "urinary", "traditional", [], "nflow", **failed)
    first = run(tmp_path, "--out", tmp_path / "a", "--save", tmp_path / "kept")
    assert first.returncode == 0, first.stderr
    assert "| p-values of Wilcoxon tests | tstr | Appendix P.1 | authors' files |" in first.stdout
    assert "| plasma | BETAPLASMA | FIBER |" in first.stdout
    again = run(tmp_path / "kept", "--out", tmp_path / "b")
    assert again.returncode == 0, again.stderr
    assert again.stdout == first.stdout == (tmp_path / "b" / "findings.md").read_text()
    for name, table in tables(tmp_path / "a").items():
        pd.testing.assert_frame_equal(table, tables(tmp_path / "b")[name])
    kept = pd.read_parquet(tmp_path / "kept")
    assert kept.reason.dropna().tolist() == ["no room in model.bin"]


def test_bad_input_is_one_line(tmp_path):
    for arguments in ([tmp_path / "absent"], [tmp_path / "b", "--out", tmp_path / "b"]):
        failed = run(*arguments)
        assert failed.returncode == 2
        assert failed.stderr.startswith("error: ")
        assert failed.stderr.count("\n") == 1
    pd.DataFrame({"figure": ["text"], "seed": ["text"]}).to_parquet(tmp_path / "other.parquet")
    failed = run(tmp_path)
    assert failed.returncode == 2
    assert "files that are no result rows" in failed.stderr


@pytest.mark.skipif(not KEPT.is_dir(), reason="no rows of the grid are kept in scripts/results")
def test_the_kept_grid_gives_the_golden_tables(tmp_path):
    """To refresh: python scripts/compare_profile2gen.py --out scripts/results/profile2gen_tables"""
    done = run(KEPT, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    for name, table in tables(tmp_path).items():
        pd.testing.assert_frame_equal(table, tables(GOLDEN)[name], rtol=1e-6)
    assert (tmp_path / "findings.md").read_text() == (GOLDEN / "findings.md").read_text()
