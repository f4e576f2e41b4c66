"""Every number that is measured of a synthetic table, and what it would be for real rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from statistics import fmean

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.metrics import privacy, sdmetrics, sequences, shadow, wasserstein
from tabsculpt.metrics.alpha import alpha_precision, authenticity, beta_recall
from tabsculpt.metrics.association import association_distance, correlation_distance
from tabsculpt.metrics.composite import Weights, composite
from tabsculpt.metrics.detection import detection_auc
from tabsculpt.metrics.disclosure.risks import disclosure_risks
from tabsculpt.metrics.entropy import entropies
from tabsculpt.metrics.features import FeatureSpace, some_rows
from tabsculpt.metrics.ks import marginal_distances
from tabsculpt.metrics.measurement import Measurement, measurement
from tabsculpt.metrics.multivariate import wasserstein_joint
from tabsculpt.metrics.pair import Cloud, Pair
from tabsculpt.metrics.prdc import prdc
from tabsculpt.metrics.privacy import closer_to_train, exact_copies, membership_attack
from tabsculpt.metrics.sdmetrics import NAMES, sdmetrics_scores, why_not
from tabsculpt.metrics.sequences import StepReader, discriminative_score, predictive_score
from tabsculpt.metrics.shadow import shadow_attack
from tabsculpt.metrics.tails import rare_categories_kept, target_tails
from tabsculpt.metrics.texts import measure_text
from tabsculpt.notes import Code, Note
from tabsculpt.table import Table
from tabsculpt.table.constraints import Rules

MOST_ROWS = 3000
MOST_VALUES = 2_000_000
"""Rows times columns: of tables with more than some 670 columns fewer rows are drawn."""
LEAST_ROWS = 20
GUESS = 0.5


_ROWS = (
    "wasserstein_joint", "alpha_precision", "beta_recall", "authenticity", "precision", "recall",
    "density", "coverage", "detection_auc",
)  # fmt: skip
_ATTACKS = ("closer_to_train", "membership_auc", "membership_accuracy", "membership_shadow")


def measure(
    train: Table,
    test: Table,
    synthetic: Table,
    seed: int,
    weights: Weights | None = None,
    usual: Mapping[str, float] | None = None,
) -> list[Measurement]:
    """Measure a synthetic table against train, with the test part as the reference.

    Numbers of neighbours, of a classifier, and of whole rows depend on how many rows there are.
    They are therefore taken of equally many rows of train, test and the synthetic table, as many as
    the smallest has and at most 3,000 (of wide tables fewer, see `most_rows`), drawn by the seed,
    so that a value and its reference compare; below 20 rows they are None. All other numbers are
    of all rows, but for the scores of SDMetrics, see `sdmetrics_scores`. `FeatureSpace` says how
    categories and missing values become points.

    Args:
        train: the rows the generator learnt from.
        test: held-out rows of the same schema.
        synthetic: at least one row of the same schema.
        seed: of every draw, in [0, 2**31).
        weights: of the parts of Q; a third each by default.
        usual: what `sdmetrics_scores` gives of train and test; computed where None.

    Returns:
        One measurement per metric and column, always in the same order; of constraints, text and
        sequences where there are some. Names, ranges and sources are in the functions of
        `tabsculpt.metrics`.

    Raises:
        ValueError: schemas differ, or a table has no row.
    """
    if not train.schema == test.schema == synthetic.schema:
        raise ValueError("train, test and the synthetic table must have the same schema")
    if not min(len(train), len(test), len(synthetic)):
        raise ValueError("train, test and the synthetic table must each have a row")
    text = [*measure_text(train, test, synthetic, derive_seed(seed, "text"))]
    train, test, synthetic = (table.without_text() for table in (train, test, synthetic))
    found = [
        *measure_values(train, test, synthetic),
        *_of_rows(train, test, synthetic, seed),
        *_of_sequences(train, test, synthetic, seed),
        *_of_attacks(train, test, synthetic, seed),
        *_of_risks(train, test, synthetic, seed),
    ]
    usual = sdmetrics_scores(train, test) if usual is None else usual
    known = _by_sdmetrics(train, synthetic, usual)
    return [*found, *_of_all(found, weights or Weights()), *known, *text]


def measure_values(train: Table, test: Table, synthetic: Table) -> list[Measurement]:
    """Those of the numbers that are of all rows: no neighbours, classifiers or attacks.

    Arguments as for `measure`; columns of text are left out.
    """
    train, test, synthetic = (table.without_text() for table in (train, test, synthetic))
    return [*_of_columns(train, test, synthetic), *_of_tables(train, test, synthetic)]


def most_rows(table: Table) -> int:
    """Rows of a table that measures of whole rows are taken of, at most."""
    return min(MOST_ROWS, max(LEAST_ROWS, MOST_VALUES // len(table.schema.columns)))


def sampled(train: Table, test: Table, synthetic: Table) -> tuple[Note, ...]:
    """The notes where `measure` draws from tables that are too long or too wide; else empty."""
    by_package = sdmetrics.sampled(train)
    most = most_rows(train)
    if min(len(train), len(test), len(synthetic)) <= most:
        return by_package
    text = (
        f"quality: measures of whole rows are of {most:,} rows of each table, and attacks ask "
        f"for {privacy.MOST_QUERIES:,}, drawn of {len(train):,} train, {len(test):,} test and "
        f"{len(synthetic):,} synthetic rows"
    )
    return (Note(Code.ROWS_DRAWN, text, most), *by_package)


def _of_columns(train: Table, test: Table, synthetic: Table) -> Iterator[Measurement]:
    distance, usual = (wasserstein.quality(train, other) for other in (synthetic, test))
    for name, value in distance.items():
        yield measurement("wasserstein", value, usual[name], name)
    yield measurement("wasserstein", fmean(distance.values()), fmean(usual.values()))
    distance, usual = (marginal_distances(train, other) for other in (synthetic, test))
    for column in train.schema.columns:
        metric, name = "ks" if column.is_numeric else "total_variation", column.name
        yield measurement(metric, distance[name], usual[name], name)
    yield measurement("marginal", fmean(distance.values()), fmean(usual.values()))
    real, made, held = (entropies(table) for table in (train, synthetic, test))
    for name, value in made.items():
        yield measurement("entropy", value, held[name], name)
    yield measurement("entropy_gap", _mean_gap(real, made), _mean_gap(real, held))


def _mean_gap(real: dict[str, float], other: dict[str, float]) -> float:
    return fmean(abs(real[name] - other[name]) for name in real) if real else math.nan


def _of_tables(train: Table, test: Table, synthetic: Table) -> Iterator[Measurement]:
    for metric, share in (("rare_categories_1", 0.01), ("rare_categories_5", 0.05)):
        value, usual = (rare_categories_kept(train, t, share) for t in (synthetic, test))
        yield measurement(metric, value, usual)
    tails, held = (target_tails(train, other) for other in (synthetic, test))
    for metric, value in tails.items():
        yield measurement(metric, value, held[metric])
    for metric, function in (
        ("correlation", correlation_distance),
        ("association", association_distance),
        ("exact_copies", exact_copies),
    ):
        yield measurement(metric, function(train, synthetic), function(train, test))
    if train.schema.constraints:
        rules = Rules.learn(train.schema.constraints, train.frame)
        broken, usual = (float((~rules.hold(t.frame)).mean()) for t in (synthetic, test))
        yield measurement("constraint_violations", broken, usual)


def _of_rows(train: Table, test: Table, synthetic: Table, seed: int) -> Iterator[Measurement]:
    size = min(len(train), len(test), len(synthetic), most_rows(train))
    if size < LEAST_ROWS:
        reason = f"needs {LEAST_ROWS} rows of train, test and the synthetic table, got {size}"
        yield from (measurement(metric, math.nan, None, reason=reason) for metric in _ROWS)
        return
    encoding = FeatureSpace.fit(train)
    real, held, made = (
        some_rows(table, size, derive_seed(seed, role))
        for role, table in (("train", train), ("test", test), ("synthetic", synthetic))
    )
    cloud = Cloud(encoding.points(real))
    value, usual = (
        row_metrics(Pair(cloud, Cloud(encoding.points(other))))
        | {"detection_auc": detection_auc(real, other, derive_seed(seed, "folds"))}
        for other in (made, held)
    )
    yield from (measurement(metric, value[metric], usual[metric]) for metric in _ROWS)


def row_metrics(pair: Pair) -> dict[str, float]:
    """Every number that is read off distances between rows, by name.

    Args:
        pair: as many real rows as others, each in random order.
    """
    return {
        "wasserstein_joint": wasserstein_joint(pair),
        "alpha_precision": alpha_precision(pair),
        "beta_recall": beta_recall(pair),
        "authenticity": authenticity(pair),
        **prdc(pair),
    }


def _of_sequences(train: Table, test: Table, synthetic: Table, seed: int) -> Iterator[Measurement]:
    """What recurrent nets make of windows; the test part in place of either table is beside it."""
    if train.schema.windows is None:
        return
    size, least = min(len(train), len(test), len(synthetic)), sequences.LEAST_ROWS
    if size < least:
        reason = f"needs {least} windows of train, test and the synthetic table, got {size}"
        for metric in ("discriminative_score", "predictive_score"):
            yield measurement(metric, math.nan, None, reason=reason)
        return
    reader = StepReader.fit(train)
    told, asked = derive_seed(seed, "told"), derive_seed(seed, "next")
    value, usual = (discriminative_score(reader, train, other, told) for other in (synthetic, test))
    yield measurement("discriminative_score", value, usual)
    value, usual = (predictive_score(reader, learn, test, asked) for learn in (synthetic, train))
    yield measurement("predictive_score", value, usual)


def _of_attacks(train: Table, test: Table, synthetic: Table, seed: int) -> Iterator[Measurement]:
    attacked = privacy.Attacked.of(train, test, synthetic, derive_seed(seed, "attacked"))
    rows = len(attacked.outsiders)
    few = "needs {} rows of train and of test, got " + str(rows)
    values = dict.fromkeys(_ATTACKS, math.nan)
    if rows >= privacy.LEAST_ROWS:
        values["closer_to_train"] = closer_to_train(attacked, derive_seed(seed, "closer"))
        values |= membership_attack(attacked)
    if rows >= shadow.LEAST_ROWS:
        values["membership_shadow"] = shadow_attack(attacked, derive_seed(seed, "shadow"))
    for metric, value in values.items():
        least = shadow.LEAST_ROWS if metric == "membership_shadow" else privacy.LEAST_ROWS
        yield measurement(metric, value, GUESS, reason=few.format(least))


def _of_risks(train: Table, test: Table, synthetic: Table, seed: int) -> Iterator[Measurement]:
    risks = disclosure_risks(train, test, synthetic, derive_seed(seed, "disclosure"))
    for (metric, column), risk in risks.items():
        plain = measurement(metric, risk.value, 0.0, column)
        if plain.value is None:
            yield plain
        else:
            yield replace(plain, low=risk.low, high=risk.high, attacks=risk.attacks)


def _of_all(found: list[Measurement], weights: Weights) -> Iterator[Measurement]:
    whole = {m.metric: math.nan if m.value is None else m.value for m in found if m.column is None}
    q = composite(whole["wasserstein"], whole["recall"], whole["membership_accuracy"], weights)
    for metric, value in q.items():
        yield measurement(metric, value, None)


def _by_sdmetrics(
    train: Table, synthetic: Table, usual: Mapping[str, float]
) -> Iterator[Measurement]:
    value = sdmetrics_scores(train, synthetic)
    reason = why_not(train.schema)
    for name in NAMES:
        yield measurement(name, value.get(name, math.nan), usual.get(name), reason=reason)
