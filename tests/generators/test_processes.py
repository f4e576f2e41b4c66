"""The same seed gives the same rows in another process."""

import io
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

TESTS = Path(__file__).parents[1]
SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from segment_tables import diabetes
from tabsculpt.generators.ctgan.ctgan import CTGAN
from tabsculpt.generators.ctgan.tvae import PaperTVAE
from tabsculpt.table import concat

rows = concat([diabetes(300), diabetes(300)])
for generator in (CTGAN(steps=5), PaperTVAE(steps=5)):
    print(generator.fit(rows, 4, "cpu").sample(50, 4).fingerprint())
"""


def test_another_process_learns_the_same_from_more_than_500_rows():
    script = SCRIPT.format(tests=str(TESTS))
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    here = io.StringIO()
    with redirect_stdout(here):
        exec(script, {})
    assert run.stdout == here.getvalue()
    assert len(set(run.stdout.split())) == 2
