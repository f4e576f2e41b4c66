"""Rows of words through a language model: how it learns them, and how it writes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.generators.great.model import Writing
from tabsculpt.generators.training.loop import Training, train_module
from tabsculpt.table import IntArray

_PAD = -1
_CHUNK = 256
"""Rows written at once, all in one order of the columns."""


def train_rows(
    model: Any, writing: Writing, codes: IntArray, training: Training, seed: int, device: str
) -> Any:
    """Teach a model to continue rows, whose columns come in another order at each look.

    Args:
        model: a causal language model of the package ``transformers``.
        writing: the columns in tokens.
        codes: places of the values in their columns, shape (n, d).
        training: how.
        seed: of every draw.
        device: "cpu" or "cuda".

    Returns:
        The model, on the CPU, in evaluation mode.
    """
    import torch

    counts = [len(values) for values in writing.values]
    pieces = torch.from_numpy(codes + np.cumsum([0, *counts[:-1]]))
    with seeded_globals(seed, uses_torch=True):
        reader = _reader(model, writing)
        lengths = (reader.tokens != _PAD).sum(1)[pieces].sum(1)
        loss = partial(_loss, int(lengths.max()))
        trained = train_module(reader, loss, [pieces], training, seed, device)
    return trained.model


def _reader(model: Any, writing: Writing) -> Any:
    """The model, beside the tokens of every piece "name is value," of a row as buffers."""
    import torch

    pieces = [
        (name, value)
        for name, values in zip(writing.names, writing.values, strict=True)
        for value in values
    ]
    width = max(len(name) + len(value) for name, value in pieces)
    tokens = torch.full((len(pieces), width), _PAD)
    scored = torch.zeros((len(pieces), width), dtype=torch.bool)
    for row, (name, value) in enumerate(pieces):
        tokens[row, : len(name) + len(value)] = torch.tensor([*name, *value])
        scored[row, len(name) : len(name) + len(value)] = True
    reader = torch.nn.Module()
    reader.model = model
    reader.register_buffer("first", torch.tensor([[writing.first]]))
    reader.register_buffer("tokens", tokens)
    reader.register_buffer("scored", scored)
    return reader


def _loss(longest: int, reader: Any, batch: tuple[Any, ...], generator: Any) -> Any:
    """Cross entropy of the values' tokens; names are given, as they are when rows are written.

    Nothing here waits for a GPU, hence the length of the ``longest`` row as a number.
    """
    import torch

    pieces = batch[0]
    order = torch.rand(pieces.shape, generator=generator, device=pieces.device).argsort(1)
    pieces = pieces.gather(1, order)
    tokens, scored = reader.tokens[pieces].flatten(1), reader.scored[pieces].flatten(1)
    packed = (tokens == _PAD).byte().argsort(dim=1, stable=True)[:, :longest]
    tokens, scored = tokens.gather(1, packed), scored.gather(1, packed)
    inputs = torch.cat([reader.first.expand(len(tokens), 1), tokens[:, :-1].clamp(min=0)], 1)
    logits = reader.model(input_ids=inputs, use_cache=False).logits
    labels = tokens.masked_fill(~scored, _PAD).flatten()
    return torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), labels, ignore_index=_PAD
    )


def write_rows(
    model: Any, writing: Writing, n: int, fixed: dict[int, int], temperature: float, seed: int
) -> IntArray:
    """Have a model write rows, a value at a time, each among the values that its column may have.

    Args:
        model: on the CPU.
        writing: the columns in tokens.
        n: how many rows.
        fixed: codes that every row has, by column; they are read to the model first.
        temperature: divides the logits.
        seed: of every draw.

    Returns:
        Codes, shape (n, d).
    """
    import torch

    rng = np.random.default_rng(seed)
    tries = [_tree(values) for values in writing.values]
    codes = np.empty((n, len(tries)), dtype=np.int64)
    with torch.inference_mode():
        for start in range(0, n, _CHUNK):
            rows = slice(start, min(start + _CHUNK, n))
            page = _Page.blank(model, writing.first, rows.stop - start, temperature, rng)
            free = [column for column in range(len(tries)) if column not in fixed]
            for column in [*rng.permutation(list(fixed)), *rng.permutation(free)]:
                page.read(writing.names[column])
                if column in fixed:
                    codes[rows, column] = fixed[column]
                    page.read(writing.values[column][fixed[column]])
                else:
                    codes[rows, column] = page.write(tries[column])
    return codes


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
