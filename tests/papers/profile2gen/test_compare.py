"""Obtained beside published, on made-up rows whose p-values are known."""

import numpy as np
import pytest

from paper_rows import one_sign, write_cell, write_job
from tabsculpt.analysis.comparisons import compare as compare_arms
from tabsculpt.errors import UserError
from tabsculpt.papers.profile2gen.compare import compare
from tabsculpt.papers.profile2gen.figures import PROPORTIONS, SETS, read_published
from tabsculpt.papers.profile2gen.kept import read_results
from tabsculpt.papers.profile2gen.obtained import obtain
from tabsculpt.papers.profile2gen.summary import (
    count_directions,
    count_verdicts,
    make_tables,
    share_pairs,
)
from tabsculpt.papers.profile2gen.words import findings

PAIR = ["first", "second"]
ORDER = {"real": 0, "traditional": 1, "preprocess": 2, "profile2gen": 3}


def beside(folder):
    rows = read_results([folder])
    return compare(rows, obtain(rows))


def of(table, statistic, dataset, generator, variant="published", **more):
    mine = table[(table.statistic == statistic) & (table.dataset == dataset)]
    mine = mine[(mine.generator == generator) & (mine.variant == variant)]
    for name, value in more.items():
        mine = mine[mine[name] == value]
    return mine


def test_twelve_pairs_of_one_sign_stand_beside_the_printed_ones(tmp_path):
    """Body fat and CTGAN: all of P.1 but traditional against profile2gen (0.6592) is below 0.05."""
    write_cell(
        tmp_path, "bodyfat_published", {"real": 0, "traditional": 1, "preprocess": 2}, "ctgan"
    )
    near = one_sign(1) + 0.05 * np.array([-1, 1] * 6) * np.arange(1, 13) - 0.04
    write_job(tmp_path, "bodyfat_published", "profile2gen", near, "ctgan")
    table = beside(tmp_path)
    found = of(table, "p_value", "bodyfat", "ctgan", protocol="tstr").set_index(PAIR)
    assert len(found) == 6
    even = found.loc[("traditional", "profile2gen")]
    assert even.obtained > 0.05 < even.value
    others = found.drop(index=[("traditional", "profile2gen")])
    assert {f"{p:.4f}" for p in others.obtained} == {"0.0029"}
    assert (found.verdict == "holds").all()
    assert (found.n == 12).all()
    phrase = of(table, "lower", "bodyfat", "ctgan", metric="rmse", protocol="tstr")
    assert phrase.verdict.tolist() == ["holds"] * 3


def test_a_significant_difference_in_the_other_direction_does_not_hold(tmp_path):
    steps = {"real": 0, "traditional": 2, "preprocess": 1, "profile2gen": 0.5}
    write_cell(tmp_path, "bodyfat_published", steps, "ctgan")
    table = beside(tmp_path)
    found = of(table, "p_value", "bodyfat", "ctgan", protocol="tstr").set_index(PAIR)
    turned = found.loc[("traditional", "preprocess")]
    assert turned.obtained == pytest.approx(12 / 4096)
    assert turned.verdict == "does not hold"
    assert turned.why == "significant, preprocess lower, the paper says traditional"
    assert found.loc[("preprocess", "profile2gen")].verdict == "holds"
    assert found.loc[("traditional", "profile2gen")].verdict == "does not hold"  # 0.6592 is printed
    phrase = of(table, "lower", "bodyfat", "ctgan", metric="rmse", protocol="tstr").set_index(PAIR)
    assert phrase.loc[("traditional", "preprocess")].verdict == "does not hold"
    assert phrase.loc[("traditional", "preprocess")].obtained > 0
    assert phrase.loc[("profile2gen", "traditional")].verdict == "holds"


def test_the_correction_is_for_as_many_pairs_as_the_paper_prints(tmp_path):
    """Parkinson and the Bayesian network have three pairs, 0.0015 each; cholesterol has one."""
    write_cell(tmp_path, "parkinson_published", ORDER, "bayesian_network")
    write_cell(tmp_path, "cholesterol_published", ORDER, proportion=0.909)
    table = beside(tmp_path)
    three = of(table, "p_value", "parkinson", "bayesian_network", protocol="tstr")
    assert {f"{p:.4f}" for p in three.obtained} == {"0.0015"}
    one = of(table, "p_value", "cholesterol", "tvae", protocol="augmentation")
    assert (one.n == 48).all()
    assert one.obtained.tolist() == pytest.approx([2 / 2**48])


