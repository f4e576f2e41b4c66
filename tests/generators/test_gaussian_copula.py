"""What the Gaussian copula learns of categories and classes, where the right answer is known."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from scipy.special import ndtr, ndtri

from tabsculpt.generators.gaussian_copula.gaussian_copula import GaussianCopula
from tabsculpt.generators.gaussian_copula.latent import latent_correlation
from tabsculpt.table import Column, Kind, Schema, Task, conform


def test_correlations_are_found_through_intervals():
    rng = np.random.default_rng(0)
    true = np.array([[1.0, 0.8, -0.5], [0.8, 1.0, -0.3], [-0.5, -0.3, 1.0]])
    scores = rng.multivariate_normal(np.zeros(3), true, 4000)
    cuts = {1: [-np.inf, 0.3, np.inf], 2: [-np.inf, -1.0, 0.5, np.inf]}
    intervals, blind = {}, scores.copy()
    for place, cut in cuts.items():
        code = np.searchsorted(cut[1:-1], scores[:, place])
        intervals[place] = np.array([np.take(cut, code), np.take(cut, code + 1)])
        blind[:, place] = ndtri(rng.uniform(*ndtr(intervals[place])))
    assert np.corrcoef(blind, rowvar=False)[0, 1] < 0.7
    assert latent_correlation(blind, intervals, rng) == pytest.approx(true, abs=0.04)
    exact = latent_correlation(scores, {}, rng)
    assert exact == pytest.approx(np.corrcoef(scores, rowvar=False))


@pytest.mark.extra("sdv")
def test_categories_go_with_a_number_whatever_their_names():
    rng = np.random.default_rng(0)
    kind = rng.choice(["a", "m", "z"], 600)
    means = {"m": 0.0, "z": 4.0, "a": 8.0}
    frame = pd.DataFrame({"kind": kind, "y": [means[k] for k in kind] + rng.normal(size=600)})
    columns = Column("kind", Kind.CATEGORICAL, ("a", "m", "z")), Column("y", Kind.CONTINUOUS)
    table = conform(frame, Schema(columns, "y", Task.REGRESSION))
    drawn = GaussianCopula().fit(table, 0, "cpu").sample(3000, 0).frame
    found = drawn.groupby("kind", observed=True)["y"].mean()
    assert found.to_dict() == pytest.approx(means, abs=0.8)
    assert scipy.stats.ks_2samp(drawn["y"], frame["y"]).statistic < 0.05


@pytest.mark.extra("sdv")
def test_a_class_is_where_its_number_is(classes):
    model = GaussianCopula().fit(classes, 0, "cpu")
    drawn = model.sample(3000, 0).frame
    common, rare = (drawn["x"][drawn["kind"] == kind] for kind in ("common", "rare"))
    higher = scipy.stats.mannwhitneyu(rare, common).statistic / len(rare) / len(common)
    assert higher > 0.93  # 0.73 where a code lies anywhere in its interval
    assert len(rare) / 3000 == pytest.approx(0.2, abs=0.02)
