"""Imported last by the server that processes are forked from: it ends as soon as it is to end.

Otherwise it outlives its sweep for as long as the interpreter takes to let go of the libraries that
were imported for the processes, which is seconds.
"""

from __future__ import annotations

import atexit
import os
import sys

if any("multiprocessing.forkserver" in argument for argument in sys.orig_argv):
    atexit.register(os._exit, 0)  # the last to be registered is the first to be called
