"""The top of the page says what the comparisons say, in one row for each data set."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats
from typer.testing import CliRunner

from divided_rows import job, write
from tabsculpt.cli.main import app
from tabsculpt.report.forest import Forest

ARMS = ("real", "traditional", "preprocess", "profile2gen")


def outputs(folder: Path, number: int = 4, arms=ARMS, datasets=("cohort",), **more) -> Path:
    write(folder, [job(arm, split, dataset=name, **more)
                   for name in datasets for arm in arms for split in range(number)])  # fmt: skip
    return folder


def call(*arguments: str | Path):
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def page(folder: Path, *arguments: str | Path) -> str:
    result = call("--outputs", folder, *arguments)
    assert result.exit_code == 0, result.output
    return (folder / "reports" / "all" / "report.html").read_text(encoding="utf-8")


def words(html: str) -> str:
    """The text of the answer, without its tags."""
    top = html.partition('<section id="answer">')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", top).split())


def row(html: str) -> dict[str, str]:
    """The cells of the first answer by their class."""
    [found] = re.findall(r"<tbody>(<tr>.*?</tr>)", html)
    cells = re.findall(r'<t[hd][^>]*class="(\w+)"[^>]*>(.*?)</t[hd]>', found, re.S)
    return {name: " ".join(re.sub(r"<[^>]*>", " ", text).split()) for name, text in cells}


def test_the_first_row_has_the_numbers_of_the_table_of_tests(tmp_path):
    html = page(outputs(tmp_path))
    found = row(html)
    tests = pd.read_csv(tmp_path / "reports" / "all" / "tables" / "tests.csv")
    [pair] = tests[(tests["first"] == "real") & (tests.second == "profile2gen")].to_dict("records")
    assert found["who"] == "cohort AUC"
    assert found["real"] == f"{pair['mean_first']:.3f}"
    assert found["best"] == f"{pair['mean_second']:.3f} arf profile2gen by dataiq, best of 3"
    combinations = pd.read_csv(tmp_path / "reports" / "all" / "tables" / "combinations.csv")
    best = combinations[combinations.place == 1].iloc[0]
    low, high = (best.real * best[end] / 100 for end in ("low", "high"))
    assert found["diff"] == f"{-pair['difference']:+.3f} ({low:+.3f} to {high:+.3f})"
    wider = stats.t.ppf(1 - 0.025 / 3, 3) / stats.t.ppf(0.975, 3)  # the best of three, alone
    assert 1.2 < (high - low) / (pair["high"] - pair["low"]) < wider
    assert (pair["conclusion"], found["verdict"]) == ("worse", "helps")
    assert found["privacy"] == "not measured"
    phrase = words(html)
    assert "Synthetic rows in place of the real ones (tstr): helps on 1 of 1 data set." in phrase
    assert "Best of 3, picked by these same results: interval and answer are widened" in phrase
    assert "cohort, tstr : nothing; the answer is helps" in phrase


@pytest.mark.parametrize(
    ("level", "number", "answer", "next_"),
    [
        ({"profile2gen": -0.1}, 4, "hurts", "nothing; even the best of 3 hurts"),
        ({"profile2gen": -0.0155}, 5, "no practical difference", "the answer is no practical"),
        ({}, 2, "cannot tell needs at least 1 more split", "1 more split of arf profile2gen"),
    ],
)
def test_the_answer_in_words(tmp_path, level, number, answer, next_):
    levels = {arm: -0.1 for arm in ARMS[1:3]} | level
    html = page(outputs(tmp_path, number, level=levels))
    assert row(html)["verdict"] == answer
    assert next_ in words(html)


def test_no_command_is_given_where_it_is_unknown_what_was_typed(tmp_path):
    phrase = words(page(outputs(tmp_path, 2)))
    assert "Run its sweep again with more splits (split.repeats)." in phrase
    assert "tabsculpt sweep" not in phrase


def test_names_of_the_users_own_are_text_and_not_markup(tmp_path):
    html = page(outputs(tmp_path, datasets=("<b>x</b>&",)))
    assert "<b>x</b>&" not in html.partition("</section>")[0]
    assert "&lt;b&gt;x&lt;/b&gt;&amp;" in html


def test_every_combination_has_a_row_with_its_place(tmp_path):
    page(outputs(tmp_path, datasets=("cohort", "other")))
    table = pd.read_csv(tmp_path / "reports" / "all" / "tables" / "combinations.csv")
    assert table.groupby("dataset").place.apply(list).to_dict() == {
        "cohort": [1, 2, 3], "other": [1, 2, 3],
    }  # fmt: skip
    assert (table.groupby("dataset").gain.diff().dropna() < 0).all()


def test_a_forest_plot_puts_all_rows_on_one_scale():
    forest = Forest.of([(1.0, -4.0, 6.0), (-2.0, float("-inf"), float("inf"))])
    assert forest.span == 10.0
    drawn = forest.mark((1.0, -4.0, 60.0), "good", "1 % better")
    assert 'cx="55.00%"' in drawn
    assert 'x1="30.00%" x2="100.00%"' in drawn
    assert drawn.count('class="beyond"') == 1
    assert 'class="interval"' not in forest.mark((1.0, float("-inf"), float("inf")), "good", "")


def test_a_panel_without_anything_to_draw_is_a_line_of_text(tmp_path):
    html = page(outputs(tmp_path))
    assert '"Ranks: they need two data sets of one metric with the same pipelines."' in html


def test_what_changed_against_another_folder_is_said_first(tmp_path):
    before = outputs(tmp_path / "before", level={"profile2gen": 0.03})
    after = outputs(tmp_path / "after", arms=ARMS)
    phrase = words(page(after, "--against", before))
    assert (
        f"Against {before} : of 11 means 2 changed beyond their interval, 9 are the same." in phrase
    )
    values = pd.read_csv(after / "reports" / "all" / "tables" / "changes.csv")
    assert set(values.arm) == {"profile2gen"}
    assert values.difference.to_numpy() == pytest.approx(-0.03)
    assert "Against" not in words(page(after))


def test_there_has_to_be_something_to_compare_with(tmp_path):
    folder = outputs(tmp_path / "after")
    for against, phrase in (
        (tmp_path / "none", "no results in --against"),
        (folder, "is the folder reported on; expected another one"),
    ):
        result = call("--outputs", folder, "--against", against)
        assert result.exit_code == 2
        assert phrase in " ".join(result.output.split())
