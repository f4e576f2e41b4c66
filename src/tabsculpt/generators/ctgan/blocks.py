"""The outputs of a network, column by column at once; imported where it is used: it needs torch."""

from __future__ import annotations

from itertools import groupby

import torch
from torch import Tensor

from tabsculpt.generators.ctgan.network import Codes, Modes, Outputs

_LEAST = 1e-20
"""Uniform numbers stay this far from 0 where the logarithm of a logarithm is taken."""


class Blocks:
    """Where the values and the logits lie among the outputs; blocks of one width go together.

    A loop over the columns would take most of a step of training.

    Attributes:
        values: places of the normalised values, shape (c,).
        groups: places of the logits of all blocks of one width, each of shape (blocks, width).
        codes: the block of each code, shape (k,), in the order of the groups, and
        places: its place among the outputs; both for columns of codes alone, in their order.
    """

    def __init__(self, layout: Outputs, device: str) -> None:
        values: list[int] = []
        blocks: list[tuple[int, list[int], Modes | Codes]] = []
        start = 0
        for part in layout:
            first = start + part.width - part.logits
            values += range(start, first)
            if part.logits:
                blocks.append((part.logits, list(range(first, first + part.logits)), part))
            start += part.width
        blocks.sort(key=lambda block: block[0])
        of_codes = {part.name: n for n, (_, _, part) in enumerate(blocks)}
        named = {part.name: places for _, places, part in blocks}
        discrete = [part for part in layout if isinstance(part, Codes)]
        self.values = torch.tensor(values, dtype=torch.int64, device=device)
        self.groups = [
            torch.tensor([places for _, places, _ in found], device=device)
            for _, found in groupby(blocks, key=lambda block: block[0])
        ]
        self.codes = torch.tensor(
            [of_codes[part.name] for part in discrete for _ in part.codes], device=device
        )
        self.places = torch.tensor(
            [place for part in discrete for place in named[part.name]], device=device
        )
        order = [values, *(group.flatten().tolist() for group in self.groups)]
        flat = [place for part in order for place in part]
        self._back = None if flat == list(range(start)) else torch.tensor(flat).argsort().to(device)

    def activated(self, outputs: Tensor, generator: torch.Generator, temperature: float) -> Tensor:
        """Outputs as rows, shape (n, width): tanh of values, Gumbel-softmax of logits."""
        parts = [torch.tanh(outputs[:, self.values])]
        for places in self.groups:
            logits = outputs[:, places]
            uniform = torch.rand(logits.shape, generator=generator, device=logits.device)
            gumbel = -(-uniform.clamp_min(_LEAST).log()).clamp_min(_LEAST).log()
            soft = torch.softmax((logits + gumbel) / temperature, dim=2)
            parts.append(soft.flatten(1))
        rows = torch.cat(parts, dim=1)
        return rows if self._back is None else rows[:, self._back]

    def normalisers(self, outputs: Tensor) -> Tensor:
        """The logarithm of the sum of each block's exponentials, shape (n, blocks)."""
        found = [torch.logsumexp(outputs[:, places], dim=2) for places in self.groups]
        return torch.cat(found, dim=1) if found else outputs[:, :0]

    def misses(self, outputs: Tensor, asked: Tensor) -> Tensor:
        """The cross-entropy of the code that each row was asked for, shape (n,).

        Args:
            outputs: shape (n, width).
            asked: which code, shape (n,), counted through the columns of codes.
        """
        of_block = self.normalisers(outputs).gather(1, self.codes[asked][:, None])
        return (of_block - outputs.gather(1, self.places[asked][:, None]))[:, 0]
