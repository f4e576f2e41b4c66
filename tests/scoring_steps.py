"""The steps that may see test rows, for the tests that nothing else does."""

from tabsculpt.metrics.class_balance import MatchedClassBalance
from tabsculpt.metrics.quality_steps import MeasureQuality, ScoresOfTest, Strata
from tabsculpt.predictors.prediction_steps import CombineAndPredict, TrainAndPredict

SCORING = {
    TrainAndPredict, CombineAndPredict, MeasureQuality, ScoresOfTest, MatchedClassBalance, Strata,
}  # fmt: skip
