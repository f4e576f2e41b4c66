"""Columns of text that a generator does not write: left out, or those of the nearest real rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.generators import ConditionalGenerator, FittedGenerator, Generator, Given
from tabsculpt.notes import Code, Note, notes_of
from tabsculpt.table import TEXT, FloatArray, Schema, Table, conform
from tabsculpt.table.files import read_table, write_table

_FILE = "without_text.json"
_DONORS = "donors"


@dataclass(frozen=True, eq=False)
class TextAside:
    """A generator that was fitted without the columns of text, whose rows have those columns again.

    They are missing in every row; or, where the user asked for that (`TextUse.reuse`), each row has
    the text of the training row that is nearest to it: by all other columns, numbers in standard
    deviations and categories one-hot, the class among them.

    Attributes:
        model: what was fitted without text.
        schema: with text.
        donors: the training rows whose text is given, or None.
    """

    model: FittedGenerator
    schema: Schema
    donors: Table | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """The model's own, and what became of text."""
        columns = dict.fromkeys(self.schema.texts, 0)
        names = ", ".join(columns)
        if self.donors is None:
            text = f"the generator writes no text: {names} left out of the synthetic rows"
            note = Note(Code.TEXT_LEFT_OUT, text, columns=columns)
        else:
            text = (
                f"the generator writes no text: {names} taken, word for word, from the nearest "
                "real row; such rows are as private as the data"
            )
            note = Note(Code.NOT_PRIVATE, text, columns=columns)
        return (*notes_of(self.model), note)

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`."""
        if given:
            table = cast(ConditionalGenerator, self.model).sample(n, seed, given)
        else:
            table = self.model.sample(n, seed)
        names = list(self.schema.texts)
        if self.donors is None or not n:
            texts = pd.DataFrame(pd.NA, index=table.frame.index, columns=names, dtype=TEXT)
        else:
            nearest = _nearest(self.donors.without_text(), table)
            texts = self.donors.frame[names].take(nearest).set_axis(table.frame.index)
        return conform(pd.concat([table.frame, texts], axis=1), self.schema)

    def save(self, folder: Path) -> None:
        """Write the model, the schema beside it and, in a folder of theirs, the donors."""
        self.model.save(folder)
        write_json(self.schema.to_json(), folder / _FILE)
        if self.donors is not None:
            (folder / _DONORS).mkdir()
            write_table(self.donors, folder / _DONORS)


def fit_without_text(generator: Generator, table: Table, seed: int, device: str) -> TextAside:
    """Fit a generator on the columns that are no text; arguments and errors as `Generator.fit`."""
    return with_text_aside(generator.fit(table.without_text(), seed, device), table)


def with_text_aside(model: FittedGenerator, table: Table) -> TextAside:
    """A model of the other columns of some training rows, whose rows have those of text again."""
    reuse = table.schema.text is not None and table.schema.text.reuse
    donors = Table(table.frame, table.schema) if reuse else None
    return TextAside(model, table.schema, donors)


def load_fitted(generator: Generator, folder: Path) -> FittedGenerator:
    """Read what a model of the generator saved, or a `TextAside` around one."""
    if not (folder / _FILE).exists():
        return generator.load(folder)
    donors = folder / _DONORS
    return TextAside(
        generator.load(folder),
        Schema.from_json(read_json(folder / _FILE)),
        read_table(donors) if donors.exists() else None,
    )


def _nearest(real: Table, others: Table) -> FloatArray:
    """The position of the real row nearest to each other one, shape (n,)."""
    from sklearn.neighbors import NearestNeighbors

    a, b = _points(real), _points(others)
    centre = np.nanmean(np.where(np.isnan(a).all(axis=0), 0.0, a), axis=0)
    spread = np.nanstd(a - centre, axis=0)
    spread = np.where(spread > 0, spread, 1.0)  # NaN where there is no value at all
    a, b = (np.nan_to_num((points - centre) / spread) for points in (a, b))
    found = NearestNeighbors(n_neighbors=1).fit(a).kneighbors(b, return_distance=False)
    return np.asarray(found[:, 0])


def _points(table: Table) -> FloatArray:
    classes = table.schema.classes
    codes = table.target[:, None]
    target = (codes == np.arange(len(classes))).astype(np.float64) if classes else codes
    return np.hstack([table.matrix(), target])
