"""Admissions of MIMIC-III with one of their notes, from the user's own copy of the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.errors import UserError

NOTE = "note"
TARGET = "died"
_ROWS_AT_A_TIME = 50_000
_NOTES = ("HADM_ID", "CHARTDATE", "CATEGORY", "TEXT")
_ADMISSIONS = (
    "SUBJECT_ID", "HADM_ID", "ADMITTIME", "ADMISSION_TYPE", "ADMISSION_LOCATION", "INSURANCE",
    "HOSPITAL_EXPIRE_FLAG",
)  # fmt: skip
_PATIENTS = ("SUBJECT_ID", "GENDER", "DOB")
_OLDEST = 90
"""Of patients over 89 MIMIC-III shifts the date of birth by centuries; they count as 90."""
_TELLING = "discharge summary"


@dataclass(frozen=True)
class MimicNotes:
    """Death in hospital, from what is known at admission and the first note.

    A. E. W. Johnson et al., "MIMIC-III, a freely accessible critical care database", 2016,
    https://doi.org/10.1038/sdata.2016.35. The files are the user's own: PhysioNet gives them to who
    signed its agreement, under which neither they nor rows that copy them may be passed on. A row
    is an admission that has a note; its features are age, sex, kind and way of admission,
    insurance, and the text of the note that was charted first. Admissions of one patient stay in
    one part of a split.

    Attributes:
        path: the folder that holds NOTEEVENTS.csv, ADMISSIONS.csv and PATIENTS.csv, or each with
            ``.gz`` behind.
        name: what results call the set.
        category: of the notes that are looked at; None for every one but discharge summaries,
            which tell who died.
        rows: admissions, drawn from all by ``seed``; None for all.
        seed: of that draw, at least 0.
        text: what becomes of the note: ``keep``, ``reuse``, ``hash`` or ``aside``.
        encoder: the folder of a sentence encoder that reads the note, or None.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    path: str
    name: str = "mimic_notes"
    category: str | None = None
    rows: int | None = 5000
    seed: int = 0
    text: str = "keep"
    encoder: str | None = None
    missing: str = "impute"

    def load(self) -> Dataset:
        """Read the files, the notes a part at a time.

        Raises:
            UserError: a file is not there or lacks a column, or no admission has such a note.
        """
        if self.seed < 0 or (self.rows is not None and self.rows < 1):
            raise UserError("dataset.rows must be at least 1 or null, dataset.seed at least 0")
        files = {name: self._file(name) for name in ("NOTEEVENTS", "ADMISSIONS", "PATIENTS")}
        named = [NOTE] if self.text != "aside" else []
        roles = Roles(
            TARGET,
            "binary",
            [],
            "subject",
            self.missing,
            text=self.text,
            text_columns=named,
            encoder=self.encoder,
        )
        stays = _admissions(files["ADMISSIONS"], files["PATIENTS"])
        notes = self._first_notes(files["NOTEEVENTS"])
        frame = stays.merge(notes, left_on="HADM_ID", right_index=True).sort_values("HADM_ID")
        if frame.empty:
            raise UserError(
                f"dataset=mimic_notes: no admission has a note of the category {self.category!r}; "
                "dataset.category=null takes all but discharge summaries"
            )
        if self.rows is not None and self.rows < len(frame):
            frame = frame.sample(self.rows, random_state=self.seed).sort_values("HADM_ID")
        return assemble(frame.drop(columns="HADM_ID").reset_index(drop=True), self.name, roles)

    def _file(self, name: str) -> Path:
        folder = Path(self.path).expanduser()
        for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
            if path.is_file():
                return path
        raise UserError(
            f"dataset=mimic_notes: {str(folder)!r} has no {name}.csv and no {name}.csv.gz; set "
            "dataset.path to your folder of MIMIC-III (https://physionet.org/content/mimiciii), or "
            "use dataset=simulated_notes, which needs no file"
        )

    def _first_notes(self, path: Path) -> pd.Series:
        """The text of each admission's first note, by admission."""
        first = pd.DataFrame(columns=list(_NOTES))
        for part in _read(path, _NOTES, _ROWS_AT_A_TIME):
            category = part["CATEGORY"].astype(str).str.strip().str.lower()
            if self.category is None:
                kept = part[category != _TELLING]
            else:
                kept = part[category == self.category.strip().lower()]
            both = [
                frame for frame in (first, kept.dropna(subset=["HADM_ID", "TEXT"])) if len(frame)
            ]
            if both:
                ordered = pd.concat(both).sort_values("CHARTDATE", kind="stable")
                first = ordered.drop_duplicates("HADM_ID")
        return first.astype({"HADM_ID": "int64"}).set_index("HADM_ID")["TEXT"].rename(NOTE)


def _admissions(admissions: Path, patients: Path) -> pd.DataFrame:
    """What is known when a patient comes, and whether they died, with HADM_ID."""
    stays = pd.concat(_read(admissions, _ADMISSIONS)).dropna(subset="HADM_ID")
    people = pd.concat(_read(patients, _PATIENTS))
    both = stays.merge(people, on="SUBJECT_ID")
    came, born = (pd.to_datetime(both[name], errors="coerce") for name in ("ADMITTIME", "DOB"))
    age = (came.dt.year - born.dt.year).clip(upper=_OLDEST)
    return pd.DataFrame(
        {
            "HADM_ID": both["HADM_ID"].astype("int64"),
            "subject": both["SUBJECT_ID"],
            "age": age,
            "sex": both["GENDER"],
            "kind": both["ADMISSION_TYPE"],
            "way": both["ADMISSION_LOCATION"],
            "insurance": both["INSURANCE"],
            TARGET: both["HOSPITAL_EXPIRE_FLAG"].map({0: "no", 1: "yes"}),
        }
    )


def _read(path: Path, columns: tuple[str, ...], size: int = 1_000_000) -> Iterator[pd.DataFrame]:
    """The named columns, in either case, some rows at a time.

    Raises:
        UserError: the file lacks one of them, or cannot be read.
    """
    try:
        with pd.read_csv(
            path, usecols=lambda name: str(name).upper() in columns, chunksize=size
        ) as parts:
            for part in parts:
                yield part.rename(columns=str.upper)[list(columns)]
    except (ValueError, KeyError, OSError, EOFError) as error:
        raise UserError(
            f"dataset=mimic_notes: {path} cannot be read with the columns {', '.join(columns)}: "
            f"{' '.join(str(error).split())[:200]}"
        ) from error
