"""Columns of text: found or named, kept as they are, and refused where a setting does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets.files import Csv
from tabsculpt.datasets.impute import train_part
from tabsculpt.datasets.mimic_notes import MimicNotes
from tabsculpt.datasets.notes import sentences
from tabsculpt.datasets.simulated_notes import SimulatedNotes
from tabsculpt.datasets.split import Splitting
from tabsculpt.errors import UserError
from tabsculpt.table import Kind
from tabsculpt.table.files import read_table, write_table

ROWS = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Numbers, a note in each row but three, a short remark that repeats, and a class."""
    place = tmp_path / "mine.csv"
    how = ["better", "much the same", "in pain, and asleep"]
    notes = [f'Seen on day {i}, "{how[i % 3]}",\nthen {how[i % 2]}' for i in range(ROWS)]
    frame = pd.DataFrame(
        {
            "x": np.arange(ROWS) / 4,
            "note": notes,
            "remark": ["01.02.2020", "02.03.2020"] * (ROWS // 2),
            "y": ["no", "yes"] * (ROWS // 2),
        }
    )
    frame.loc[[3, 4, 50], "note"] = None
    frame.loc[7, "x"] = None
    frame.to_csv(place, index=False)
    return place


def kinds(dataset):
    return {column.name: column.kind for column in dataset.table.schema.columns}


def test_free_text_is_kept_as_it_is_and_a_named_column_is_not_read_as_dates(path):
    aside = Csv(str(path), "y").load()
    assert "note" not in kinds(aside)
    assert "dataset.text=keep" in " ".join(sentences(aside.notes))
    kept = Csv(str(path), "y", text="keep", text_columns=["remark"]).load()
    assert kinds(kept) == {
        "x": Kind.CONTINUOUS,
        "note": Kind.TEXT,
        "remark": Kind.TEXT,
        "y": Kind.CATEGORICAL,
    }
    assert (
        kept.table.frame["note"][5] == 'Seen on day 5, "in pain, and asleep",\nthen much the same'
    )
    assert kept.table.frame["note"].isna().sum() == 3
    assert kept.table.frame["remark"][1] == "02.03.2020"
    said = " ".join(sentences(kept.notes))
    assert "free text kept as text: note (in 57 rows), remark (in 60 rows)" in said
    assert kept.form is not None
    assert kept.form.texts(kept.table.frame)["note"][3] == ""
    assert kept.form.restore(kept.table.frame)["note"][3] is None


def test_text_is_hashed_where_it_is_named(path):
    found = Csv(str(path), "y", text="hash", text_columns=["remark"]).load()
    assert {"note #0", "remark #0"} <= set(kinds(found))
    assert Kind.TEXT not in kinds(found).values()


def test_a_missing_text_is_not_imputed_and_is_dropped_where_rows_are(path):
    kept = Csv(str(path), "y", text="keep").load()
    split = Splitting(0.3, 0).rows(kept)
    train = train_part(kept, split, "impute")
    assert not train.frame["x"].isna().any()
    wanted = kept.table.frame["note"].iloc[split.train].isna().sum()
    assert train.frame["note"].isna().sum() == wanted > 0
    assert not train_part(kept, split, "drop").frame["note"].isna().any()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"text": "later"}, "dataset.text 'later'"),
        ({"text_columns": ["remark"]}, "dataset.text=aside sets text aside; add dataset.text=keep"),
        ({"text": "keep", "text_columns": ["gone"]}, "dataset.text_columns"),
        ({"text": "keep", "text_columns": ["y"]}, "a column has one role"),
        ({"text": "keep", "text_columns": ["x"], "drop": ["x"]}, "a column has one role"),
        ({"text": "hash", "encoder": "/nowhere"}, "add dataset.text=keep"),
        ({"text": "keep", "encoder": "/nowhere"}, "'/nowhere' has no config.json"),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_one_line(path, settings, said):
    with pytest.raises(UserError, match=said) as refused:
        Csv(str(path), "y", **settings).load()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["hash", "keep"])
def test_a_column_that_is_called_as_a_feature_is_refused(path, text):
    frame = pd.read_csv(path)
    frame.assign(**{"note #7": frame["x"]}).to_csv(path, index=False)
    with pytest.raises(
        UserError, match="column 'note #7' is called as features of the text 'note'"
    ):
        Csv(str(path), "y", text=text).load()
    assert "note #7" in kinds(Csv(str(path), "y").load())


