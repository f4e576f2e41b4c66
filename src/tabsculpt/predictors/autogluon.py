"""The model classes of AutoGluon, trained one at a time with AutoGluon's own settings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.errors import TooFewRowsError, UserError, unknown
from tabsculpt.predictors.matrix import (
    encoded_target,
    plain_features,
    present_classes,
    spread,
)
from tabsculpt.predictors.xgboost import DISTRIBUTION as XGBOOST
from tabsculpt.table import FloatArray, IntArray, Schema, Table, Task

EVAL_METRICS = {
    Task.REGRESSION: "root_mean_squared_error",
    Task.BINARY: "accuracy",
    Task.MULTICLASS: "accuracy",
}
"""What models stop early on and ensembles are chosen by: the defaults of ``TabularPredictor``."""

_NETWORKS = ("NN_TORCH", "FASTAI")
_WEIGHED = ("GBM", "XGB", "CAT", "RF", "XT")
"""The models that AutoGluon hands weights of rows to; the others would leave them unused."""
_REGULARISED: dict[str, tuple[str, tuple[float, ...]]] = {
    "GBM": ("lambda_l2", (10.0, 100.0)),
    "XGB": ("reg_lambda", (10.0, 100.0)),
    "CAT": ("l2_leaf_reg", (30.0, 300.0)),
    "RF": ("min_samples_leaf", (5, 20)),
    "XT": ("min_samples_leaf", (5, 20)),
    "KNN": ("n_neighbors", (15, 45)),
    "NN_TORCH": ("weight_decay", (1e-4, 1e-2)),
}
"""The setting that regularises a model most plainly, with values beyond AutoGluon's default."""

# These keep a result from depending on the machine; they do not change what is learnt. Without
# the memory ratio a forest is trained with fewer trees where little memory is free.
_PINS: dict[str, dict[str, Any]] = {
    "GBM": {"deterministic": True, "force_row_wise": True},
    "RF": {"n_jobs": 1, "ag.max_memory_usage_ratio": 1000.0},
    "XT": {"n_jobs": 1, "ag.max_memory_usage_ratio": 1000.0},
}


