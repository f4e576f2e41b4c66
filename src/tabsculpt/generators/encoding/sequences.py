"""Tables of windows as sequences of encoded steps, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_frame, read_json, write_json
from tabsculpt.table import Column, FloatArray, IntArray, Kind, Schema, Table, conform
from tabsculpt.table.windows import Windows, chains, cut, join, summarise

_MEANING = "meaning.json"
_STATIC = "static.parquet"


@dataclass(frozen=True)
class Code:
    """How a column becomes numbers: standardised, or a zero or one for each level."""

    name: str
    mean: float = 0.0
    deviation: float = 1.0
    levels: tuple[Any, ...] = ()

    @classmethod
    def of(cls, values: pd.Series, column: Column, name: str) -> Code:
        if column.kind is Kind.CATEGORICAL:
            seen = set(values.astype(str))
            return cls(name, levels=tuple(c for c in column.categories if c in seen))
        if column.kind is Kind.BOOLEAN:
            return cls(name, levels=tuple(sorted(bool(v) for v in values.unique())))
        numbers = values.to_numpy(dtype=np.float64)
        return cls(name, float(numbers.mean()), float(numbers.std()) or 1.0)

    def encode(self, values: pd.Series) -> FloatArray:
        if not self.levels:
            return ((values.to_numpy(dtype=np.float64) - self.mean) / self.deviation)[:, None]
        plain = values.to_numpy(dtype=object)
        return np.column_stack([(plain == level).astype(np.float64) for level in self.levels])

    def decode(self, block: FloatArray) -> Any:
        if not self.levels:
            return block[:, 0] * self.deviation + self.mean
        return np.array(self.levels, dtype=object)[block.argmax(axis=1)]


@dataclass(frozen=True, eq=False)
class SequenceEncoding:
    """What the steps of a table's sequences are made of, and how many windows each has.

    Attributes:
        schema: of the training table.
        steps: the codes of the variables, numbers first.
        about: the codes of the static columns.
        static: the static columns of each training sequence.
        rows: shape (sequences,), how many windows each had.
        ranges: the least and greatest training value of each numeric column.
    """

    schema: Schema
    steps: tuple[Code, ...]
    about: tuple[Code, ...]
    static: pd.DataFrame
    rows: IntArray
    ranges: dict[str, tuple[float, float]]

    @classmethod
    def learn(cls, table: Table) -> tuple[SequenceEncoding, list[FloatArray]]:
        """Put the windows of a table together, and learn how steps become numbers.

        Args:
            table: rows of windows without missing values.

        Returns:
            The encoding, and an array for each sequence, shape (length, width); lengths differ.
        """
        windows = windows_of(table.schema)
        kinds = {column.name: column for column in table.schema.columns}
        found = chains(table.frame, windows)
        sequences = [join(table.frame, chain, windows) for chain in found]
        together = pd.concat(sequences, ignore_index=True)
        codes = [Code.of(together[v], kinds[windows.steps(v)[0]], v) for v in windows.variables]
        steps = tuple(sorted(codes, key=lambda code: len(code.levels) > 0))
        dynamic = {*windows.origins(), *windows.summaries()}
        names = [name for name in table.schema.names if name not in dynamic]
        static = table.frame.iloc[[chain[0] for chain in found]][names].reset_index(drop=True)
        about = tuple(Code.of(static[name], kinds[name], name) for name in names)
        rows = np.array([len(chain) for chain in found], dtype=np.int64)
        encoding = cls(table.schema, steps, about, static, rows, _ranges(table))
        return encoding, [_encode(sequence, steps) for sequence in sequences]

    @property
    def windows(self) -> Windows:
        """How the columns of the table hold steps."""
        return windows_of(self.schema)

    @property
    def numbers(self) -> int:
        """How many of the variables are numbers; they come first in an encoded step."""
        return sum(not code.levels for code in self.steps)

    @property
    def levels(self) -> tuple[int, ...]:
        """How many levels each of the other variables has."""
        return tuple(len(code.levels) for code in self.steps if code.levels)

    @property
    def context_width(self) -> int:
        """Width of the encoded static columns."""
        return sum(len(code.levels) or 1 for code in self.about)

    def context(self, picked: IntArray | None = None) -> FloatArray:
        """The encoded static columns of training sequences, shape (sequences, context width)."""
        static = self.static if picked is None else self.static.iloc[picked]
        return _encode(static, self.about)

    def pick(
        self, n: int, rng: np.random.Generator, among: IntArray | None = None
    ) -> tuple[IntArray, int]:
        """Training sequences that have ``n`` windows together, and the steps of the longest.

        Args:
            n: windows.
            rng: of the draw, with replacement.
            among: the sequences to draw from; all by default.
        """
        counts = self.rows if among is None else self.rows[among]
        picked = rng.integers(len(counts), size=1)
        while counts[picked].sum() < n:
            more = rng.integers(len(counts), size=len(picked))
            picked = np.concatenate([picked, more])
        enough = int(np.searchsorted(counts[picked].cumsum(), max(n, 1)))
        kept = np.asarray(picked[: enough + 1], dtype=np.int64)
        sequences = kept if among is None else among[kept]
        return sequences, self._length(int(self.rows[sequences].max(initial=1)))

    def table(self, drawn: FloatArray, picked: IntArray, n: int) -> Table:
        """The first ``n`` windows of drawn sequences.

        Args:
            drawn: encoded steps, shape (sequences, length, width).
            picked: the training sequence whose static columns and number of windows each has.
            n: windows.
        """
        pieces = []
        for values, place in zip(drawn, picked, strict=True):
            sequence = self._sequence(values[: self._length(self.rows[place])], place)
            pieces.append(cut(sequence, self.windows))
        rows = pd.concat(pieces, ignore_index=True).iloc[:n]
        return conform(self._kept_in_range(rows), self.schema)

    def save(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Write it and further settings, JSON-ready ones, into an existing folder."""
        self.static.to_parquet(folder / _STATIC, index=False)
        meaning = {
            **settings,
            "schema": self.schema.to_json(),
            "steps": [asdict(code) for code in self.steps],
            "about": [asdict(code) for code in self.about],
            "rows": self.rows.tolist(),
            "ranges": self.ranges,
        }
        write_json(meaning, folder / _MEANING)

    @classmethod
    def load(cls, folder: Path) -> tuple[SequenceEncoding, dict[str, Any]]:
        """Read what `save` wrote, with the settings."""
        content = read_json(folder / _MEANING)
        steps, about = (
            tuple(Code(**{**code, "levels": tuple(code["levels"])}) for code in content[part])
            for part in ("steps", "about")
        )
        encoding = cls(
            Schema.from_json(content["schema"]),
            steps,
            about,
            read_frame(folder / _STATIC),
            np.array(content["rows"], dtype=np.int64),
            {name: (ends[0], ends[1]) for name, ends in content["ranges"].items()},
        )
        return encoding, content

    def _length(self, rows: int) -> int:
        """The steps that so many windows need."""
        return int((rows - 1) * self.windows.stride + self.windows.span)

    def _sequence(self, values: FloatArray, picked: int) -> pd.DataFrame:
        columns: dict[str, Any] = {}
        place = 0
        for code in self.steps:
            width = len(code.levels) or 1
            columns[code.name] = code.decode(values[:, place : place + width])
            place += width
        index = pd.RangeIndex(len(values))
        static = self.static.iloc[picked]
        fixed = {name: pd.Series([value] * len(values), index) for name, value in static.items()}
        return pd.DataFrame({**columns, **fixed}, index)

    def _kept_in_range(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Numbers within the training rows', and summaries again of what they are then."""
        summaries = set(self.windows.summaries())
        given = {name: ends for name, ends in self.ranges.items() if name not in summaries}
        rows = rows.assign(**{name: rows[name].clip(*ends) for name, ends in given.items()})
        for variable in self.windows.summarised:
            steps = rows[self.windows.steps(variable)].to_numpy(dtype=np.float64)
            for what, values in summarise(steps).items():
                name = f"{variable}_{what}"
                rows[name] = np.clip(values, *self.ranges[name])
        return rows


def windows_of(schema: Schema) -> Windows:
    """How the columns of a table of windows hold steps."""
    assert schema.windows is not None  # check_table has refused others
    return schema.windows


def _encode(frame: pd.DataFrame, codes: tuple[Code, ...]) -> FloatArray:
    blocks = [code.encode(frame[code.name]) for code in codes]
    return np.hstack(blocks) if blocks else np.empty((len(frame), 0))


def _ranges(table: Table) -> dict[str, tuple[float, float]]:
    numeric = [column.name for column in table.schema.columns if column.is_numeric]
    return {
        name: (float(table.frame[name].min()), float(table.frame[name].max())) for name in numeric
    }
