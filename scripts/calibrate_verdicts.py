"""Measure how often verdicts find a difference where there is none, and what intervals cover.

Run as ``python scripts/calibrate_verdicts.py [--draws 200] [--splits 3] [--fits 2] [--pool FOLDER]
[--only NAME]``. In each world two pipelines are equal in law, so that better or worse is a false
alarm and an interval should hold zero in 95 % of the draws. With ``--pool`` fits of the generator
arf on the data set sklearn_diabetes are made in that folder (several minutes, kept for the next
time) and set against each other at random. p_published is Wilcoxon's p after Bonferroni's
correction over three pairs, those of real and the two pipelines.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from calibration.learners import WORLDS as LEARNT
from calibration.pool import fits_of_one_generator
from calibration.rows import Draws, as_rows
from tabsculpt.analysis.comparisons import ALPHA, compare
from tabsculpt.analysis.estimates import Verdict
from tabsculpt.table import FloatArray

Shape = tuple[int, int]
LAWS = {
    "splits decide": (2.0, 0.5, 0.2, 0.2),
    "fits decide": (0.3, 2.0, 0.5, 0.5),
    "draws of rows decide": (0.3, 0.3, 2.0, 0.5),
    "predictors decide": (0.3, 0.3, 0.3, 2.0),
}
"""Standard deviations of what differs between two pipelines with the split, the fit, the draw of
synthetic rows, and the predictor in a split; the mean of the real rows is 100."""
SAMPLES, PREDICTORS = 4, 4
TEST_SHARE = 1 / 3


def crossed(law: tuple[float, ...], draws: int, shape: Shape, shift: float = 0.0) -> Draws:
    """Scores by a law of crossed effects; splits of two thirds of a table share a third of theirs.

    Args:
        law: one of `LAWS`.
        draws: how many results.
        shape: splits and fits.
        shift: true difference of the second pipeline.
    """
    rng = np.random.default_rng([draws, *shape, round(100 * shift), *(round(100 * x) for x in law)])
    splits, fits = shape
    whole = (draws, 2, splits, fits, SAMPLES, PREDICTORS)

    def effect(deviation: float, *kept: int) -> FloatArray:
        size = tuple(n if axis in kept else 1 for axis, n in enumerate(whole))
        return rng.normal(0, deviation, size)

    split, fit, sample, predictor = law
    own = effect(split, 0, 1) * TEST_SHARE**0.5 + effect(split, 0, 1, 2) * (1 - TEST_SHARE) ** 0.5
    shared = 100 + effect(5, 0, 2) + effect(5, 0, 5)
    made = shared + own + effect(fit, 0, 1, 2, 3) + effect(sample, 0, 1, 2, 3, 4)
    made = made + effect(predictor, 0, 1, 2, 5) + effect(0.3, 0, 1, 2, 3, 4, 5)
    made[:, 1] += shift
    real = np.broadcast_to(shared[:, 0, :, :, 0], (draws, splits, fits, PREDICTORS))
    return Draws(real, np.ascontiguousarray(made), 200, 100, "min")


def measure(found: Draws) -> dict[str, float]:
    """Shares of the draws, in percent."""
    tests = compare(as_rows(found))
    tests = tests[(tests["first"] == "a") & (tests.second == "b")]
    alarms = tests.verdict.isin([Verdict.BETTER, Verdict.WORSE])
    shares = {
        "false alarms": alarms.mean(),
        f"p < {ALPHA:g}": (tests.p < ALPHA).mean(),
        "practically equal": (tests.verdict == Verdict.EQUAL).mean(),
        "intervals with 0": ((tests.low <= 0) & (tests.high >= 0)).mean(),
        f"p_wilcoxon < {ALPHA:g}": (tests.p_wilcoxon < ALPHA).mean(),
        f"p_published < {ALPHA:g}": (tests.p_published < ALPHA).mean(),
    }
    return {name: 100 * float(share) for name, share in shares.items()}


def worlds(draws: int, shape: Shape, pool: Path | None) -> dict[str, Callable[[], Draws]]:
    """Every null world by name."""
    found: dict[str, Callable[[], Draws]] = {
        f"law: {name}": lambda law=law: crossed(law, draws, shape) for name, law in LAWS.items()
    }
    found |= {name: lambda w=world: w.draw(draws, shape) for name, world in LEARNT.items()}
    if pool is not None:
        for splits, fits in (shape, (1, 1), (1, 4)):
            found[f"two fits of arf, sklearn_diabetes ({splits} x {fits})"] = (
                lambda size=(splits, fits): fits_of_one_generator(pool, draws, size)
            )
    return found


def table(draws: int, shape: Shape, pool: Path | None, only: str = "") -> Iterator[str]:
    """The lines of the table, as each is measured."""
    chosen = {name: of for name, of in worlds(draws, shape, pool).items() if only in name}
    for number, (name, world) in enumerate(chosen.items()):
        shares = measure(world())
        if not number:
            yield f"| world ({shape[0]} splits x {shape[1]} fits) | {' | '.join(shares)} |"
            yield f"|---|{'---:|' * len(shares)}"
        yield f"| {name} | {' | '.join(f'{share:.1f} %' for share in shares.values())} |"


def power(draws: int, shape: Shape) -> Iterator[str]:
    """How often a true difference is found, by its size."""
    yield "| true difference, % of real | better or worse | practically equal |"
    yield "|---|---:|---:|"
    for shift in (0.0, 0.5, 1.0, 2.0, 4.0, 8.0):
        shares = measure(crossed(LAWS["fits decide"], draws, shape, shift))
        found, equal = shares["false alarms"], shares["practically equal"]
        yield f"| {shift:g} | {found:.1f} % | {equal:.1f} % |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--fits", type=int, default=2)
    parser.add_argument("--pool", type=Path, help="folder of fits of arf, made where missing")
    parser.add_argument("--only", default="", help="worlds with this in their name")
    parser.add_argument("--power", action="store_true", help="how often true differences are found")
    given = parser.parse_args()
    shape = (given.splits, given.fits)
    lines = power(given.draws, shape) if given.power else table(
        given.draws, shape, given.pool, given.only
    )  # fmt: skip
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
