"""Tests, intervals and variances, each beside an independent computation."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import roc_auc_score
from tabsculpt.stats.influence import Difference, auc_influence, paired_difference
from tabsculpt.stats.paired import signed_rank

from calibration.definitions import Case
from calibration.measures import REFITTED
from calibration.page import TABLES
from tabsculpt.analysis.levels import level_of
from tabsculpt.analysis.overall import friedman_test
from tabsculpt.metrics.classification import auc_roc
from tabsculpt.stats.components import variance_components
from tabsculpt.table import FloatArray, IntArray

NOISE = 200
"""Draws of pure noise."""


def false_alarms() -> Iterator[Case]:
    """How often equal pipelines are called better or worse, as `tests` and `run` judge them."""
    nulls = pd.read_csv(TABLES / "nulls.csv")
    chance = 200 * (0.06 * 0.94 / float(nulls.draws.min())) ** 0.5
    refitted = nulls[(nulls.world == REFITTED) & (nulls.splits > 1)]
    of = "the aim, and two standard deviations of so many draws"
    yield Case("1 two fits of one generator, verdicts better or worse, %", "25 to 33 (p < 0.05)",
               refitted["false alarms"].max(), 6, of, chance, up_to=True)  # fmt: skip
    yield Case("1 the worst of all null worlds, %", "30 to 40 (four fits a side)",
               nulls["false alarms"].max(), 6, of, chance, up_to=True)  # fmt: skip


def few_positives() -> Iterator[Case]:
    """DeLong's error by pairs of rows, and what few rows of a class allow."""
    rng = np.random.default_rng(0)
    truth = (np.arange(60) < 20).astype(int)
    scores = [truth + rng.normal(size=60) for _ in range(2)]
    found = _auc_difference(truth, *scores)
    yield Case("2 standard error of a difference of AUCs, 20 of 60", "n / (n - 1) for both classes",
               found.error, _delong(truth, *scores), "DeLong et al., pair by pair")  # fmt: skip
    one = (np.arange(30) < 1).astype(int)
    lone = _auc_difference(one, one + 0.0, np.zeros(30))
    yield Case("2 upper end of its interval, one positive of 30", "0.5", lone.high, np.inf,
               "no variance within a class of one row")  # fmt: skip
    rows = pd.read_csv(TABLES / "rows.csv")
    for metric, before in (("auc_roc", "18, 15, 11, 8"), ("rmse", "10 (10 rows)")):
        mine = rows[rows.metric == metric]
        chance = 200 * (0.06 * 0.94 / float(mine.draws.min())) ** 0.5
        yield Case(f"2 few rows, {metric}: equal scores told apart, worst, %", before,
                   mine["false alarms"].max(), 6, "the aim", chance, up_to=True)  # fmt: skip


