"""Claims of papers beside made-up result rows whose differences are known."""

import numpy as np
import pandas as pd
import pytest

from tabsculpt.analysis.comparisons import compare
from tabsculpt.papers.claims import claims, judge
from tabsculpt.papers.source import names, read_paper
from tabsculpt.results import Row, as_record


def rows(dataset, means, metric="gini", splits=5, **more):
    """Result rows of two predictors on some splits: an arm has its mean, give or take a little.

    ``means``: by (generator, pipeline), or by pipeline; real is of no generator.
    """
    found = []
    for key, mean in means.items():
        generator, pipeline = key if isinstance(key, tuple) else ("tuned", key)
        real = pipeline == "real"
        for split in range(splits):
            for place, predictor in enumerate(("lightgbm", "random_forest")):
                noise = 1e-5 * np.random.default_rng([split, place, len(pipeline)]).normal()
                common = {
                    "job": f"{dataset} {key} {split}", "dataset": dataset, "task": "binary",
                    "data": dataset, "split_seed": split, "seed": 0, "device": "cpu",
                    "predictors": "boosted", "evaluation": "", "profiler": "none",
                    "generator": "none" if real else generator, "pipeline": pipeline,
                    "protocol": "trtr" if real else "augmentation", "n_train": 80, "n_test": 20,
                    "proportion": None if real else 0.1, "started": "2026-01-02T03:04:05",
                    "predictor": predictor, "metric": metric, "direction": "max",
                } | more  # fmt: skip
                found.append(as_record(Row(**common, value=mean + noise)))
    return pd.DataFrame(found)


def verdicts(paper, found, **chosen):
    table = judge(read_paper(paper), found)
    for name, value in chosen.items():
        table = table[table[name] == value]
    return table


def test_a_printed_difference_holds_where_ours_is_on_the_same_side_of_the_region():
    """Table 2, support: +0.00229 of 0.2 is beyond 1 % of it, and of 0.5 it is within."""
    better = rows("support2", {"real": 0.2, "targeted_5": 0.204, "targeted_20": 0.196})
    found = verdicts("targeted_benchmarks", better, data="support2").set_index("first")
    assert found.verdict["targeted_5"] == "holds"
    assert found.theirs["targeted_5"] == found.conclusion["targeted_5"] == "better"
    assert found.ours["targeted_5"] == pytest.approx(0.004, abs=1e-4)
    assert found.verdict["targeted_20"] == "does not hold"
    assert found.conclusion["targeted_20"] == "worse"
    alike = rows("support2", {"real": 0.5, "targeted_5": 0.5001})
    found = verdicts("targeted_benchmarks", alike, data="support2").set_index("first")
    assert found.theirs["targeted_5"] == found.conclusion["targeted_5"] == "practically equal"
    assert found.verdict["targeted_5"] == "holds"
    assert found.verdict["targeted_10"] == "not comparable"
    assert found.why["targeted_10"] == "targeted_10 was not run"


def test_two_splits_are_not_enough_and_what_was_not_run_says_so():
    few = rows("support2", {"real": 0.2, "targeted_5": 0.3}, splits=2)
    found = verdicts("targeted_benchmarks", few).set_index(["dataset", "first"])
    one = found.loc[("support2", "targeted_5")]
    assert (one.verdict, one.conclusion) == (
        "not enough data", "not enough data (at least 1 more split)",
    )  # fmt: skip
    assert found.loc[("diabetes", "targeted_5")].why == "diabetes was not run"
    nothing = verdicts("targeted_benchmarks", pd.DataFrame())
    assert set(nothing.verdict) == {"not comparable"}


def test_a_difference_is_the_one_of_tests():
    means = {"real": 0.2, "targeted": 0.22, "traditional": 0.21}
    mine = rows("blobs", means)
    found = verdicts("targeted_benchmarks", mine, first="targeted").iloc[0]
    table = compare(mine, "gini").set_index(["first", "second"])
    same = table.loc[("traditional", "targeted")]
    assert abs(found.ours) == pytest.approx(abs(same.difference), rel=1e-12)
    assert {round(abs(end), 12) for end in (found.low, found.high)} == {
        round(abs(end), 12) for end in (same.low, same.high)
    }
    assert found.verdict == "holds"


def test_generators_are_arms_where_a_paper_compares_them():
    """At one minority TabularARGN is better than both, at another one worse than SMOTE-NC."""
    arms = {
        ("none", "real"): 0.3, ("naive", "upsample"): 0.3, ("smotenc", "upsample"): 0.35,
        ("tabularargn", "upsample"): 0.4,
    }  # fmt: skip
    few = {"metric": "auc_pr", "evaluation": "test_size=0.33, minority=0.001", "proportion": None}
    more = {**few, "evaluation": "test_size=0.33, minority=0.05"}
    turned = arms | {("smotenc", "upsample"): 0.45}
    both = pd.concat([rows("adult", arms, **few), rows("adult", turned, **more)])
    found = verdicts("upsampling", both, metric="auc_pr").set_index(["second", "other"])
    assert found.verdict[("smotenc upsample", "minority=0.001")] == "holds"
    assert found.verdict[("smotenc upsample", "minority=0.05")] == "does not hold"
    assert found.ours[("naive upsample", "minority=0.05")] == pytest.approx(0.1, abs=1e-4)
    other = verdicts("upsampling", both, metric="auc_roc")
    assert set(other.verdict) == {"not comparable"}


