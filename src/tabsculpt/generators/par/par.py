"""PAR: a probabilistic autoregressive network that learns whole sequences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import seeded_globals
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.ctgan.network import check_counts
from tabsculpt.generators.requirements import check_table
from tabsculpt.table import Column, FloatArray, IntArray, Kind, Schema, Table, Task, conform
from tabsculpt.table.windows import Windows, chains, cut, join, summarise

_WEIGHTS = "network.safetensors"
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
class FittedPAR:
    """A trained network, and what is needed to make windows of what it draws.

    Attributes:
        network: a ``SequenceNetwork``.
        hidden: width of its state.
        schema: of the training table.
        steps: the codes of the variables, numbers first.
        about: the codes of the static columns.
        static: the static columns of each training sequence.
        rows: shape (sequences,), how many windows each had.
        ranges: the least and greatest training value of each numeric column.
    """

    network: Any
    hidden: int
    schema: Schema
    steps: tuple[Code, ...]
    about: tuple[Code, ...]
    static: pd.DataFrame
    rows: IntArray
    ranges: dict[str, tuple[float, float]]

    def sample(self, n: int, seed: int) -> Table:
        """Draw sequences and cut windows out of them, ``n`` in all; see `FittedGenerator.sample`.

        The static columns and the length of each are those of a training sequence drawn at random.
        """
        from tabsculpt.generators.par.network import draw

        windows = _windows(self.schema)
        rng = np.random.default_rng(seed)
        picked = self._pick(n, rng)
        static = self.static.iloc[picked]
        length = (int(self.rows[picked].max(initial=1)) - 1) * windows.stride + windows.span
        seed = int(rng.integers(2**31))
        drawn = draw(self.network, _encode(static, self.about), length, seed)
        pieces = []
        for place, values in enumerate(drawn):
            size = (self.rows[picked[place]] - 1) * windows.stride + windows.span
            pieces.append(cut(self._sequence(values[:size], static.iloc[place]), windows))
        rows = pd.concat(pieces, ignore_index=True).iloc[:n]
        return conform(self._kept_in_range(rows, windows), self.schema)

    def _pick(self, n: int, rng: np.random.Generator) -> IntArray:
        """Training sequences, drawn with replacement, that have ``n`` windows together."""
        picked = rng.integers(len(self.rows), size=1)
        while self.rows[picked].sum() < n:
            more = rng.integers(len(self.rows), size=len(picked))
            picked = np.concatenate([picked, more])
        enough = int(np.searchsorted(self.rows[picked].cumsum(), max(n, 1)))
        return np.asarray(picked[: enough + 1], dtype=np.int64)

    def _sequence(self, values: FloatArray, static: pd.Series) -> pd.DataFrame:
        columns: dict[str, Any] = {}
        place = 0
        for code in self.steps:
            width = len(code.levels) or 1
            columns[code.name] = code.decode(values[:, place : place + width])
            place += width
        index = pd.RangeIndex(len(values))
        fixed = {name: pd.Series([value] * len(values), index) for name, value in static.items()}
        return pd.DataFrame({**columns, **fixed}, index)

    def _kept_in_range(self, rows: pd.DataFrame, windows: Windows) -> pd.DataFrame:
        """Numbers within the training rows', and summaries again of what they are then."""
        summaries = set(windows.summaries())
        given = {name: ends for name, ends in self.ranges.items() if name not in summaries}
        rows = rows.assign(**{name: rows[name].clip(*ends) for name, ends in given.items()})
        for variable in windows.summarised:
            steps = rows[windows.steps(variable)].to_numpy(dtype=np.float64)
            for what, values in summarise(steps).items():
                name = f"{variable}_{what}"
                rows[name] = np.clip(values, *self.ranges[name])
        return rows

    def save(self, folder: Path) -> None:
        """Write weights, codes and static columns into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.network.state_dict(), folder / _WEIGHTS)
        self.static.to_parquet(folder / _STATIC, index=False)
        meaning = {
            "hidden": self.hidden,
            "schema": self.schema.to_json(),
            "steps": [asdict(code) for code in self.steps],
            "about": [asdict(code) for code in self.about],
            "rows": self.rows.tolist(),
            "ranges": self.ranges,
        }
        write_json(meaning, folder / _MEANING)


@dataclass(frozen=True)
class PAR:
    """Draws each step of a sequence from a distribution that a recurrent net makes of those before.

    Numbers are normal, categories multinomial, given the steps before and the static columns. It
    is fitted on sequences, which are put together from the windows that are the rows of the table
    (`table.windows.chains`), and what it draws is cut into windows in the same way. Where the
    rows are a part of the table, as in a segment, the sequences are the runs of rows that are left.

    This is the model of SDV's ``PARSynthesizer`` (package ``deepecho``), written anew because that
    one compares sequences that are shorter than the longest with the wrong steps of its output
    (0.8.1), orders categories by Python's hash seed, so that a run cannot be repeated, and draws
    one sequence at a time. Deviations besides: no value is missing, so none is modelled as such; a
    sequence's length is drawn, not modelled; static columns are those of a training sequence,
    where SDV draws them from a copula; gradients are clipped, the learning rate falls along a
    cosine; there are 1,000 steps, not 128 (neighbouring prices of dataset=simulated_prices then
    correlate 0.89, not 0.85, where real ones have 0.91); numbers stay within the training rows'.

    Source: K. Zhang, N. Patki, K. Veeramachaneni, "Sequential Models in the Synthetic Data Vault",
    2022, https://arxiv.org/abs/2207.14406

    Attributes:
        hidden: width of the recurrent state.
        steps: of the optimiser, each on all sequences (500 at most).
        learning_rate: of its first step.
    """

    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = False
    conditional: ClassVar[bool] = False
    sequential: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    hidden: int = 32
    steps: int = 1000
    learning_rate: float = 1e-3

    def __post_init__(self) -> None:
        check_counts("par", hidden=self.hidden, steps=self.steps)
        if self.learning_rate <= 0:
            raise UserError(f"par: learning_rate is {self.learning_rate}, expected above 0")

    def fit(self, table: Table, seed: int, device: str) -> FittedPAR:
        """Put the sequences together and train on them.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the rows are no windows, or values are missing.
        """
        check_table("par", self, table, device)
        from tabsculpt.generators.par.network import train

        schema, windows = table.schema, _windows(table.schema)
        kinds = {column.name: column for column in schema.columns}
        found = chains(table.frame, windows)
        sequences = [join(table.frame, chain, windows) for chain in found]
        together = pd.concat(sequences, ignore_index=True)
        codes = [Code.of(together[v], kinds[windows.steps(v)[0]], v) for v in windows.variables]
        steps = tuple(sorted(codes, key=lambda code: len(code.levels) > 0))
        dynamic = {*windows.origins(), *windows.summaries()}
        names = [name for name in schema.names if name not in dynamic]
        static = table.frame.iloc[[chain[0] for chain in found]][names].reset_index(drop=True)
        about = tuple(Code.of(static[name], kinds[name], name) for name in names)
        context = _encode(static, about)
        shape = _shape(steps, about)
        encoded = [_encode(sequence, steps) for sequence in sequences]
        with seeded_globals(seed, uses_torch=True):
            network = train(encoded, context, shape, self.hidden, self.steps, self.learning_rate)
        rows = np.array([len(chain) for chain in found], dtype=np.int64)
        return FittedPAR(network, self.hidden, schema, steps, about, static, rows, _ranges(table))

    def load(self, folder: Path) -> FittedPAR:
        """Read what `FittedPAR.save` wrote."""
        from safetensors.torch import load_file

        from tabsculpt.generators.par.network import SequenceNetwork

        content = read_json(folder / _MEANING)
        steps, about = (
            tuple(Code(**{**code, "levels": tuple(code["levels"])}) for code in content[part])
            for part in ("steps", "about")
        )
        network = SequenceNetwork(_shape(steps, about), content["hidden"])
        network.load_state_dict(load_file(folder / _WEIGHTS))
        return FittedPAR(
            network.eval(),
            content["hidden"],
            Schema.from_json(content["schema"]),
            steps,
            about,
            pd.read_parquet(folder / _STATIC),
            np.array(content["rows"], dtype=np.int64),
            {name: (ends[0], ends[1]) for name, ends in content["ranges"].items()},
        )


def _windows(schema: Schema) -> Windows:
    assert schema.windows is not None  # check_table has refused others
    return schema.windows


def _shape(steps: tuple[Code, ...], about: tuple[Code, ...]) -> Any:
    from tabsculpt.generators.par.network import Shape

    levels = tuple(len(code.levels) for code in steps if code.levels)
    context = sum(len(code.levels) or 1 for code in about)
    return Shape(len(steps) - len(levels), levels, context)


def _encode(frame: pd.DataFrame, codes: tuple[Code, ...]) -> FloatArray:
    blocks = [code.encode(frame[code.name]) for code in codes]
    return np.hstack(blocks) if blocks else np.empty((len(frame), 0))


def _ranges(table: Table) -> dict[str, tuple[float, float]]:
    numeric = [column.name for column in table.schema.columns if column.is_numeric]
    return {
        name: (float(table.frame[name].min()), float(table.frame[name].max())) for name in numeric
    }
