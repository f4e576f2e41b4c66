"""Data-IQ: confidence and aleatoric uncertainty over the checkpoints of a model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt

from tabsculpt.errors import UserError
from tabsculpt.profilers import Scores, SegmentRule
from tabsculpt.profilers.dynamics import Dynamics, Recorder
from tabsculpt.profilers.dynamics.learners import Learner, recorder_of
from tabsculpt.profilers.features import standard_features
from tabsculpt.table import FloatArray, Table, Task

REFITS = 10


class Form(StrEnum):
    """calibrated: as described in `DataIQ`. published: DataIQReg as its authors have it."""

    CALIBRATED = "calibrated"
    PUBLISHED = "published"


@dataclass(frozen=True)
class DataIQ:
    """Rows by how sure a model is of their label while it learns; three segments.

    At each checkpoint e, p_e is the probability of the given label. Confidence is the mean of p_e
    and aleatoric uncertainty the mean of p_e (1 - p_e), over the checkpoints after the burn-in. A
    row is hard when its confidence is below t, easy when it is above 1 - t, and ambiguous
    otherwise.

    With ``cut=percentile``, as in the source, rows whose uncertainty is above its median are
    ambiguous whatever their confidence. That calls half of the rows ambiguous on any table, and on
    one that is easy for the model, where the median is next to nothing, the plainly mislabelled
    rows too: on breast_cancer with planted errors F1 falls from 0.76 to 0.61, on regressions it
    stays (``scripts/benchmark_cuts.py``), so that it is not the default. The source has t = 0.25;
    on six medical sets with planted errors F1 is nearly the same from 0.125 to 0.2, and the share
    of clean rows that is called hard grows with t (``scripts/benchmark_profilers.py``), so that
    0.15 is the default.

    The source takes every checkpoint of a model that has seen the rows. Here the models are
    cross-fitted, distrust rows that do not fit (`tabsculpt.profilers.dynamics.crossfit`), and the
    first half of the checkpoints, where nothing is learnt yet, is left out.

    In a regression the correctness p_e = exp(-|r_e| / s) takes the probability's place, with s
    from the noise and the spread of the target (`profilers.dynamics.correctness`). It is in
    (0, 1] and free of the target's unit, so that confidence, p (1 - p) and t keep their meaning.

    The published form, DataIQReg, is kept for comparison. Its confidence is the mean prediction
    over ten refits of a linear regression and its aleatoric uncertainty their variance. The
    refits are the same, so that the variance is zero, and a confidence in the target's unit cut
    at t and 1 - t puts (almost) every row of most tables into one segment. What Appendix C puts in
    place of correctness (RMSE), entropy (R2) and mutual information (Pearson's r) is one number
    per table: a constant column each in the details; variability is the standard deviation.

    Source: Seedat, Crabbe, Bica, van der Schaar, "Data-IQ: Characterizing subgroups with
    heterogeneous outcomes in tabular data", NeurIPS 2022, https://arxiv.org/abs/2210.13043; the
    published form: Souza, Zanchettin, "Breaking the Barrier of Hard Samples: A Data-Centric
    Approach to Synthetic Data for Medical Tasks", ICML 2025, Appendix C.

    Args:
        cut: how scores become segments.
        threshold: t, in (0, 0.5); or the share of hard rows.
        form: calibrated, or published (regressions only).
        learner: linear, boosted, mlp, or auto (linear or boosted, by cross-validation).
        burn_in: share of the checkpoints, the first ones, that are left out; in [0, 1).
        folds: number of folds of the cross-fitting; below 2, rows are scored by a model that is
            trained on them.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    hard_is: ClassVar[Literal["low", "high"]] = "low"
    least_rows: ClassVar[int] = 10

    cut: SegmentRule = SegmentRule.THRESHOLD
    threshold: Annotated[float, Gt(0), Lt(1)] = 0.15
    form: Form = Form.CALIBRATED
    learner: Learner = Learner.AUTO
    burn_in: Annotated[float, Ge(0), Lt(1)] = 0.5
    folds: Annotated[int, Ge(0)] = 5

    @property
    def recorder(self) -> Recorder | None:
        """See `Profiler.recorder`; the published form records nothing."""
        return None if self.form is Form.PUBLISHED else recorder_of(self.learner, self.folds)

    def score(self, table: Table, dynamics: Dynamics | None, seed: int) -> Scores:
        """See `Profiler.score`."""
        if self.form is Form.PUBLISHED:
            return _published(table)
        assert dynamics is not None
        late = dynamics.correctness[int(self.burn_in * len(dynamics.correctness)) :]
        return Scores(late.mean(axis=0), (late * (1 - late)).mean(axis=0))


def _published(table: Table) -> Scores:
    if table.schema.task is not Task.REGRESSION:
        raise UserError("profiler.form=published is for regressions; use form=calibrated")
    target, features = table.target, standard_features(table)
    predicted = np.stack([_refit(features, target) for _ in range(REFITS)])
    mean, variance = predicted.mean(axis=0), predicted.var(axis=0)
    squares = ((target - mean) ** 2).mean()
    varies = target.std() > 0 and mean.std() > 0
    whole = {
        "rmse": np.sqrt(squares),
        "r2": 1 - squares / target.var() if varies else 0.0,
        "pearson": np.corrcoef(target, mean)[0, 1] if varies else 0.0,
    }
    details = {name: np.full(len(target), value) for name, value in whole.items()}
    return Scores(mean, variance, {"variability": np.sqrt(variance), **details})


def _refit(features: FloatArray, target: FloatArray) -> FloatArray:
    from sklearn.linear_model import LinearRegression

    predicted: FloatArray = LinearRegression().fit(features, target).predict(features)
    return predicted
