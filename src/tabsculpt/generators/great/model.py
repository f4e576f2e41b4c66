"""A small language model and its tokenizer, or one of the user's: made, trained and stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.extras import require
from tabsculpt.generators.great.text import Words
from tabsculpt.pretrained.folders import is_folder, read_language_model
from tabsculpt.pretrained.quiet import one_thread, quiet

END = ","
"""What ends a value."""

LINE = "\n"
"""What ends a text."""

_VOCABULARY = 2000
_LEAST = 2
"""How often letters of notes stand side by side, so that they may become a token."""


@dataclass(frozen=True)
class Size:
    """Of a GPT-2: layers, attention heads in each, numbers in a token's vector, dropout."""

    layers: int
    heads: int
    width: int
    dropout: float


@dataclass(frozen=True, eq=False)
class Writing:
    """The columns in tokens.

    Attributes:
        names: the tokens of each column's name and "is".
        values: those of each column's values, by code, each closed by the token of `END`.
        first: the token that every row begins with.
        texts: the tokens of the name of each column of text and "is".
        end: the token that closes a text.
    """

    names: tuple[tuple[int, ...], ...]
    values: tuple[tuple[tuple[int, ...], ...], ...]
    first: int
    texts: tuple[tuple[int, ...], ...] = ()
    end: int = -1

    @property
    def longest(self) -> int:
        """The most tokens that a row can have, without what is written of its texts."""
        pairs = zip(self.names, self.values, strict=True)
        of_values = sum(len(name) + max(map(len, values)) for name, values in pairs)
        return 1 + of_values + sum(map(len, self.texts))


def write_tokens(tokenizer: Any, words: Iterable[Words], texts: Sequence[str] = ()) -> Writing:
    """Each column's name and values in tokens of a ``tokenizers.Tokenizer``.

    Args:
        tokenizer: whose tokens.
        words: the columns of values.
        texts: names of columns of text.

    Raises:
        UserError: there are columns of text, and the tokenizer has no token for the end of a line.
    """
    columns = tuple(words)
    with one_thread():
        end = _ids(tokenizer, END)[-1]
        names, values = [], []
        for column in columns:
            name = _ids(tokenizer, f" {column.name} is")
            names.append(name)
            values.append(tuple((*_ids(tokenizer, f" {word}"), end) for word in column.values))
        first = _first(tokenizer, end)
        of_texts = tuple(_ids(tokenizer, f" {name} is") for name in texts)
        line = _ids(tokenizer, LINE) if texts else ()
    if texts and not line:
        raise UserError("the tokenizer of the llm has no token for the end of a line, which ends a "
                        "text; use another llm")  # fmt: skip
    return Writing(tuple(names), tuple(values), first, of_texts, line[-1] if line else -1)


def train_tokenizer(texts: Iterable[str], words_apart: bool = False) -> Any:
    """A byte-level BPE over names and values, in which a frequent one is a single token.

    Args:
        texts: such as " age is" and " 48", whose first space is left out.
        words_apart: whether no token reaches beyond a word, as where whole notes are written,
            whose blanks count; the first space then stays.
    """
    tokenizers = require("great", "tokenizers", "great")
    pieces = tokenizers.pre_tokenizers
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    if not words_apart:
        tokenizer.normalizer = tokenizers.normalizers.Strip(left=True, right=False)
    tokenizer.pre_tokenizer = pieces.ByteLevel(add_prefix_space=False, use_regex=words_apart)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        min_frequency=_LEAST if words_apart else 0,
        initial_alphabet=pieces.ByteLevel.alphabet(),
        special_tokens=["<row>"],
        show_progress=False,
    )
    with one_thread():
        tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def new_model(tokens: int, positions: int, size: Size, seed: int) -> Any:
    """A GPT-2 with random weights.

    Args:
        tokens: in the vocabulary.
        positions: tokens in the longest row.
        size: of the network.
        seed: of the weights.
    """
    transformers = require("great", "transformers", "great")
    config = transformers.GPT2Config(
        vocab_size=tokens,
        n_positions=positions,
        n_embd=size.width,
        n_layer=size.layers,
        n_head=size.heads,
        resid_pdrop=size.dropout,
        embd_pdrop=size.dropout,
        attn_pdrop=0.0,
        # GPT-2's 0.02 is for widths near 1,000; attention in a narrow model takes long to form.
        initializer_range=size.width**-0.5,
        bos_token_id=0,
        eos_token_id=0,
    )
    with quiet(), seeded_globals(seed, uses_torch=True):
        return transformers.GPT2LMHeadModel(config)


def pretrained(llm: str) -> tuple[Any, Any]:
    """The model and the tokenizer of a folder or of the Hugging Face hub, in 32-bit floats.

    Raises:
        UserError: not found, or without a fast tokenizer.
    """
    if is_folder(llm):
        tokenizer, model = read_language_model(llm, "great: llm")
        return model, tokenizer
    transformers = require("great", "transformers", "great")
    try:
        with quiet():
            model = transformers.AutoModelForCausalLM.from_pretrained(llm, dtype="float32")
            tokenizer = transformers.AutoTokenizer.from_pretrained(llm, use_fast=True)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise UserError(
            f"great: no language model at {llm!r} (a folder, or a name on the Hugging Face hub, "
            f"which takes a network unless it was fetched before): {why}"
        ) from error
    if not tokenizer.is_fast:
        raise UserError(f"great: the tokenizer of {llm!r} has no fast version; use another model")
    return model, tokenizer.backend_tokenizer


def empty_model(config: dict[str, Any]) -> Any:
    """The model of a stored configuration, its weights still to be read."""
    transformers = require("great", "transformers", "great")
    settings = {key: value for key, value in config.items() if key != "model_type"}
    with quiet(), seeded_globals(0, uses_torch=True):
        made = transformers.AutoConfig.for_model(config["model_type"], **settings)
        return transformers.AutoModelForCausalLM.from_config(made)


def read_tokenizer(text: str) -> Any:
    """The inverse of a tokenizer's ``to_str``."""
    return require("great", "tokenizers", "great").Tokenizer.from_str(text)


def _ids(tokenizer: Any, text: str) -> tuple[int, ...]:
    return tuple(tokenizer.encode(text, add_special_tokens=False).ids)


def _first(tokenizer: Any, end: int) -> int:
    """The token for the beginning of a row: one that no row holds, where there is one."""
    known = ("<row>", "<|endoftext|>", "<s>", "<bos>", "<|begin_of_text|>", "</s>", "<|im_start|>")
    found = (tokenizer.token_to_id(token) for token in known)
    return next((token for token in found if token is not None), end)
