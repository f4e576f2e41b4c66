"""The package ``mostlyai-engine``: its workspace of files, kept short-lived, quiet and seeded.

Its functions hand each other files in a folder. Two of them are read or written here as well, for
which there is no argument: the encoded rows, which a pass is to read several times (rows that are
repeated before they are analysed would be counted so by ``value_protection``), and what a trained
model consists of. So it is for the versions whose files these are, and refuses others.
"""

from __future__ import annotations

import importlib
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_frame
from tabsculpt.engine.fingerprints import library_version
from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.extras import require

_STATS = Path("ModelStore/tgt-stats/stats.json")
_CONFIG = Path("ModelStore/model-data/model-configs.json")
_WEIGHTS = Path("ModelStore/model-data/model-weights.pt")
_ENCODED = Path("OriginalData/encoded-data/part.000000-trn.parquet")
_SAMPLES = Path("SyntheticData")

SERIES = "2.7"
"""The versions whose files are known here, and tested."""

_CHUNK = 4096
"""Rows generated at once; the engine would otherwise go by the memory that happens to be free."""


@dataclass(frozen=True, eq=False)
class Trained:
    """What the engine needs in order to generate.

    Attributes:
        stats: of the columns, as the engine's JSON text; the order of its keys matters.
        config: the sizes of the layers, likewise.
        weights: tensors by name.
    """

    stats: str
    config: str
    weights: dict[str, Any]


@dataclass(frozen=True)
class TrainingSettings:
    """How the engine is trained.

    Attributes:
        model: "small", "medium" or "large".
        batch_size: rows in a step.
        epochs: the most passes; may be a fraction.
        held: how many rows are held out to tell when to stop.
        repeats: how often a pass reads the others.
        value_protection: whether codes of few rows are hidden.
        device: "cpu" or "cuda".
    """

    model: str
    batch_size: int
    epochs: float
    held: int
    repeats: int
    value_protection: bool
    device: str


def check_version() -> None:
    """Refuse a version of the engine whose files may be others.

    Raises:
        UserError: it is of another series than `SERIES`.
    """
    found = library_version("mostlyai-engine")
    if not found.startswith(f"{SERIES}."):
        raise UserError(
            f"tabularargn works with the files of mostlyai-engine {SERIES}, and {found} is "
            f"installed: pip install 'mostlyai-engine=={SERIES}.*'"
        )


def train(codes: pd.DataFrame, plan: TrainingSettings, seed: int) -> Trained:
    """Train the engine on columns of codes.

    Args:
        codes: shape (n, d), integers.
        plan: how.
        seed: of every draw.
    """
    order = np.random.default_rng(derive_seed("held", seed)).permutation(len(codes))
    with _workspace(seed) as (engine, folder):
        engine.split(
            codes.astype("string"),
            tgt_encoding_types=dict.fromkeys(codes, "TABULAR_CATEGORICAL"),
            trn_val_split=lambda keys: (
                keys.iloc[order[plan.held :]],
                keys.iloc[order[: plan.held]],
            ),
            workspace_dir=folder,
        )
        engine.analyze(value_protection=plan.value_protection, workspace_dir=folder)
        engine.encode(workspace_dir=folder)
        _repeat(folder, plan.repeats)
        with _offline(folder):
            engine.train(
                model=f"MOSTLY_AI/{plan.model.capitalize()}",
                max_epochs=plan.epochs,
                batch_size=plan.batch_size,
                device=plan.device,
                workspace_dir=folder,
                update_progress=_report,
            )
        return _collect(folder)


def generate(trained: Trained, n: int, fixed: dict[str, int], seed: int) -> pd.DataFrame:
    """Draw codes from a trained engine, on the CPU.

    Args:
        trained: as `train` returned it.
        n: how many rows; at least one.
        fixed: codes that every row has, by column.
        seed: of every draw.

    Returns:
        Integers, shape (n, d).
    """
    with _workspace(seed) as (engine, folder):
        _lay_out(trained, folder)
        seeds = pd.DataFrame({name: [str(code)] * n for name, code in fixed.items()})
        engine.generate(
            sample_size=n,
            seed_data=seeds.astype("string") if fixed else None,
            batch_size=_CHUNK,
            rare_category_replacement_method="SAMPLE",
            device="cpu",
            workspace_dir=folder,
        )
        return read_frame(folder / _SAMPLES).astype(np.int64)


@contextmanager
def _workspace(seed: int) -> Iterator[tuple[Any, Path]]:
    """The engine and an empty folder for it, with the process's global state put back after.

    The engine draws from global generators, hands columns to worker processes whose draws depend
    on the number of cores, has torch round tiny numbers to zero, turns warnings off for good, and
    writes files.
    """
    import joblib
    import torch

    with (
        TemporaryDirectory(prefix="tabularargn-") as folder,
        warnings.catch_warnings(),
        joblib.parallel_config(backend="sequential"),
        seeded_globals(seed, uses_torch=True),
        _quiet("mostlyai"),
    ):
        warnings.simplefilter("ignore")
        engine = require("argn", "mostlyai.engine", "tabularargn")
        check_version()
        try:
            yield engine, Path(folder)
        finally:
            torch.set_flush_denormal(False)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _offline(folder: Path) -> Iterator[None]:
    """Keep the reader of the training rows from the network (it counts uses) and the home folder.

    The package ``datasets`` takes neither as an argument through the engine.
    """
    config: Any = importlib.import_module("datasets.config")
    before = config.HF_DATASETS_CACHE, config.HF_UPDATE_DOWNLOAD_COUNTS
    config.HF_DATASETS_CACHE, config.HF_UPDATE_DOWNLOAD_COUNTS = folder / "cache", False
    try:
        yield
    finally:
        config.HF_DATASETS_CACHE, config.HF_UPDATE_DOWNLOAD_COUNTS = before


def _report(
    total: int | None = None,
    completed: int | None = None,
    message: dict[str, Any] | None = None,
    **_: Any,
) -> None:
    """Pass on the progress that comes with a loss, which is once in an epoch."""
    if message and total and completed is not None:
        report_progress(completed, total, message.get("val_loss") or message.get("trn_loss"))


def _repeat(folder: Path, times: int) -> None:
    """Have a pass of the engine, after each of which it may stop, read the rows several times."""
    rows = read_frame(folder / _ENCODED)
    pd.concat([rows] * times).to_parquet(folder / _ENCODED, index=False)
    stats = json.loads((folder / _STATS).read_text(encoding="utf-8"))
    stats["no_of_training_records"] *= times
    (folder / _STATS).write_text(json.dumps(stats), encoding="utf-8")


def _collect(folder: Path) -> Trained:
    import torch

    stats, config = ((folder / path).read_text(encoding="utf-8") for path in (_STATS, _CONFIG))
    return Trained(stats, config, torch.load(folder / _WEIGHTS, "cpu", weights_only=True))


def _lay_out(trained: Trained, folder: Path) -> None:
    import torch

    for path, text in ((_STATS, trained.stats), (_CONFIG, trained.config)):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text, encoding="utf-8")
    torch.save(trained.weights, folder / _WEIGHTS)
