"""Adaptive: a learner's weak classes decide what is generated next."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le, Lt

from tabsculpt.engine.identity import LATER
from tabsculpt.engine.step import Step
from tabsculpt.pipelines import PipelineInputs, PipelineSteps
from tabsculpt.pipelines.build import fit_rows
from tabsculpt.pipelines.loop import Assessment, Loop
from tabsculpt.pipelines.rounds import Assess, BestRound, Grown, HoldOut, NextRows, RoundLog
from tabsculpt.predictors import Predictor
from tabsculpt.predictors.lightgbm import LightGBM
from tabsculpt.predictors.random_forest import RandomForest
from tabsculpt.predictors.xgboost import XGBoost
from tabsculpt.table import Schema, Table, Task


class Learner(StrEnum):
    """The model whose weaknesses are generated for, with the settings of ``predictors=boosted``."""

    LIGHTGBM = "lightgbm"
    XGBOOST = "xgboost"
    RANDOM_FOREST = "random_forest"


LEARNERS: dict[Learner, Predictor] = {
    Learner.LIGHTGBM: LightGBM(),
    Learner.XGBOOST: XGBoost(),
    Learner.RANDOM_FOREST: RandomForest(),
}


@dataclass(frozen=True)
class Adaptive:
    """A loop between a learner and a generator that stops on a plateau.

    A validation part is held out of the train part. The learner learns the other rows, and its
    score on each part of the target in the validation rows (F1 of each class; 1 - RMSE / standard
    deviation, in each range of a number between quantiles) decides what is made next: parts below
    ``tau`` get rows in proportion to what they lack. It learns again with these rows added, and so
    on until nothing is below ``tau``, the mean score rises no more, or ``rounds`` are over. The
    rows of the round that is best on the validation part, perhaps none, are added to all rows of
    the train part (protocol augmentation). The generator is fitted once, on the learning rows.
    Where none are added, a note says why: of a class with few validation rows, F1 may stay at 0
    until ``patience`` is over, however many rows were made.

    The tables of the source are expectations, not measurements. It gives neither tau nor the
    number of rows of a round, and trains the learner epoch by epoch where trees are trained anew
    here. Its generator takes the scores in beside the class; they do not vary over the rows of one
    round, so that they decide on the classes that are asked for instead. A generator that cannot be
    asked, and a number as the target, are sampled at large and rows of the parts lacking are kept.

    The job leaves ``<outputs>/rounds/<job>.parquet``, the score and the share of synthetic rows by
    round and part; and in ``<outputs>/quality`` each round's table is measured, Q among the rest.

    Source: Shreyas, Supriya, Urs, Kandalam, Sekaran, "Synthetic Data Generation and Its Role in
    Machine Learning Model Development", sections V and VI (ASDF).

    Args:
        learner: the model whose weaknesses are generated for.
        tau: score below which a part gets rows, above 0, at most 1.
        rounds: the most rounds.
        share: rows made in a round, as a share of the rows learnt from.
        gain: least rise of the mean score that is no plateau.
        patience: rounds without such a rise that are waited for.
        validation_size: share of the train part that is held out for decisions; the default is
            15 % of all rows where another 15 % are tested on, as in the source.
        bins: ranges that a number is cut into.
        most_draws: rows drawn at most for each row to add, where they are sampled at large.
        correct_prior: bring the probabilities of predictors back to the real shares of the
            classes, see `tabsculpt.predictors.prior_shift.prior_ratio`.
    """

    uses_profiler: ClassVar[bool] = False
    uses_generator: ClassVar[bool] = True
    adds_to_real: ClassVar[bool] = True

    learner: Learner = Learner.LIGHTGBM
    tau: Annotated[float, Gt(0), Le(1)] = 0.9
    rounds: Annotated[int, Ge(1)] = 10
    share: Annotated[float, Gt(0)] = 0.1
    gain: Annotated[float, Ge(0)] = 0.001
    patience: Annotated[int, Ge(1)] = 3
    validation_size: Annotated[float, Gt(0), Lt(1)] = 0.1765
    bins: Annotated[int, Ge(2)] = 5
    most_draws: Annotated[float, Ge(1)] = 200.0
    correct_prior: bool = field(default=False, metadata=LATER)

    def impossible(self, schema: Schema) -> str | None:
        """See `tabsculpt.pipelines.obstacle`."""
        if not self.correct_prior or schema.task is not Task.REGRESSION:
            return None
        return f"has correct_prior=true, which needs classes, and {schema.target!r} is a number"

    def build(self, given: PipelineInputs) -> PipelineSteps:
        """See `Pipeline.build`."""
        assert given.generator is not None
        learn, validation = (
            HoldOut(given.train, side, self.validation_size, given.seed)
            for side in ("learn", "validation")
        )
        loop = Loop(self.tau, self.share, self.gain, self.patience, self.bins, self.most_draws)
        fit = fit_rows(given, learn)
        asked = type(given.generator).conditional
        learner, seed = LEARNERS[self.learner], given.seed
        first = Assess(learner, learn, (), None, validation, self.bins, seed)
        assessed: tuple[Step[Assessment], ...] = (first,)
        made: tuple[Step[Table], ...] = ()
        grown = [Grown((), fit, learn, self.bins)]
        for _ in range(self.rounds):
            made = (*made, NextRows(loop, fit, learn, assessed, asked, seed))
            now = Assess(learner, learn, made, assessed[-1], validation, self.bins, seed)
            assessed = (*assessed, now)
            grown.append(Grown(made, fit, learn, self.bins))
        best = BestRound(loop, tuple(grown), assessed, learn, validation)
        log = RoundLog(loop, learn, tuple(grown), assessed)
        prior = given.train if self.correct_prior else None
        return PipelineSteps(best, grown[-1], {}, learn, tuple(grown[1:]), log, prior)
