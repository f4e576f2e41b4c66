"""TabPFN as a generator: each column drawn from its distribution given those drawn before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from annotated_types import Ge

from tabsculpt.engine.artifacts import read_arrays, read_json, write_arrays, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import with_given
from tabsculpt.notes import Code, Note
from tabsculpt.pretrained.checkpoints import Pretrained, Published
from tabsculpt.pretrained.tabpfn import PUBLISHED, Asked
from tabsculpt.table import FloatArray, IntArray, Kind, Table, Task
from tabsculpt.table.subsample import at_most

_FILE = "tabpfn.json"
_ROWS = "context.npz"
_TAIL = (0.005, 0.01, 0.025)
_SHARES = (*_TAIL, *(k / 20 for k in range(1, 20)), *(1 - share for share in reversed(_TAIL)))
"""Shares of a predicted distribution between whose quantiles numbers are drawn."""


@dataclass(frozen=True, eq=False)
class FittedTabPFN:
    """Rows that the network reads as context, and where its weights are.

    Attributes:
        encoding: between tables and encoded rows.
        rows: encoded training rows, shape (n, d), in the order in which columns are drawn.
        asked: the weights by role, as they are asked for.
        notes: what the reader of a result should know.
    """

    encoding: Encoding
    rows: pd.DataFrame
    asked: dict[str, Asked]
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows, of given values first and the rest given them.

        Raises:
            UserError: values that no row can have, or that no training row had; or the weights
                are gone.
        """
        given = given or {}
        fixed = self.encoding.encode_given(given)
        rng = np.random.default_rng(seed)
        rest = [name for name in self.rows if name not in fixed]
        drawn = pd.DataFrame({name: np.full(n, code) for name, code in fixed.items()})
        drawn = drawn.reindex(range(n))
        for name in rest:
            drawn[name] = self._draw(name, drawn, rng)
        codes = dict.fromkeys(self.encoding.discrete, np.int64)
        table = self.encoding.decode(drawn.astype(codes))
        return with_given(table, given) if given else table

    def save(self, folder: Path) -> None:
        """Write the encoding as JSON and the rows as npz into an existing folder."""
        seed = next(iter(self.asked.values())).seed
        meaning = {"encoding": self.encoding.to_json(), "order": list(self.rows), "seed": seed}
        write_json(meaning, folder / _FILE)
        write_arrays({name: self.rows[name].to_numpy() for name in self.rows}, folder / _ROWS)

    def _draw(
        self, name: str, before: pd.DataFrame, rng: np.random.Generator
    ) -> FloatArray | IntArray:
        """Values of an encoded column for rows whose columns before are drawn, shape (n,)."""
        chance, indicator = rng.random(len(before)), f"{name}_missing"
        seen = self.rows[self.rows[indicator] == 0] if indicator in self.rows else self.rows
        values = seen[name].to_numpy()
        if before.empty or values.min() == values.max():
            if self.encoding.sizes[name]:
                return np.sort(values)[(chance * len(values)).astype(np.int64)]
            return np.quantile(values, chance)
        context, asked = self._frame(seen, before), self._frame(before, before)
        if self.encoding.sizes[name]:
            return self._code(values, context, asked, chance)
        model = self.asked["regressor"].regressor(context, values)
        return _between(model.quantiles(asked, _SHARES), chance)

    def _code(
        self, values: IntArray, context: pd.DataFrame, asked: pd.DataFrame, chance: FloatArray
    ) -> IntArray:
        weights = self.asked["classifier"]
        present, codes = np.unique(values, return_inverse=True)
        model = weights.classifier(context, codes, weights.limits("classifier").classes)
        shares = np.cumsum(model.probabilities(asked), axis=1)
        place = (shares < chance[:, None] * shares[:, -1:]).sum(axis=1)
        drawn: IntArray = present[place.clip(0, len(present) - 1)]
        return drawn

    def _frame(self, rows: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
        """The columns before as the network takes them: floats, and pandas' categories."""
        frame = {}
        for name in before:
            size, values = self.encoding.sizes[str(name)], rows[name].to_numpy()
            frame[f"f{name}"] = (
                pd.Categorical(values.astype(np.int64), categories=range(size)) if size else values
            )
        return pd.DataFrame(frame)


@dataclass(frozen=True)
class TabPFN(Pretrained):
    """Draws a row column by column, each from what TabPFN predicts given the columns before.

    Nothing is trained: the training rows are the context that a network reads which learnt from
    simulated tables, and the fitted generator is these rows, which stay in the store. The first
    column is drawn from its own distribution, the target last, and one that tells where another
    has missing values right before it. Numbers are drawn between 25 predicted quantiles, so that
    what lies beyond 0.5 and 99.5 % of a predicted distribution is not drawn. What is given is
    taken as known before anything is drawn, whichever column it is.

    The weights are a checkpoint (``path``) or lie in the cache of the package ``tabpfn``; without
    them it is refused, and nothing is downloaded.

    Source: N. Hollmann, S. Müller, L. Purucker, A. Krishnakumar, M. Körfer, S. B. Hoo, R. T.
    Schirrmeister, F. Hutter, "Accurate predictions on small data with a tabular foundation model",
    Nature 637, 2025, https://doi.org/10.1038/s41586-024-08328-6, Methods, data generation.
    Deviations from its extension "unsupervised": the order is that of the table and one, not the
    mean over several; the first column is drawn from its own distribution, not predicted from
    noise; numbers are normal scores, as in other generators here. Where columns hardly depend on
    each other, a product of conditionals adds the noise of each prediction to those after it.

    Cost: a pass over context and new rows for each column, each time rows are drawn, on one thread
    of the CPU; 1,000 rows of 10 columns take minutes.

    Attributes:
        estimators: passes of the network for a column, each over columns ordered otherwise.
        max_rows: training rows that are read as context; None for as many as the weights are for.
    """

    libraries: ClassVar[tuple[str, ...]] = ("tabpfn", "torch", "scikit-learn", "scipy")
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    published: ClassVar[Published] = PUBLISHED

    estimators: Annotated[int, Ge(1)] = 4
    max_rows: Annotated[int, Ge(100)] | None = 1000

    def expected_seconds(self, rows: int, asked: int, columns: int) -> float:
        """See `tabsculpt.launch.first_costs`; a pass for each column, over those before it."""
        context = min(rows, self.max_rows or rows)
        return sum(
            self.published.seconds(context, asked, before, self.estimators)
            for before in range(1, columns)
        )

    def fit(self, table: Table, seed: int, device: str) -> FittedTabPFN | FittedBootstrap:
        """Take rows as context; rows that are all the same are repeated.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: no weights for a kind of column, or more columns than they are for.
        """
        check_table("tabpfn", self, table)
        encoding = Encoding.learn(table, Numbers.NORMAL)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        asked = self._asked(encoding, seed)
        limits = [one.limits(role) for role, one in asked.items()]
        if len(encoding.names) > (most := min(each.features for each in limits)):
            raise UserError(
                f"tabpfn: {len(encoding.names)} columns; its weights are for {most} at most"
            )
        rows = min(each.rows for each in limits)
        seen = at_most(table, min(self.max_rows or rows, rows), derive_seed("context", seed))
        text = f"tabpfn read {len(seen):,} of {len(table):,} training rows as context, drawn"
        cut = Note(Code.ROWS_DRAWN, text, len(seen))
        encoded = encoding.encode(seen, derive_seed("encode", seed))[_order(encoding)]
        return FittedTabPFN(encoding, encoded, asked, (cut,) if len(seen) < len(table) else ())

    def load(self, folder: Path) -> FittedTabPFN | FittedBootstrap:
        """Read what `FittedTabPFN.save` wrote; its notes are not among it."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        meaning, arrays = read_json(folder / _FILE), read_arrays(folder / _ROWS)
        encoding = Encoding.from_json(meaning["encoding"])
        rows = pd.DataFrame({name: arrays[name] for name in meaning["order"]})
        return FittedTabPFN(encoding, rows, self._asked(encoding, meaning["seed"]))

    def _asked(self, encoding: Encoding, seed: int) -> dict[str, Asked]:
        """The weights of the roles that the columns need."""
        needed = {"classifier": encoding.discrete, "regressor": encoding.continuous}
        return {
            role: Asked(self.checkpoint(role), self.estimators, seed)
            for role, columns in needed.items()
            if columns
        }


def _order(encoding: Encoding) -> list[str]:
    """The encoded columns as they are drawn: the target last, what is missing before its column."""
    schema = encoding.schema
    names = [name for name in schema.names if name != schema.target]
    places = [encoding.name_of(name) for name in (*names, schema.target)]
    each = (name for place in places for name in (f"{place}_missing", place))
    return [name for name in each if name in encoding.sizes]


def _between(quantiles: FloatArray, chance: FloatArray) -> FloatArray:
    """A number for each row, between the quantiles of its distribution.

    Args:
        quantiles: at `_SHARES`, ascending, shape (n, shares).
        chance: in [0, 1), shape (n,).
    """
    place = np.interp(chance, _SHARES, np.arange(len(_SHARES)))
    low = np.minimum(place.astype(np.int64), len(_SHARES) - 2)
    each = np.arange(len(quantiles))
    below, above = quantiles[each, low], quantiles[each, low + 1]
    drawn: FloatArray = below + (above - below) * (place - low)
    return drawn
