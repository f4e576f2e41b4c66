"""By which power of the size the costs of steps are told from one another."""

import math

import pandas as pd
import pytest

import cost_growth


def test_a_power_is_judged_by_every_pair_of_sizes_that_are_far_apart():
    sizes = {100: 2.0, 200: 2.0, 1600: 8.0}  # four times the cost of a sixteenth of the size
    rows = [("Fit", "{}", size, seconds) for size, seconds in sizes.items()]
    found = list(
        cost_growth.errors(pd.DataFrame(rows, columns=["step", "settings", "size", "seconds"]))
    )
    assert len(found) == 4  # 100 and 200 against 1600, both ways
    errors = pd.DataFrame(found, columns=["step", *cost_growth.POWERS])
    assert errors[0.5].min() == pytest.approx(0)
    assert errors[1.0].max() == pytest.approx(math.log(4))
    assert errors[0.0].tolist() == pytest.approx([math.log(4)] * 4)
