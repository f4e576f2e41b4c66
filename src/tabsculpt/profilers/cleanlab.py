"""Label quality by confident learning, for classes and for numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.profilers.features import own_order
from tabsculpt.profilers.folds import folds
from tabsculpt.table import FloatArray, Table, Task


@dataclass(frozen=True)
class Cleanlab:
    """Label quality in [0, 1] from out-of-fold predictions; two segments, easy and hard.

    Classification: the predicted probability of the given label ("self confidence").
    Regression: cleanlab's CleanLearning, whose quality is exp(-r / median r) of the residual r,
    with epistemic and aleatoric uncertainty in its search for the share of wrong labels. Its
    median is 1/e by construction, so that a threshold there is a share in disguise: about 12 %
    of the rows at 0.1 and 35 % at 0.25 when residuals are half-normal, clean data or not.

    With learner=mlp the predictions are those of the last epoch of the network that the scores of
    training dynamics watch (`tabsculpt.profilers.dynamics.mlp`), and a regression's quality is
    exp(-r / median r) of their residual itself: CleanLearning's corrections, by the uncertainty of
    the model and by a search for the share of wrong labels, would train some fifty networks.

    Source: Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset
    Labels", JAIR 70, 2021, https://arxiv.org/abs/1911.00068; Zhou, Mueller, Kumar, Wang, Lei,
    "Detecting Errors in Numerical Data via any Regression Model", 2023,
    https://arxiv.org/abs/2305.16583.

    Args:
        cut: how scores become segments.
        threshold: rows whose label quality is below it are hard, in (0, 1); or their share.
        learner: linear, boosted or mlp.
        folds: number of folds of the cross-fitting.

    Raises:
        UserError: ``learner`` is auto, which has no counterpart here.
    """

    libraries: ClassVar[tuple[str, ...]] = ("cleanlab", "lightgbm", "scikit-learn")
    hard_is: ClassVar[Literal["low", "high"]] = "low"
    least_rows: ClassVar[int] = 10

    cut: SegmentRule = SegmentRule.THRESHOLD
    threshold: Annotated[float, Gt(0), Lt(1)] = 0.1
    learner: Learner = Learner.LINEAR
    folds: Annotated[int, Ge(2)] = 5

    def __post_init__(self) -> None:
        if self.learner is Learner.AUTO:
            raise UserError("cleanlab: learner is 'auto', expected linear, boosted or mlp")

    @property
    def recorder(self) -> Recorder | None:
        """See `Profiler.recorder`; the other learners are trained without being watched."""
        return recorder_of(Learner.MLP, self.folds) if self.learner is Learner.MLP else None

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        if dynamics is not None:
            return Scores(_of_predictions(table, dynamics.outputs[-1]))
        if table.schema.task is Task.REGRESSION:
            return Scores(self._regression(table, seed))
        return Scores(self._classification(table, seed))

    def _regression(self, table: Table, seed: int) -> FloatArray:
        from cleanlab.regression.learn import CleanLearning

        target = table.target
        if np.ptp(target) == 0:
            return np.ones(len(table))
        learning = CleanLearning(
            model=_regressor(self.learner, seed), cv_n_folds=self.folds, n_boot=5, seed=seed
        )
        order = own_order(table, seed)
        with seeded_globals(seed):
            issues = learning.find_label_issues(table.matrix()[order], target[order])
        quality = np.empty(len(table))
        quality[order] = issues["label_quality"].to_numpy(dtype=np.float64)
        return quality

    def _classification(self, table: Table, seed: int) -> FloatArray:
        target, features = table.target, table.matrix()
        probabilities = np.zeros((len(table), len(table.schema.classes)))
        for fit, predict in folds(table, self.folds, seed):
            seen = np.unique(target[fit])
            if len(seen) == 1:
                probabilities[np.ix_(predict, seen)] = 1.0
                continue
            model = _classifier(self.learner, seed).fit(features[fit], target[fit])
            probabilities[np.ix_(predict, model.classes_)] = model.predict_proba(features[predict])
        return _of_predictions(table, probabilities)


def _of_predictions(table: Table, predicted: FloatArray) -> FloatArray:
    """Label quality from out-of-fold numbers, shape (n,), or probabilities, shape (n, classes)."""
    from cleanlab.rank import get_label_quality_scores

    if table.schema.task is not Task.REGRESSION:
        quality: FloatArray = get_label_quality_scores(
            table.target, predicted, method="self_confidence"
        )
        return quality
    residuals = np.abs(predicted - table.target)
    return np.exp(-residuals / (float(np.median(residuals)) or 1.0))


def _regressor(learner: Learner, seed: int) -> Any:
    if learner is Learner.BOOSTED:
        from lightgbm import LGBMRegressor

        return LGBMRegressor(**_boosted(seed))
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(SimpleImputer(keep_empty_features=True), LinearRegression())


def _classifier(learner: Learner, seed: int) -> Any:
    if learner is Learner.BOOSTED:
        from lightgbm import LGBMClassifier

        return LGBMClassifier(**_boosted(seed))
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(
        SimpleImputer(keep_empty_features=True), StandardScaler(), LogisticRegression(max_iter=1000)
    )


def _boosted(seed: int) -> dict[str, Any]:
    """Few small trees: CleanLearning trains about fifty models for one set of scores."""
    return {
        "n_estimators": 20,
        "learning_rate": 0.25,
        "num_leaves": 15,
        "max_bin": 63,
        "min_child_samples": 10,
        "deterministic": True,
        "force_row_wise": True,
        "n_jobs": 1,
        "verbose": -1,
        "random_state": seed,
    }
