"""Saved result rows give the saved summary: its words, and the tables of scores and of tests.

``python tests/report/test_golden.py`` saves them anew from the rows; look at the difference first.
The rows are those of this sweep that a report reads:
``tabsculpt sweep dataset=sklearn_diabetes,breast_cancer generator=arf,marginal
pipeline=real,traditional,preprocess,profile2gen protocol=tstr,augmentation``
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tabsculpt.analysis.measurements import Measurements
from tabsculpt.notes import Code, Note, to_json
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.page import Report, make_report

GOLDEN = Path(__file__).parents[1] / "golden"
ROWS = GOLDEN / "result_rows.parquet"
REFRESH = "# saved by: python tests/report/test_golden.py"
TABLES = ("scores", "tests")


def report() -> Report:
    return make_report(Inputs(Measurements.of(pd.read_parquet(ROWS)), GOLDEN))


def frame(made: Report, name: str) -> pd.DataFrame:
    [table] = [table for table in made.tables if table.name == name]
    return table.frame[[column.name for column in table.columns]].reset_index(drop=True)


def words(made: Report) -> list[str]:
    pairs = [f"{p.first} / {p.second}: {p.sentence}" for s in made.words for p in s.pairs]
    return [*(f"{s.topic}: {s.text}" for s in made.words), *pairs]


def save() -> None:
    made = report()
    for name in TABLES:
        text = frame(made, name).to_csv(index=False, float_format="%.8g")
        (GOLDEN / f"{name}.csv").write_text(f"{REFRESH}\n{text}", encoding="utf-8")
    (GOLDEN / "words.txt").write_text("\n".join([REFRESH, *words(made), ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def made() -> Report:
    return report()


@pytest.mark.parametrize("name", TABLES)
def test_saved_rows_give_the_saved_table(made, name):
    saved = pd.read_csv(GOLDEN / f"{name}.csv", comment="#")
    found = frame(made, name)
    assert list(found) == list(saved)
    for column in saved.select_dtypes("object"):
        assert found[column].fillna("").tolist() == saved[column].fillna("").tolist()
    for column in saved.select_dtypes("number"):
        pd.testing.assert_series_equal(
            found[column].astype(float), saved[column].astype(float), rtol=1e-6, atol=1e-9
        )


def test_saved_rows_give_the_saved_words(made):
    saved = (GOLDEN / "words.txt").read_text(encoding="utf-8").splitlines()
    assert words(made) == saved[1:]


def test_profiles_that_tell_nothing_apart_are_known_by_their_code():
    rows = pd.read_parquet(ROWS)
    mine = (rows.profiler == "dataiq") & (rows.dataset == "breast_cancer")
    other = rows.index == rows.index[~mine][0]
    reported = "a degenerate profile is no matter here"  # a sentence alone says nothing
    rows.loc[other, "notes"] = to_json([Note(Code.LOOP_ENDED, reported)])
    rows.loc[mine, "notes"] = to_json([Note(Code.DEGENERATE_PROFILE, "all of them alike")])
    found = words(make_report(Inputs(Measurements.of(rows), GOLDEN)))
    [phrase] = [text for text in found if "almost every row in one segment" in text]
    assert f"In {rows.job[mine].nunique()} jobs" in phrase
    assert "(dataiq on breast_cancer)" in phrase


if __name__ == "__main__":
    save()
