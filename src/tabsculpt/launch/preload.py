"""What is imported once for all processes of a sweep, before they are forked."""

from __future__ import annotations

from collections.abc import Iterable

from tabsculpt.engine.fingerprints import outside_imports
from tabsculpt.jobs.job import Job

WORKER, READER = "tabsculpt.launch.worker_process", "pyarrow.dataset"
SERVER = "tabsculpt.launch.fork_server"
COMMAND = "tabsculpt.cli.main"
"""Each process runs the main module once more, as multiprocessing has it; this is all it needs."""
LIBRARIES = ("pyarrow", "scipy", "sklearn")
"""That every job needs; torch, which takes a second, is loaded where a component names it."""
QUALITY, SCORES = "tabsculpt.metrics.quality", "sdmetrics"
"""What measures the rows that jobs make, and its library that takes two seconds to import."""
MODULES = {"scikit-learn": "sklearn", "imbalanced-learn": "imblearn", "xgboost-cpu": "xgboost"}
"""Of the distributions that are imported under another name."""


def preload(jobs: Iterable[Job]) -> list[str]:
    """The modules that the jobs' processes need: the components' own, and of their libraries.

    What a function imports is found in the code, so that no process does it again for itself.
    """
    own, roots = {WORKER: None}, set(LIBRARIES)
    for job in jobs:
        if not job.scores_only:
            own[QUALITY] = None
            roots.add(SCORES)
        parts = (job.profiler, job.generator, job.pipeline, job.protocol)
        for part in (*parts, *job.suite.values(), *job.own_metrics.values()):
            if part is not None:
                own[type(part).__module__] = None
                names = getattr(part, "libraries", ())
                roots |= {MODULES.get(name, name.replace("-", "_")) for name in names}
    modules = sorted(set().union(*map(outside_imports, own)))
    libraries = (name for name in modules if name.partition(".")[0] in roots)
    return [*own, COMMAND, READER, *libraries, SERVER]
