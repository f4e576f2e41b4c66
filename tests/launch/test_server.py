"""The server that processes are forked from: what it imports for them, and its end."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from tabsculpt.config.compose import load
from tabsculpt.jobs.job import Job
from tabsculpt.launch.preload import preload


@pytest.mark.parametrize(("words", "printed"), [("multiprocessing.forkserver", ""), ("", "late\n")])
def test_the_server_alone_ends_without_letting_go_of_libraries(words, printed):
    late = "import atexit; atexit.register(print, 'late')"
    code = f"'{words}'; {late}; import tabsculpt.launch.fork_server"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == printed


def test_libraries_are_imported_once_for_all_processes_where_these_need_them():
    job = Job.of(load(["generator=marginal", "pipeline=traditional"]))
    pytest.importorskip("sdmetrics", reason="what is imported for it, is where it is installed")
    assert "sdmetrics.reports" in preload([job])
    assert "sdmetrics.reports" not in preload([replace(job, scores_only=True)])
