"""What is measured in each world, as the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.choices import CHOICES, SHARED, Choice
from calibration.laws import LAWS, Shape, crossed
from calibration.learners import WORLDS as LEARNT
from calibration.pool import SPLITS, fits_of_one_generator
from calibration.rows import Draws, as_rows
from tabsculpt.analysis.comparisons import ALPHA
from tabsculpt.analysis.estimates import Verdict
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.pairs import comparison
from tabsculpt.analysis.row_noise import FEW_OF_A_CLASS, FEW_ROWS
from tabsculpt.stats.delta_method import auc_influence, paired_difference, rmse_influence
from tabsculpt.stats.hierarchical import hierarchical_difference
from tabsculpt.stats.resampled import (
    Resampled,
    judged_together,
    resampled_difference,
    splits_needed,
)
from tabsculpt.stats.swaps import swapped_difference
from tabsculpt.table import FloatArray

Record = dict[str, str | int | float]
TEST_BY_TRAIN = SHARED / (1 - SHARED)

REFITTED = "two fits of arf, sklearn_diabetes"
ONE_SPLIT = ((1, 1), (1, 4))
"""Without a verdict: what the published test says of one split."""
INFLUENCES = {"rmse": (rmse_influence, False), "auc_roc": (auc_influence, True)}
PAIRS = 3
"""Of real and the two pipelines, which the published correction counts."""
DESIGNS = ((3, 2), (4, 1), (4, 2), (4, 3), (7, 1), (7, 2), (7, 3), (15, 1), (15, 2), (15, 3))
PARTS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
SHARES = (1 / 3, 1 / 5)
CHOSEN_FROM = ((3, 1), (3, 2), (5, 2), (10, 1))
SHIFT = 4.0
"""By which the first of several pipelines is truly better, in its standard deviations."""
CALLED = (Verdict.BETTER, Verdict.WORSE)


def measure(found: Draws) -> dict[str, float]:
    """Shares of the draws, in percent."""
    cells = Measurements.of(as_rows(found)).cells()
    pairs = [comparison(cell, "a", "b") for cell in cells]
    tests = pd.DataFrame(pair.record(float("nan"), PAIRS) for pair in pairs)
    shares = {
        "false alarms": tests.verdict.isin(CALLED).mean(),
        f"p < {ALPHA:g}": (tests.p < ALPHA).mean(),
        "practically equal": (tests.verdict == Verdict.EQUAL).mean(),
        "intervals with 0": ((tests.low <= 0) & (tests.high >= 0)).mean(),
        f"p_wilcoxon < {ALPHA:g}": (tests.p_wilcoxon < ALPHA).mean(),
        f"p_published < {ALPHA:g}": (tests.p_published < ALPHA).mean(),
    }
    return {name: 100 * float(share) for name, share in shares.items()}


def worlds(draws: int, shape: Shape, pool: Path | None) -> dict[str, Callable[[], Draws]]:
    """Every null world by name; those of numbers alone have five times the draws."""
    found: dict[str, Callable[[], Draws]] = {
        f"law: {name}": lambda law=law: crossed(law, 5 * draws, shape) for name, law in LAWS.items()
    }
    found |= {name: lambda w=world: w.draw(draws, shape) for name, world in LEARNT.items()}
    if pool is not None:
        found[REFITTED] = lambda: fits_of_one_generator(pool, draws, shape)
    return found


def nulls(draws: int, shapes: list[Shape], pool: Path | None, only: str = "") -> Iterator[Record]:
    """Pipelines that are equal in law, in each world and number of splits and fits."""
    for shape in (*shapes, *(ONE_SPLIT if pool else ())):
        for name, world in worlds(draws, shape, pool).items():
            if only in name and _possible(name, shape):
                found = world()
                shares = _rounded(measure(found))
                yield {"world": name, **_size(shape), "draws": len(found.made), **shares}


def _possible(name: str, shape: Shape) -> bool:
    return shape[0] <= SPLITS if name == REFITTED else shape not in ONE_SPLIT


def power(draws: int, shapes: list[Shape]) -> Iterator[Record]:
    """How often a true difference is found, by its size; the fits decide."""
    for shape, shift in product(shapes, (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)):
        shares = measure(crossed(LAWS["fits decide"], draws, shape, shift))
        yield {
            "true difference, % of real": shift,
            **_size(shape),
            "draws": draws,
            "better or worse": round(shares["false alarms"], 1),
            "practically equal": round(shares["practically equal"], 1),
        }


def designs(draws: int) -> Iterator[Record]:
    """No difference: false alarms by splits, fits, and what part of the noise is the split's."""
    for share, shape, part in product(SHARES, DESIGNS, PARTS):
        rng = np.random.default_rng([*shape, round(100 * part), round(100 * share)])
        called = sum(
            found.verdict("max") in CALLED
            for found in (_drawn(rng, *shape, part, 0.0, share) for _ in range(draws))
        )
        yield {
            "test rows, % of the table": round(100 * share),
            **_size(shape),
            "part of the split": part,
            "draws": draws,
            "false alarms": round(100 * called / draws, 1),
            "intervals with 0": round(100 - 100 * called / draws, 1),
        }


