import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_planted_flips.py"


def test_it_tells_what_finds_planted_flips_from_what_does_not():
    arguments = ["sklearn_diabetes", "--repeats", "2", "--profilers"]
    run = subprocess.run(
        [sys.executable, SCRIPT, *arguments, "datamaps", "prototypicality", "random"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    lines = run.stdout.splitlines()
    assert "| profiler | sklearn_diabetes (442) |" in lines
    area, seconds = (
        {name: dict(rows)[name] for name in ("datamaps", "prototypicality", "random")}
        for rows in (values(lines[:8]), values(lines[8:]))
    )
    assert 0.6 < float(area["datamaps"]) < 0.8
    assert float(seconds["datamaps"]) > float(seconds["random"])
    assert area["random"].endswith("*")
    assert abs(float(area["random"].rstrip("*")) - 0.5) < 0.15
    assert lines[-2].startswith("Not better than random: ")
    assert "random on sklearn_diabetes (442)" in lines[-2]
    assert "datamaps" not in lines[-2]
    assert lines[-1] == "Two scorings differ: none"


def values(lines):
    return [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
