"""The structure that is found, the probabilities that follow from it, and rows drawn from them."""

import itertools
import math
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes

from tabsculpt.errors import UserError
from tabsculpt.generators.bayesian_network.bayesian_network import BayesianNetwork, Search
from tabsculpt.generators.bayesian_network.climbing import climb
from tabsculpt.generators.bayesian_network.structure import (
    Score,
    Scorer,
    chow_liu,
    mutual_information,
)
from tabsculpt.table import Column, Kind, Schema, Task, conform

SEARCHES = [BayesianNetwork(), BayesianNetwork(search=Search.TREE_SEARCH)]


@pytest.fixture(scope="module")
def chain():
    """Codes of five columns: 0 -> 1 -> 2, 3 the exclusive or of 0 and 4, with some noise."""
    rng = np.random.default_rng(0)
    flip = rng.random((400, 5)) < [0, 0.1, 0.1, 0.05, 0]
    a, e = rng.integers(0, 2, (2, 400))
    b = a ^ flip[:, 1]
    c = np.where(flip[:, 2], rng.integers(0, 3, 400), b + 1)
    codes = np.column_stack([a, b, c, (a ^ e) ^ flip[:, 3], e]).astype(np.int64)
    return codes, np.array([2, 2, 3, 2, 2])


def categories(codes, classes=2):
    names = [f"x{k}" for k in range(codes.shape[1])]
    frame = pd.DataFrame(codes, columns=names).astype(str)
    columns = [Column(c, Kind.CATEGORICAL, tuple(sorted(frame[c].unique()))) for c in frame]
    task = Task.BINARY if classes == 2 else Task.MULTICLASS
    return conform(frame, Schema(tuple(columns), names[0], task))


def numbers(frame, target):
    columns = tuple(Column(str(name), Kind.CONTINUOUS) for name in frame)
    return conform(frame, Schema(columns, target, Task.REGRESSION))


@pytest.mark.parametrize(("score", "total"), [(Score.K2, None), (Score.BDEU, 1.0)])
def test_the_score_is_the_probability_of_the_codes_predicted_one_by_one(score, total, chain):
    codes, sizes = chain
    codes = codes[:30]
    cell = 1.0 if total is None else total / 12
    expected, seen = 0.0, np.full((2, 2, 3), cell)
    for a, b, c in codes[:, :3]:
        expected += math.log(seen[a, b, c] / seen[a, b].sum())
        seen[a, b, c] += 1
    assert Scorer(codes, sizes, score)(2, {0, 1}) == pytest.approx(expected, abs=1e-9)


def test_bic_is_the_likelihood_less_the_price_of_the_table(chain):
    codes, sizes = chain
    shares = pd.crosstab(codes[:, 0], codes[:, 2], normalize="index").to_numpy()
    likelihood = np.log(shares[codes[:, 0], codes[:, 2]]).sum()
    expected = likelihood - math.log(400) / 2 * 2 * 2
    assert Scorer(codes, sizes, Score.BIC)(2, {0}) == pytest.approx(expected)


def test_the_tree_holds_as_much_information_as_any_tree_can(chain):
    codes, sizes = chain
    weights = mutual_information(codes, sizes)
    pairs = list(itertools.combinations(range(5), 2))
    best = max(
        sum(weights[pair] for pair in edges)
        for edges in itertools.combinations(pairs, 4)
        if len(reached(edges)) == 5
    )
    found = [(child, mine[0]) for child, mine in enumerate(chow_liu(codes, sizes)) if mine]
    assert len(found) == 4
    assert sum(weights[edge] for edge in found) == pytest.approx(best)
    assert weights[0, 1] == pytest.approx(0.354, abs=0.05)


def reached(edges):
    found = {0}
    for _ in edges:
        found |= {x for edge in edges if found & set(edge) for x in edge}
    return found


