"""What the samplers share: input as scikit-learn's, a job made of it, output as it came in."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from imblearn.base import BaseSampler
from imblearn.utils import check_target_type
from sklearn.preprocessing import label_binarize
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, check_consistent_length, validate_data

from tabsculpt.datasets.target import TaskChoice
from tabsculpt.samplers.frames import Given
from tabsculpt.samplers.resample import Resampled, job_of, resample, value_errors


class Sampler(BaseSampler):  # type: ignore[misc]
    """What the samplers share; each names its pipeline and that pipeline's settings.

    imbalanced-learn's own base class takes classes alone and arrays of one dtype, so that checking
    and casting are done here; the class is inherited so that a sampler is known as one.
    """

    _sampling_type = "bypass"
    _parameter_constraints: ClassVar[dict[str, Any]] = {}
    _pipeline: ClassVar[str]
    _settings: ClassVar[tuple[str, ...]]
    _groups: ClassVar[tuple[str, ...]] = ("generator",)

    def fit(self, X: Any, y: Any) -> Sampler:
        """Do what `fit_resample` does, for the attributes that it leaves."""
        self.fit_resample(X, y)
        return self

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Make synthetic rows from real ones.

        Args:
            X: features, shape (n, d): a frame of mixed types, an array or a list; values may be
                missing, and text is taken for categories.
            y: target, shape (n,): a series, an array or a list.

        Returns:
            Features and target of the real rows, untouched and in their order, and of the
            synthetic ones after them; types, dtypes, column names and labels are those given, and
            a frame's index is new. See ``keep_real`` where there is one.

        Raises:
            ValueError: the input, a setting, or their combination cannot work; one line says why.
        """
        x, target, in_classes = self._checked(X, y)
        rows, labels = self._fit_resample(x, target)
        return _as_list(X, rows), _as_given(y, labels, in_classes)

    def _fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        with value_errors():
            seed = self._seed()
            given = Given.of(X, y, self._task(y), seed)
            job = job_of(
                given.dataset,
                self.missing,
                self._pipeline,
                {name: getattr(self, name) for name in self._settings},
                {group: getattr(self, group) for group in self._groups},
                seed,
                self.device,
            )
            done = resample(job, getattr(self, "proportion", None))
        for message in done.warnings:
            warnings.warn(message, UserWarning, stacklevel=3)
        self._remember(given, done)
        return given.joined(done.drawn, getattr(self, "keep_real", True))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags

    def _checked(self, X: Any, y: Any) -> tuple[Any, Any, Any]:
        """Features as a frame or an array, the target in one dimension, and classes of columns."""
        x = X if isinstance(X, pd.DataFrame) else np.asarray(X, dtype=_dtype_of(X))
        # Of a frame the shape alone: its columns are cast one by one, and looked at when they are.
        seen = np.broadcast_to(0.0, x.shape) if isinstance(x, pd.DataFrame) else x
        check_array(
            seen, dtype=None, ensure_all_finite="allow-nan", ensure_min_samples=2, estimator=self
        )
        validate_data(self, x, skip_check_array=True)
        if y is not None and pd.isna(np.asarray(y, dtype=object)).any():
            raise ValueError("Input y contains NaN: leave out the rows without a target")
        flat, is_one_vs_all = check_target_type(
            y if hasattr(y, "shape") else np.asarray(y), indicate_one_vs_all=True
        )
        check_consistent_length(x, flat)
        if isinstance(y, pd.DataFrame) and y.shape[1] == 1:
            flat = y.iloc[:, 0]
        elif isinstance(y, pd.Series):
            flat = y
        return x, flat, np.unique(flat) if is_one_vs_all else None

    def _task(self, target: Any) -> str:
        return str(self.task)

    def _seed(self) -> int:
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31))

    def _remember(self, given: Given, done: Resampled) -> None:
        """Set the attributes that every sampler has."""
        self.task_ = str(given.dataset.table.schema.task)
        self.synthetic_ = given.features(done.made.table)
        self.synthetic_target_ = given.target(done.made.table)
        self.notes_ = done.notes
        made = given.target(done.drawn)
        is_number = self.task_ == TaskChoice.REGRESSION
        self.sampling_strategy_ = {} if is_number else made.value_counts().to_dict()


class ProfilingSampler(Sampler):
    """A sampler whose pipeline profiles the real rows."""

    def _remember(self, given: Given, done: Resampled) -> None:
        super()._remember(given, done)
        assert done.profile is not None
        self.segments_ = np.array(done.profile.segment.tolist())
        self.hardness_ = done.profile.hardness


def _dtype_of(X: Any) -> Any:
    """Object for lists with text in them: NumPy would make text of all their numbers."""
    if isinstance(X, np.ndarray) or hasattr(X, "shape"):
        return None
    array = np.asarray(X)
    return object if array.dtype.kind in "US" else array.dtype


def _as_list(given: Any, made: Any) -> Any:
    return made.tolist() if isinstance(given, list) else made


def _as_given(given: Any, labels: Any, classes: Any) -> Any:
    """The target in the shape and type that it came in: one column per class, a frame, a list."""
    if classes is not None:
        return label_binarize(labels, classes=classes)
    if isinstance(given, pd.DataFrame):
        return pd.DataFrame({given.columns[0]: labels})
    return _as_list(given, labels)
