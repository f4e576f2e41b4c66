"""GReaT: rows written out by a language model, "age is 48, sex is female"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.extras import require
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.ctgan.network import check_counts
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.great.model import (
    Size,
    Writing,
    empty_model,
    new_model,
    pretrained,
    read_tokenizer,
    train_tokenizer,
    write_tokens,
)
from tabsculpt.generators.great.rows import train_rows, write_rows
from tabsculpt.generators.great.text import Words, from_codes, to_codes, write_columns
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import with_given
from tabsculpt.generators.training.loop import Training
from tabsculpt.table import Kind, Table, Task

_MODEL = "model.safetensors"
_CONFIG = "config.json"
_TOKENIZER = "tokenizer.json"
_TEXT = "text.json"


@dataclass(frozen=True, eq=False)
class FittedGReaT:
    """A trained language model, its tokenizer, and what the words that it writes mean."""

    model: Any
    tokenizer: Any
    words: dict[str, Words]
    encoding: Encoding
    temperature: float

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Write ``n`` rows; what is given is read to the model first.

        Raises:
            UserError: values that no row can have, or that no training row had.
        """
        given = given or {}
        fixed = self._codes(self.encoding.encode_given(given))
        writing = write_tokens(self.tokenizer, self.words.values())
        codes = write_rows(
            self.model, writing, n, fixed, self.temperature, derive_seed("write", seed)
        )
        encoded = from_codes(self.words, self.encoding, codes)
        table = self.encoding.decode(encoded, derive_seed("numbers", seed))
        return with_given(table, given) if given else table

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        from safetensors.torch import save_model

        save_model(self.model, str(folder / _MODEL))
        write_json(self.model.config.to_dict(), folder / _CONFIG)
        (folder / _TOKENIZER).write_text(self.tokenizer.to_str(), encoding="utf-8")
        content = {
            "words": [[name, asdict(column)] for name, column in self.words.items()],
            "encoding": self.encoding.to_json(),
            "temperature": self.temperature,
        }
        write_json(content, folder / _TEXT)

    def _codes(self, given: dict[str, float]) -> dict[int, int]:
        """The given values as columns and codes."""
        if not given:
            return {}
        row = {name: [given.get(name, 0)] for name in self.encoding.names}
        codes = to_codes(self.words, self.encoding, pd.DataFrame(row))[0]
        names = list(self.words)
        return {names.index(name): int(codes[names.index(name)]) for name in given if name in names}


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
    """

    libraries: ClassVar[tuple[str, ...]] = ("tokenizers", "torch", "transformers")
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
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

    def __post_init__(self) -> None:
        names = ("layers", "heads", "width", "bins", "batch_size", "steps", "patience")
        check_counts("great", **{name: getattr(self, name) for name in names})
        if self.width % self.heads:
            raise UserError(
                f"great: width is {self.width}, expected a multiple of heads={self.heads}"
            )
        if self.temperature <= 0:
            raise UserError(f"great: temperature is {self.temperature}, expected above 0")

    def fit(self, table: Table, seed: int, device: str) -> FittedGReaT | FittedBootstrap:
        """Train on the rows; rows that are all the same are repeated as they are.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the extra is not installed; the device is "cuda" where there is none; or no
                such ``llm``, or rows too long for it.
        """
        check_table("great", self, table, device)
        require("great", "transformers", "great")
        encoding = Encoding.learn(table, Numbers.BINS, bins=self.bins)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        encoded = encoding.encode(table, seed)
        words = write_columns(encoding)
        codes = to_codes(words, encoding, encoded)
        model, tokenizer, writing = self._start(words, codes, seed)
        model = train_rows(model, writing, codes, self._training(), seed, device)
        return FittedGReaT(model, tokenizer, words, encoding, self.temperature)

    def load(self, folder: Path) -> FittedGReaT | FittedBootstrap:
        """Read what `FittedGReaT.save` wrote; ``llm`` is not needed any more."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        from safetensors.torch import load_model

        model = empty_model(read_json(folder / _CONFIG))
        load_model(model, str(folder / _MODEL))
        tokenizer = read_tokenizer((folder / _TOKENIZER).read_text(encoding="utf-8"))
        content = read_json(folder / _TEXT)
        words = {
            name: Words(**{**column, "values": tuple(column["values"])})
            for name, column in content["words"]
        }
        encoding = Encoding.from_json(content["encoding"])
        return FittedGReaT(model.eval(), tokenizer, words, encoding, content["temperature"])

    def _start(
        self, words: dict[str, Words], codes: np.ndarray[Any, Any], seed: int
    ) -> tuple[Any, Any, Writing]:
        """The model before training, its tokenizer, and the columns in its tokens."""
        if self.llm is None:
            tokenizer = train_tokenizer(_pieces(words, codes))
            writing = write_tokens(tokenizer, words.values())
            size = Size(self.layers, self.heads, self.width, self.dropout)
            tokens = tokenizer.get_vocab_size()
            return new_model(tokens, writing.longest, size, seed), tokenizer, writing
        model, tokenizer = pretrained(self.llm)
        writing = write_tokens(tokenizer, words.values())
        most = getattr(model.config, "max_position_embeddings", writing.longest)
        if writing.longest > most:
            raise UserError(
                f"great: a row takes up to {writing.longest} tokens and {self.llm!r} reads at most "
                f"{most}: use fewer columns, shorter names or another llm"
            )
        return model, tokenizer, writing

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


def _pieces(words: dict[str, Words], codes: np.ndarray[Any, Any]) -> Iterator[str]:
    """The names and values of the training rows, from which a tokenizer learns."""
    for column, column_codes in zip(words.values(), codes.T, strict=True):
        for code in column_codes:
            yield f" {column.name} is"
            yield f" {column.values[code]}"
