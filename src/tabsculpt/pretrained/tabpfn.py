"""TabPFN as this package asks it: rows as context, one column as the answer."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.extras import require
from tabsculpt.pretrained.checkpoints import ROLES, Published, numbers_alone, reading
from tabsculpt.table import FloatArray, IntArray

_BOTH = ("tabpfn-v3.5-20260909.safetensors", "tabpfn-v3.5-fast-20260909.safetensors")
_LAST = {
    "classifier": "tabpfn-v2-classifier-finetuned-zk73skhh",
    "regressor": "tabpfn-v2-regressor",
}
_AT_ONCE = 2_000
"""Rows that are asked for at once; how many does not change the answers."""


def _cached(name: str) -> Path:
    """A file in the cache of the package, as the package finds it on each system."""
    home = Path.home()
    by_system = {"win32": os.environ.get("APPDATA"), "darwin": str(home / "Library" / "Caches")}
    usual = by_system.get(sys.platform) or os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(os.environ.get("TABPFN_MODEL_CACHE_DIR") or Path(usual) / "tabpfn") / name


def _seconds(context: int, asked: int, columns: int, estimators: int) -> float:
    """CPU seconds of a fit and its predictions on one thread of a server of 2024.

    Of the networks of versions 2 and 3.5, measured at full size, the dearer one; see
    docs/how-to/foundation.md.
    """
    rows = context + asked
    second = 4.2e-5 * rows * (columns + 7.2) * (1 + rows / 960)
    later = 4.7e-5 * rows * (columns + 36) * (1 + rows / 4700)
    return estimators * max(second, later)


PUBLISHED = Published(
    name="tabpfn",
    names={
        role: (
            *_BOTH,
            *(f"tabpfn-{v}-{role}-{v}_default.ckpt" for v in ("v3", "v2.6", "v2.5")),
            f"{_LAST[role]}.ckpt",
        )
        for role in ROLES
    },
    cached=_cached,
    origin="Prior-Labs on Hugging Face under its licence (docs/how-to/foundation.md)",
    seconds=_seconds,
)


@dataclass(frozen=True)
class Limits:
    """What a checkpoint was trained for: most rows, features and classes."""

    rows: int
    features: int
    classes: int


@dataclass(frozen=True)
class Asked:
    """A checkpoint with how it is asked.

    Attributes:
        path: of the checkpoint.
        estimators: passes of the network, each with the features transformed otherwise.
        seed: of the order of features and classes in each.
    """

    path: Path
    estimators: int
    seed: int

    def limits(self, role: str) -> Limits:
        """Read the checkpoint, and its limits.

        Raises:
            UserError: the extra is not installed, or the file has no weights for the role.
        """
        return _limits(self.path, role)

    def classifier(self, rows: pd.DataFrame, codes: IntArray, most: int) -> Classifier:
        """Take rows as context.

        Args:
            rows: shape (n, d): floats, and pandas' categories. Columns that are the same in every
                row tell nothing and are left out; without any other, answers are those of
                ``codes`` alone.
            codes: of their class, shape (n,), from 0 on without gaps.
            most: classes that the checkpoint knows; of more, each is asked for against the rest.
        """
        shares = np.bincount(codes) / len(codes)
        names = _varying(rows)
        if not names:
            return Classifier(self, names, shares, ())
        one = len(shares) <= most
        targets = [codes] if one else [codes == code for code in range(len(shares))]
        with self.fenced():
            fitted = [
                self._estimator("classifier").fit(rows[names], np.asarray(target, dtype=np.int64))
                for target in targets
            ]
        return Classifier(self, names, shares, tuple(fitted))

    def regressor(self, rows: pd.DataFrame, target: FloatArray) -> Regressor:
        """Take rows as context; see `classifier`."""
        names = _varying(rows)
        if not names:
            return Regressor(self, names, target, None)
        with self.fenced():
            fitted = self._estimator("regressor").fit(rows[names], target)
        return Regressor(self, names, target, fitted)

    def _estimator(self, role: str) -> Any:
        kind = {"classifier": "TabPFNClassifier", "regressor": "TabPFNRegressor"}[role]
        return getattr(require("foundation", "tabpfn", "tabpfn"), kind)(
            model_path=str(self.path),
            n_estimators=self.estimators,
            device="cpu",
            random_state=self.seed,
            ignore_pretraining_limits=True,  # they are held to by who asks, see `Limits`
        )

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """Seed what the package draws from, and keep its warnings and its network out.

        The package downloads weights where it finds none, so the file is looked for before.
        """
        if not self.path.is_file():
            raise UserError(f"the weights {str(self.path)!r} are gone; run again")
        with (
            numbers_alone(),
            seeded_globals(self.seed, uses_torch=True),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield


@cache
def _limits(path: Path, role: str) -> Limits:
    require("foundation", "tabpfn", "tabpfn")
    asked = Asked(path, 1, 0)
    with reading("tabpfn", path, role), asked.fenced():
        text = asked._estimator(role).get_inference_config()
    return Limits(
        text.MAX_NUMBER_OF_SAMPLES, text.MAX_NUMBER_OF_FEATURES, text.MAX_NUMBER_OF_CLASSES
    )


@dataclass(frozen=True, eq=False)
class Classifier:
    """Rows as context.

    Attributes:
        asked: the weights.
        names: the columns that are looked at.
        shares: of the classes among the rows, shape (classes,).
        fitted: estimators, one of all classes or one for each against the rest; none where no
            column is looked at.
    """

    asked: Asked
    names: list[str]
    shares: FloatArray
    fitted: tuple[Any, ...]

    def probabilities(self, rows: pd.DataFrame) -> FloatArray:
        """Of each class, shape (n, classes)."""
        if not self.fitted:
            return np.tile(self.shares, (len(rows), 1))
        with self.asked.fenced():
            found = [_in_parts(one.predict_proba, rows[self.names]) for one in self.fitted]
        if len(found) == 1:
            return found[0]
        rest: FloatArray = np.column_stack([each[:, 1] for each in found])
        return rest / rest.sum(axis=1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Regressor:
    """Rows as context; see `Classifier`.

    Attributes:
        target: of the rows, shape (n,).
    """

    asked: Asked
    names: list[str]
    target: FloatArray
    fitted: Any

    def mean(self, rows: pd.DataFrame) -> FloatArray:
        """Of the predicted distribution, shape (n,)."""
        if self.fitted is None:
            return np.full(len(rows), self.target.mean())
        with self.asked.fenced():
            return _in_parts(self.fitted.predict, rows[self.names])

    def quantiles(self, rows: pd.DataFrame, shares: Sequence[float]) -> FloatArray:
        """Of the predicted distribution, ascending, shape (n, shares)."""

        def of(part: pd.DataFrame) -> FloatArray:
            found = self.fitted.predict(part, output_type="quantiles", quantiles=list(shares))
            return np.sort(np.column_stack(found), axis=1)

        if self.fitted is None:
            return np.tile(np.quantile(self.target, shares), (len(rows), 1))
        with self.asked.fenced():
            return _in_parts(of, rows[self.names])


def _varying(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name in rows if rows[name].nunique(dropna=False) > 1]


def _in_parts(ask: Any, rows: pd.DataFrame) -> FloatArray:
    starts = range(0, len(rows), _AT_ONCE)
    parts = [np.asarray(ask(rows[start : start + _AT_ONCE]), dtype=np.float64) for start in starts]
    return np.concatenate(parts)
