"""PAR learns how sequences go on, which rows drawn in any order do not have."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from tabsculpt.datasets.simulated_prices import SimulatedPrices
from tabsculpt.datasets.split import split_rows
from tabsculpt.errors import UserError
from tabsculpt.generators.marginal import Marginal
from tabsculpt.generators.par.par import PAR
from tabsculpt.table.windows import chains, join


def parts(**settings):
    dataset = SimulatedPrices(series=40, days=30, **settings).load()
    split = split_rows(dataset, 0.33, 0)
    return dataset.table.take(split.train), dataset.table.take(split.test)


@pytest.fixture(scope="module")
def learnt():
    train, test = parts()
    return train, test, PAR(steps=400, learning_rate=2e-3).fit(train, 0, "cpu")


def memory(table) -> float:
    """The autocorrelation of neighbouring steps in the sequences of a table."""
    windows = table.schema.windows
    found = [join(table.frame, c, windows).price for c in chains(table.frame, windows)]
    pairs = np.concatenate([np.stack([np.log(x[:-1]), np.log(x[1:])]) for x in map(np.array, found)
                            if len(x) > 1], axis=1)  # fmt: skip
    return float(np.corrcoef(pairs)[0, 1])


def error(train, test) -> float:
    predicted = Ridge().fit(train.matrix(), train.target).predict(test.matrix())
    return float(np.sqrt(np.mean((predicted - test.target) ** 2)))


def test_sequences_have_the_memory_of_real_ones(learnt):
    train, _, model = learnt
    sample = model.sample(len(train), 1)
    found = chains(sample.frame, sample.schema.windows)
    assert len(found) == 26  # whole sequences of the length of real ones
    assert {len(chain) for chain in found} == {25}
    assert memory(sample) == pytest.approx(memory(train), abs=0.06)
    shuffled = sample.take(np.random.default_rng(0).permutation(len(sample)))
    prices = shuffled.frame["price_5"].to_numpy()
    assert abs(np.corrcoef(prices[1:], prices[:-1])[0, 1]) < 0.15


def test_next_steps_are_predicted_from_synthetic_sequences(learnt):
    train, test, model = learnt
    synthetic = error(model.sample(len(train), 1), test)
    assert synthetic < 1.1 * error(train, test)
    assert synthetic < 0.6 * np.std(test.target)
    independent = Marginal().fit(train, 0, "cpu").sample(len(train), 1)
    assert synthetic < 0.6 * error(independent, test)


def test_the_static_column_decides_how_much_a_sequence_moves(learnt):
    train, _, model = learnt
    spread = {}
    for name, table in (("real", train), ("made", model.sample(len(train), 2))):
        moves = table.frame["price_next"] - table.frame["price_5"]
        spread[name] = moves.groupby(table.frame["regime"], observed=True).std()
    ratio = spread["made"]["volatile"] / spread["made"]["calm"]
    assert ratio == pytest.approx(spread["real"]["volatile"] / spread["real"]["calm"], rel=0.3)


def test_fitting_twice_with_one_seed_gives_the_same_rows():
    train, _ = parts()
    model = PAR(steps=5)
    first, again, other = (model.fit(train, seed, "cpu").sample(60, 1) for seed in (3, 3, 4))
    assert first.fingerprint() == again.fingerprint() != other.fingerprint()


def test_labelled_sequences_have_summaries_of_their_steps():
    train, _ = parts(predict="label")
    sample = PAR(steps=100, learning_rate=5e-3).fit(train, 0, "cpu").sample(80, 1)
    assert sample.schema == train.schema
    steps = sample.frame[train.schema.windows.steps("price")]
    mean = steps.mean(axis=1).clip(train.frame.price_mean.min(), train.frame.price_mean.max())
    assert sample.frame["price_mean"].to_numpy() == pytest.approx(mean.to_numpy())
    spread = sample.frame.groupby("regime", observed=True)["price_spread"].mean()
    assert spread["volatile"] > 1.3 * spread["calm"]


def test_parts_of_sequences_and_rows_in_any_order_are_learnt_too():
    train, _ = parts()
    some = train.take(np.random.default_rng(1).permutation(len(train))[:200])
    sample = PAR(steps=5).fit(some, 0, "cpu").sample(50, 0)
    assert len(sample) == 50


def test_rows_that_are_no_windows_are_refused(line):
    with pytest.raises(UserError, match="par learns sequences, and these rows are none"):
        PAR().fit(line, 0, "cpu")
