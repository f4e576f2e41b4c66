"""What holds between the columns of a row: ranges, orders, sums and fixed combinations."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Booleans = npt.NDArray[np.bool_]

_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.NotEq: operator.ne, ast.Eq: lambda a, b: np.isclose(a, b, rtol=1e-9, atol=1e-9),
}  # fmt: skip
_COMPUTE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_QUOTED = re.compile(r"`([^`]+)`")
_FIXED = "fixed"


@dataclass(frozen=True)
class Constraint:
    """One thing that holds in every row.

    Attributes:
        text: ``0 <= age <= 120``, ``start <= end``, ``total == a + b`` or ``fixed(city, country)``:
            comparisons of numbers, columns, sums, differences, products and quotients, or columns
            of which those combinations alone occur that the real rows have. A column's name that
            is no plain word stands in backticks.

    Raises:
        ValueError: the text is none of these; the message says what was expected.
    """

    text: str

    def __post_init__(self) -> None:
        _ = self.columns
        if not self.is_fixed and not isinstance(self._tree, ast.Compare):
            raise ValueError("expected a comparison, such as 0 <= age, or fixed(a, b)")

    @cached_property
    def _names(self) -> list[str]:
        """The quoted columns, in order."""
        return _QUOTED.findall(self.text)

    @cached_property
    def _tree(self) -> ast.expr:
        places = iter(range(len(self._names)))
        plain = _QUOTED.sub(lambda _: f"_quoted_{next(places)}", self.text)
        try:
            return ast.parse(plain.strip(), mode="eval").body
        except SyntaxError:
            raise ValueError("expected a comparison, such as 0 <= age, or fixed(a, b)") from None

    @cached_property
    def is_fixed(self) -> bool:
        """Whether it is about combinations of values."""
        tree = self._tree
        return isinstance(tree, ast.Call) and getattr(tree.func, "id", "") == _FIXED

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is about."""
        found = []
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
                raise ValueError(f"{node.value!r} is no number")
            if isinstance(node, ast.Name) and not (self.is_fixed and node.id == _FIXED):
                found.append(self._named(node))
            elif not isinstance(node, _KNOWN) and not (
                self.is_fixed and isinstance(node, ast.Call)
            ):
                raise ValueError("only columns, numbers, + - * / and comparisons are understood")
        if not found:
            raise ValueError("it names no column")
        return tuple(dict.fromkeys(found))

    def renamed(self, names: Mapping[str, str]) -> str:
        """The same of columns with other names, each in backticks; of the text's own spelling."""
        tree = ast.parse(ast.unparse(self._tree), mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and not (self.is_fixed and node.id == _FIXED):
                node.id = f"`{names[self._named(node)]}`"
        return ast.unparse(tree)

    def combinations(self, frame: pd.DataFrame) -> set[tuple[str, ...]]:
        """The combinations of values that rows have, where it is about these."""
        return set(self._keys(frame)) if self.is_fixed else set()

    def holds(self, frame: pd.DataFrame, known: set[tuple[str, ...]]) -> Booleans:
        """In which rows it holds; where a value is missing it counts as held.

        Args:
            frame: shape (n, d).
            known: the combinations that may occur.
        """
        missing = frame[list(self.columns)].isna().any(axis=1).to_numpy()
        if self.is_fixed:
            return np.array([key in known for key in self._keys(frame)], dtype=bool) | missing
        assert isinstance(self._tree, ast.Compare)
        sides = [self._value(s, frame) for s in (self._tree.left, *self._tree.comparators)]
        held = np.ones(len(frame), dtype=bool)
        with np.errstate(all="ignore"):
            for compare, left, right in zip(self._tree.ops, sides[:-1], sides[1:], strict=True):
                held &= _COMPARE[type(compare)](left, right)
        return held | missing

    def repaired(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows in which a column that equals an expression of others is computed from them."""
        tree = self._tree
        if self.is_fixed or not isinstance(tree, ast.Compare) or len(tree.ops) > 1:
            return frame
        if not (isinstance(tree.ops[0], ast.Eq) and isinstance(tree.left, ast.Name)):
            return frame
        name = self._named(tree.left)
        value = pd.Series(self._value(tree.comparators[0], frame), frame.index)
        value = value.where(np.isfinite(value) & frame[name].notna())
        whole = str(frame[name].dtype) == "Int64"
        return frame.assign(**{name: value.round().astype("Int64") if whole else value})

    def _named(self, node: ast.Name) -> str:
        if match := re.fullmatch(r"_quoted_(\d+)", node.id):
            return str(self._names[int(match[1])])
        return node.id

    def _keys(self, frame: pd.DataFrame) -> list[tuple[str, ...]]:
        texts = [frame[name].astype(object).map(str).tolist() for name in self.columns]
        return list(zip(*texts, strict=True))

    def _value(self, node: ast.expr, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        match node:
            case ast.Constant(int() | float() as value):
                return np.full(len(frame), float(value))
            case ast.Name():
                return frame[self._named(node)].to_numpy(dtype=np.float64, na_value=np.nan)
            case ast.UnaryOp(ast.USub(), operand):
                return -self._value(operand, frame)
            case ast.BinOp(left, op, right):
                with np.errstate(all="ignore"):
                    made: npt.NDArray[np.float64] = _COMPUTE[type(op)](
                        self._value(left, frame), self._value(right, frame)
                    )
                return made
        raise ValueError(f"cannot compute {ast.unparse(node)}")


_KNOWN = (
    ast.Compare, ast.Name, ast.Load, ast.Constant, ast.BinOp, ast.UnaryOp, ast.USub,
    *_COMPARE, *_COMPUTE,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rules:
    """Constraints with the combinations that real rows have.

    Attributes:
        constraints: all of them.
        known: the combinations of each, empty where it is about none.
    """

    constraints: tuple[Constraint, ...]
    known: tuple[set[tuple[str, ...]], ...]

    @classmethod
    def learn(cls, texts: tuple[str, ...], frame: pd.DataFrame) -> Rules:
        """The rules of real rows."""
        constraints = tuple(map(Constraint, texts))
        return cls(constraints, tuple(c.combinations(frame) for c in constraints))

    def hold(self, frame: pd.DataFrame) -> Booleans:
        """In which rows all of them hold, shape (n,)."""
        held = np.ones(len(frame), dtype=bool)
        for constraint, known in zip(self.constraints, self.known, strict=True):
            held &= constraint.holds(frame, known)
        return held

    def repaired(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows whose sums add up; see `Constraint.repaired`."""
        for constraint in self.constraints:
            frame = constraint.repaired(frame)
        return frame

    def to_json(self) -> list[Any]:
        """JSON-ready."""
        pairs = zip(self.constraints, self.known, strict=True)
        return [[constraint.text, sorted(map(list, known))] for constraint, known in pairs]

    @classmethod
    def from_json(cls, data: list[Any]) -> Rules:
        """The inverse of `to_json`."""
        known = tuple({tuple(key) for key in keys} for _, keys in data)
        return cls(tuple(Constraint(text) for text, _ in data), known)