def absent_class() -> Iterator[Case]:
    """AUC of three classes, one of which is not among the test rows."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 2, 40)
    given = rng.dirichlet(np.ones(3), 40)
    areas = [roc_auc_score(codes == c, given[:, c]) for c in (0, 1)]
    yield Case("3 AUC of three classes, one absent", "the same", auc_roc(codes, given),
               float(np.mean(areas)), "scikit-learn, over those that occur")  # fmt: skip
    covered = 0
    for _ in range(1000):
        truth = np.repeat([0, 1], 40)
        both = [_three(rng, truth) for _ in range(2)]
        value = auc_roc(truth, both[0]) - auc_roc(truth, both[1])
        influences = (auc_influence(truth, one) for one in both)
        found = paired_difference(*influences, value, classes=truth)
        covered += found.low <= 0 <= found.high
    yield Case("3 its 95 % interval holds the truth, %", "81", covered / 10, 95,
               "the level, and two standard deviations", 1.4)  # fmt: skip


def rounding() -> Iterator[Case]:
    """Differences of proportions that are equal but for their last bit."""
    hits = np.array([3] * 6 + [-3] * 2)
    base = np.arange(100, 108)
    found = signed_rank((base + hits) / 146, base / 146)
    yield Case("6 p of six +3/146 and two -3/146", "0.17 or 0.44", found.p, _by_signs(hits),
               "all 256 patterns of signs, on whole numbers")  # fmt: skip


def few_pairs() -> Iterator[Case]:
    """How often the interval of n pairs holds the shift."""
    for n, before in ((2, "49"), (3, "77"), (4, "89"), (5, "87")):
        found = signed_rank(np.arange(1.0, n + 1), np.zeros(n))
        yield Case(f"7 upper end of the interval of {n} pairs", f"held {before} %", found.high,
                   np.inf, "2 / 2^n is above 5 %: none")  # fmt: skip
    rng = np.random.default_rng(2)
    for n in (6, 8, 12):
        draws = rng.standard_cauchy((2000, n))
        intervals = [signed_rank(one, np.zeros(n)) for one in draws]
        held = np.mean([one.low <= 0 <= one.high for one in intervals])
        exact = 1 - 2 * _rejected(n)
        yield Case(f"7 interval of {n} pairs (Cauchy) holds the shift, %", "named a bootstrap's",
                   100 * float(held), 100 * exact, "enumeration, and three standard deviations",
                   300 * (exact * (1 - exact) / 2000) ** 0.5)  # fmt: skip


def all_tied() -> Iterator[Case]:
    """Values that are the same, and pairs that Kruskal-Wallis ignores."""
    yield Case("8 Friedman's p, all arms tied", "nan", friedman_test(np.ones((6, 3)))[1], 1,
               "no rank differs")  # fmt: skip
    sparse = np.r_[np.zeros(9), 0.1, 0.2, 0.3]
    found = signed_rank(sparse, np.zeros(12))
    yield Case("8 p, 75 % of the differences zero", "nan better", found.p,
               float(stats.wilcoxon(sparse[sparse != 0], method="exact").pvalue),
               "SciPy, of the others")  # fmt: skip
    blocks = 10 * np.arange(12.0)[:, None] + np.arange(4.0)
    yield Case("8 p of four arms in the same order on twelve units",
               f"{stats.kruskal(*blocks.T).pvalue:.2f} (Kruskal-Wallis)", friedman_test(blocks)[1],
               float(stats.friedmanchisquare(*blocks.T).pvalue), "SciPy, Friedman")  # fmt: skip


def shares() -> Iterator[Case]:
    """Variance components by statsmodels, and of pure noise on three splits of four predictors."""
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(4)
    split, predictor = (place.ravel() for place in np.indices((6, 5)))
    value = rng.normal(size=6)[split] + 2 * rng.normal(size=5)[predictor] + rng.normal(size=30)
    frame = pd.DataFrame({"value": value, "split": split, "predictor": predictor, "all": 1})
    parts = {name: f"0 + C({name})" for name in ("split", "predictor")}
    model = smf.mixedlm("value ~ 1", frame, groups="all", re_formula="0", vc_formula=parts)
    peer = dict(zip(model.exog_vc.names, model.fit().vcomp, strict=True))
    found = variance_components(value, [split, predictor])
    for name, ours in zip(("split", "predictor"), found.sources, strict=True):
        yield Case(f"9 variance that the {name} adds", "eta squared", ours, float(peer[name]),
                   "statsmodels, REML", 1e-3 * max(1, ours))  # fmt: skip
    split, predictor = (place.ravel() for place in np.indices((3, 4)))
    drawn = [variance_components(v, [split, predictor]) for v in rng.normal(size=(NOISE, 12))]
    for place, (name, before) in enumerate((("split", "17"), ("predictor", "29"))):
        mean = 100 * float(np.mean([one.sources[place] / one.total for one in drawn]))
        truncated = 100 * _truncated(rng, place)
        yield Case(f"9 mean share of the {name} in pure noise, %", before, mean, truncated,
                   "mean squares, cut at 0, and three standard deviations", 4.5)  # fmt: skip


def deviations() -> Iterator[Case]:
    """The standard deviation beside a mean."""
    values = [0.81, 0.84, 0.79, 0.9]
    yield Case("10 deviation of four values", f"{np.std(values):.4g}", level_of(values).deviation,
               statistics.stdev(values), "the standard library, n - 1")  # fmt: skip


def _auc_difference(truth: IntArray, *scores: FloatArray) -> Difference:
    parts = [auc_influence(truth, np.column_stack([-score, score])) for score in scores]
    areas = [roc_auc_score(truth, score) for score in scores]
    return paired_difference(*parts, float(areas[0] - areas[1]), classes=truth)


def _delong(truth: IntArray, *scores: FloatArray) -> float:
    """Standard error of a difference of AUCs, from every pair of a positive and a negative row."""
    placed = []
    for score in scores:
        pairs = np.array([[(p > n) + (p == n) / 2 for n in score[truth == 0]]
                          for p in score[truth == 1]])  # fmt: skip
        placed.append(pairs)
    apart = placed[0] - placed[1]
    by_class = (apart.mean(axis=1), apart.mean(axis=0))
    return float(sum(part.var(ddof=1) / len(part) for part in by_class) ** 0.5)


def _three(rng: np.random.Generator, truth: IntArray) -> FloatArray:
    score = np.column_stack([truth == 0, truth == 1, np.zeros(len(truth))])
    high: FloatArray = np.exp(score + rng.normal(size=score.shape))
    given: FloatArray = high / high.sum(axis=1, keepdims=True)
    return given


def _by_signs(differences: IntArray) -> float:
    """Two-sided p of the signed-rank statistic, over every pattern of signs."""
    ranks = stats.rankdata(np.abs(differences))
    up = ranks[differences > 0].sum()
    sums = np.array([np.dot(ranks, signs) for signs in product((0, 1), repeat=len(ranks))])
    return float(min(1, 2 * min((sums <= up).mean(), (sums >= up).mean())))


def _rejected(n: int) -> float:
    """Probability of the largest tail below 2.5 % of the sum of ranks of n signs."""
    sums = [sum(np.flatnonzero(signs) + 1) for signs in product((0, 1), repeat=n)]
    tails = np.cumsum(np.bincount(sums)) / 2**n
    return float(tails[tails <= 0.025].max())


def _truncated(rng: np.random.Generator, place: int) -> float:
    """Mean share of a source of three splits and four predictors, by mean squares cut at zero."""
    values = rng.normal(size=(4000, 3, 4))
    means = [values.mean(axis=2 - axis) for axis in (0, 1)]
    whole = values.mean(axis=(1, 2))
    squares = [((m - whole[:, None]) ** 2).sum(axis=1) for m in means]
    left = ((values - whole[:, None, None]) ** 2).sum(axis=(1, 2)) - 4 * squares[0] - 3 * squares[1]
    residual = left / 6
    parts = [np.maximum(0, (4 * squares[0] / 2 - residual) / 4),
             np.maximum(0, (3 * squares[1] / 3 - residual) / 3)]  # fmt: skip
    return float((parts[place] / (parts[0] + parts[1] + residual)).mean())
