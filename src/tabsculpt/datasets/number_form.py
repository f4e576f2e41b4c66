"""How the numbers of a column are written: 1,234.50 or 12 mg or (5 %), and back again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class NumberForm:
    """The form of the numbers of a column.

    Attributes:
        decimals: most digits after the decimal mark; None where they are not limited.
        fixed: whether every number has that many (12.50, not 12.5).
        prefix: stands before the number, such as ``$``.
        suffix: stands after it, such as `` mg`` or ``%``.
        thousands: separates groups of three digits; empty for none.
        decimal: the decimal mark.
        parentheses: whether negative numbers are in parentheses and have no sign.
        sign_first: whether a minus stands before the prefix (-$5, not $-5).
    """

    decimals: int | None = None
    fixed: bool = False
    prefix: str = ""
    suffix: str = ""
    thousands: str = ""
    decimal: str = "."
    parentheses: bool = False
    sign_first: bool = True

    def texts(self, values: pd.Series) -> pd.Series:
        """Numbers as they are written; missing ones are None.

        Args:
            values: shape (n,), of an integer or floating dtype.
        """
        codes, distinct = pd.factorize(values)
        texts = np.array([self._text(value) for value in distinct] + [None], dtype=object)
        return pd.Series(texts[codes], values.index, dtype=object, name=values.name)

    def _text(self, value: float) -> str:
        negative = value < 0
        digits = self._digits(abs(value))
        if negative and not digits.strip("0.,"):
            negative = False
        if self.thousands or self.decimal != ".":
            digits = digits.replace(",", "\x00").replace(".", self.decimal)
            digits = digits.replace("\x00", self.thousands)
        if not negative:
            return f"{self.prefix}{digits}{self.suffix}"
        if self.parentheses:
            return f"({self.prefix}{digits}{self.suffix})"
        start = f"-{self.prefix}" if self.sign_first else f"{self.prefix}-"
        return f"{start}{digits}{self.suffix}"

    def _digits(self, value: float) -> str:
        """Without a sign; the marks are comma and point whatever those of the column."""
        grouped = "," if self.thousands else ""
        if not isinstance(value, float | np.floating):
            return f"{int(value):{grouped}d}" + ("." + "0" * self.decimals if self._padded else "")
        if not np.isfinite(value):
            return str(value)
        if self.decimals is None:
            if grouped:
                return f"{value:,.12f}".rstrip("0").rstrip(".")
            text = repr(float(value))
            return text.removesuffix(".0")
        text = f"{value:{grouped}.{self.decimals}f}"
        return text if self.fixed or not self.decimals else text.rstrip("0").rstrip(".")

    @property
    def _padded(self) -> bool:
        return bool(self.fixed and self.decimals)