def test_augmentation_means_need_all_four_proportions(tmp_path):
    for proportion in PROPORTIONS[:3]:
        write_cell(tmp_path, "urinary_published", ORDER, proportion=proportion)
    words = {"metric": "rmse", "protocol": "augmentation"}
    found = of(beside(tmp_path), "lower", "urinary", "tvae", **words)
    assert set(found.why) == {"3 of 4 proportions"}
    write_cell(tmp_path, "urinary_published", ORDER, proportion=PROPORTIONS[3])
    found = of(beside(tmp_path), "lower", "urinary", "tvae", **words)
    assert found.verdict.tolist() == ["does not hold"] * 3  # the paper has the opposite order
    assert (found.n == 48).all()


def test_what_cannot_be_compared_says_why(tmp_path):
    write_cell(tmp_path, "plasma", ORDER)
    write_cell(tmp_path, "bodyfat_published", ORDER, n=4)
    write_cell(tmp_path, "urinary", {"real": 0, "traditional": 1, "preprocess": 2}, "nflow")
    failed = {"status": "failed", "reason": "out of pixels"}
    write_job(tmp_path, "urinary", "profile2gen", [], "nflow", **failed)
    table = beside(tmp_path)
    other = of(table, "p_value", "plasma", "tvae", "corrected", protocol="tstr")
    assert set(other.why) == {"the target is BETAPLASMA, that of the paper's files FIBER"}
    assert other.obtained.notna().all()
    few = of(table, "p_value", "bodyfat", "tvae", protocol="tstr")
    assert set(few.why) == {"4 predictors, the paper has 12"}
    assert set(other.verdict) == set(few.verdict) == {"not comparable"}
    urinary = of(table, "p_value", "urinary", "nflow", "corrected", protocol="tstr")
    urinary = urinary.set_index(PAIR)
    assert urinary.loc[("real", "profile2gen")].why == "profile2gen failed: out of pixels"
    assert urinary.loc[("real", "traditional")].verdict == "holds"
    absent = of(table, "p_value", "urinary", "tvae", "corrected", protocol="tstr")
    assert set(absent.why) == {"tvae was not run on it"}
    assert set(of(table, "p_value", "urinary", "nflow").why) == {"urinary was not run"}
    assert set(table[table.statistic == "cells"].why) == {"the size of the grid, not a finding"}


def test_each_seed_stands_beside_the_paper_by_itself(tmp_path):
    for seed in (0, 1):
        write_cell(tmp_path, "bodyfat_published", ORDER, "ctgan", seed=seed)
    found = of(beside(tmp_path), "p_value", "bodyfat", "ctgan", protocol="tstr")
    assert found.groupby("seed").n.agg(["size", "max"]).values.tolist() == [[6, 12], [6, 12]]


def test_an_rmse_holds_within_a_tenth(tmp_path):
    """Section R: 3.303178 for traditional on body fat, 4.2000461 for preprocess."""
    for arm, mean in {"real": 1.0, "traditional": 3.6, "preprocess": 4.7}.items():
        values = np.linspace(mean - 0.5, mean + 0.5, 12)
        write_job(tmp_path, "bodyfat_published", arm, values, "ctgan")
    found = of(beside(tmp_path), "rmse", "bodyfat", "ctgan").set_index("first")
    assert found.loc["traditional", ["obtained", "verdict"]].tolist() == [
        pytest.approx(3.6),
        "holds",
    ]
    assert found.loc["preprocess"].verdict == "does not hold"
    assert found.loc["profile2gen"].why == "profile2gen was not run"


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """Twelve cells of TSTR where every arm is worse than the one before."""
    folder = tmp_path_factory.mktemp("grid")
    for dataset in SETS:
        for generator in ("tvae", "nflow"):
            steps = {**ORDER, "random_drop": 3.5}
            write_cell(folder, f"{dataset}_published", steps, generator)
    return folder


