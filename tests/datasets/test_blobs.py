from __future__ import annotations

import numpy as np
import pytest

from tabsculpt.datasets.blobs import Blobs
from tabsculpt.errors import UserError


def test_blobs_are_the_numbers_asked_for_and_their_labels_overlap():
    table = Blobs(rows=600, columns=3, centres=4, spread=1.0).load().table
    assert (len(table), len(table.schema.features)) == (600, 3)
    assert np.bincount(table.target).tolist() == [300, 300]
    again = Blobs(rows=600, columns=3, centres=4, spread=1.0).load().table
    assert again.fingerprint() == table.fingerprint()
    wide = Blobs(rows=600, columns=3, centres=4, spread=9.0).load().table
    spread = [np.ptp(data.frame["x1"]) for data in (table, wide)]
    assert spread[1] > 1.5 * spread[0]
    other = Blobs(rows=600, columns=3, centres=4, spread=1.0, seed=1).load().table
    assert other.fingerprint() != table.fingerprint()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rows": 5}, "dataset.rows must be at least 12"),
        ({"spread": 0.0}, "spread must be above 0"),
    ],
)
def test_numbers_that_are_too_small_are_refused(settings, words):
    with pytest.raises(UserError, match=words):
        Blobs(**settings).load()
