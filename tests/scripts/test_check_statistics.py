"""The numbers of the table of definitions are those of an independent computation."""

from __future__ import annotations

import pandas as pd
import pytest

from calibration import definitions_of_metrics, definitions_of_tests, page

QUICK = (
    definitions_of_tests.few_positives,
    definitions_of_tests.rounding,
    definitions_of_tests.all_tied,
    definitions_of_tests.deviations,
    definitions_of_metrics.nearer_to_train,
)


@pytest.mark.parametrize("cases", QUICK, ids=lambda cases: cases.__name__)
def test_what_is_given_is_the_reference(cases):
    assert [case.record() for case in cases() if not case.agrees] == []


def test_every_stored_number_agrees_and_each_of_the_eleven_is_there():
    stored = pd.read_csv(page.TABLES / "definitions.csv")
    assert (stored.agrees == "yes").all()
    assert {int(what.split()[0]) for what in stored.what} == set(range(1, 12))
