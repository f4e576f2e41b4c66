"""Arms of real rows alone stand beside every arm, and synthetic rows have to beat them."""

from __future__ import annotations

import pandas as pd
import pytest

from divided_rows import job
from tabsculpt.analysis.answers import questions
from tabsculpt.analysis.comparisons import compare
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.results import as_record

ALONE = {"profiler": "none", "generator": "none", "protocol": "trtr"}


def frame(weighted: float, number: int = 5, generators=("arf", "ddpm")) -> pd.DataFrame:
    rivals = {"weighted": weighted, "undersample": weighted - 0.05}
    jobs = [job("real", split) for split in range(number)]
    jobs += [
        job(arm, split, level={arm: gain}, **ALONE)
        for arm, gain in rivals.items()
        for split in range(number)
    ]
    jobs += [
        job("traditional", split, generator=name, level={"traditional": 0.04 - 0.01 * place})
        for place, name in enumerate(generators)
        for split in range(number)
    ]
    made = pd.DataFrame(as_record(row) for rows in jobs for row in rows)
    return made[made.predictor.notna()].reset_index(drop=True)


def asked(rows: pd.DataFrame) -> list:
    return questions(list(Measurements.of(rows).cells(headline=True)), pd.DataFrame())


def test_they_stand_beside_each_generator_with_all_pairs():
    tests = compare(frame(0.0), "auc_roc")
    assert set(tests.generator) == {"arf", "ddpm"}
    for _, mine in tests.groupby("generator"):
        pairs = set(zip(mine["first"], mine.second, strict=True))
        assert ("traditional", "weighted") in pairs
        assert ("real", "weighted") in pairs
        assert len(pairs) == 6
        assert (mine.n == 20).all()
    both = tests[(tests["first"] == "real") & (tests.second == "weighted")]
    assert both.difference.nunique() == 1


def test_sampling_seeds_of_the_others_repeat_them():
    rows = frame(0.0, generators=("arf",))
    made = rows[rows.pipeline == "traditional"]
    drawn = [made.assign(sample_seed=seed, proportion=0.5, protocol="augmentation")
             for seed in (1, 2)]  # fmt: skip
    tests = compare(pd.concat([rows[rows.pipeline != "traditional"], *drawn]), "auc_roc")
    [pair] = tests[(tests["first"] == "traditional") & (tests.second == "weighted")].to_dict(
        "records"
    )
    assert (pair["n"], pair["splits"], pair["n_missing"]) == (40, 5, 0)
    assert pair["not_run_first"] == pair["not_run_second"] == 0


@pytest.mark.parametrize(
    ("weighted", "verdict"), [(-0.05, "better"), (0.02, "practically equal"), (0.08, "worse")]
)
def test_the_best_synthetic_rows_are_set_against_the_best_without(weighted, verdict):
    [question] = asked(frame(weighted))
    assert question.best.names["generator"] == "arf"
    assert {one.names["generator"] for one in question.rivals} == {""}
    assert [one.names["arm"] for one in question.rivals] == ["weighted", "undersample"]
    assert len(question.candidates) == 2
    assert question.against_rival is not None
    assert question.against_rival.verdict == verdict
    alone = compare(frame(weighted), "auc_roc")
    [pair] = alone[
        (alone["first"] == "traditional")
        & (alone.second == "weighted")
        & (alone.generator == "arf")
    ].to_dict("records")
    over = question.against_rival.over
    assert over.mean == pytest.approx(pair["difference"])
    assert over.high - over.low > pair["high"] - pair["low"]  # widened for the choice of both


def test_without_synthetic_rows_the_best_of_them_answers():
    rows = frame(0.05)
    [question] = asked(rows[rows.pipeline != "traditional"])
    assert question.names["protocol"] == "trtr"
    assert question.best.names["arm"] == "weighted"
    assert question.best.on_real
    assert question.against_rival is None
    assert question.best.verdict == "better"


def test_a_metric_without_a_good_side_has_no_verdict():
    rows = frame(0.0)
    slope = rows[rows.metric == "auc_roc"].assign(metric="calibration_slope", direction=None)
    both = Measurements.of(pd.concat([rows, slope]))
    [cell, _] = both.cells("calibration_slope")
    assert cell.direction == ""
    assert compare(pd.concat([rows, slope]), "calibration_slope").empty
    assert set(compare(pd.concat([rows, slope])).metric) == {"auc_roc", "macro_f1"}
