"""Rows with notes that a small language model writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators import ConditionalGenerator, Given
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_given, refuse_text
from tabsculpt.generators.text_columns import with_texts
from tabsculpt.generators.text_lm.tokens import END, MISSING, PAD, Vocabulary
from tabsculpt.notes import Note, to_records
from tabsculpt.table import IntArray, Schema, Table

WEIGHTS = "text.safetensors"
MEANING = "text.json"
_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class FittedTextLM:
    """Trained models of the columns and of the texts, on the CPU.

    Attributes:
        columns: samples rows without text.
        network: a `TextTransformer`.
        encoding: what the texts are told of a row.
        vocabulary: what they are written with.
        schema: with text.
        longest: tokens of a text.
        gaps: the columns of text of which some training row has none.
        notes: what the reader of a result should know.
    """

    columns: ConditionalGenerator
    network: Any
    encoding: Encoding
    vocabulary: Vocabulary
    schema: Schema
    longest: int
    gaps: tuple[str, ...]
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows, then their texts; see `ConditionalGenerator.sample`.

        Raises:
            UserError: an unknown column or value, values that it next to never gives, or a text.
        """
        check_given(given or {}, self.schema)
        refuse_text("text_lm", given or {}, self.schema)
        rows = self.columns.sample(n, derive_seed("columns", seed), given)
        codes = row_codes(self.encoding, rows, derive_seed("codes", seed))
        texts = {
            name: self._write(codes, place, derive_seed("text", seed, place))
            for place, name in enumerate(self.schema.texts)
        }
        return with_texts(rows, pd.DataFrame(texts, index=rows.frame.index), self.schema)

    def _write(self, codes: IntArray, column: int, seed: int) -> list[str | None]:
        """A text of one column for each row, a chunk at a time to bound the memory."""
        import torch

        known = torch.from_numpy(np.column_stack([codes, np.full(len(codes), column)]))
        generator = torch.Generator().manual_seed(seed)
        first = [PAD] if self.schema.texts[column] in self.gaps else [PAD, MISSING]
        first += [END] if self.vocabulary.pieces else []
        with torch.no_grad():
            parts = [self._draw(part, first, generator) for part in torch.split(known, _CHUNK)]
        return [self.vocabulary.decode(tokens) for part in parts for tokens in part]

    def _draw(self, codes: Any, first: list[int], generator: Any) -> list[list[int]]:
        """The tokens of a text for each row; one that does not end in time is cut.

        Args:
            codes: what is known of the rows.
            first: tokens that no text begins with.
            generator: of the draws.
        """
        import torch

        row, last = self.network.row(codes), None
        past: list[Any] = []
        tokens: list[Any] = []
        ended = torch.zeros(len(codes), dtype=torch.bool)
        for place in range(self.longest):
            if bool(ended.all()):
                break
            logits = self.network.next_logits(row, last, place, past)
            logits[:, [PAD, MISSING] if place else first] = -torch.inf
            last = torch.multinomial(logits.softmax(dim=1), 1, generator=generator)[:, 0]
            tokens.append(last)
            ended |= last == END
        found: list[list[int]] = torch.stack(tokens, dim=1).tolist() if tokens else []
        return found

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        from safetensors.torch import save_file

        self.columns.save(folder)
        save_file(self.network.state_dict(), folder / WEIGHTS)
        content = {
            "encoding": self.encoding.to_json(),
            "pieces": list(self.vocabulary.pieces),
            "schema": self.schema.to_json(),
            "longest": self.longest,
            "gaps": list(self.gaps),
            "notes": to_records(self.notes),
        }
        write_json(content, folder / MEANING)


def row_codes(encoding: Encoding, rows: Table, seed: int) -> IntArray:
    """What is known of each row, as codes, shape (n, encoded columns); there may be none."""
    return encoding.encode(rows, seed).to_numpy(dtype=np.int64)