def test_hill_climbing_finds_the_dependences_that_are_there(chain):
    codes, sizes = chain
    for score in Score:
        parents = climb(Scorer(codes, sizes, score), 2)
        edges = {frozenset((child, p)) for child, mine in enumerate(parents) for p in mine}
        assert {frozenset((0, 1)), frozenset((1, 2))} <= edges
        assert frozenset((0, 2)) not in edges
        assert max(map(len, climb(Scorer(codes, sizes, score), 1))) == 1


def test_tree_and_scores_are_those_of_pgmpy(chain):
    with warnings.catch_warnings():
        # Its own import of a module that it has deprecated.
        warnings.simplefilter("ignore", FutureWarning)
        from pgmpy import estimators
        from pgmpy import structure_score as scores
    codes, sizes = chain
    frame = pd.DataFrame({f"x{k}": codes[:, k] for k in range(5)}).astype("category")
    theirs = estimators.TreeSearch(frame, n_jobs=1).estimate(show_progress=False)
    mine = {frozenset((f"x{c}", f"x{m[0]}")) for c, m in enumerate(chow_liu(codes, sizes)) if m}
    assert {frozenset(edge) for edge in theirs.edges()} == mine
    bdeu = scores.BDeu(frame, equivalent_sample_size=1)
    for score, other in ((Score.K2, scores.K2(frame)), (Score.BDEU, bdeu)):
        ours = Scorer(codes, sizes, score)(2, {0, 1})
        assert ours == pytest.approx(other.local_score("x2", ("x0", "x1")))


@pytest.mark.parametrize("generator", SEARCHES)
def test_dependence_between_numbers_comes_back(generator, line):
    sample = generator.fit(line, 0, "cpu").sample(2000, 0).frame
    assert np.corrcoef(sample["x"], sample["y"])[0, 1] < -0.82
    assert sample["x"].mean() == pytest.approx(line.frame["x"].mean(), abs=0.25)
    assert sample["x"].std() == pytest.approx(line.frame["x"].std(), rel=0.07)


@pytest.mark.parametrize("generator", SEARCHES)
def test_shares_and_gaps_come_back(generator, skewed, gappy):
    sample = generator.fit(skewed, 0, "cpu").sample(3000, 0).frame
    shares = sample["kind"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"a": 0.7, "b": 0.25, "c": 0.05}, abs=0.03)
    means = sample.groupby("kind", observed=True)["y"].mean()
    assert means["a"] == pytest.approx(0, abs=0.7)
    assert means["b"] == pytest.approx(5, abs=1.5)
    assert means["b"] + 1 < means["c"]
    gaps = generator.fit(gappy, 0, "cpu").sample(3000, 0).frame["gaps"]
    assert gaps.isna().mean() == pytest.approx(55 / 300, abs=0.03)


@pytest.mark.parametrize("generator", SEARCHES)
@pytest.mark.parametrize("given", [{0: 1}, {2: 2}, {2: 0, 3: 1}])
def test_given_codes_condition_the_rest_as_enumeration_does(generator, given, chain):
    codes, sizes = chain
    model = generator.fit(categories(codes), 0, "cpu")
    worlds = np.array(list(itertools.product(*map(range, sizes))))
    chance = np.ones(len(worlds))
    for child, mine in enumerate(model.parents):
        rows = np.zeros(len(worlds), dtype=int)
        for parent in mine:
            rows = rows * sizes[parent] + worlds[:, parent]
        chance *= model.tables[child][rows, worlds[:, child]]
    assert chance.sum() == pytest.approx(1)
    chance *= np.all([worlds[:, k] == code for k, code in given.items()], axis=0)
    sample = model.sample(20_000, 1, given={f"x{k}": f"{code}" for k, code in given.items()})
    drawn = sample.frame.astype(str).value_counts(normalize=True)
    expected = dict(zip(map(tuple, worlds.astype(str)), chance / chance.sum(), strict=True))
    differences = [abs(drawn.get(world, 0) - share) for world, share in expected.items()]
    assert max(differences) < 0.02
    assert sum(differences) < 0.06


