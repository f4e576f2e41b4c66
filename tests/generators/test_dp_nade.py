"""The private network: what its noise is worth, how long a gradient is, what more epsilon does."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from tabsculpt.config.compose import load
from tabsculpt.engine.fingerprints import library_version
from tabsculpt.errors import UserError
from tabsculpt.generators.dp_nade.accounting import ORDERS, accountant, noise_for, spent
from tabsculpt.generators.dp_nade.dp_nade import DPNADE, order_of
from tabsculpt.generators.dp_nade.features import code_features, join
from tabsculpt.generators.dp_nade.network import NADE, clipped_loss
from tabsculpt.generators.dp_nade.training import Private, train_privately
from tabsculpt.generators.mst.domain import Cells, Domain
from tabsculpt.generators.mst.measuring import Merged
from tabsculpt.generators.on_grid import fit_on_grid
from tabsculpt.jobs.job import Job
from tabsculpt.table import Column, Kind, Schema, Task, conform

pytestmark = pytest.mark.extra("dp")


def three_columns(n=1500):
    """A class that follows a category in nine rows of ten, and a number that follows both."""
    rng = np.random.default_rng(0)
    kind = rng.integers(2, size=n)
    reported = np.where(rng.random(n) < 0.9, kind, 1 - kind)
    x = 3.0 * kind + 3.0 * reported + rng.uniform(0, 2, n)
    frame = pd.DataFrame({"kind": kind.astype(str), "x": x, "y": reported.astype(str)})
    columns = (
        Column("kind", Kind.CATEGORICAL, ("0", "1")),
        Column("x", Kind.CONTINUOUS),
        Column("y", Kind.CATEGORICAL, ("0", "1")),
    )
    return conform(frame, Schema(columns, "y", Task.BINARY))


def small_network(width=3):
    """Three columns of two, five and three codes, the second known by two polynomials."""
    place = np.linspace(-1, 1, 5)
    shares = [np.full(2, 0.5), np.full(5, 0.2), np.array([0.2, 0.3, 0.5])]
    torch.manual_seed(0)
    network = NADE([None, np.column_stack([place, place**2]), None], shares, width)
    with torch.no_grad():
        network.scoring.normal_()
    return network


def gradients_row_by_row(network, codes):
    """The gradient of each row alone, shape (n, parameters), by automatic differentiation."""
    found = []
    for row in codes:
        network.zero_grad()
        network(row[None]).losses.sum().backward()
        found.append(torch.cat([p.grad.ravel() for p in network.parameters()]))
    return torch.stack(found)


def step_gradient(rows, noise, seed):
    """What a step of the training gets to see of rows, whose gradients are longer than 0.5."""
    network = small_network()
    training = Private(steps=1, sample_rate=1, learning_rate=0.1, max_norm=0.5, noise=noise)
    train_privately(network, rows, training, accountant(), seed)
    return torch.cat([p.grad.ravel() for p in network.parameters()])


@pytest.mark.parametrize("bound", [0.05, 1.0, 2.0, 1000.0])
def test_the_gradient_is_the_sum_of_those_of_rows_made_no_longer_than_the_bound(bound):
    network = small_network()
    codes = torch.tensor([[0, 4, 2], [1, 0, 0], [1, 2, 1], [0, 3, 2], [0, 0, 0]])
    each = gradients_row_by_row(network, codes)
    norms = each.norm(dim=1)
    assert norms.min() > 1.0
    expected = (each * (bound / norms).clamp(max=1)[:, None]).sum(dim=0)
    network.zero_grad()
    clipped_loss(network, codes, bound).backward()
    found = torch.cat([p.grad.ravel() for p in network.parameters()])
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_rows_are_drawn_as_the_network_says_they_are_likely():
    network = small_network()
    drawn = network.draw(40_000, torch.Generator().manual_seed(0))
    every = torch.cartesian_prod(torch.arange(2), torch.arange(5), torch.arange(3))
    with torch.no_grad():
        likely = (-network(every).losses).exp()
    assert float(likely.sum()) == pytest.approx(1, abs=1e-5)
    place = drawn[:, 0] * 15 + drawn[:, 1] * 3 + drawn[:, 2]
    shares = torch.bincount(place, minlength=30) / len(drawn)
    assert float((shares - likely).abs().max()) < 0.01


@pytest.mark.parametrize(("epsilon", "rate", "steps"), [(0.1, 0.2, 300), (1, 0.5, 20), (8, 1, 50)])
def test_the_noise_spends_all_of_epsilon_and_never_more(epsilon, rate, steps):
    noise = noise_for(epsilon, 1e-6, rate, steps)
    books = accountant()
    books.step(noise_multiplier=noise.counts, sample_rate=1.0)
    for _ in range(steps):
        books.step(noise_multiplier=noise.steps, sample_rate=rate)
    assert 0.99 * epsilon < spent(books, 1e-6) <= epsilon


def test_more_steps_or_larger_batches_ask_for_more_noise():
    noise = noise_for(1.0, 1e-6, 0.1, 50).steps
    assert noise_for(1.0, 1e-6, 0.1, 200).steps > 1.5 * noise
    assert noise_for(1.0, 1e-6, 0.4, 50).steps > 2 * noise
    assert noise_for(2.0, 1e-6, 0.1, 50).steps < 0.7 * noise
    assert noise_for(1.0, 1e-3, 0.1, 50).steps < noise


def test_without_sampling_the_accounting_is_that_of_a_normal_mechanism():
    """All rows in each step: Rényi divergence a / (2 sigma^2) at order a, which adds up."""
    noise = noise_for(2.0, 1e-5, 1.0, 10)
    orders = np.array(ORDERS)
    divergence = orders / 2 * (1 / noise.counts**2 + 10 / noise.steps**2)
    log = (math.log(1e-5) + np.log(orders)) / (orders - 1)
    least = np.min(divergence - log + np.log1p(-1 / orders))
    assert 1.99 < least <= 2.0


@pytest.mark.parametrize("epsilon", [0.5, 4.0])
def test_a_result_says_what_was_asked_for_and_what_was_spent(epsilon):
    table = three_columns(80)
    model = DPNADE(epsilon=epsilon, delta=1e-5, steps=12, bounds={"x": [0, 10]})
    promise, read = model.fit(table, 0, "cpu").notes
    begun, _, rest = promise.text.partition("; opacus' accountant finds ")
    cost, _, steps = rest.partition(" spent in ")
    assert promise.code == "privacy"
    assert begun == (
        f"dp_nade: each fit is differentially private with epsilon={epsilon:g} and delta=1e-05 "
        "(one row more or less)"
    )
    assert 0.99 * epsilon < float(cost) <= epsilon
    assert steps == "12 steps"
    assert read.text == (
        "dp_nade: read from the data and not covered by epsilon: categories of kind, y / "
        "decimals and missing values of kind, x, y"
    )
    public = replace(model, public=["kind", "x", "y"])
    assert [note.code for note in public.fit(table, 0, "cpu").notes] == ["privacy"]


def test_combinations_that_a_constraint_reads_from_the_rows_are_said_not_to_be_covered():
    table = three_columns(80)
    held = replace(table.schema, constraints=("0 <= x", "fixed(kind, y)"))
    notes = fit_on_grid(DPNADE(steps=2), conform(table.frame, held), 0, "cpu").notes
    assert [note.code for note in notes] == ["privacy", "not_private", "not_private"]
    expected = "read from the data and not covered by epsilon: combinations of fixed(kind, y)"
    assert notes[2].text == expected
    plain = replace(table.schema, constraints=("0 <= x",))
    assert len(fit_on_grid(DPNADE(steps=2), conform(table.frame, plain), 0, "cpu").notes) == 2


def test_more_epsilon_keeps_more_of_what_belongs_together():
    table = three_columns()
    alike, near = {}, {}
    for epsilon in (0.02, 5.0):
        frame = (
            DPNADE(epsilon=epsilon, bins=8, steps=150).fit(table, 0, "cpu").sample(4000, 0).frame
        )
        kind, reported = (frame[c].astype(float) for c in ("kind", "y"))
        alike[epsilon] = (kind == reported).mean()
        near[epsilon] = np.corrcoef(frame["x"], kind + reported)[0, 1]
    assert alike[0.02] < 0.8
    assert near[0.02] < 0.8
    assert alike[5.0] == pytest.approx(0.9, abs=0.04)
    assert near[5.0] > 0.95


@pytest.mark.parametrize("noise", [0.4, 1.0, 10.0])
def test_who_knows_a_step_tells_whether_a_row_was_in_it_as_well_as_its_noise_allows(noise):
    """The best attack on a sum with normal noise: along the gradient of the row in question."""
    rows = torch.tensor([[0, 4, 2], [1, 0, 0], [1, 2, 1], [0, 3, 2], [0, 0, 0]])
    network = small_network()
    alone = gradients_row_by_row(network, rows[:1])[0]
    seen = {
        there: [float(step_gradient(rows[not there :], noise, s) @ alone) for s in range(150)]
        for there in (False, True)
    }
    found = roc_auc_score(np.repeat([0, 1], 150), np.concatenate([seen[False], seen[True]]))
    assert found == pytest.approx(norm.cdf(1 / (noise * math.sqrt(2))), abs=0.08)


def test_a_step_adds_noise_of_the_deviation_that_was_accounted_for():
    network = small_network(width=40)
    books = accountant()
    training = Private(steps=1, sample_rate=1e-9, learning_rate=0.1, max_norm=0.5, noise=6.0)
    train_privately(network, torch.zeros(4, 3, dtype=torch.int64), training, books, 0)
    noise = torch.cat([p.grad.ravel() for p in network.parameters()])
    assert float(noise.std()) == pytest.approx(0.5 * 6.0, rel=0.1)
    assert float(noise.mean()) == pytest.approx(0, abs=0.4)
    assert books.history == [(6.0, 1e-9, 1)]


def test_steps_and_noise_are_the_same_however_many_rows_there_are():
    """A fit on twice the rows spends as much: nothing is set by how many they are."""
    table = three_columns(60)
    twice = conform(pd.concat([table.frame] * 2, ignore_index=True), table.schema)
    model = DPNADE(steps=5)
    assert model.fit(table, 0, "cpu").notes[0] == model.fit(twice, 0, "cpu").notes[0]


def test_bins_of_a_number_are_known_by_uncorrelated_polynomials_and_missing_ones_apart():
    cells = Cells((), tuple(np.linspace(0, 1, 17)), True)
    counts = np.append(np.linspace(20, 60, 16), 160.0)
    features = code_features(cells, Merged.of(counts, 1.0), 2)
    shares = counts / counts.sum()
    assert features.shape == (17, 3)
    assert shares @ features == pytest.approx(np.zeros(3), abs=1e-9)
    assert features.T @ (shares[:, None] * features) == pytest.approx(np.eye(3), abs=1e-9)
    # A straight line in the place of the bin, and a jump for what is missing.
    steps = np.diff(features[:16, 0])
    assert steps == pytest.approx(np.full(15, steps[0]))


def test_bins_with_few_rows_are_joined_with_those_beside_them():
    cells = Cells((), tuple(np.linspace(0, 1, 9)), True)
    found = join(cells, np.array([5.0, 5, 20, 100, 100, 20, 5, 5, 3]), 10.0)
    assert found.code.tolist() == [0, 0, 0, 1, 2, 3, 3, 3, 4]  # what is missing stays apart
    assert found.noisy / found.weights == pytest.approx([30, 100, 100, 30, 3])
    assert found.weights == pytest.approx([3**-0.5, 1, 1, 3**-0.5, 1])
    few = join(Cells((), cells.edges, False), np.full(8, 20.0), 10.0)
    assert few.code.tolist() == [0, 0, 0, 1, 1, 1, 2, 2]  # three of them are 60 > 30 sqrt(3)
    levels = join(Cells(("a", "b", "c", "d"), (), False), np.array([1.0, 90, 2, 80]), 10.0)
    assert levels.code.tolist() == [2, 0, 2, 1]  # categories have no neighbours


def test_categories_and_few_codes_are_each_one_of_their_own():
    even = Merged.of(np.full(4, 100.0), 1.0)
    assert code_features(Cells(("a", "b", "c", "d"), (), False), even, 1) is None
    edges = tuple(np.linspace(0, 1, 5))
    assert code_features(Cells((), edges, False), even, 3) is None
    assert code_features(Cells((), edges, False), even, 2).shape == (4, 2)


def test_the_target_is_the_first_column():
    domain = Domain.of(three_columns(20), 4, {})
    assert [domain.schema.names[place] for place in order_of(domain)] == ["y", "kind", "x"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bounds": {"z": [0, 1]}}, r"unknown column of generator.bounds 'z'"),
        ({"public": ["z"]}, r"unknown column of generator.public 'z'"),
        ({"epsilon": 1e-4}, r"dp_nade: epsilon=0.0001 at delta=1e-06 is less than opacus can acc"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message) as refused:
        DPNADE(**settings).fit(three_columns(20), 0, "cpu")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "typed", ["epsilon=0", "epsilon=-1", "delta=0", "delta=1", "sample_rate=1.5", "steps=0"]
)
def test_impossible_settings_are_refused_where_they_are_typed(typed):
    with pytest.raises(UserError, match=f"generator.{typed.partition('=')[0]}") as refused:
        Job.of(load(["dataset=wine", "generator=dp_nade", f"generator.{typed}"]))
    assert "\n" not in str(refused.value)


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch):
    from tabsculpt import extras

    monkeypatch.setattr(
        extras,
        "library_version",
        lambda name: "absent" if name == "opacus" else library_version(name),
    )
    expected = r"dp_nade needs opacus, which is not installed: pip install 'tabsculpt\[dp\]'"
    with pytest.raises(UserError, match=expected):
        DPNADE().fit(three_columns(20), 0, "cpu")


def test_batches_without_a_row_are_steps_of_noise():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = DPNADE(steps=6, sample_rate=1e-3).fit(three_columns(5), 0, "cpu")
    assert len(model.sample(10, 0)) == 10
