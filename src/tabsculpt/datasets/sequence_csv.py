"""A user's own sequences in a CSV file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.read_csv import read_csv
from tabsculpt.datasets.sequences import SequenceRoles, assemble_sequences


@dataclass(frozen=True)
class SequenceCsv:
    """A CSV file with a row per step of a sequence, turned into windows.

    Attributes:
        path: the file; its separator and encoding are found.
        target: the variable whose next value is predicted, or the label of sequences.
        order: the column that sorts the steps: numbers or dates.
        id: the column that tells sequences apart; None where the file is a single one.
        name: what results call the set; None for the file's stem.
        predict: ``next`` (the target's next value) or ``label`` (the class of the sequence).
        window: steps in a row; None for 5 (next) or the shortest sequence (label).
        split: ``sequence`` (tested on other sequences) or ``time`` (on the end of each).
        test_size: share of each sequence, its end, that is tested on where ``split`` is ``time``.
        drop: columns left out.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    path: str
    target: str
    order: str
    id: str | None = None
    name: str | None = None
    predict: str = "next"
    window: int | None = None
    split: str = "sequence"
    test_size: float = 0.33
    drop: list[str] = field(default_factory=list)
    missing: str = "drop"

    def load(self) -> Dataset:
        """Read the steps and make windows of them.

        Raises:
            UserError: the file or a setting is unusable.
        """
        roles = SequenceRoles(
            self.target, self.order, self.id, self.predict, self.window, self.split,
            self.test_size, self.drop, self.missing,
        )  # fmt: skip
        path = Path(self.path).expanduser()
        raw = read_csv(path)
        return assemble_sequences(raw.frame, self.name or path.stem, roles, raw.notes)
