"""The server that processes are forked from is gone as soon as its sweep is."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("words", "printed"), [("multiprocessing.forkserver", ""), ("", "late\n")])
def test_the_server_alone_ends_without_letting_go_of_libraries(words, printed):
    late = "import atexit; atexit.register(print, 'late')"
    code = f"'{words}'; {late}; import tabsculpt.launch.fork_server"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == printed
