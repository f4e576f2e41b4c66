"""Notes by a language model that the user has, taught the rows as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators import ConditionalGenerator, Given
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.great.writer import Begun, Writer, learn
from tabsculpt.generators.requirements import check_given, refuse_text
from tabsculpt.generators.tabformer.tabformer import TabFormer
from tabsculpt.generators.text_columns import with_texts
from tabsculpt.generators.training.loop import Training
from tabsculpt.notes import Note, from_records, to_records
from tabsculpt.table import Schema, Table

_FILE = "fine_tuned.json"
_FOLDER = "columns"
_BINS = 10


@dataclass(frozen=True, eq=False)
class FittedFineTuned:
    """Models of the columns and of the texts, on the CPU.

    Attributes:
        columns: samples rows without text.
        writer: writes the texts of a row whose other columns it has read.
        schema: with text.
        notes: what the reader of a result should know.
    """

    columns: ConditionalGenerator
    writer: Writer
    schema: Schema
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows, then their texts; see `ConditionalGenerator.sample`.

        Raises:
            UserError: an unknown column or value, values that it next to never gives, or a text.
        """
        check_given(given or {}, self.schema)
        refuse_text("text_lm", given or {}, self.schema)
        rows = self.columns.sample(n, derive_seed("columns", seed), given)
        told = self.writer.codes(rows, derive_seed("codes", seed))
        _, texts = self.writer.write(n, told, derive_seed("text", seed))
        return with_texts(rows, texts, self.schema)

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        (folder / _FOLDER).mkdir()
        self.columns.save(folder / _FOLDER)
        self.writer.save(folder)
        content = {"schema": self.schema.to_json(), "notes": to_records(self.notes)}
        write_json(content, folder / _FILE)

    @classmethod
    def load(cls, columns: TabFormer, folder: Path) -> FittedFineTuned:
        """The inverse of `save`; the folder of the model that it began with is needed no more."""
        content = read_json(folder / _FILE)
        return cls(
            columns.load(folder / _FOLDER),
            Writer.load(folder),
            Schema.from_json(content["schema"]),
            from_records(content["notes"]),
        )


def fine_tune(
    llm: tuple[Any, Any],
    columns: ConditionalGenerator,
    table: Table,
    longest: int,
    training: Training,
    seed: int,
    device: str,
) -> FittedFineTuned:
    """Go on training a language model on the texts of some rows, told their other columns.

    Args:
        llm: the model and its tokenizer.
        columns: what draws these columns.
        table: the training rows.
        longest: the most tokens of a text.
        training: how.
        seed: of every draw.
        device: "cpu" or "cuda".

    Raises:
        UserError: the model has no room for the rows.
    """
    encoding = Encoding.learn(table.without_text(), Numbers.BINS, bins=_BINS)
    begun = Begun("text_lm", None, llm, longest, training, values=False)
    writer, notes = learn(begun, encoding, table, derive_seed("texts", seed), device)
    return FittedFineTuned(columns, writer, table.schema, notes)
