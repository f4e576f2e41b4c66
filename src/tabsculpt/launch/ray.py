"""The launcher that goes through Ray: a cluster's machines, or this one."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt

from tabsculpt.errors import UserError
from tabsculpt.extras import check_installed, require
from tabsculpt.launch.batches import Batch
from tabsculpt.launch.cluster import run_on_cluster
from tabsculpt.launch.cluster_engine import Again, EngineGoneError, Lost
from tabsculpt.launch.cluster_job import ClusterJob
from tabsculpt.launch.limits import megabytes
from tabsculpt.launch.local import LocalProcesses
from tabsculpt.launch.messages import Ended, JobTask, Tell
from tabsculpt.results import Status

OBJECT_STORE = 100_000_000
"""Bytes of shared memory that a cluster of our own reserves; results go through files."""
LOOK_EVERY = 5.0
"""Seconds between two looks at the machines of the cluster."""


@dataclass(frozen=True)
class Ray:
    """Tasks of a Ray cluster, whose machines share ``paths.outputs`` and have tabsculpt.

    Args:
        address: of a running cluster, such as ``host:6379`` or ``auto``; None to start one on
            this machine that ends with the sweep.
        num_cpus: cores per job. A step computes in one thread.
        num_gpus: GPUs per job, which may be a fraction; device=auto takes them for large tables.
        timeout, memory, retries: as of `LocalProcesses`; the memory is also what Ray sets
            aside, and a job is also tried again whose Ray task was lost.
        batch: how much one Ray task carries, one after the other: work as ``10m``, as estimated,
            or a number of jobs.
    """

    extra: ClassVar[str] = "ray"

    address: str | None = None
    num_cpus: Annotated[float, Gt(0)] = 1.0
    num_gpus: Annotated[float, Ge(0)] = 0.0
    timeout: Annotated[float, Gt(0)] | None = None
    memory: str | None = None
    retries: Annotated[int, Ge(0)] = 1
    batch: str | int = "10m"

    def __post_init__(self) -> None:
        check_installed("hydra/launcher=ray", ["ray"], self.extra)
        Batch.read(self.batch)
        if self.memory is not None:
            megabytes(self.memory)

    @property
    def slots(self) -> int | None:
        """Jobs at a time; None where only the cluster knows."""
        return None if self.address else max(1, int(LocalProcesses().slots / self.num_cpus))

    @property
    def gives_gpu(self) -> bool:
        """Whether a job gets a GPU."""
        return self.num_gpus > 0

    def launch(self, tasks: Sequence[JobTask], tell: Tell) -> None:
        """See `Launcher.launch`.

        Raises:
            UserError: there is no cluster at the address, or none of its machines has room.
        """
        workers = LocalProcesses(1, timeout=self.timeout, memory=self.memory, retries=self.retries)
        batch = Batch.read(self.batch)
        run_on_cluster(tasks, tell, workers, batch, lambda _folder: _Cluster(self))


class _Cluster:
    """An engine, see `tabsculpt.launch.cluster_engine.Engine`."""

    def __init__(self, settings: Ray) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        self._ray: Any = require("ray", "ray", "hydra/launcher=ray")
        self._refs: dict[str, Any] = {}
        self._looked = time.monotonic()
        self.notices: list[str] = []
        self._ours = not self._ray.is_initialized()
        if self._ours:
            self._connect(settings.address)
        resources = {"num_cpus": settings.num_cpus, "num_gpus": settings.num_gpus}
        if settings.memory is not None:
            resources["memory"] = int(megabytes(settings.memory) * 1e6)
        self._refuse_too_much(resources)
        cores = self._ray.cluster_resources().get("CPU", 1.0)
        self.width = max(1, int(cores / settings.num_cpus))
        self._do = self._ray.remote(max_retries=0, **resources)(_do)

    def _connect(self, address: str | None) -> None:
        if address is not None and address != "auto":
            _refuse_unreachable(address)
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if address is None:
            options |= {"include_dashboard": False, "object_store_memory": OBJECT_STORE}
        try:
            with _own_sigterm():
                self._ray.init(address=address or "local", **options)
        except (ConnectionError, ValueError, RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(f"hydra.launcher.address is {address!r}: {reason}") from error

    def _refuse_too_much(self, resources: dict[str, float]) -> None:
        """Ray itself would wait for ever for a machine that is large enough."""
        names = {"num_cpus": "CPU", "num_gpus": "GPU", "memory": "memory"}
        machines = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        if not any(all(m.get(names[k], 0) >= v for k, v in resources.items()) for m in machines):
            asked = ", ".join(f"{key}={value:g}" for key, value in resources.items() if value)
            self.end([])
            raise UserError(f"no machine of the Ray cluster has {asked} for a job")

    def submit(self, cluster_jobs: Sequence[ClusterJob]) -> None:
        """See `Engine.submit`."""
        self._refs |= {
            cluster_job.name: self._do.remote(cluster_job) for cluster_job in cluster_jobs
        }

    def outcome(self, name: str) -> dict[str, Ended] | Lost | None:
        """See `Engine.outcome`."""
        self._look()
        ready, _ = self._ray.wait([self._refs[name]], timeout=0)
        if not ready:
            return None
        try:
            ended: dict[str, Ended] = self._ray.get(self._refs[name])
        except self._ray.exceptions.OutOfMemoryError:
            reason = "Ray ended the job, as its machine ran out of memory"
            return Lost(Status.OUT_OF_MEMORY, reason, Again.NEVER)
        except self._ray.exceptions.RayTaskError as error:
            reason = f"the job failed on its machine: {error.cause!r}"
            return Lost(Status.FAILED, reason, Again.NEVER, whole=True)
        except self._ray.exceptions.RayError as error:
            self._look(now=True)
            return Lost(Status.FAILED, f"Ray lost the job: {type(error).__name__}")
        return ended

    def _look(self, now: bool = False) -> None:
        """See now and then whether any machine of the cluster is left.

        Raises:
            EngineGoneError: none is.
        """
        if not now and time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        if not any(node["Alive"] for node in self._ray.nodes()):
            raise EngineGoneError("no machine of the Ray cluster is left")

    def end(self, names: Sequence[str]) -> None:
        """See `Engine.end`."""
        for name in names:
            if name in self._refs:
                self._ray.cancel(self._refs[name], force=True)
        self._refs = {}
        if self._ours:
            self._ray.shutdown()


@contextmanager
def _own_sigterm() -> Iterator[None]:
    """Keep what a SIGTERM does here: Ray would have it print a stack and abort."""
    here = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    yield
    if here:
        signal.signal(signal.SIGTERM, before)


def _refuse_unreachable(address: str) -> None:
    """Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (ValueError, OSError) as error:
        raise UserError(
            f"hydra.launcher.address is {address!r}: {error}; expected that of a running Ray "
            "cluster, as host:6379, or auto for one on this machine"
        ) from error


def _do(cluster_job: ClusterJob) -> dict[str, Ended]:
    return cluster_job()