def test_percentages_are_of_the_second_arm():
    means = {("ctgan", "traditional"): 0.88, ("none", "real"): 0.8}
    found = verdicts("small_classification", rows("heart", means, "accuracy"), metric="accuracy")
    one = found[found.data == "heart"].iloc[0]
    assert one.ours == pytest.approx(10, abs=0.01)
    assert (one.theirs, one.verdict, one.other) == ("better", "holds", "ctgan")
    assert one.why == "the printed value lies outside our interval"


def test_the_order_of_printed_levels_is_a_claim_on_each_metric():
    """Table I of ASDF: for the calibration error low is good, and its TRTR has the lowest."""
    paper = read_paper("adaptive")
    found = claims(paper).set_index(["metric", "first", "second"])
    assert len(found) == 3 * 6
    pair = ("real lightgbm", "wgan_gp adaptive lightgbm")
    assert found.value[("auc_roc", *pair)] == pytest.approx(0.978 - 0.969)
    assert found.value[("ece", *pair)] == pytest.approx(0.021 - 0.026)
    means = {("none", "real"): 0.02, ("wgan_gp", "adaptive"): 0.03}
    mine = rows("credit_default", means, "ece").assign(direction="min")
    judged = judge(paper, mine)
    one = judged[(judged.metric == "ece") & (judged["second"] == pair[1])].iloc[0]
    assert (one["first"], one.data, one.theirs, one.verdict) == (
        pair[0], "credit_default", "better", "holds",
    )  # fmt: skip


def test_every_paper_can_be_read_and_has_what_it_is_judged_by():
    for name in names():
        paper = read_paper(name)
        assert paper.place
        assert paper.file.exists()
        if name != "profile2gen":
            assert set(claims(paper).metric) <= set(paper.metrics)
            figures = paper.figures()
            assert (figures.value.isna() == figures.unit.isin(["better", "equal", "worse"])).all()


def test_table_1_is_whole():
    """Thirteen methods on four data sets at four proportions; the printed means of two of them."""
    figures = read_paper("hardness_benchmark").figures()
    levels = figures[figures.unit == "level"]
    assert levels.groupby("first").size().tolist() == [16] * 13
    means = levels.groupby("first").value.mean()
    assert means["knn_shapley"] == pytest.approx(0.91756, abs=1e-4)
    assert means.idxmin() in ("el2n", "sample_loss")


@pytest.mark.parametrize(("spread", "verdict"), [(0.01, "does not hold"), (0.3, "not enough data")])
def test_noise_that_excludes_the_printed_size_settles_it(spread, verdict):
    """11 % better in accuracy is printed; ours is about 1 % give or take the spread of splits."""
    means = {("ctgan", "traditional"): 0.81, ("none", "real"): 0.8}
    mine = rows("titanic", means, "accuracy")
    shift = spread * np.array([-1.0, 1.0, -0.5, 0.5, 0.0])[mine.split_seed]
    mine["value"] += np.where(mine.pipeline == "traditional", shift, 0.0)
    found = verdicts("small_classification", mine, dataset="titanic").iloc[0]
    assert found.conclusion.startswith("not enough data")
    assert found.verdict == verdict


def test_the_settings_of_a_pipeline_are_of_its_name_only_where_it_ran_with_several():
    """targeted_5 is targeted with another share, which its rows say; it is still targeted_5."""
    usual = rows("support2", {"real": 0.2, "targeted_5": 0.204})
    usual["pipeline_settings"] = np.where(usual.pipeline == "real", "", "shares=[0.05]")
    found = verdicts("targeted_benchmarks", usual, data="support2").set_index("first")
    assert found.verdict["targeted_5"] == "holds"
    other = rows("support2", {"targeted_5": 0.1})
    other["pipeline_settings"] = "shares=[0.07]"
    other["job"] += " other"
    found = verdicts("targeted_benchmarks", pd.concat([usual, other])).set_index("first")
    assert found.why["targeted_5"].iloc[-1] == "targeted_5 was not run"


def test_a_figure_of_one_proportion_is_judged_on_that_one():
    """Real rows alone have no proportion, and stand beside each."""
    few = rows("simulated", {"real": 0.2, "traditional": 0.2, "targeted_5": 0.22}, proportion=0.05)
    few.loc[few.protocol == "trtr", "proportion"] = np.nan
    more = rows("simulated", {"traditional": 0.22, "targeted_5": 0.2}, proportion=0.1)
    table = verdicts("targeted_simulation", pd.concat([few, more])).set_index("where")
    assert table.verdict.to_dict() == {
        "proportion=0.05": "holds",
        "proportion=0.1": "does not hold",
        "proportion=0.2": "not comparable",
    }
    assert table.ours["proportion=0.05"] == pytest.approx(0.02, abs=1e-4)


def test_the_better_profiler_is_the_one_that_scores_fall_faster_without():
    """Figure 5 is judged over all shares; the arms are real rows without the hardest by each."""
    arms = {"knn_shapley_paper": 0.70, "knn_shapley": 0.70, "dataiq": 0.75}
    found = []
    for share in (0.05, 0.1):
        for profiler, mean in arms.items():
            one = rows("blobs", {("none", "real"): mean}, proportion=share)
            found.append(one.assign(protocol="removal", profiler=profiler, pipeline="none"))
    found.append(rows("blobs", {("none", "real"): 0.8}).astype({"proportion": float}))
    table = verdicts("removal_curve", pd.concat(found)).set_index("second")
    assert table.ours["dataiq"] == pytest.approx(-0.05, abs=1e-4)
    assert table.theirs.to_dict() == {"knn_shapley": "worse", "dataiq": "worse"}
    assert table.verdict.to_dict() == {"knn_shapley": "does not hold", "dataiq": "holds"}
