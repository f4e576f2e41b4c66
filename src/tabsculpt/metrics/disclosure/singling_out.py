"""Singling out: a statement, read off synthetic rows, that is true of one real row alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tabsculpt.metrics.disclosure.risk import NO_RISK, Risk, Share, risk_of
from tabsculpt.metrics.disclosure.values import Values
from tabsculpt.table import FloatArray, IntArray

MOST_PREDICATES = 500
COLUMNS = 3
"""How many columns a predicate of several is about, as in the source's reference package."""
_RATES, _ITERATIONS, _BOOTSTRAPS = 40, 100, 30
_ROUNDS = 20
"""Draws of candidates before fewer predicates are taken than were asked for."""


@dataclass(frozen=True)
class Condition:
    """What one column is to be: missing, equal to a value, at most it or at least it."""

    column: int
    sign: str
    value: float = 0.0

    def holds(self, matrix: FloatArray) -> npt.NDArray[np.bool_]:
        """For which rows it is true, shape (n,)."""
        values = matrix[:, self.column]
        match self.sign:
            case "missing":
                return np.asarray(np.isnan(values))
            case "==":
                return np.asarray(values == self.value)
            case "<=":
                return np.asarray(values <= self.value)
        return np.asarray(values >= self.value)


Predicate = tuple[Condition, ...]
"""Conditions that are to hold together."""


def univariate_risk(train: Values, test: Values, synthetic: Values, seed: int) -> Risk:
    """The risk of predicates of one column.

    A synthetic row's lowest or highest number, a value that occurs once, or that a value is
    missing, if one is; at most 500 of them.

    Source: Giomi et al. (see `risk.Risk`), section 5.1.

    Args:
        train: all rows that the generator learnt from.
        test: rows that it never saw.
        synthetic: what the attacker has.
        seed: of the choice of predicates.
    """
    found = [(condition,) for condition in _single_conditions(synthetic)]
    order = np.random.default_rng(seed).permutation(len(found))[:MOST_PREDICATES]
    return _risk([found[i] for i in order], train, test, seed)


def multivariate_risk(train: Values, test: Values, synthetic: Values, seed: int) -> Risk:
    """The risk of predicates of three columns that are true of one synthetic row alone.

    They are read off a synthetic row drawn at random: a number is to be at least its value where
    that lies above the column's median, and at most it elsewhere; a category is to be the same.

    Source and arguments: as of `univariate_risk`.
    """
    rng = np.random.default_rng(seed)
    kept: dict[Predicate, None] = {}
    for _ in range(_ROUNDS):
        drawn = list(dict.fromkeys(_drawn(synthetic, rng)))
        counts = match_counts(drawn, synthetic.matrix)
        kept |= {p: None for p, count in zip(drawn, counts, strict=True) if count == 1}
        if len(kept) >= MOST_PREDICATES:
            break
    return _risk(list(kept)[:MOST_PREDICATES], train, test, seed)


def match_counts(predicates: Sequence[Predicate], matrix: FloatArray) -> IntArray:
    """Of how many rows each predicate is true, shape (p,)."""
    matrix = np.asfortranarray(matrix)  # a condition reads one column: ten times as fast in a piece
    found = [
        np.logical_and.reduce([condition.holds(matrix) for condition in predicate]).sum()
        for predicate in predicates
    ]
    return np.array(found, dtype=np.int64)


def _single_conditions(rows: Values) -> Iterator[Condition]:
    for j, numeric in enumerate(rows.numeric):
        values = rows.matrix[:, j]
        known = values[~np.isnan(values)]
        if len(known) < len(values):
            yield Condition(j, "missing")
        if not len(known):
            continue
        if numeric:
            yield Condition(j, "<=", float(known.min()))
            yield Condition(j, ">=", float(known.max()))
        distinct, counts = np.unique(known, return_counts=True)
        yield from (Condition(j, "==", float(value)) for value in distinct[counts == 1])


def _drawn(rows: Values, rng: np.random.Generator) -> Iterator[Predicate]:
    n, d = rows.matrix.shape
    middle = np.array([_median(rows.matrix[:, j]) for j in range(d)])
    for row in rng.integers(n, size=MOST_PREDICATES):
        columns = np.sort(rng.choice(d, size=min(COLUMNS, d), replace=False))
        yield tuple(_condition(rows, int(row), int(j), middle[j]) for j in columns)


def _median(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def _condition(rows: Values, row: int, column: int, middle: float) -> Condition:
    value = float(rows.matrix[row, column])
    if np.isnan(value):
        return Condition(column, "missing")
    if not rows.numeric[column]:
        return Condition(column, "==", value)
    return Condition(column, ">=" if value > middle else "<=", value)


def _risk(predicates: list[Predicate], train: Values, test: Values, seed: int) -> Risk:
    """The risk of predicates that each single out a row, or do not."""
    if not predicates:
        return NO_RISK
    n = len(predicates)
    singled = int((match_counts(predicates, train.matrix) == 1).sum())
    matches = match_counts(predicates, test.matrix)
    control = _control(matches, len(test.matrix), len(train.matrix), seed)
    return risk_of(Share.of(singled, n), control, n)


def _control(matches: IntArray, rows: int, asked: int, seed: int) -> Share:
    """The share of predicates with one match, were there as many rows of test as of train.

    Its interval holds the noise of the change of size too: by a bootstrap of the predicates.
    """
    n = len(matches)
    plain = Share.of(int((matches == 1).sum()), n)
    if rows == asked:
        return plain
    rng = np.random.default_rng(seed)
    drawn = [matches[rng.integers(n, size=n)] for _ in range(_BOOTSTRAPS)]
    shares = [min((m == 1).mean() * _by_size(m, rows, asked), 1.0) for m in drawn]
    value = min(plain.value * _by_size(matches, rows, asked), 1.0)
    return Share(value, max(2 * float(np.std(shares, ddof=1)), plain.half_width))


def _by_size(matches: IntArray, rows: int, asked: int) -> float:
    """By what factor the share of predicates with one match changes with the number of rows.

    Whether a predicate that knows nothing of the rows holds for one alone depends on how many
    there are. The matches are taken as Poisson with rates that differ between predicates; their
    distribution is the one of most likelihood on a grid, found by expectation maximisation. (The
    source's package fits a curve to subsets of the rows for the same purpose.)
    """
    if rows == asked or not (matches == 1).any():
        return 1.0
    rates = np.concatenate([[1e-3], np.geomspace(0.02, matches.max() + 1, _RATES)])
    distinct, counts = np.unique(matches, return_counts=True)
    log_likelihood = distinct[:, None] * np.log(rates) - rates  # but for factorials, which cancel
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    weights = np.full(len(rates), 1 / len(rates))
    for _ in range(_ITERATIONS):
        posterior = likelihood * weights
        posterior /= posterior.sum(axis=1, keepdims=True)
        weights = counts @ posterior / counts.sum()
    more = rates * asked / rows
    return float(weights @ (more * np.exp(-more)) / (weights @ (rates * np.exp(-rates))))
