"""Rows of words through a language model: how it learns them, and how it writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.generators.great.model import Writing
from tabsculpt.generators.great.texts import PAD as _PAD
from tabsculpt.generators.great.texts import Texts
from tabsculpt.generators.training.loop import Training, train_module
from tabsculpt.table import IntArray

_CHUNK = 256
"""Rows written at once, all in one order of the columns."""
_CHUNK_OF_TEXTS = 32
"""The same of rows with texts, which take far more memory."""


@dataclass(frozen=True, eq=False)
class Sentences:
    """The training rows in tokens.

    Attributes:
        writing: the columns.
        codes: places of the values in their columns, shape (n, d).
        texts: of the columns of text, None where there are none.
        values: whether values are learnt, beside texts.
    """

    writing: Writing
    codes: IntArray
    texts: Texts | None
    values: bool = True


def train_rows(model: Any, sentences: Sentences, training: Training, seed: int, device: str) -> Any:
    """Teach a model to continue rows, whose columns come in another order at each look.

    Texts come after all other columns, in the order of the table.

    Args:
        model: a causal language model of the package ``transformers``.
        sentences: n rows.
        training: how.
        seed: of every draw.
        device: "cpu" or "cuda".

    Returns:
        The model, on the CPU, in evaluation mode.
    """
    import torch

    counts = [len(values) for values in sentences.writing.values]
    starts = np.cumsum([0, *counts], dtype=np.int64)[:-1]
    pieces = torch.from_numpy(sentences.codes + starts)
    texts = sentences.texts
    rows = [pieces]
    if texts is not None:
        rows += [torch.from_numpy(texts.tokens), torch.from_numpy(texts.scored)]
    with seeded_globals(seed, uses_torch=True):
        reader = _reader(model, sentences)
        lengths = (reader.tokens != _PAD).sum(1)[pieces].sum(1)
        if texts is not None:
            lengths = lengths + (rows[1] != _PAD).sum(1)
        loss = partial(_loss, int(lengths.max()))
        trained = train_module(reader, loss, rows, training, seed, device)
    return trained.model


def _reader(model: Any, sentences: Sentences) -> Any:
    """The model, beside the tokens of every piece "name is value," of a row as buffers."""
    import torch

    writing = sentences.writing
    pieces = [
        (name, value)
        for name, values in zip(writing.names, writing.values, strict=True)
        for value in values
    ]
    width = max((len(name) + len(value) for name, value in pieces), default=1)
    tokens = torch.full((len(pieces), width), _PAD)
    scored = torch.zeros((len(pieces), width), dtype=torch.bool)
    for row, (name, value) in enumerate(pieces):
        tokens[row, : len(name) + len(value)] = torch.tensor([*name, *value])
        scored[row, len(name) : len(name) + len(value)] = sentences.values
    reader = torch.nn.Module()
    reader.model = model
    reader.register_buffer("first", torch.tensor([[writing.first]]))
    reader.register_buffer("tokens", tokens)
    reader.register_buffer("scored", scored)
    return reader


def _loss(longest: int, reader: Any, batch: tuple[Any, ...], generator: Any) -> Any:
    """Cross entropy of values and texts; names are given, as they are when rows are written.

    Nothing here waits for a GPU, hence the length of the ``longest`` row as a number.
    """
    import torch

    pieces, *texts = batch
    order = torch.rand(pieces.shape, generator=generator, device=pieces.device).argsort(1)
    pieces = pieces.gather(1, order)
    tokens, scored = reader.tokens[pieces].flatten(1), reader.scored[pieces].flatten(1)
    if texts:
        tokens, scored = torch.cat([tokens, texts[0]], 1), torch.cat([scored, texts[1]], 1)
    packed = (tokens == _PAD).byte().argsort(dim=1, stable=True)[:, :longest]
    tokens, scored = tokens.gather(1, packed), scored.gather(1, packed)
    inputs = torch.cat([reader.first.expand(len(tokens), 1), tokens[:, :-1].clamp(min=0)], 1)
    logits = reader.model(input_ids=inputs, use_cache=False).logits
    labels = tokens.masked_fill(~scored, _PAD).flatten()
    return torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), labels, ignore_index=_PAD
    )


def write_rows(
    model: Any,
    writing: Writing,
    n: int,
    fixed: Mapping[int, IntArray],
    longest: int,
    temperature: float,
    seed: int,
) -> tuple[IntArray, list[list[list[int]]]]:
    """Have a model write rows, a value at a time, each among the values that its column may have.

    Args:
        model: on the CPU.
        writing: the columns in tokens.
        n: how many rows.
        fixed: codes that the rows have, by column, shape (n,); they are read to the model first.
        longest: tokens of a text.
        temperature: divides the logits.
        seed: of every draw.

    Returns:
        Codes, shape (n, d); and of each column of text the tokens of every row.
    """
    import torch

    rng = np.random.default_rng(seed)
    noise = torch.Generator().manual_seed(derive_seed("texts", seed))
    tries = [_tree(values) for values in writing.values]
    codes = np.empty((n, len(tries)), dtype=np.int64)
    texts: list[list[list[int]]] = [[] for _ in writing.texts]
    chunk = _CHUNK_OF_TEXTS if writing.texts else _CHUNK
    with torch.inference_mode():
        for start in range(0, n, chunk):
            rows = slice(start, min(start + chunk, n))
            page = _Page.blank(model, writing.first, rows.stop - start, temperature, rng)
            free = [column for column in range(len(tries)) if column not in fixed]
            for column in [*rng.permutation(list(fixed)), *rng.permutation(free)]:
                page.read(writing.names[column])
                if column in fixed:
                    codes[rows, column] = fixed[column][rows]
                    page.read_each([writing.values[column][c] for c in codes[rows, column]])
                else:
                    codes[rows, column] = page.write(tries[column])
            for name, written in zip(writing.texts, texts, strict=True):
                page.read(name)
                written += page.write_text(writing.end, longest, noise)
    return codes, texts


@dataclass(frozen=True, eq=False)
class _Tree:
    """The values of a column as a tree of tokens; the root is node 0.

    Attributes:
        tokens: that may follow each node, shape (nodes, k), `_PAD` where there are fewer.
        nodes: that they lead to; at the end of a value -1 - its code.
    """

    tokens: Any
    nodes: Any


def _tree(values: tuple[tuple[int, ...], ...]) -> _Tree:
    import torch

    children: list[dict[int, int]] = [{}]
    for code, value in enumerate(values):
        node = 0
        for token in value[:-1]:
            if token not in children[node]:
                children.append({})
                children[node][token] = len(children) - 1
            node = children[node][token]
        children[node][value[-1]] = -1 - code
    most = max(map(len, children))
    tokens = torch.full((len(children), most), _PAD)
    nodes = torch.zeros((len(children), most), dtype=torch.long)
    for node, below in enumerate(children):
        tokens[node, : len(below)] = torch.tensor(list(below))
        nodes[node, : len(below)] = torch.tensor(list(below.values()))
    return _Tree(tokens, nodes)


@dataclass(eq=False)
class _Page:
    """Rows half written: the model's memory of them, and what it expects next."""

    model: Any
    temperature: float
    rng: np.random.Generator
    memory: Any
    seen: Any
    logits: Any

    @classmethod
    def blank(
        cls, model: Any, first: int, rows: int, temperature: float, rng: np.random.Generator
    ) -> _Page:
        import torch

        page = cls(model, temperature, rng, None, torch.zeros((rows, 0), dtype=torch.long), None)
        page.read((first,))
        return page

    def read(self, tokens: tuple[int, ...]) -> None:
        """Put the same tokens at the end of every row."""
        import torch

        rows = len(self.seen)
        self._put(torch.tensor(tokens).expand(rows, -1), torch.ones(rows, len(tokens)).long())

    def read_each(self, rows: Sequence[tuple[int, ...]]) -> None:
        """Put tokens of its own at the end of every row."""
        import torch

        lengths = torch.tensor([len(row) for row in rows])
        width = int(lengths.max())
        padded = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
        self._put(padded, (torch.arange(width) < lengths[:, None]).long())

    def write_text(self, end: int, longest: int, noise: Any) -> list[list[int]]:
        """Draw a text for each row, token by token, up to the token that ends it, if it comes."""
        import torch

        going = torch.ones(len(self.seen), dtype=torch.bool)
        drawn = []
        for place in range(longest):
            chances = self.logits.double() / self.temperature
            if not place:
                chances[:, end] = -torch.inf
            token = torch.multinomial(chances.softmax(1), 1, generator=noise)
            token[~going] = end
            drawn.append(token)
            self._put(token, going[:, None].long())
            going &= token[:, 0] != end
            if not going.any():
                break
        found: list[list[int]] = torch.cat(drawn, 1).tolist()
        return found

    def write(self, tree: _Tree) -> IntArray:
        """Draw a value for each row, token by token, and return its code; shape (n,)."""
        import torch

        node = torch.zeros(len(self.seen), dtype=torch.long)
        while (node >= 0).any():
            going = node >= 0
            below = tree.tokens[node.clamp(min=0)]
            chances = self.logits.gather(1, below.clamp(min=0)).double() / self.temperature
            noise = torch.from_numpy(self.rng.gumbel(size=below.shape))
            drawn = (chances + noise).masked_fill(below == _PAD, -torch.inf).argmax(1, True)
            token = below.gather(1, drawn).clamp(min=0)
            after = tree.nodes[node.clamp(min=0)].gather(1, drawn)[:, 0]
            node = torch.where(going, after, node)
            self._put(token, going[:, None].long())
        codes: IntArray = (-1 - node).numpy()
        return codes

    def _put(self, tokens: Any, seen: Any) -> None:
        """Let the model read tokens, shape (n, m); rows pass over those with ``seen`` 0."""
        import torch

        self.seen = torch.cat([self.seen, seen], 1)
        places = (self.seen.cumsum(1) - 1).clamp(min=0)[:, -tokens.shape[1] :]
        output = self.model(
            input_ids=tokens,
            attention_mask=self.seen,
            position_ids=places,
            past_key_values=self.memory,
            use_cache=True,
        )
        self.memory = output.past_key_values
        self.logits = output.logits[:, -1]
