"""Says which of the choices that were typed no job makes use of."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tabsculpt.config.overrides import is_glob, parse, values
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.parts import NONE

PARTS = ("profiler", "generator", "pipeline", "protocol")


def tell_unused(typed: Sequence[str], jobs: Sequence[Job], console: Console) -> None:
    """Say which choices and settings have no part in any job, such as a generator of real rows.

    Args:
        typed: overrides that Hydra can read.
        jobs: as they came of them, without baselines that were added.
        console: where to.
    """
    used = {part: {job.names[part] for job in jobs} for part in PARTS}
    done = ", ".join(
        dict.fromkeys(f"{job.names['pipeline']} by {job.names['protocol']}" for job in jobs)
    )
    for text in typed:
        override = parse(text)
        for key in ("folds", "n_train") if override.key_or_group == "split.test_size" else ():
            if all(getattr(job.split, key) for job in jobs):
                note = f"{escape(text)} has no part in this: split.{key} is set"
                console.print(f"[yellow]note[/] {note}")
        part, _, setting = override.key_or_group.partition(".")
        if part not in PARTS or override.is_delete() or is_glob(override):
            continue
        given = [] if setting or isinstance(override.value(), dict) else values(override)
        idle = [f"{part}={value}" for value in given if value not in used[part]]
        if not given and used[part] <= {NONE, "real"}:
            idle = [text]
        for each in idle:
            console.print(f"[yellow]note[/] {escape(each)} has no part in this: {escape(done)}")
