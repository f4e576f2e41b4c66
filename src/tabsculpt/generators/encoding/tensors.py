"""Encoded rows as tensors: numbers, codes, and the condition under which these are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.table import FloatArray, Task

Shares = tuple[float, ...]
"""The codes' shares of the training rows; empty for a column of normal scores."""


@dataclass(frozen=True)
class Parts:
    """Which encoded columns a network makes, and which are its condition.

    Attributes:
        numbers: made, columns of numbers.
        codes: made, columns of codes, with the number of codes of each.
        condition: given to the network, with the shares of the codes of each. Normal scores and
            the shares say how conditions are distributed, so that new ones can be drawn.
    """

    numbers: tuple[str, ...]
    codes: Mapping[str, int]
    condition: Mapping[str, Shares]

    @classmethod
    def of(cls, encoding: Encoding, frame: pd.DataFrame, conditioned_on: str | None) -> Parts:
        """Divide the encoded columns.

        Args:
            encoding: its numbers are normal scores.
            frame: encoded training rows.
            conditioned_on: the condition, a column, unless the others are constant; None for
                no condition.
        """
        place = None if conditioned_on is None else encoding.name_of(conditioned_on)
        condition = [name for name in encoding.names if name.partition("_")[0] == place]
        made = [name for name in encoding.names if name not in condition]
        if not made:
            made, condition = condition, []
        return cls(
            tuple(name for name in made if not encoding.sizes[name]),
            {name: encoding.sizes[name] for name in made if encoding.sizes[name]},
            {name: _shares(frame[name], encoding.sizes[name]) for name in condition},
        )

    def without(self, name: str) -> Parts:
        """All but a column that is made."""
        return replace(
            self,
            numbers=tuple(number for number in self.numbers if number != name),
            codes={code: size for code, size in self.codes.items() if code != name},
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of codes of each column of codes."""
        return tuple(self.codes.values())

    @property
    def condition_width(self) -> int:
        """How many numbers describe the condition."""
        return sum(max(1, len(shares)) for shares in self.condition.values())

    def tensors(self, frame: pd.DataFrame) -> tuple[Any, Any, Any]:
        """Encoded rows as numbers, shape (n, c), codes, shape (n, k), and condition, (n, width)."""
        import torch

        numbers = frame[list(self.numbers)].to_numpy(dtype=np.float32)
        codes = frame[list(self.codes)].to_numpy(dtype=np.int64)
        return torch.tensor(numbers), torch.tensor(codes), self.condition_of(frame)

    def condition_of(self, frame: pd.DataFrame) -> Any:
        """The condition, shape (n, condition_width): numbers as they are, codes one-hot."""
        import torch

        blocks: list[FloatArray] = [np.empty((len(frame), 0))]
        for name, shares in self.condition.items():
            values = frame[name].to_numpy()
            blocks.append(values[:, None] if not shares else np.eye(len(shares))[values])
        return torch.tensor(np.hstack(blocks), dtype=torch.float32)

    def flat(self, numbers: Any, codes: Any) -> Any:
        """Numbers and codes side by side, these as zeros and ones, shape (n, width)."""
        import torch

        hot = [
            torch.nn.functional.one_hot(column, size)
            for column, size in zip(codes.T, self.sizes, strict=True)
        ]
        return torch.cat([numbers, *hot], dim=1).float()

    def frame_of(self, made: Sequence[tuple[Any, Any]], condition: pd.DataFrame) -> pd.DataFrame:
        """Encoded rows of chunks of numbers, (n, c), and codes, (n, k), and all conditions."""
        import torch

        numbers, codes = (torch.cat(part).numpy() for part in zip(*made, strict=True))
        columns = dict(zip(self.numbers, numbers.astype(np.float64).T, strict=True))
        columns |= dict(zip(self.codes, codes.T, strict=True))
        return pd.concat([condition, pd.DataFrame(columns, index=condition.index)], axis=1)

    def draw_condition(
        self, n: int, fixed: Mapping[str, float], rng: np.random.Generator
    ) -> pd.DataFrame:
        """The condition's columns of n rows: fixed values, or drawn as in the training rows."""
        columns: dict[str, Any] = {}
        for name, shares in self.condition.items():
            if name in fixed:
                columns[name] = np.full(n, fixed[name], dtype=np.int64 if shares else np.float64)
            elif shares:
                chances = np.array(shares)
                columns[name] = rng.choice(len(chances), size=n, p=chances / chances.sum())
            else:
                columns[name] = rng.standard_normal(n)
        return pd.DataFrame(columns, index=range(n))

    def to_json(self) -> dict[str, Any]:
        # a list of pairs keeps the order of the columns, which sorted JSON objects do not
        return {
            key: list(value.items()) if key != "numbers" else list(value)
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Parts:
        condition = {name: tuple(shares) for name, shares in data["condition"]}
        return cls(tuple(data["numbers"]), dict(data["codes"]), condition)


def target_apart(encoding: Encoding, frame: pd.DataFrame) -> tuple[str | None, Parts]:
    """The encoded target that is drawn given the rest of the row, if any, and the rest's parts.

    That is the target of a regression, where it is a number and not alone; the target of a
    classification is the condition of the parts.
    """
    schema = encoding.schema
    if schema.task is not Task.REGRESSION:
        return None, Parts.of(encoding, frame, schema.target)
    parts, target = Parts.of(encoding, frame, None), encoding.name_of(schema.target)
    if target not in parts.numbers or encoding.names == [target]:
        return None, parts
    return target, parts.without(target)


def _shares(codes: pd.Series, size: int) -> Shares:
    if not size:
        return ()
    return tuple((np.bincount(codes, minlength=size) / len(codes)).tolist())