def test_percentages_hold_within_the_interval_of_ours(grid):
    table = beside(grid)
    whole = table[(table.dataset == "") & (table.variant == "published")]
    tstr = whole[(whole.protocol == "tstr") & (whole.metric != "")]
    dropped = tstr[tstr.statistic == "share_dropped"]  # said twice
    found = tstr.drop(index=dropped.index).set_index(["statistic", *PAIR]).sort_index()
    overall = found.loc[("share_kruskal_wallis", "", "")]
    assert (overall.obtained, overall.n) == (100, 12)
    assert overall.low == pytest.approx(100 * 0.025 ** (1 / 12))  # Clopper-Pearson, all of n
    assert overall.verdict == "holds"  # 96 % is printed
    assert found.loc[("share_wilcoxon", "real", "profile2gen")].verdict == "holds"  # 91 %
    assert found.loc[("share_wilcoxon", "preprocess", "profile2gen")].verdict == "does not hold"
    best = found.loc[("share_best", "profile2gen", "traditional+preprocess")]
    assert (best.obtained, best.verdict) == (0, "does not hold")
    less = found.loc[("mean_reduction", "profile2gen", "traditional")]
    assert less.obtained < -10
    assert less.verdict == "does not hold"
    assert found.loc[("largest_reduction", "profile2gen", "real")].verdict == "does not hold"
    assert dropped.obtained.tolist() == [10, 10]
    assert set(dropped.verdict) == {"holds"}
    rest = whole[whole.protocol == "augmentation"]
    assert set(rest.verdict) == {"not comparable"}


def test_summaries_of_pairs_and_directions(grid):
    rows = read_results([grid])
    found = obtain(rows)
    pairs = share_pairs(found, read_published())
    assert len(pairs) == 2 * 2 * 6
    mine = pairs[(pairs.variant == "published") & (pairs.protocol == "tstr")].set_index(PAIR)
    assert (
        mine.loc[("real", "profile2gen"), ["cells", "significant", "cells_kw"]].tolist() == [12] * 3
    )
    assert mine.loc[("real", "profile2gen"), ["printed", "recounted"]].tolist() == [91, 20]
    counted = count_directions(found)
    tstr = counted[(counted.variant == "published") & (counted.protocol == "tstr")]
    columns = ["against", "cells", "below", "significantly_below", "significantly_above"]
    assert tstr[columns].values.tolist() == [
        ["real", 12, 0, 0, 12],
        ["traditional", 12, 0, 0, 12],
        ["preprocess", 12, 0, 0, 12],
        ["random_drop", 12, 12, 12, 0],
    ]
    assert counted[counted.variant == "corrected"].cells.sum() == 0
    verdicts = count_verdicts(compare(rows, found))
    p_values = verdicts[(verdicts.statistic == "p_value") & (verdicts.protocol == "tstr")]
    assert p_values.iloc[:, -3:].sum(axis=1).tolist() == [129, 129]


def test_tests_agree_with_those_of_the_command_line(grid):
    rows = read_results([grid])
    mine = obtain(rows).pairs
    mine = mine[(mine.dataset == "plasma") & (mine.generator == "tvae")]
    mine = mine[mine["first"] != "random_drop"].set_index(PAIR)
    one = rows[(rows.dataset == "plasma_published") & rows.generator.isin(["tvae", "none"])]
    tests = compare_arms(one[one.pipeline != "random_drop"], "rmse")
    tests = tests.set_index(PAIR)
    assert set(tests.index) == set(mine.index)
    corrected = (6 * mine.p).clip(upper=1)
    assert corrected[tests.index].tolist() == pytest.approx(tests.p_published.tolist())


@pytest.mark.parametrize("steps", [{"real": 0}, {"profile2gen": 1, "random_drop": 2}])
def test_a_grid_that_has_hardly_begun_is_compared_too(steps, tmp_path):
    write_cell(tmp_path, "plasma_published", steps)
    write_job(tmp_path, "bodyfat", "profile2gen", [], status="timeout", reason="10 s")
    rows = read_results([tmp_path])
    tables = make_tables(rows)
    assert set(tables["figures"].verdict) == {"not comparable"}
    assert tables["figures"].figure.nunique() == len(read_published())
    text = findings(rows, tables)
    assert "Rows that are not ok: 1 of " in text
    assert "| traditional was not run | " in text


def test_results_of_other_data_and_no_results_are_refused(tmp_path):
    with pytest.raises(UserError, match="no result in"):
        read_results([tmp_path])
    write_cell(tmp_path, "wine", ORDER)
    with pytest.raises(UserError, match="no result of the sets of Profile2Gen"):
        read_results([tmp_path])
