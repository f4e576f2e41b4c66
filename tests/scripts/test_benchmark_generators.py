import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_generators.py"


def test_it_measures_each_generator_beside_the_floors_and_the_real_rows():
    chosen = ["--datasets", "sklearn_diabetes", "--generators", "gaussian_copula", "--seeds", "0"]
    run = subprocess.run(
        [sys.executable, SCRIPT, *chosen], capture_output=True, text=True, timeout=200, check=True
    )
    rows = [line.strip("| ").split(" | ") for line in run.stdout.splitlines() if "|" in line]
    by_set = {row[0]: row[1:] for row in rows[2:6]}
    assert list(by_set) == ["real", "marginal", "bootstrap", "gaussian_copula"]
    forest = {name: float(cells[6]) for name, cells in by_set.items()}
    assert forest["gaussian_copula"] < forest["marginal"]
    detection = {name: float(cells[5]) for name, cells in by_set.items() if name != "real"}
    assert max(detection["bootstrap"], detection["gaussian_copula"]) < 0.6 < detection["marginal"]
    correlation = {name: float(cells[4]) for name, cells in by_set.items() if name != "real"}
    assert correlation["gaussian_copula"] < correlation["marginal"]
