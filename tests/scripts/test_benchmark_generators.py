import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_generators.py"


def test_it_prints_a_row_for_every_generator():
    run = subprocess.run(
        [sys.executable, SCRIPT, "--generators", "bootstrap", "gaussian_copula", "--seeds", "0"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    header, bootstrap, copula = run.stdout.splitlines()
    assert header.split()[:2] == ["data", "generator"]
    for row, name in ((bootstrap, "bootstrap"), (copula, "gaussian_copula")):
        data, generator, *numbers = row.split()
        assert (data, generator) == ("diabetes", name)
        distance, synthetic, mean, real = (float(number) for number in numbers[-4:])
        assert 0 < distance < 0.3
        assert real < synthetic < mean
