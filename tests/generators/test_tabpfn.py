"""TabPFN as a generator: what it draws between, what it can be asked for, and its weights."""

import numpy as np
import pytest
from scipy.special import ndtri

import tiny_weights
from tabsculpt.errors import UserError
from tabsculpt.extras import check_component
from tabsculpt.generators.tabpfn import _SHARES, TabPFN, _between

pytestmark = pytest.mark.extra("foundation")


@pytest.fixture(scope="module")
def generator() -> TabPFN:
    return TabPFN(path=str(tiny_weights.tabpfn()), estimators=1, max_rows=100)


def test_numbers_drawn_between_quantiles_have_their_distribution():
    means = np.array([0.0, 50.0])
    quantiles = means[:, None] + ndtri(_SHARES)
    chance = np.random.default_rng(0).random((20_000, 2))
    for place, mean in enumerate(means):
        drawn = _between(np.tile(quantiles[place], (20_000, 1)), chance[:, place])
        assert drawn.mean() == pytest.approx(mean, abs=0.03)
        assert drawn.std() == pytest.approx(1, abs=0.03)
        assert (drawn < mean - 1.96).mean() == pytest.approx(0.025, abs=0.005)


def test_a_number_and_a_category_can_be_given_together(generator, line):
    model = generator.fit(line, 0, "cpu")
    drawn = model.sample(20, 1, given={"x": 8.5, "kind": "high"}).frame
    assert (drawn["x"] == 8.5).all()
    assert set(drawn["kind"]) == {"high"}
    assert drawn["y"].nunique() > 10


def test_rows_left_out_of_the_context_are_said_and_only_the_others_are_kept(generator, line):
    model = generator.fit(line, 0, "cpu")
    assert [*map(str, model.notes)] == ["tabpfn read 100 of 200 training rows as context, drawn"]
    assert len(model.rows) == 100


def test_without_weights_it_is_refused_and_a_stored_one_says_that_they_are_gone(tmp_path, line):
    with pytest.raises(UserError, match=r"tabpfn needs its weights.*nothing is downloaded"):
        check_component(TabPFN(path=str(tmp_path)))
    weights = tmp_path / "mine.safetensors"
    weights.write_bytes(tiny_weights.tabpfn().read_bytes())
    generator = TabPFN(path=str(weights), estimators=1)
    generator.fit(line, 0, "cpu").save(tmp_path)
    loaded = generator.load(tmp_path)
    weights.unlink()
    with pytest.raises(UserError, match=r"the weights .*mine.safetensors' are gone"):
        loaded.sample(5, 0)
