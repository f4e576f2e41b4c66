"""Numbers as they are shown."""

from __future__ import annotations

import pytest

from tabsculpt.analysis.levels import Level
from tabsculpt.report.numbers import column, levels, number

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.98813, "0.988"),
        (60.1329, "60.1"),
        (1234.5, "1234"),
        (7.5e20, "7.50e+20"),
        (1e-12, "1.00e-12"),
        (0.0029296875, "0.00293"),
        (-0.0204, "-0.0204"),
        (0.0, "0"),
        (None, "-"),
        (NAN, "-"),
    ],
)
def test_a_number_has_three_significant_digits_whatever_its_size(value, shown):
    assert number(value) == shown


def test_numbers_of_a_column_have_the_same_decimals_and_none_is_lost():
    assert column([1.0, 0.98813, 0.7]) == ["1.000", "0.988", "0.700"]
    assert column([60.13, 5.27]) == ["60.13", "5.27"]
    assert column([0.5, 1e-12, None]) == ["0.5000", "1e-12", "-"]
    assert column([0.02, -0.3], sign=True) == ["+0.0200", "-0.3000"]


def test_a_level_says_how_many_values_are_missing():
    found = [Level(60.13, 2.584, 4, 4), Level(61.06, 0.4, 3, 4), Level(NAN, NAN, 0, 4)]
    assert levels(found) == ["60.1 ± 2.6", "61.1 ± 0.4 (3 of 4)", "-"]
