"""Rows with notes: columns by TabFormer, their texts by a small language model."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tabsculpt.engine.artifacts import read_json
from tabsculpt.engine.fingerprints import library_version
from tabsculpt.engine.identity import LATER
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.extras import check_installed
from tabsculpt.generators import ANY_TASK, WITH_TEXT
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.settings import check_counts, check_shares
from tabsculpt.generators.tabformer.tabformer import TabFormer
from tabsculpt.generators.text_columns import known_texts
from tabsculpt.generators.text_lm.fine_tuned import FittedFineTuned, fine_tune
from tabsculpt.generators.text_lm.fitted import MEANING, WEIGHTS, FittedTextLM, row_codes
from tabsculpt.generators.text_lm.tokens import Vocabulary, cut
from tabsculpt.generators.training.loop import Training, share_held, train_module
from tabsculpt.notes import from_records
from tabsculpt.pretrained.folders import content, read_language_model
from tabsculpt.table import IntArray, Kind, Schema, Table, Task

SETTING = "text_lm: llm"
_BINS = 10
_AVERAGE = 0.98
_PATIENCE = 10


@dataclass(frozen=True)
class TextLM:
    """Writes each column of text by a causal transformer that is told the rest of the row.

    The other columns, the class among them, are learnt and drawn by `tabformer`. A text is then
    drawn token by token given these (numbers as one of ten bins), by a transformer that is trained
    here, on these rows alone. Tokens are words that at least two rows have, and letters. Part of
    the rows is held out to stop early, which keeps it from learning texts by heart; how much it
    copies is measured (`text_copied_run`). Where there are several columns of text, each is
    written for itself.

    With ``llm``, a language model that you have is taught these rows instead, as `great` writes
    them (columns in any order, then the texts), and is scored on the texts alone; where there are
    several columns of text, a later one follows the earlier ones. Nothing is downloaded.

    Source: A. Vaswani et al., "Attention is all you need", 2017, https://arxiv.org/abs/1706.03762;
    A. Radford, K. Narasimhan, T. Salimans and I. Sutskever, "Improving language understanding by
    generative pre-training", 2018, section 3.1; N. S. Keskar et al., "CTRL: a conditional
    transformer language model for controllable generation", 2019, https://arxiv.org/abs/1909.05858,
    from which it differs in that what is known is added to each token and is no token itself.

    Attributes:
        llm: the folder of a causal language model as Hugging Face's libraries save it, with
            ``config.json``, ``tokenizer.json`` and weights in safetensors; None for the one that
            is made here. Its path does not count for results, ``content`` does.
        vocabulary: the most words and marks that are a token by themselves.
        longest: tokens of a text; what follows is cut, which the notes say.
        width: of a token, a multiple of ``heads``.
        layers: of attention.
        heads: of each layer.
        dropout: share of what a layer adds that is dropped in training, in [0, 1).
        learning_rate: at the start; it falls to zero along a cosine; None for 3e-3, or 5e-5 with
            an ``llm``.
        batch_size: texts in a step.
        holdout: share of the texts by whose likelihood training stops, in [0, 1); 0 for none.
        steps: the most optimiser steps, of each of the two models.
        content: a hash of the files of the ``llm`` and the version of what reads it, computed.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 3
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = WITH_TEXT
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    writes_text: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    llm: str | None = field(default=None, compare=False)
    vocabulary: int = 2000
    longest: int = 256
    width: int = 64
    layers: int = 2
    heads: int = 4
    dropout: float = 0.1
    learning_rate: float | None = None
    batch_size: int = 32
    holdout: float = 0.1
    steps: int = 800
    content: str = field(init=False, default="", metadata=LATER)

    def __post_init__(self) -> None:
        names = ("vocabulary", "longest", "width", "layers", "heads", "batch_size", "steps")
        check_counts("text_lm", **{name: getattr(self, name) for name in names})
        check_shares("text_lm", dropout=self.dropout, holdout=self.holdout)
        if self.width % self.heads:
            raise UserError(
                f"text_lm: width is {self.width}, expected a multiple of heads={self.heads}"
            )
        if self.llm is not None:
            reader = f"transformers {library_version('transformers')}"
            object.__setattr__(self, "content", f"{content(self.llm, SETTING)} {reader}")

    def check_usable(self) -> None:
        """Refuse an ``llm`` where what reads it is not installed."""
        if self.llm is not None:
            check_installed("text_lm", ("tokenizers", "transformers"), "great")

    def fit(self, table: Table, seed: int, device: str) -> FittedTextLM | FittedFineTuned:
        """Train on the rows.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: no column of text, the device is "cuda" where there is none, or the ``llm``
                cannot be read, or has no room for the rows.
        """
        check_table("text_lm", self, table, device)
        if self.llm is not None:
            return self._fine_tune(self.llm, table, seed, device)
        rows = table.without_text()
        columns = self._columns().fit(rows, derive_seed("columns", seed), device)
        encoding = Encoding.learn(rows, Numbers.BINS, bins=_BINS)
        texts = known_texts(table)
        written = [text for name in texts for text in texts[name] if text is not None]
        vocabulary = Vocabulary.learn(written, self.vocabulary)
        tokens, notes = cut(texts, vocabulary, self.longest)
        codes = row_codes(encoding, rows, derive_seed("codes", seed))
        network = self._train(encoding, vocabulary, codes, tokens, seed, device)
        gaps = tuple(name for name in table.schema.texts if table.frame[name].isna().any())
        return FittedTextLM(
            columns,
            network,
            encoding,
            vocabulary,
            table.schema,
            tokens.shape[2],
            gaps,
            notes,
        )

    def load(self, folder: Path) -> FittedTextLM | FittedFineTuned:
        """Read what was saved by a model fitted with these settings."""
        from safetensors.torch import load_file

        if self.content:
            return FittedFineTuned.load(self._columns(), folder)
        content = read_json(folder / MEANING)
        encoding = Encoding.from_json(content["encoding"])
        vocabulary = Vocabulary(tuple(content["pieces"]))
        schema, longest = Schema.from_json(content["schema"]), content["longest"]
        with seeded_globals(0, uses_torch=True):
            network = self._build(encoding, len(vocabulary), len(schema.texts), longest).eval()
        network.load_state_dict(load_file(folder / WEIGHTS))
        return FittedTextLM(
            self._columns().load(folder),
            network,
            encoding,
            vocabulary,
            schema,
            longest,
            tuple(content["gaps"]),
            from_records(content["notes"]),
        )

    def _fine_tune(self, llm: str, table: Table, seed: int, device: str) -> FittedFineTuned:
        tokenizer, model = read_language_model(llm, SETTING)
        columns = self._columns().fit(table.without_text(), derive_seed("columns", seed), device)
        texts = len(table) * len(table.schema.texts)
        training = self._training(texts, 5e-5, average=0.0)
        return fine_tune((model, tokenizer), columns, table, self.longest, training, seed, device)

    def _training(self, texts: int, usual: float, average: float) -> Training:
        return Training(
            steps=self.steps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate or usual,
            weight_decay=0.01,
            holdout=share_held(self.holdout, texts),
            patience=_PATIENCE,
            average=average,
        )

    def _columns(self) -> TabFormer:
        return TabFormer(steps=self.steps)

    def _train(
        self,
        encoding: Encoding,
        vocabulary: Vocabulary,
        codes: IntArray,
        tokens: IntArray,
        seed: int,
        device: str,
    ) -> Any:
        """The trained network; a row of each text: what is known of its row, and its column."""
        import torch

        from tabsculpt.generators.text_lm.transformer import loss

        columns, n, longest = tokens.shape
        known = np.column_stack([np.tile(codes, (columns, 1)), np.repeat(np.arange(columns), n)])
        rows = (torch.from_numpy(known), torch.from_numpy(tokens.reshape(columns * n, longest)))
        training = self._training(columns * n, 3e-3, _AVERAGE)
        # Dropout draws from torch's global generator.
        with seeded_globals(derive_seed("texts", seed), uses_torch=True):
            network = self._build(encoding, len(vocabulary), columns, longest)
            return train_module(network, loss, rows, training, seed, device)

    def _build(self, encoding: Encoding, tokens: int, columns: int, longest: int) -> Any:
        """The network with its first weights, from torch's global generator."""
        from tabsculpt.generators.text_lm.transformer import TextTransformer

        sizes = [*encoding.sizes.values(), columns]
        return TextTransformer(
            sizes, tokens, longest, self.width, self.layers, self.heads, self.dropout
        )
