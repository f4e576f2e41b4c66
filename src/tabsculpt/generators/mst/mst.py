"""MST: noisy counts of columns and of the pairs of a spanning tree, by Private-PGM."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Lt

from tabsculpt.engine.artifacts import read_arrays, read_json, write_arrays, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.extras import check_installed
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.mst.accounting import Budget, rho_of
from tabsculpt.generators.mst.domain import Domain
from tabsculpt.generators.mst.measuring import Merged, Tree, measure
from tabsculpt.generators.mst.promise import check_public, privacy_notes
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.codes import pick
from tabsculpt.notes import Note
from tabsculpt.table import IntArray, Kind, Table, Task

_FILE = "mst.json"
_TABLES = "tables.npz"


@dataclass(frozen=True, eq=False)
class FittedMST:
    """A distribution over cells along a tree of columns.

    Attributes:
        domain: what the cells are.
        merged: for each varied column, which cells are one.
        tree: over the varied columns, by their place among these.
        notes: what the reader of a result should know; not saved.
    """

    domain: Domain
    merged: list[Merged]
    tree: Tree
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int) -> Table:
        """Draw ``n`` rows; see `FittedGenerator.sample`."""
        rng = np.random.default_rng(seed)
        codes: dict[int, IntArray] = {-1: np.zeros(n, dtype=np.int64)}
        for (parent, child), table in zip(self.tree.order, self.tree.tables, strict=True):
            codes[child] = pick(table, codes[parent], rng)
        cells = {
            place: self.merged[k].undo(codes[k], rng) for k, place in enumerate(self.domain.varied)
        }
        return self.domain.decode(cells, n, rng)

    def save(self, folder: Path) -> None:
        """Write the domain as JSON and the noisy distribution as npz into an existing folder."""
        write_json({"domain": self.domain.to_json(), "order": self.tree.order}, folder / _FILE)
        tables: dict[str, Any] = {f"table {k}": table for k, table in enumerate(self.tree.tables)}
        for k, one in enumerate(self.merged):
            tables |= {f"code {k}": one.code, f"weights {k}": one.weights, f"noisy {k}": one.noisy}
        write_arrays(tables, folder / _TABLES)


@dataclass(frozen=True)
class MST:
    """Counts rows by columns and by some pairs of columns, with noise, and samples from that.

    A third of the privacy budget goes into counts of the columns' cells, a third into the choice
    of the pairs (a spanning tree, each edge by an exponential mechanism), a third into counts of
    the pairs; the distribution that fits all noisy counts best is drawn from. The fit is
    (epsilon, delta)-differentially private where neighbouring tables differ by one row.

    What that does not cover, and each result says: categories, ranges of numbers, their decimals
    and which columns have missing values are read from the table. Name those that anyone may know
    as ``public``, and give ``bounds`` for numbers. Rows that were chosen by other rows (segments,
    selection, deduplication) carry no such promise, nor does measuring quality on real rows, nor
    several fits (their epsilons add up). The noise comes from the seed of the run: whoever knows
    that can take it off, so keep it to yourself; and it is of double precision, not discrete.

    Source: R. McKenna, G. Miklau, D. Sheldon, "Winning the NIST contest: a scalable and general
    approach to differentially private synthetic data", 2021, https://arxiv.org/abs/2108.04978;
    R. McKenna, D. Sheldon, G. Miklau, "Graphical-model based estimation and inference for
    differential privacy", 2019, https://arxiv.org/abs/1901.09136. Deviations: rows are drawn
    independently, not by rounding expected counts; numbers are cut into bins of like width.

    Cost: seconds; grows with the square of the columns and of the cells of a pair.

    Args:
        epsilon: above 0; below 1 is strong, above 10 next to no protection.
        delta: in (0, 1), far below one over the number of rows.
        bins: of like width, of a column of numbers.
        bounds: low and high by column of numbers, from outside of the data; numbers beyond are
            taken as these.
        public: columns whose categories, range, decimals and missing values anyone may know.
        steps: of the mirror descent that fits the distribution; they look at no row.
    """

    libraries: ClassVar[tuple[str, ...]] = ("mbi", "jax")
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = "dp"

    epsilon: Annotated[float, Gt(0)] = 1.0
    delta: Annotated[float, Gt(0), Lt(1)] = 1e-6
    bins: Annotated[int, Ge(2)] = 16
    bounds: dict[str, list[float]] = field(default_factory=dict)
    public: list[str] = field(default_factory=list)
    steps: Annotated[int, Ge(1)] = 500

    def fit(self, table: Table, seed: int, device: str) -> FittedMST | FittedBootstrap:
        """Count on the CPU, whatever the device; rows of a domain of one row are repeated.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the extra is not installed, or bounds or public columns that are none.
        """
        check_table("mst", self, table)
        check_installed("mst", self.libraries, self.extra)
        check_public(self.public, table.schema)
        domain = Domain.of(table, self.bins, self.bounds)
        varied = domain.varied
        if not varied:
            return Bootstrap().fit(table, seed, device)
        budget = Budget(rho_of(self.epsilon, self.delta), len(varied))
        sizes = [len(domain.cells[place]) for place in varied]
        rng = np.random.default_rng(derive_seed("noise", seed))
        merged, tree = measure(domain.encode(table)[:, varied], sizes, budget, self.steps, rng)
        promised = self.epsilon, self.delta
        notes = privacy_notes("mst", promised, domain.schema, self.bounds, self.public)
        return FittedMST(domain, merged, tree, notes)

    def load(self, folder: Path) -> FittedMST | FittedBootstrap:
        """Read what `FittedMST.save` wrote."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        content, arrays = read_json(folder / _FILE), read_arrays(folder / _TABLES)
        domain = Domain.from_json(content["domain"])
        merged = [
            Merged(arrays[f"code {k}"], arrays[f"weights {k}"], arrays[f"noisy {k}"])
            for k in range(len(domain.varied))
        ]
        order = [(parent, child) for parent, child in content["order"]]
        return FittedMST(
            domain, merged, Tree(order, [arrays[f"table {k}"] for k in range(len(order))])
        )
