"""GReaT: rows written out by a language model, "age is 48, sex is female"."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.identity import LATER
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.extras import require
from tabsculpt.generators import ANY_TASK, WITH_TEXT, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.great.model import Size, pretrained
from tabsculpt.generators.great.writer import Begun, Writer, learn
from tabsculpt.generators.requirements import check_given, check_table, refuse_text
from tabsculpt.generators.sampling.given import with_given
from tabsculpt.generators.settings import check_counts
from tabsculpt.generators.text_columns import with_texts
from tabsculpt.generators.training.loop import Training
from tabsculpt.notes import Note, from_records, to_records
from tabsculpt.pretrained.folders import content, is_folder
from tabsculpt.table import Kind, Schema, Table, Task

_SCHEMA = "schema.json"


@dataclass(frozen=True, eq=False)
class FittedGReaT:
    """A language model that writes rows.

    Attributes:
        writer: the model, and what its words mean.
        schema: with text.
        notes: what the reader of a result should know.
    """

    writer: Writer
    schema: Schema
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Write ``n`` rows; what is given is read to the model first.

        Raises:
            UserError: values that no row can have, or that no training row had, or a text.
        """
        given = given or {}
        check_given(given, self.schema)
        refuse_text("great", given, self.schema)
        fixed = {place: np.full(n, code) for place, code in self.writer.given(given).items()}
        codes, texts = self.writer.write(n, fixed, seed)
        table = self.writer.rows(codes, derive_seed("numbers", seed))
        table = with_given(table, given) if given else table
        return with_texts(table, texts, self.schema) if self.schema.texts else table

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        self.writer.save(folder)
        content = {"schema": self.schema.to_json(), "notes": to_records(self.notes)}
        write_json(content, folder / _SCHEMA)


@dataclass(frozen=True)
class GReaT:
    """Writes rows as sentences, the columns in any order, with a language model.

    By default the model is a small GPT-2 with random weights whose tokenizer is trained on the
    rows, so that nothing is downloaded; ``llm`` names one to go on training instead.

    Deviations from the paper and its package ``be-great``, of which only the sentences are kept:
    names are drawn, not written by the model, and only values are scored, so that a small model
    learns values and not the list of names; a value is drawn among those that its column may have,
    so that every row can be read and nothing has to be thrown away (the package draws whole
    sentences until enough of them parse, without a bound); numbers are written as the middle of
    one of ``bins`` bins of like shares, and read as any number in it; sampling is at temperature
    1. The package itself is not used: it prints, trains on padding, never ends a sentence, and
    writes weights with pickle.

    Columns of text come last in each row, in the order of the table, each closed by the end of a
    line, and are written token by token; the source has none. A new model writes words that it
    saw once by parts.

    Source: V. Borisov, K. Seßler, T. Leemann, M. Pawelczyk, G. Kasneci, "Language models are
    realistic tabular data generators", 2023, section 3, https://arxiv.org/abs/2210.06280

    Attributes:
        llm: a folder with a causal language model and its tokenizer, or the name of one on the
            Hugging Face hub, which then is downloaded; None for a small one made here.
        layers: of the model made here.
        heads: of attention in each layer of it.
        width: numbers in a token's vector, a multiple of ``heads``.
        dropout: share of its numbers that is dropped in training.
        bins: the most bins of a column of numbers.
        batch_size: rows in a step.
        steps: the most optimiser steps.
        learning_rate: at the start; None for 2e-3, or 5e-5 with an ``llm``.
        holdout: share of the rows that tells when to stop, in [0, 1); 0 to take all steps.
        patience: looks at the rows held out without a gain, of fifty over all steps.
        temperature: divides the logits in sampling; below 1 likely values become likelier.
        longest: tokens of a text; what follows is cut, which the notes say. An ``llm`` that reads
            fewer tokens at once cuts them sooner.
        content: a hash of the files of an ``llm`` in a folder, computed.
    """

    libraries: ClassVar[tuple[str, ...]] = ("tokenizers", "torch", "transformers")
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = WITH_TEXT
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = "great"

    llm: str | None = None
    layers: int = 2
    heads: int = 4
    width: int = 64
    dropout: float = 0.0
    bins: int = 10
    batch_size: int = 16
    steps: int = 1200
    learning_rate: float | None = None
    holdout: float = 0.0
    patience: int = 10
    temperature: float = 1.0
    longest: int = field(default=256, metadata=LATER)
    content: str = field(init=False, default="", metadata=LATER)

    def __post_init__(self) -> None:
        names = ("layers", "heads", "width", "bins", "batch_size", "steps", "patience", "longest")
        check_counts("great", **{name: getattr(self, name) for name in names})
        if self.width % self.heads:
            raise UserError(
                f"great: width is {self.width}, expected a multiple of heads={self.heads}"
            )
        if self.temperature <= 0:
            raise UserError(f"great: temperature is {self.temperature}, expected above 0")
        if self.llm is not None and is_folder(self.llm):
            object.__setattr__(self, "content", content(self.llm, "great: llm"))

    def fit(self, table: Table, seed: int, device: str) -> FittedGReaT | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the extra is not installed; the device is "cuda" where there is none; or no
                such ``llm``, or rows too long for it.
        """
        check_table("great", self, table, device)
        require("great", "transformers", "great")
        encoding = Encoding.learn(table.without_text(), Numbers.BINS, bins=self.bins)
        if not encoding.names and not table.schema.texts:
            return Bootstrap().fit(table, seed, device)
        begun = Begun(
            "great",
            Size(self.layers, self.heads, self.width, self.dropout),
            None if self.llm is None else pretrained(self.llm),
            self.longest,
            self._training(),
            temperature=self.temperature,
        )
        writer, notes = learn(begun, encoding, table, seed, device)
        return FittedGReaT(writer, table.schema, notes)

    def load(self, folder: Path) -> FittedGReaT | FittedBootstrap:
        """Read what `FittedGReaT.save` wrote; ``llm`` is not needed any more."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        content = read_json(folder / _SCHEMA)
        schema, notes = Schema.from_json(content["schema"]), from_records(content["notes"])
        return FittedGReaT(Writer.load(folder), schema, notes)

    def _training(self) -> Training:
        usual = 2e-3 if self.llm is None else 5e-5
        return Training(
            steps=self.steps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate or usual,
            weight_decay=0.01,
            holdout=self.holdout,
            patience=self.patience,
        )
