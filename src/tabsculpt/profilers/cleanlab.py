"""Label quality by confident learning, for classes and for numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt

from tabsculpt.profilers import Cut, Scores
from tabsculpt.profilers.dynamics import Dynamics
from tabsculpt.profilers.features import own_order
from tabsculpt.profilers.folds import folds
from tabsculpt.seeds import seeded_globals
from tabsculpt.table import FloatArray, Table, Task


class Learner(StrEnum):
    """The model whose out-of-fold predictions the labels are held against."""

    LINEAR = "linear"
    BOOSTED = "boosted"


@dataclass(frozen=True)
class Cleanlab:
    """Label quality in [0, 1] from out-of-fold predictions; two segments, easy and hard.

    Classification: the predicted probability of the given label ("self confidence").
    Regression: cleanlab's CleanLearning, whose quality is exp(-r / median r) of the residual r,
    with epistemic and aleatoric uncertainty in its search for the share of wrong labels. Its
    median is 1/e by construction, so that a threshold there is a share in disguise: about 12 %
    of the rows at 0.1 and 35 % at 0.25 when residuals are half-normal, clean data or not.

    Source: Northcutt, Jiang, Chuang, "Confident Learning", JAIR 70, 2021; Zhou, Mueller, Kumar,
    Wang, Lei, "Detecting Errors in Numerical Data via any Regression Model", 2023,
    https://arxiv.org/abs/2305.16583.

    Args:
        cut: how scores become segments.
        threshold: rows whose label quality is below it are hard, in (0, 1); or their share.
        learner: linear or boosted trees.
        folds: number of folds of the cross-fitting.
    """

    libraries: ClassVar[tuple[str, ...]] = ("cleanlab", "lightgbm", "scikit-learn")
    hard_is: ClassVar[Literal["low", "high"]] = "low"
    least_rows: ClassVar[int] = 10
    recorder: ClassVar[None] = None

    cut: Cut = Cut.THRESHOLD
    threshold: Annotated[float, Gt(0), Lt(1)] = 0.1
    learner: Learner = Learner.LINEAR
    folds: Annotated[int, Ge(2)] = 5

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
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
        from cleanlab.rank import get_label_quality_scores

        target, features = table.target, table.matrix()
        probabilities = np.zeros((len(table), len(table.schema.classes)))
        for fit, predict in folds(table, self.folds, seed):
            seen = np.unique(target[fit])
            if len(seen) == 1:
                probabilities[np.ix_(predict, seen)] = 1.0
                continue
            model = _classifier(self.learner, seed).fit(features[fit], target[fit])
            probabilities[np.ix_(predict, model.classes_)] = model.predict_proba(features[predict])
        quality: FloatArray = get_label_quality_scores(
            target, probabilities, method="self_confidence"
        )
        return quality


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