def test_a_given_number_is_kept_and_moves_the_others(line, classes):
    model = BayesianNetwork().fit(line, 0, "cpu")
    sample = model.sample(500, 0, given={"x": 15.5}).frame
    assert (sample["x"] == 15.5).all()
    assert sample["y"].mean() == pytest.approx(-31, abs=4)
    # Of the 22 rows in the bin of 15.5, 17 are above 13 and so are called high.
    assert (sample["kind"] == "high").mean() == pytest.approx(17 / 22, abs=0.06)
    model = BayesianNetwork().fit(classes, 0, "cpu")
    rare = model.sample(500, 0, given={"kind": "rare"}).frame
    assert rare["x"].mean() == pytest.approx(4, abs=0.6)


@pytest.mark.parametrize("generator", SEARCHES)
def test_a_few_rows_are_not_copied(generator):
    real = load_diabetes(as_frame=True, scaled=False).frame.sample(10, random_state=0)
    sample = generator.fit(numbers(real, "target"), 0, "cpu").sample(2000, 0)
    assert not copies(real, sample.frame).any()
    for rows in (5, 10):
        table = categories(np.random.default_rng(1).integers(0, 3, size=(rows, 8)), 3)
        drawn = generator.fit(table, 0, "cpu").sample(5000, 0)
        assert copies(table.frame, drawn.frame).mean() < 0.05


def copies(real, drawn):
    known = set(map(tuple, real.astype(str).to_numpy()))
    return np.array([tuple(row) in known for row in drawn.astype(str).to_numpy()])


def test_parents_leave_two_rows_for_each_combination_of_their_codes():
    rng = np.random.default_rng(2)
    codes, sizes = rng.integers(0, 4, (30, 6)), np.full(6, 4)
    codes[:, 1] = codes[:, 0]
    for parents in (climb(Scorer(codes, sizes, Score.K2), 3), chow_liu(codes, sizes)):
        assert max(map(len, parents)) == 1
    assert chow_liu(codes[:7], sizes) == [()] * 6


def test_two_parents_that_say_nothing_alone_are_found_together():
    rng = np.random.default_rng(4)
    codes = rng.integers(0, 2, size=(300, 5))
    codes[:, 2] = codes[:, 0] ^ codes[:, 4]
    parents = climb(Scorer(codes, np.full(5, 2), Score.K2), 2)
    tied = {child: set(mine) for child, mine in enumerate(parents) if mine}
    assert [{child, *mine} for child, mine in tied.items()] == [{0, 2, 4}]


def test_forty_columns_of_thousands_of_rows_take_seconds():
    rng = np.random.default_rng(4)
    first = rng.normal(size=(4000, 20))
    frame = pd.DataFrame(np.hstack([first, first.cumsum(axis=1)])).rename(columns="x{}".format)
    start = time.process_time()
    sample = BayesianNetwork().fit(numbers(frame, "x39"), 0, "cpu").sample(4000, 0).frame
    assert time.process_time() - start < 8
    assert sample[["x38", "x39"]].corr().iloc[0, 1] > 0.9


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_parents": 0}, "max_parents is 0, expected at least 1"),
        ({"bins": 1}, "bins is 1, expected at least 2"),
        ({"prior": 0.0}, "prior is 0.0, expected more than 0"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        BayesianNetwork(**settings)


def test_two_hundred_columns_depend_on_those_that_say_most_about_them():
    rng = np.random.default_rng(6)
    pairs = rng.integers(0, 3, size=(300, 100))
    noise = rng.random((300, 100)) < 0.1
    codes = np.hstack([pairs, np.where(noise, rng.integers(0, 3, size=(300, 100)), pairs)])
    parents = climb(Scorer(codes, np.full(200, 3), Score.K2), 2)
    edges = {frozenset((child, p)) for child, mine in enumerate(parents) for p in mine}
    assert {frozenset((k, k + 100)) for k in range(100)} <= edges
