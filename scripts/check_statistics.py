"""Set what the statistics give beside an independent computation of the same number.

Run as ``python scripts/check_statistics.py [--save]``; about a minute. Each line is a case that an
earlier version had wrong: what it gave then, what it gives now, and what SciPy, statsmodels,
scikit-learn, a formula or an enumeration give. The last column says whether the last two agree.
Rates of false alarms are read from what ``scripts/calibrate_verdicts.py --save`` has left. With
``--save`` the lines are left in ``scripts/calibration/``, from which ``docs/calibration.md`` shows
them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import pandas as pd

from calibration import page
from calibration.definitions import Case
from calibration.definitions_of_metrics import (
    collapse,
    column_names,
    nearer_to_train,
    reversed_association,
)
from calibration.definitions_of_tests import (
    absent_class,
    all_tied,
    deviations,
    false_alarms,
    few_pairs,
    few_positives,
    rounding,
    shares,
)

CASES: tuple[Callable[[], Iterator[Case]], ...] = (
    false_alarms, few_positives, absent_class, collapse, reversed_association, nearer_to_train,
    rounding, few_pairs, all_tied, shares, deviations, column_names,
)  # fmt: skip


def main() -> None:
    """Print the table, and leave it where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--save", action="store_true", help="keep the table, for the page")
    save = parser.parse_args().save
    found = [case for cases in CASES for case in cases()]
    table = pd.DataFrame([case.record() for case in found])
    print(page.table(table))
    if save:
        table.to_csv(page.TABLES / "definitions.csv", index=False)
    if wrong := [case.what for case in found if not case.agrees]:
        raise SystemExit(f"{len(wrong)} do not agree: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