def _drawn(rng: np.random.Generator, splits: int, fits: int, part: float, mean: float,
           share: float) -> Resampled:  # fmt: skip
    common, own = rng.normal() * share**0.5, rng.normal(size=splits) * (1 - share) ** 0.5
    by_split = (part**0.5) * (common + own)
    fit = (1 - part) ** 0.5 * rng.normal(size=(splits, fits))
    values = mean + by_split[:, None] + fit
    return resampled_difference(list(values), share / (1 - share), 0.0)


def chosen(draws: int) -> Iterator[Record]:
    """The best of several equal arms is set against the real rows; then one is truly better."""
    for (world, law), arms, shape in product(CHOICES.items(), (2, 4, 12), CHOSEN_FROM):
        rng = np.random.default_rng([arms, *shape, len(world)])
        records = [_choice(rng, law, arms, shape) for _ in range(draws)]
        shares = pd.DataFrame(records).astype(float)
        width = shares.pop("width").median()
        yield {
            "world": world,
            "pipelines": arms,
            **_size(shape),
            "draws": draws,
            **_rounded((100 * shares.mean()).to_dict()),
            "width": round(width, 2),
        }


def _choice(
    rng: np.random.Generator, law: Choice, arms: int, shape: Shape
) -> dict[str, bool | float]:
    real, made = law.draw(rng, arms, shape)
    best, following = np.argsort(-made.mean(axis=(1, 2)))[:2]
    together, apart = _against(made, real, best)
    next_ = resampled_difference(list(made[best] - made[following]), TEST_BY_TRAIN, 0.0)
    alone = resampled_difference(list(made[0] - real), TEST_BY_TRAIN, 0.0)
    made[0] += SHIFT * law.deviation(arms)[0]
    found = _against(made, real, int(np.argmax(made.mean(axis=(1, 2)))))
    return {
        "one alone": alone.verdict("max") in CALLED,
        "best": together.verdict("max") in CALLED,
        "best, by itself": apart.verdict("max") in CALLED,
        "intervals with 0": together.low <= 0 <= together.high,
        "than next": next_.verdict("max") == Verdict.BETTER,
        "found": found[0].verdict("max") == Verdict.BETTER,
        "found, by itself": found[1].verdict("max") == Verdict.BETTER,
        "width": (together.high - together.low) / (apart.high - apart.low),
    }


def _against(made: FloatArray, real: FloatArray, best: int) -> tuple[Resampled, Resampled]:
    """The best against the real rows: judged together with the others, and by itself."""
    apart = [resampled_difference(list(one - real), TEST_BY_TRAIN, 0.0, len(made)) for one in made]
    return judged_together(apart, [0.0] * len(made))[best], apart[best]


