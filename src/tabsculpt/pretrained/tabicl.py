"""TabICL as this package asks it: rows as context, one column as the answer."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.extras import absent, require
from tabsculpt.pretrained.checkpoints import Published, reading
from tabsculpt.table import FloatArray, IntArray

_REPOSITORY = "jingang/TabICL"


def _cached(name: str) -> Path | None:
    """A file in the cache of Hugging Face, which the package uses; nothing is asked for."""
    if absent(["huggingface-hub"]):
        return None
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(_REPOSITORY, name)
    return Path(found) if isinstance(found, str) else None


def _seconds(context: int, asked: int, columns: int, estimators: int) -> float:
    """CPU seconds on one thread; as those of TabPFN 2."""
    rows = context + asked
    return estimators * 4.2e-5 * rows * (columns + 7.2) * (1 + rows / 960)


PUBLISHED = Published(
    name="tabicl",
    names={
        "classifier": (
            "tabicl-classifier-v2-20260212.ckpt",
            "tabicl-classifier-v1.1-20250506.ckpt",
            "tabicl-classifier-v1-20250208.ckpt",
        ),
        "regressor": ("tabicl-regressor-v2-20260212.ckpt",),
    },
    cached=_cached,
    origin=f"{_REPOSITORY} on Hugging Face (docs/how-to/foundation.md)",
    seconds=_seconds,
)


@dataclass(frozen=True)
class Asked:
    """A checkpoint with how it is asked; see `tabsculpt.pretrained.tabpfn.Asked`."""

    path: Path
    estimators: int
    seed: int

    def answers(
        self, role: str, rows: pd.DataFrame, target: FloatArray | IntArray
    ) -> Callable[[pd.DataFrame], FloatArray]:
        """Take rows as context.

        Args:
            role: "classifier" or "regressor".
            rows: shape (n, d): floats, and pandas' categories.
            target: shape (n,): class codes from 0 on without gaps, or numbers.

        Returns:
            From further rows to probabilities of each class, or to means.

        Raises:
            UserError: the extra is not installed, or the file has no weights for the role.
        """
        package = require("foundation", "tabicl", "tabicl")
        self._check(role)
        kind = {"classifier": "TabICLClassifier", "regressor": "TabICLRegressor"}[role]
        estimator = getattr(package, kind)(
            n_estimators=self.estimators, model_path=str(self.path), allow_auto_download=False,
            device="cpu", random_state=self.seed,
        )  # fmt: skip
        with reading("tabicl", self.path, role):
            self._fenced(estimator.fit, rows, target)
        ask = estimator.predict_proba if role == "classifier" else estimator.predict
        return lambda asked: self._fenced(ask, asked)

    def _check(self, role: str) -> None:
        """Refuse weights for the other task, which the package would take."""
        import torch

        with reading("tabicl", self.path, role):
            config = torch.load(self.path, map_location="cpu", weights_only=True)["config"]
            if (config["max_classes"] > 0) != (role == "classifier"):
                raise ValueError(f"they are for {config['max_classes']} classes")

    def _fenced(self, call: Any, *given: Any) -> Any:
        with seeded_globals(self.seed, uses_torch=True), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = call(*given)
        return np.asarray(found, dtype=np.float64) if len(given) == 1 else found