@dataclass(frozen=True)
class AutoGluon:
    """One of AutoGluon's models behind AutoGluon's feature pipeline, on one thread.

    What ``hyperparameters`` leaves out has AutoGluon's default. Every model gives its validation
    rows away, whether or not it stops early on them, as in ``TabularPredictor`` without bagging:
    the members of an ensemble then predict rows that none of them has seen. Numbers are handed
    over as floats, and a nearest-neighbour model has no more neighbours than training rows.

    Attributes:
        model: AutoGluon's key of the model class: GBM, XGB, CAT, RF, XT, KNN, NN_TORCH, FASTAI.
        tasks_only: the tasks that it is trained for: regression, binary, multiclass.
        hyperparameters: of the model class, in AutoGluon's names.

    References:
        AutoGluon-Tabular: Robust and Accurate AutoML for Structured Data, Erickson et al., 2020,
        https://arxiv.org/abs/2003.06505
    """

    model: str
    tasks_only: list[str] = field(default_factory=lambda: [task.value for task in Task])
    hyperparameters: dict[str, Any] = field(default_factory=dict)

    libraries: ClassVar[tuple[str, ...]] = (
        "autogluon.tabular",
        "autogluon.features",
        "catboost",
        "fastai",
        "lightgbm",
        "scikit-learn",
        "torch",
        XGBOOST,
    )
    extra: ClassVar[str | None] = "autogluon"
    uses_validation: ClassVar[bool] = True

    @property
    def tasks(self) -> frozenset[Task]:
        """The tasks of ``tasks_only``.

        Raises:
            UserError: one of them is not a task.
        """
        for task in set(self.tasks_only) - set(Task):
            raise unknown("task", task, Task)
        return frozenset(Task(task) for task in self.tasks_only)

    @property
    def stochastic(self) -> bool:
        """Whether the seed can change what it learns: not where neighbours are looked up."""
        return self.model != "KNN"

    @property
    def takes_weights(self) -> bool:
        """See `tabsculpt.predictors.Weighable`."""
        return self.model in _WEIGHED

    def regularised(self) -> tuple[AutoGluon, ...]:
        """See `tabsculpt.predictors.Regularisable`; FASTAI has no such setting."""
        name, values = _REGULARISED.get(self.model, ("", ()))
        return (
            self,
            *(
                replace(self, hyperparameters={**self.hyperparameters, name: value})
                for value in values
            ),
        )

    def fit(
        self, train: Table, validation: Table | None, seed: int, weights: FloatArray | None = None
    ) -> AutoGluonModel:
        """Train on ``train``, stop early on ``validation``; leaves no file behind.

        Args:
            train: the rows to learn from.
            validation: rows that are not in ``train``; needed. Rows of a class that ``train``
                lacks are left out of it.
            seed: of every draw.
            weights: of the rows of ``train``, shape (n,), where `takes_weights`; those of
                ``validation`` count alike.

        Raises:
            ValueError: no validation row is left, or one class only.
            UserError: AutoGluon has no such model, or it can use none of the features (neighbours
                need one that takes three numbers or more): AutoGluon leaves the model out then.
            TooFewRowsError: fewer than two training rows.
        """
        from autogluon.core.utils.exceptions import NoValidFeatures

        if len(train) < 2:
            raise TooFewRowsError(f"{len(train)} training rows: {self.model} needs 2")
        present = present_classes(train)
        held = _known_rows(validation, present)
        with _quiet(), seeded_globals(seed, uses_torch=self.model in _NETWORKS):
            try:
                features, inner = self._train(train, held, present, seed, weights)
            except NoValidFeatures as error:
                raise UserError(
                    f"AutoGluon's {self.model} can use none of the features: they are constant, or "
                    "of a kind that it leaves out"
                ) from error
        return AutoGluonModel(train.schema, present, features, inner)

    def _train(
        self, train: Table, held: Table, present: IntArray, seed: int, weights: FloatArray | None
    ) -> tuple[Any, Any]:
        """The feature pipeline, fitted on all rows as AutoGluon does, and the trained model."""
        from autogluon.features.generators import AutoMLPipelineFeatureGenerator

        both = pd.concat([plain_features(table.features, train.schema) for table in (train, held)])
        features = AutoMLPipelineFeatureGenerator(verbosity=0)
        X = features.fit_transform(both.reset_index(drop=True))
        first = len(train)
        y = pd.Series(np.concatenate([encoded_target(part, present) for part in (train, held)]))
        problem = _problem(train.schema, present)
        with TemporaryDirectory() as folder:
            inner = _model_class(self.model)(
                path=folder,
                name=self.model,
                problem_type=problem,
                eval_metric=EVAL_METRICS[Task(problem)],
                hyperparameters=self._settings(first),
            )
            inner.fit(
                X=X[:first],
                y=y[:first],
                X_val=X[first:],
                y_val=y[first:],
                feature_metadata=features.feature_metadata,
                random_seed=seed,
                num_cpus=1,
                num_gpus=0,
                verbosity=0,
                **({} if weights is None else {"sample_weight": pd.Series(weights)}),
            )
        return features, inner

    def _settings(self, rows: int) -> dict[str, Any]:
        settings = {**_PINS.get(self.model, {}), **self.hyperparameters}
        if self.model == "KNN":
            settings["n_neighbors"] = min(settings.get("n_neighbors", 5), rows)
        return settings


@dataclass(frozen=True, eq=False)
class AutoGluonModel:
    """A trained model with its feature pipeline.

    Attributes:
        schema: the training table's.
        present: the class codes that occurred in training, ascending; empty for a regression.
        features: AutoGluon's fitted feature pipeline.
        inner: AutoGluon's fitted model.
    """

    schema: Schema
    present: IntArray
    features: Any
    inner: Any

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """See `tabsculpt.predictors.Model.predict`; absent classes have probability zero."""
        with _quiet(), seeded_globals(0):
            X = self.features.transform(plain_features(features, self.schema))
            raw = np.asarray(self.inner.predict_proba(X, num_cpus=1), dtype=np.float64)
        if self.schema.task is Task.REGRESSION:
            return raw
        if raw.ndim == 1:
            raw = np.column_stack([1 - raw, raw])
        return spread(raw, self.present, len(self.schema.classes))


def _known_rows(validation: Table | None, present: IntArray) -> Table:
    if validation is not None and validation.schema.task is not Task.REGRESSION:
        validation = validation.take(np.isin(validation.target, present))
    if validation is None or not len(validation):
        raise ValueError("no validation row of a class that training has")
    return validation


def _problem(schema: Schema, present: IntArray) -> str:
    """AutoGluon's problem type, which counts the classes of the training rows only."""
    if schema.task is Task.REGRESSION:
        return Task.REGRESSION.value
    return (Task.BINARY if len(present) == 2 else Task.MULTICLASS).value


def _model_class(key: str) -> Any:
    if key == "NN_TORCH":
        from tabsculpt.predictors.torch_network import TorchNetwork

        return TorchNetwork
    from autogluon.tabular.registry import ag_model_registry

    if key not in ag_model_registry.keys:
        raise unknown("AutoGluon model", key, ag_model_registry.keys)
    return ag_model_registry.key_to_cls(key)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the logs and warnings of AutoGluon and of the libraries below it off the screen."""
    logger = logging.getLogger("autogluon")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