def needed(draws: int) -> Iterator[Record]:
    """Of results without a verdict that ask for more splits, how many have one with so many."""
    for part, mean in product((0.2, 0.8), (0.25, 0.5, 1.0, 2.0)):
        rng = np.random.default_rng([round(10 * part), round(100 * mean)])
        asked, settled, counts, twice = 0, 0, [], 0
        for _ in range(draws):
            shared = rng.normal() * SHARED**0.5
            own = rng.normal(size=(2000, 1)) * (1 - SHARED) ** 0.5
            values = mean + part**0.5 * (shared + own)
            values = values + (1 - part) ** 0.5 * rng.normal(size=(2000, 2))
            first = resampled_difference(list(values[:4]), TEST_BY_TRAIN, 0.1)
            more = splits_needed(first, 0.1)
            if first.verdict("max") != Verdict.UNKNOWN or more is None:
                continue
            asked, counts = asked + 1, [*counts, more]
            then, later = (
                resampled_difference(list(values[:number]), TEST_BY_TRAIN, 0.1)
                for number in (more, 2 * more)
            )
            settled += then.verdict("max") != Verdict.UNKNOWN
            twice += later.verdict("max") != Verdict.UNKNOWN
        yield {
            "true difference, in standard deviations": mean,
            "part of the split": part,
            "results that ask for splits": asked,
            "splits asked for, median": float(np.median(counts)) if counts else 0,
            "settled by them": round(100 * settled / max(asked, 1), 1),
            "by twice as many": round(100 * twice / max(asked, 1), 1),
        }


def few_rows(draws: int) -> Iterator[Record]:
    """Two scores that are equal in law on the same test rows: intervals that leave out zero."""
    for metric, positives in product(("auc_roc", "auc_pr", "macro_f1"), (2, 3, 5, 8, 12, 20)):
        codes = (np.arange(60) < positives).astype(int)
        number = 5 * draws if metric == "auc_pr" else draws
        yield _alarms(metric, f"{positives} positives of 60", number, codes)
    for positives in (20, 40):
        codes = (np.arange(120) < positives).astype(int)
        yield _alarms("auc_roc", f"{positives} positives of 120", draws, codes)
    for rows in (6, 10, 20, 30, 60):
        yield _alarms("rmse", f"{rows} rows", 5 * draws, np.zeros(rows))


def _alarms(metric: str, rows: str, draws: int, truth: FloatArray) -> Record:
    rng, called, few = np.random.default_rng(len(truth) + int(truth.sum())), 0, _few(metric, truth)
    for _ in range(draws):
        common = truth + rng.normal(size=len(truth))
        both = [common + 0.7 * rng.normal(size=len(truth)) for _ in range(2)]
        if metric != "rmse":
            high = [1 / (1 + np.exp(0.5 - score)) for score in both]
            both = [np.column_stack([1 - p, p]) for p in high]
        found = swapped_difference(metric, truth, both[:1], both[1:])
        if not few:
            of, classes = INFLUENCES[metric]
            influences = (of(truth, prediction) for prediction in both)
            found = paired_difference(*influences, found.value, classes=truth if classes else None)
        called += found.beyond_noise
    share = round(100 * called / draws, 1)
    return {"metric": metric, "test rows": rows, "draws": draws, "false alarms": share}


def _few(metric: str, truth: FloatArray) -> bool:
    if metric == "rmse":
        return len(truth) < FEW_ROWS
    return metric not in INFLUENCES or truth.sum() < FEW_OF_A_CLASS


def over_datasets(draws: int) -> Iterator[Record]:
    """The hierarchical model: arms equal on average over data sets, and such that differ."""
    for datasets, mean, spread in ((3, 0, 0.02), (5, 0, 0.02), (5, 0, 0.0), (10, 0, 0.02),
                                   (5, 0.04, 0.02), (10, 0.02, 0.01)):  # fmt: skip
        rng = np.random.default_rng([datasets, round(1000 * mean), round(1000 * spread)])
        verdicts = []
        for _ in range(draws):
            means = rng.normal(mean, spread, datasets) + 0.008 * rng.normal(size=datasets)
            errors = 0.008 * np.sqrt(rng.chisquare(4, datasets) / 4)
            found = hierarchical_difference(means, errors, np.full(datasets, 4.0), 0.01)
            verdicts.append(found.verdict("max"))
        yield {
            "data sets": datasets,
            "true mean difference, % of real": 100 * mean,
            "spread between data sets": 100 * spread,
            "draws": draws,
            "better or worse": round(100 * sum(v in CALLED for v in verdicts) / draws, 1),
            "practically equal": round(100 * verdicts.count(Verdict.EQUAL) / draws, 1),
        }


def _size(shape: Shape) -> dict[str, int]:
    return {"splits": shape[0], "fits": shape[1]}


def _rounded(shares: dict[str, float]) -> dict[str, float]:
    return {name: round(share, 1) for name, share in shares.items()}
