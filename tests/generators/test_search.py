"""Where a search looks next."""

from __future__ import annotations

import numpy as np
import pytest

from tabsculpt.config.components import instantiate
from tabsculpt.errors import UserError
from tabsculpt.generators.ctgan.tvae import PaperTVAE
from tabsculpt.generators.tuned.search import (
    Method,
    Tried,
    at_point,
    axes,
    expected_improvement,
    next_candidate,
    next_point,
    own_point,
)


def tried(name: str, score: float, point=(0.5,)) -> Tried:
    return Tried(name, point, False, (score - 0.01, score + 0.01))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_each_candidate_is_tried_once_first():
    assert next_candidate(["a", "b"], [], Method.BAYES, rng()) == "a"
    assert next_candidate(["a", "b"], [tried("a", 1)], Method.RANDOM, rng()) == "b"


def test_the_bound_weighs_the_mean_against_the_number_of_trials():
    # scaled means 1 and 0, bounds 1 + sqrt(2 ln 4 / 2) = 2.18 and 0 + the same
    even = [tried("a", 0.003), tried("b", 0.001), tried("a", 0.003), tried("b", 0.001)]
    assert next_candidate(["a", "b"], even, Method.BAYES, rng()) == "a"
    # b has been left alone for so long that its bound, sqrt(2 ln 9), is above 1 + sqrt(2 ln 9 / 8)
    alone = [tried("b", 0.001)] + [tried("a", 0.003)] * 8
    assert next_candidate(["a", "b"], alone, Method.BAYES, rng()) == "b"


def test_improvement_is_expected_where_scores_rise():
    points = np.linspace(0, 1, 9)[:, None]
    scores = -((points[:, 0] - 0.7) ** 2) * 1e-3  # tiny gains, as they are
    grid = np.linspace(0, 1, 101)[:, None]
    gain = expected_improvement(points, scores, grid, 0)
    assert (gain >= 0).all()
    assert abs(grid[int(np.argmax(gain)), 0] - 0.7) < 0.1


def test_a_search_finds_a_peak_sooner_than_chance():
    def peak(point) -> float:
        return -float(((np.array(point) - [0.2, 0.8]) ** 2).sum())

    best = {}
    for method in Method:
        found = []
        for seed in range(3):
            own = [Tried("a", (0.5, 0.5), True, (peak((0.5, 0.5)),))]
            for number in range(12):
                point = next_point(2, own, method, rng(100 * seed + number))
                own.append(Tried("a", point, False, (peak(point),)))
            found.append(max(trial.score for trial in own))
        best[method] = np.mean(found)
    assert best[Method.BAYES] > best[Method.RANDOM]
    assert best[Method.BAYES] > -0.01


def test_a_point_is_the_settings_of_a_candidate():
    along = axes(
        {"embedding_dim": [10, 20], "compress_dims": [[2, 4], [8, 16]], "l2scale": [0.0, 1.0]}
    )
    made = at_point(PaperTVAE(), along, (0.5, 1, 0, 0.25))
    assert (made.embedding_dim, made.compress_dims, made.l2scale) == (15, [4, 8], 0.25)
    assert made.decompress_dims == PaperTVAE().decompress_dims
    point = own_point(made, along)
    assert point == pytest.approx((0.5, 1, 0, 0.25))
    assert own_point(PaperTVAE(embedding_dim=99), along)[0] == 1


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"tvae": {"embeding_dim": [1, 2]}}, "did you mean 'embedding_dim'"),
        ({"tvae": {"embedding_dim": [8, 4]}}, "8 is not below 4"),
        ({"tvae": {"embedding_dim": 8}}, "expected \\[low, high\\]"),
        ({"tvae": {"compress_dims": [[1, 2], [3]]}}, "expected \\[low, high\\]"),
    ],
)
def test_a_space_that_cannot_be_searched_is_refused(space, words):
    candidates = {"tvae": {"_target_": "tabsculpt.generators.ctgan.tvae.PaperTVAE"}}
    node = {"_target_": "tabsculpt.generators.tuned.tuned.Tuned", "candidates": candidates}
    with pytest.raises(UserError, match=words):
        instantiate({**node, "space": space}, "generator")
