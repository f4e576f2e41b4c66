"""Measure how often the 95 % intervals of paired differences hold the true shift.

Run as ``python scripts/benchmark_intervals.py [--draws 400]``: symmetric differences about zero,
from a normal distribution and from Student's t with three degrees of freedom.
"""

from __future__ import annotations

import argparse

import numpy as np

from tabsculpt.stats.wilcoxon import EXACT, signed_rank

PAIRS = (6, 8, 12, 30, 48, 51, 64, 120)


def coverage(pairs: int, heavy: bool, draws: int) -> float:
    """The share of draws whose interval holds zero."""
    rng = np.random.default_rng([pairs, heavy])
    held = 0
    for _ in range(draws):
        values = rng.standard_t(3, pairs) if heavy else rng.normal(size=pairs)
        found = signed_rank(values, np.zeros(pairs))
        held += found.low <= 0 <= found.high
    return held / draws


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draws", type=int, default=400)
    draws = parser.parse_args().draws
    print("| pairs | interval | normal | t, 3 degrees |")
    print("|---|---|---|---|")
    for pairs in PAIRS:
        kind = "exact" if pairs <= EXACT else "normal approximation"
        shares = (coverage(pairs, heavy, draws) for heavy in (False, True))
        print(f"| {pairs} | {kind} | {' | '.join(f'{share:.3f}' for share in shares)} |")


if __name__ == "__main__":
    main()
