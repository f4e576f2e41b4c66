"""The answer and the table that a sweep ends with are those of the rows."""

from __future__ import annotations

import pandas as pd
import pytest

from divided_rows import job
from tabsculpt.analysis.answers import questions
from tabsculpt.analysis.measurements import Measurements, groups
from tabsculpt.analysis.pooled import pooled_level
from tabsculpt.report.closing import answer_lines, closing_table
from tabsculpt.report.shown import Shown
from tabsculpt.results import Status, as_record


def shown(jobs) -> list[Shown]:
    found = Measurements.of(pd.DataFrame(as_record(row) for rows in jobs for row in rows))
    return [Shown(found, names, group) for names, group in groups(found.rows, ())]


def sweep(splits: int = 5, **level: float) -> list[Shown]:
    """Real rows and traditional ones, these better by ``traditional``, on splits with two seeds."""
    return shown(
        job(arm, split, level=level, seed=seed)
        for arm in ("real", "traditional")
        for split in range(splits)
        for seed in (0, 1)
    )


@pytest.mark.parametrize(
    ("more", "splits", "words"),
    [
        (0.1, 5, "Yes: models trained on the synthetic rows of arf traditional predict better"),
        (-0.2, 5, "No: models trained on the synthetic rows of arf traditional predict worse"),
        (0.1, 2, "At least 3 splits are needed to tell: repeats=3."),
        (0.1, 1, "At least 3 splits are needed to tell: repeats=3."),
    ],
)
def test_the_answer_is_the_verdict_in_words(more, splits, words):
    [line] = answer_lines(sweep(splits, traditional=more))
    assert words in line
    assert ("Cannot tell" in line) == (splits < 3)


def test_no_practical_difference_is_an_answer():
    [one] = sweep()
    [real, made] = (pooled_level(one.headline, arm).over.mean for arm in ("real", "traditional"))
    [line] = answer_lines(sweep(traditional=real - made))
    assert "It makes no practical difference" in line
    assert "within 1 %" in line


def test_the_answer_names_the_arm_that_is_called_better():
    arms = {"traditional": 0.08, "preprocess": -0.1}
    found = shown(job(arm, split, level=arms) for arm in ("real", *arms) for split in range(5))
    [asked] = questions([cell for one in found for cell in one.headline], pd.DataFrame())
    assert (asked.best.names["arm"], len(asked.candidates)) == ("traditional", 2)
    rows = found[0].rows[lambda of: of.metric == "auc_roc"]
    means = rows.groupby("pipeline").value.mean()
    assert asked.best.mean == pytest.approx(means["traditional"])
    assert asked.best.found.over.mean == pytest.approx(means["traditional"] - means["real"])


def test_a_control_is_no_answer_and_does_not_widen_the_interval():
    arms = ("real", "traditional", "random_drop")
    level = {"traditional": 0.02, "random_drop": 0.2}
    with_control = [job(arm, split, level=level) for arm in arms for split in range(5)]
    [line] = answer_lines(shown(with_control))
    assert "arf traditional predict" in line
    without = [job(arm, split, level=level) for arm in arms[:2] for split in range(5)]
    assert answer_lines(shown(without)) == [line]


def test_a_row_has_the_mean_over_all_splits_and_fits_and_how_many_there_are():
    [one] = sweep()
    table = closing_table([one])
    cells = dict(zip((str(c.header) for c in table.columns), (c._cells for c in table.columns),
                     strict=True))  # fmt: skip
    assert cells["pipeline"] == ["real", "traditional"]
    assert cells["splits x fits x draws"] == ["5 x 2 x 1"] * 2
    values = one.rows[one.rows.metric == "auc_roc"].groupby("pipeline").value.mean()
    assert [float(text.split()[0]) for text in cells["auc_roc"]] == [
        pytest.approx(values[arm], abs=5e-4) for arm in ("real", "traditional")
    ]
    level = pooled_level(one.headline, "real")
    assert f"({level.over.low:.3f} to {level.over.high:.3f})" in cells["auc_roc"][0]
    assert level.over.low < values["real"] < level.over.high


def test_a_split_that_an_arm_failed_on_counts_for_none():
    jobs = [job(arm, split) for arm in ("real", "traditional") for split in range(4)]
    [one] = shown([*jobs, job("real", 4), job("traditional", 4, status=Status.FAILED)])
    [without] = shown(jobs)
    for arm in ("real", "traditional"):
        assert pooled_level(one.headline, arm) == pooled_level(without.headline, arm)


def test_arms_of_several_generators_stand_in_one_table_with_one_baseline():
    jobs = [job("real", split) for split in range(3)]
    jobs += [
        job("traditional", split, generator=name) for name in ("arf", "tvae") for split in range(3)
    ]
    table = closing_table(shown(jobs))
    assert table.columns[0]._cells == ["real", "traditional", "traditional"]
    assert table.columns[1].header == "generator"
    assert table.columns[1]._cells == ["", "arf", "tvae"]


def test_an_interval_stays_within_the_range_of_its_metric():
    high = {"real": 0.17, "traditional": 0.17}
    table = closing_table(shown(job(arm, s, level=high) for arm in high for s in range(3)))
    [cells] = [c._cells for c in table.columns if c.header == "auc_roc"]
    assert all(cell.endswith("to 1.000)") for cell in cells)
    assert all(float(cell.split()[0]) < 1 for cell in cells)


def test_the_answer_says_at_how_many_training_rows():
    at = "n_train=50, missing=drop"
    arms = ("real", "traditional")
    [line] = answer_lines(shown(job(arm, 0, evaluation=at) for arm in arms))
    assert "help on cohort at 50 training rows?" in line
    assert "help on cohort?" in answer_lines(sweep(1))[0]
