"""A simulated clinic: a few columns, a note on each patient, and whether they come back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.note_grammar import write_note
from tabsculpt.errors import UserError

NOTE = "note"
TARGET = "readmitted"


@dataclass(frozen=True)
class SimulatedNotes:
    """Discharges from a made-up ward; no person stands behind a row.

    How ill a patient is, a standard normal number that no column holds, moves everything: the odds
    of readmission, age, creatinine and the way of admission a little, and the sentences of the note
    as much as ``clarity`` says. The note is written by `tabsculpt.datasets.note_grammar`.

    Attributes:
        name: what results call the set.
        rows: number of patients, at least 20.
        seed: of every draw, at least 0; it is not the seed of the run.
        clarity: how closely the note follows how ill the patient is; at 0 it says nothing.
        drop: columns left out; with age, sex, creatinine and emergency, the note alone is left.
        text: what becomes of the note: ``keep``, ``reuse``, ``hash`` or ``aside``.
        encoder: the folder of a sentence encoder that reads the note, or None.
        missing: ``drop``, ``impute`` or ``keep`` (no value is missing).
    """

    name: str = "simulated_notes"
    rows: int = 1000
    seed: int = 0
    clarity: float = 2.0
    drop: list[str] = field(default_factory=list)
    text: str = "keep"
    encoder: str | None = None
    missing: str = "impute"

    def load(self) -> Dataset:
        """Draw the patients and write their notes.

        Raises:
            UserError: fewer than 20 rows, a negative seed or clarity, or a setting does not fit.
        """
        if self.rows < 20 or self.seed < 0 or self.clarity < 0:
            raise UserError(
                "dataset.rows must be at least 20, dataset.seed and dataset.clarity at least 0"
            )
        used = self.text != "aside" and NOTE not in self.drop
        roles = Roles(
            TARGET,
            "binary",
            self.drop,
            None,
            self.missing,
            text=self.text,
            text_columns=[NOTE] if used else [],
            encoder=self.encoder,
        )
        return assemble(self._patients(), self.name, roles)

    def _patients(self) -> pd.DataFrame:
        rng = np.random.default_rng(self.seed)
        ill = rng.standard_normal(self.rows)
        readmitted = rng.random(self.rows) < 1 / (1 + np.exp(0.6 - 3 * ill))
        frame = pd.DataFrame(
            {
                "age": np.clip(np.rint(68 + 3 * ill + 11 * rng.standard_normal(self.rows)), 25, 97),
                "sex": rng.choice(["female", "male"], self.rows),
                "creatinine": np.exp(0.1 + 0.12 * ill + 0.3 * rng.standard_normal(self.rows)),
                "emergency": rng.random(self.rows) < 1 / (1 + np.exp(-0.4 * ill)),
            }
        ).astype({"age": int})
        frame["creatinine"] = frame["creatinine"].round(1)
        written = zip(frame.to_dict("records"), ill, strict=True)
        notes = [write_note(row, severity, self.clarity, rng) for row, severity in written]
        return frame.assign(**{NOTE: notes, TARGET: np.where(readmitted, "yes", "no")})
