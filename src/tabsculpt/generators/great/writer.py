"""A language model that writes rows, with what its words mean: learnt, used, stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.great.model import (
    LINE,
    Size,
    Writing,
    empty_model,
    new_model,
    read_tokenizer,
    train_tokenizer,
    write_tokens,
)
from tabsculpt.generators.great.rows import Sentences, train_rows, write_rows
from tabsculpt.generators.great.text import Words, distinct, from_codes, to_codes, write_columns
from tabsculpt.generators.great.texts import (
    TextColumns,
    decode,
    encode,
    laid_out,
    lines_of,
)
from tabsculpt.generators.text_columns import cut_note, known_texts
from tabsculpt.generators.training.loop import Training
from tabsculpt.notes import Note
from tabsculpt.table import IntArray, Table

_MODEL = "model.safetensors"
_CONFIG = "config.json"
_TOKENIZER = "tokenizer.json"
_TEXT = "text.json"
_LEAST = 8
"""Tokens of a text that a model must have room for."""


@dataclass(frozen=True, eq=False)
class Writer:
    """A trained language model, its tokenizer, and what the words that it writes mean.

    Attributes:
        model: of the package ``transformers``, on the CPU.
        tokenizer: of the package ``tokenizers``.
        words: the columns of values that are not constant, by their encoded name.
        encoding: of these columns, without text.
        texts: the columns of text, None without any.
        temperature: divides the logits.
    """

    model: Any
    tokenizer: Any
    words: dict[str, Words]
    encoding: Encoding
    texts: TextColumns | None
    temperature: float

    def write(self, n: int, fixed: Mapping[int, IntArray], seed: int) -> tuple[IntArray, Any]:
        """Write ``n`` rows.

        Args:
            n: how many.
            fixed: codes that are read to the model first, by column, shape (n,) each.
            seed: of every draw.

        Returns:
            Codes, shape (n, d), and the texts, an object array of shape (n, columns of text).
        """
        writing = self._writing()
        longest = self.texts.longest if self.texts else 0
        codes, tokens = write_rows(
            self.model, writing, n, fixed, longest, self.temperature, derive_seed("write", seed)
        )
        texts = np.empty((n, len(tokens)), dtype=object)
        for column, written in enumerate(tokens):
            may_lack = self.texts is not None and self.texts.gaps[column]
            texts[:, column] = [
                decode(self.tokenizer, writing.end, each, may_lack) for each in written
            ]
        return codes, texts

    def rows(self, codes: IntArray, seed: int) -> Table:
        """What codes mean, without text; numbers are drawn within their bins."""
        return self.encoding.decode(from_codes(self.words, self.encoding, codes), seed)

    def codes(self, rows: Table, seed: int) -> dict[int, IntArray]:
        """The values of rows without text, as `write` is told them."""
        codes = to_codes(self.words, self.encoding, self.encoding.encode(rows, seed))
        return dict(enumerate(codes.T))

    def given(self, given: Mapping[str, Any]) -> dict[int, int]:
        """Values that all rows are to have, as columns and codes."""
        known = self.encoding.encode_given(given)
        if not known:
            return {}
        row = {name: [known.get(name, 0)] for name in self.encoding.names}
        codes = to_codes(self.words, self.encoding, pd.DataFrame(row))[0]
        names = list(self.words)
        return {names.index(name): int(codes[names.index(name)]) for name in known if name in names}

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        from safetensors.torch import save_model

        save_model(self.model, str(folder / _MODEL))
        write_json(self.model.config.to_dict(), folder / _CONFIG)
        (folder / _TOKENIZER).write_text(self.tokenizer.to_str(), encoding="utf-8")
        content = {
            "words": [[name, asdict(column)] for name, column in self.words.items()],
            "encoding": self.encoding.to_json(),
            "texts": None if self.texts is None else asdict(self.texts),
            "temperature": self.temperature,
        }
        write_json(content, folder / _TEXT)

    @classmethod
    def load(cls, folder: Path) -> Writer:
        """The inverse of `save`."""
        from safetensors.torch import load_model

        model = empty_model(read_json(folder / _CONFIG))
        load_model(model, str(folder / _MODEL))
        tokenizer = read_tokenizer((folder / _TOKENIZER).read_text(encoding="utf-8"))
        content = read_json(folder / _TEXT)
        words = {
            name: Words(**{**column, "values": tuple(column["values"])})
            for name, column in content["words"]
        }
        texts = content["texts"]
        if texts is not None:
            texts = TextColumns(tuple(texts["names"]), tuple(texts["gaps"]), texts["longest"])
        encoding = Encoding.from_json(content["encoding"])
        return cls(model.eval(), tokenizer, words, encoding, texts, content["temperature"])

    def _writing(self) -> Writing:
        names = self.texts.names if self.texts else ()
        return write_tokens(self.tokenizer, self.words.values(), names)


@dataclass(frozen=True, eq=False)
class Begun:
    """What a language model is taught with.

    Attributes:
        generator: who asks, as named on the command line.
        size: of a model made here.
        llm: a model and its tokenizer, whose training goes on; None to make one.
        longest: the most tokens of a text.
        training: how.
        values: whether it learns the values, or texts alone, told the values.
        temperature: of `Writer`.
    """

    generator: str
    size: Size | None
    llm: tuple[Any, Any] | None
    longest: int
    training: Training
    values: bool = True
    temperature: float = 1.0


def learn(
    begun: Begun, encoding: Encoding, table: Table, seed: int, device: str
) -> tuple[Writer, tuple[Note, ...]]:
    """Teach a language model the rows of a table.

    Args:
        begun: with what.
        encoding: of the columns that are no text, numbers in bins.
        table: the training rows.
        seed: of every draw.
        device: "cpu" or "cuda".

    Returns:
        The writer, and what is to be said of texts that were cut.

    Raises:
        UserError: rows too long for the model.
    """
    words = write_columns(encoding)
    codes = to_codes(words, encoding, encoding.encode(table.without_text(), seed))
    frame = known_texts(table)
    names = _text_names(table, words)
    model, tokenizer = begun.llm or (None, train_tokenizer(_pieces(words, codes, names, frame),
                                                           bool(names)))  # fmt: skip
    writing = write_tokens(tokenizer, words.values(), names)
    found = [encode(tokenizer, writing.end, frame[name].tolist()) for name in frame]
    longest = min(begun.longest, max((len(text) for of in found for text in of), default=0))
    if model is None:
        assert begun.size is not None
        most = writing.longest + longest * len(names)
        model = new_model(tokenizer.get_vocab_size(), most, begun.size, seed)
    else:
        longest = _fitting(begun.generator, model, writing, longest)
    texts = laid_out(found, writing.texts, longest) if names else None
    sentences = Sentences(writing, codes, texts, begun.values)
    model = train_rows(model, sentences, begun.training, seed, device)
    gaps = tuple(bool(frame[name].isna().any()) for name in frame)
    columns = TextColumns(names, gaps, longest) if names else None
    writer = Writer(model, tokenizer, words, encoding, columns, begun.temperature)
    cut = dict(zip(map(str, frame), texts.cut, strict=True)) if texts else {}
    return writer, cut_note(begun.generator, longest, cut)


def _text_names(table: Table, words: Mapping[str, Words]) -> tuple[str, ...]:
    """The columns of text by names unlike those of the others."""
    others = [column.name for column in words.values()]
    return tuple(distinct([*others, *table.schema.texts])[len(others) :])


def _fitting(generator: str, model: Any, writing: Writing, longest: int) -> int:
    """Tokens of a text that a model has room for, at most as many as are wanted.

    Raises:
        UserError: it has hardly any.
    """
    most = getattr(model.config, "max_position_embeddings", None)
    if most is None:
        return longest
    room = (most - writing.longest) // max(1, len(writing.texts))
    if room < min(longest, _LEAST):
        with_text = " without its texts" if writing.texts else ""
        raise UserError(
            f"{generator}: a row takes up to {writing.longest} tokens{with_text} and the llm reads "
            f"at most {most}: use fewer columns, shorter names or another llm"
        )
    return min(longest, room)


def _pieces(
    words: Mapping[str, Words], codes: IntArray, names: tuple[str, ...], texts: pd.DataFrame
) -> Iterator[str]:
    """The names, values and texts of the training rows, from which a tokenizer learns."""
    for column, column_codes in zip(words.values(), codes.T, strict=True):
        for code in column_codes:
            yield f" {column.name} is"
            yield f" {column.values[code]}"
    for name in names:
        yield from [f" {name} is", LINE] * len(texts)
    yield from lines_of(texts)
