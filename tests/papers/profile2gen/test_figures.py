"""The published figures as data: counts, ranges, and what arithmetic allows them to be."""

from itertools import combinations

import numpy as np
import pytest

from tabsculpt.papers.profile2gen.figures import ARMS, PROPORTIONS, SETS, read_published, recount

CELL = ["protocol", "dataset", "generator", "proportion"]


@pytest.fixture(scope="module")
def published():
    return read_published()


@pytest.fixture(scope="module")
def p_values(published):
    return published[published.statistic == "p_value"]


def test_every_printed_p_value_is_there_once(p_values):
    assert p_values.groupby("protocol").size().to_dict() == {"augmentation": 260, "tstr": 129}
    assert not p_values.duplicated([*CELL, "first", "second"]).any()
    pairs = set(combinations(ARMS, 2))
    assert set(zip(p_values["first"], p_values.second, strict=True)) == pairs
    sizes = p_values.groupby(CELL, dropna=False).size()
    assert sizes.groupby("protocol").size().to_dict() == {"augmentation": 48, "tstr": 22}
    partial = sizes[sizes < 6]
    assert sorted(partial) == [1, 1, 1, 1, 1, 3, 3]
    doubted = p_values.groupby(CELL, dropna=False).doubt.first()[partial.index]
    assert (doubted.str.len() > 10).all()


def test_names_and_ranges(published, p_values):
    assert set(p_values.dataset) == set(SETS)
    assert set(p_values.generator) == {"bayesian_network", "nflow", "tvae", "ctgan"}
    assert set(p_values.proportion.dropna()) == set(PROPORTIONS)
    assert p_values.value.between(0, 1).all()
    assert (p_values.bound == "<").sum() == p_values.printed.str.startswith("0.0000").sum() > 0
    assert not ((published.dataset == "diabetes_numeric") & (published.generator == "ctgan")).any()
    percent = published.statistic.str.startswith("share_")
    assert published[percent].value.between(0, 100).all()
    assert (published.place != "").all()


def test_the_printed_verdict_is_that_of_the_printed_p_value(p_values):
    significant = p_values.printed.str.endswith("(Significant)")
    assert ((p_values.value <= 0.05) == significant).all()


def test_tstr_p_values_are_exact_wilcoxon_ones_of_twelve_pairs_times_the_comparisons(p_values):
    """A misread digit would fall between the values that 12 pairs can give."""
    counts = np.ones(1)
    for rank in range(1, 13):
        grown = np.zeros(len(counts) + rank)
        grown[: len(counts)] += counts
        grown[rank:] += counts
        counts = grown
    exact = 2 * np.cumsum(counts) / 2**12
    tstr = p_values[p_values.protocol == "tstr"]
    comparisons = tstr.groupby(CELL, dropna=False).figure.transform("size")
    for printed, times in zip(tstr.printed.str[:6], comparisons, strict=True):
        assert printed in {f"{min(1, p * times):.4f}" for p in exact}
    assert tstr[comparisons == 6].value.min() == 0.0029
    assert tstr[comparisons == 3].value.tolist() == [0.0015] * 3


def test_the_printed_p_values_give_the_printed_percentage(published):
    """Section 5.5.1 says 91 % for real against profile2gen; Appendix P has 20 of 22."""
    counted = recount(published).set_index(["protocol", "first", "second"])
    assert tuple(counted.loc[("tstr", "real", "profile2gen")]) == (
        22,
        20,
        pytest.approx(90.909, abs=1e-3),
    )
    assert tuple(counted.loc[("augmentation", "traditional", "preprocess")])[:2] == (42, 18)
    phrase = published[published.statistic == "share_wilcoxon"]
    assert sorted(phrase.value) == [60, 69, 79, 80, 91, 96]


def test_what_words_say_of_a_pair_is_said_once(published):
    phrase = published[published.statistic == "lower"]
    pair = phrase.apply(lambda r: frozenset([r["first"], r.second]), axis=1)
    keys = ["metric", "protocol", "dataset", "generator"]
    assert not phrase.assign(pair=pair).duplicated([*keys, "pair"]).any()
    assert phrase.value.isna().all()
    assert phrase.groupby("place").size().to_dict() == {
        "Appendix J": 37, "Appendix M": 73, "Appendix O.1": 55,
    }  # fmt: skip


def test_section_r_has_six_rmse_by_either_tuning(published):
    table = published[published.place == "section R"]
    assert table.groupby("statistic").size().to_dict() == {"rmse": 6, "rmse_tuned_on_same_set": 6}
    fat = table[(table.dataset == "bodyfat") & (table["first"] == "profile2gen")]
    assert sorted(fat.value) == [2.801107, 3.260037]
