"""The package's synthesizers: what is kept of them, and that they are the package's own."""

import dataclasses

import numpy as np
import pytest

from tabsculpt.generators.fit_steps import Fit
from tabsculpt.generators.sdv.pool import FittedPool
from tabsculpt.generators.sdv.sdv import SDV, Synthesizer
from tabsculpt.notes import Code, Note

pytestmark = [
    pytest.mark.extra("sdv"),
    pytest.mark.filterwarnings("error"),
    pytest.mark.xdist_group("sdv"),
]


def test_no_row_of_a_pool_comes_twice_before_every_other_has_come_once(line):
    pool = FittedPool(line)
    known = {x: row for row, x in enumerate(line.frame["x"])}
    rows = [known[x] for x in pool.sample(450, 0).frame["x"]]
    assert sorted(rows[:200]) == list(range(200))
    assert np.bincount(rows, minlength=200).max() == 3
    assert len(set(rows[400:])) == 50


def test_the_copula_learns_and_says_that_it_is_a_pool(line):
    model = SDV(pool=500).fit(line, 0, "cpu")
    phrase = "sdv_gaussian_copula: rows are drawn from 500 that were made when it was fitted"
    assert model.notes == (Note(Code.ROWS_POOLED, phrase, 500),)
    drawn = model.sample(500, 0).frame
    assert np.corrcoef(drawn["x"], drawn["y"])[0, 1] < -0.9
    assert len(SDV().fit(line, 0, "cpu").table) == 2000
    other = SDV(pool=500).fit(line, 1, "cpu")
    assert other.table.fingerprint() != model.table.fingerprint()


def test_networks_have_the_packages_own_defaults(line):
    from sdv import single_table

    for synthesizer in Synthesizer:
        parts = SDV(synthesizer)._model(line.schema.columns)
        plain = type(parts)(parts.metadata).get_parameters()
        assert parts.get_parameters() | {"enable_gpu": True} == plain | {"enable_gpu": True}
        assert type(parts).__name__ in single_table.__all__


def test_the_note_is_kept_with_the_fit(line, tmp_path):
    @dataclasses.dataclass
    class Rows:
        table: object

    step = Fit(SDV(pool=50), Rows(line), 0, "cpu")
    model = SDV(pool=50).fit(line, 0, "cpu")
    step.write(dataclasses.replace(_fitted(model)), tmp_path)
    assert step.read(tmp_path).notes == model.notes


def _fitted(model):
    from tabsculpt.generators.fit_steps import Fitted
    from tabsculpt.generators.on_grid import OnGrid

    return Fitted(False, lambda: OnGrid(model, {}), model.notes)
