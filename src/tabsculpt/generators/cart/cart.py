"""CART: each column drawn from the leaf of a tree over the columns drawn before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from annotated_types import Ge

from tabsculpt.engine.artifacts import read_arrays, read_json, write_arrays, write_json
from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import unknown
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.cart.trees import Leaves
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import codes_given, draw_matching, with_given
from tabsculpt.table import Kind, Table, Task

_FILE = "cart.json"
_TREES = "trees.npz"


@dataclass(frozen=True, eq=False)
class FittedCART:
    """A tree for each column of the encoded table.

    Attributes:
        encoding: between tables and encoded rows.
        order: the encoded columns, in the order in which they are drawn.
        leaves: by encoded column, what is drawn from.
        smooth: see `CART`.
    """

    encoding: Encoding
    order: tuple[str, ...]
    leaves: dict[str, Leaves]
    smooth: bool

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`. Numbers cannot be given.

        Raises:
            UserError: an unknown column, or a value that it cannot be asked for.
        """
        given = given or {}
        fixed = codes_given("cart", self.encoding, given)
        rng = np.random.default_rng(seed)
        rows = draw_matching(lambda count: self._draw(count, rng), fixed, n)
        table = self.encoding.decode(rows)
        return with_given(table, given) if given else table

    def save(self, folder: Path) -> None:
        """Write the encoding as JSON and the trees as npz into an existing folder."""
        write_json({"encoding": self.encoding.to_json(), "order": self.order}, folder / _FILE)
        arrays = {
            f"{name}/{part}": values
            for name, leaves in self.leaves.items()
            for part, values in leaves.to_arrays().items()
        }
        write_arrays(arrays, folder / _TREES)

    def _draw(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        rows = pd.DataFrame(0.0, index=range(n), columns=self.order)
        for name in self.order:
            number = not self.encoding.sizes[name]
            drawn = self.leaves[name].draw(rows, self.smooth and number, rng)
            rows[name] = drawn if number else drawn.astype(np.int64)
        return rows


@dataclass(frozen=True)
class CART:
    """Draws a row column by column, each from the training rows in the leaf of a tree.

    The tree of a column splits the training rows by the columns before it until a leaf has few
    rows; the value is drawn from the rows of the leaf that the new row falls in. The first column
    is drawn from all rows. A column that tells where another has missing values comes right before
    it. It is the method of the R package synthpop at its defaults and of many statistical offices:
    quick, good at small tables of mixed kinds, and not private by itself, as a leaf holds few
    people.

    Source: J. P. Reiter, "Using CART to generate partially synthetic public use microdata", 2005,
    Journal of Official Statistics 21(3); B. Nowok, G. M. Raab, C. Dibben, "synthpop: Bespoke
    creation of synthetic data in R", 2016, https://doi.org/10.18637/jss.v074.i11. Deviations: the
    target comes last unless ``order`` says otherwise, so that its tree sees every feature; numbers
    are drawn between neighbouring rows of a leaf, on the scale of their ranks, in place of values
    of the table (``smooth``); codes are put into order by the column that is drawn before a tree
    splits them, exact for numbers and two classes.

    A leaf is a block: where a number rises steadily with several columns at once, a few hundred
    rows fill too few of them, and models learn some 85 % of what real rows teach.

    Cost: a tree for each column; 100,000 rows of 20 columns take half a minute of CPU.

    Args:
        leaf_rows: fewest training rows in a leaf (synthpop's minbucket).
        order: columns that are drawn first, in this order; the others follow as in the table, the
            target last.
        smooth: whether numbers are drawn between the values of a leaf, not only from them.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    leaf_rows: Annotated[int, Ge(1)] = 5
    order: list[str] = field(default_factory=list)
    smooth: bool = True

    def fit(self, table: Table, seed: int, device: str) -> FittedCART | FittedBootstrap:
        """Learn on the CPU, whatever the device; rows that are all the same are repeated.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: a name of ``order`` that the table does not have.
        """
        check_table("cart", self, table)
        encoding = Encoding.learn(table, Numbers.NORMAL)
        order = self._order(encoding)
        if not order:
            return Bootstrap().fit(table, seed, device)
        rows = encoding.encode(table, derive_seed("encode", seed))
        leaves = {}
        for place, name in enumerate(order):
            seen = rows[_observed(rows, name)]
            how: dict[str, Any] = {"random_state": derive_seed("tree", name, seed)}
            leaves[name] = Leaves.grow(
                seen[list(order[:place])], encoding.sizes, seen[name], encoding.sizes[name],
                min_samples_leaf=self.leaf_rows, **how,
            )  # fmt: skip
            report_progress(place + 1, len(order))
        return FittedCART(encoding, order, leaves, self.smooth)

    def load(self, folder: Path) -> FittedCART | FittedBootstrap:
        """Read what `FittedCART.save` wrote."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        content, arrays = read_json(folder / _FILE), read_arrays(folder / _TREES)
        by_column: dict[str, dict[str, Any]] = {name: {} for name in content["order"]}
        for key, values in arrays.items():
            name, _, part = key.partition("/")
            by_column[name][part] = values
        leaves = {name: Leaves.of_arrays(parts) for name, parts in by_column.items()}
        encoding = Encoding.from_json(content["encoding"])
        return FittedCART(encoding, tuple(content["order"]), leaves, self.smooth)

    def _order(self, encoding: Encoding) -> tuple[str, ...]:
        """The encoded columns, in the order in which they are drawn."""
        schema = encoding.schema
        for name in self.order:
            if name not in schema.names:
                raise unknown("column of generator.order", name, schema.names)
        rest = [name for name in schema.names if name not in (*self.order, schema.target)]
        last = [schema.target] if schema.target not in self.order else []
        places = [encoding.name_of(name) for name in (*self.order, *rest, *last)]
        names = [name for place in places for name in (f"{place}_missing", place)]
        return tuple(name for name in names if name in encoding.sizes)


def _observed(rows: pd.DataFrame, name: str) -> pd.Series:
    """Which rows have a value in an encoded column of numbers."""
    indicator = f"{name}_missing"
    return rows[indicator] == 0 if indicator in rows else pd.Series(True, index=rows.index)