def test_a_table_with_text_is_stored_and_hashed_by_its_texts(path, tmp_path):
    table = Csv(str(path), "y", text="keep").load().table
    write_table(table, tmp_path)
    again = read_table(tmp_path)
    assert again.fingerprint() == table.fingerprint()
    assert again.frame.dtypes.equals(table.frame.dtypes)
    for change in ("Seen on day 5", None, ""):
        changed = table.frame.copy()
        changed.loc[5, "note"] = change
        assert type(table)(changed, table.schema).fingerprint() != table.fingerprint()
    moved = table.frame.assign(note=["ab", "c", *table.frame["note"][2:]])
    cut = table.frame.assign(note=["a", "bc", *table.frame["note"][2:]])
    prints = [
        type(table)(f.astype(table.frame.dtypes), table.schema).fingerprint() for f in (moved, cut)
    ]
    assert prints[0] != prints[1]


def test_simulated_notes_come_from_their_seed_and_say_what_they_are_told_to():
    table = SimulatedNotes(rows=300).load().table
    assert SimulatedNotes(rows=300).load().table.fingerprint() == table.fingerprint()
    assert SimulatedNotes(rows=300, seed=1).load().table.fingerprint() != table.fingerprint()
    ages = table.frame["note"].str.extract(r"(\d\d) (?:year|yo)")[0].astype("Float64")
    assert (ages == table.frame["age"])[ages.notna()].mean() > 0.9

    def gap(clarity):
        frame = SimulatedNotes(rows=600, clarity=clarity).load().table.frame
        alone = frame["note"].str.contains("lives alone")
        back = frame["readmitted"] == "yes"
        return alone[back].mean() - alone[~back].mean()

    assert gap(2.0) > 0.1 > abs(gap(0.0))
    alone = SimulatedNotes(rows=50, drop=["age", "sex", "creatinine", "emergency"]).load().table
    assert alone.schema.names == ["note", "readmitted"]
    with pytest.raises(UserError, match="at least 20"):
        SimulatedNotes(rows=5).load()


@pytest.fixture
def mimic(tmp_path: Path) -> Path:
    """Thirty admissions of fifteen patients as MIMIC-III has them, some names in lower case."""
    stays = np.arange(30)
    pd.DataFrame(
        {
            "ROW_ID": stays,
            "SUBJECT_ID": stays // 2,
            "HADM_ID": stays + 100,
            "ADMITTIME": "2150-03-01 10:00:00",
            "ADMISSION_TYPE": np.where(stays % 3, "EMERGENCY", "ELECTIVE"),
            "ADMISSION_LOCATION": "CLINIC",
            "INSURANCE": np.where(stays % 2, "Private", "Medicare"),
            "HOSPITAL_EXPIRE_FLAG": (stays % 5 == 0).astype(int),
        }
    ).to_csv(tmp_path / "ADMISSIONS.csv", index=False)
    born = np.where(np.arange(15) == 0, "1850-01-01", "2100-01-01")
    people = {"subject_id": np.arange(15), "gender": ["F", "M", "F"] * 5, "dob": born}
    pd.DataFrame(people).to_csv(tmp_path / "PATIENTS.csv.gz", index=False)
    pd.DataFrame(
        {
            "HADM_ID": [*np.repeat(stays[:28] + 100, 3), np.nan],
            "CHARTDATE": ["2150-03-02", "2150-03-01", "2150-03-09"] * 28 + ["2150-03-01"],
            "CATEGORY": ["Nursing", "Radiology", "Discharge summary"] * 28 + ["Nursing"],
            "TEXT": [f"text {i}\nof a note" for i in range(84)] + ["of nobody"],
        }
    ).to_csv(tmp_path / "NOTEEVENTS.csv", index=False)
    return tmp_path


def test_mimic_has_the_first_note_of_each_admission(mimic):
    found = MimicNotes(str(mimic)).load()
    frame = found.table.frame
    assert len(frame) == 28  # two admissions have no note
    assert list(frame["note"][:2]) == ["text 1\nof a note", "text 4\nof a note"]
    assert list(frame["age"][:3]) == [90, 90, 50]
    assert (found.table.frame["died"] == "yes").sum() == 6
    assert list(found.groups[:3]) == [0, 0, 1]
    nursing = MimicNotes(str(mimic), category="nursing", rows=20).load().table.frame
    assert len(nursing) == 20
    assert int(nursing["note"][0].split()[1]) % 3 == 0


def test_mimic_is_refused_in_one_line_without_its_files(mimic, tmp_path):
    with pytest.raises(UserError, match="no admission has a note of the category 'Echo'"):
        MimicNotes(str(mimic), category="Echo").load()
    (mimic / "NOTEEVENTS.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="cannot be read with the columns HADM_ID, CHARTDATE"):
        MimicNotes(str(mimic)).load()
    (mimic / "NOTEEVENTS.csv").unlink()
    with pytest.raises(UserError, match=r"no NOTEEVENTS.csv and .*dataset.path") as refused:
        MimicNotes(str(mimic)).load()
    assert "\n" not in str(refused.value)
