"""A neural autoregressive estimator whose training is differentially private."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.extras import check_installed
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.dp_nade.accounting import accountant, noise_for, spent
from tabsculpt.generators.dp_nade.features import code_features, join
from tabsculpt.generators.mst.domain import Domain
from tabsculpt.generators.mst.measuring import Merged, count_columns, recode
from tabsculpt.generators.mst.promise import check_public, privacy_notes
from tabsculpt.generators.requirements import check_table
from tabsculpt.notes import Note
from tabsculpt.table import Kind, Table, Task

_CHUNK = 8192
_WEIGHTS = "nade.safetensors"
_MEANING = "nade.json"


@dataclass(frozen=True, eq=False)
class FittedDPNADE:
    """A trained network, and what its codes mean.

    Attributes:
        domain: what the cells are.
        merged: for each varied column, in the order of the network, which cells are one.
        network: a `NADE` over these columns.
        notes: what the reader of a result should know; not saved.
    """

    domain: Domain
    merged: list[Merged]
    network: Any
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int) -> Table:
        """Draw ``n`` rows; see `FittedGenerator.sample`."""
        import torch

        generator = torch.Generator().manual_seed(derive_seed("codes", seed))
        with torch.no_grad():
            sizes = [min(_CHUNK, n - start) for start in range(0, n, _CHUNK)] or [0]
            drawn = [self.network.draw(size, generator) for size in sizes]
        codes = torch.cat(drawn).numpy()
        rng = np.random.default_rng(derive_seed("cells", seed))
        cells = {
            place: self.merged[k].undo(codes[:, k], rng)
            for k, place in enumerate(order_of(self.domain))
        }
        return self.domain.decode(cells, n, rng)

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the rest as JSON into an existing folder."""
        from safetensors.torch import save_file

        save_file(self.network.state_dict(), folder / _WEIGHTS)
        merged = [[m.code.tolist(), m.weights.tolist(), m.noisy.tolist()] for m in self.merged]
        write_json({"domain": self.domain.to_json(), "merged": merged}, folder / _MEANING)


@dataclass(frozen=True)
class DPNADE:
    """Learns each column's cells given those before it, by gradients that are clipped and noisy.

    Columns are counted once, with noise: bins with next to no rows are joined with those beside
    them, categories with next to no rows become one, and the network starts from the shares of
    what remains. Then, at each step, every row is in the batch by chance, the gradient of its
    log-likelihood is made no longer than ``max_grad_norm``, and their sum gets noise. How much is
    what opacus' accountant finds for epsilon, delta, the chance and the steps, the count included;
    what it says was spent stands in each result. The fit is (epsilon, delta)-differentially private
    where neighbouring tables differ by one row; nothing is stopped, chosen or scaled by the rows,
    or by how many they are.

    What that does not cover, and each result says, is what `MST` does not cover: categories, ranges
    of numbers, their decimals and which columns have missing values are read from the table. Name
    those that anyone may know as ``public``, and give ``bounds`` for numbers. Rows that were chosen
    by other rows (segments, selection, deduplication) carry no such promise, nor does measuring
    quality on real rows, nor several fits (their epsilons add up), nor how many rows are drawn:
    runs draw as many as there are real ones. Batches and noise come from the seed of the run:
    whoever knows that can take the noise off, so keep it to yourself; and their generator is not a
    cryptographic one.

    Beside `MST`, which knows pairs of columns: it learns what many columns say together and that
    bins beside each other are alike, costs less, and taught more on tables of thousands of rows; on
    hundreds of rows neither wins, and fits differ much below epsilon 10. The documentation
    (how-to/private.md) has figures.

    Source: M. Abadi et al., "Deep learning with differential privacy", 2016,
    https://arxiv.org/abs/1607.00133; H. Larochelle, I. Murray, "The neural autoregressive
    distribution estimator", 2011, https://proceedings.mlr.press/v15/larochelle11a.html. Deviations:
    cells of any number in place of bits; hyperbolic tangents; the codes of a number are known by
    polynomials of their place; the columns are counted first; the target comes first; Adam on a
    falling rate, and the running average of the weights is kept.

    Cost: seconds; grows with rows, columns and steps.

    Args:
        epsilon: above 0; below 1 is strong, above 10 next to no protection.
        delta: in (0, 1), far below one over the number of rows.
        bins: of like width, of a column of numbers.
        bounds: low and high by column of numbers, from outside of the data; numbers beyond are
            taken as these.
        public: columns whose categories, range, decimals and missing values anyone may know.
        width: hidden units of a column.
        degree: of the polynomials by which the bins of a number are known.
        sample_rate: the chance of each row to be in the batch of a step, in (0, 1].
        steps: of the training.
        learning_rate: of Adam at the start; it falls to zero along a cosine.
        max_grad_norm: the most that one row may move the sum of the gradients.
    """

    libraries: ClassVar[tuple[str, ...]] = ("opacus", "torch")
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
    width: Annotated[int, Ge(1)] = 16
    degree: Annotated[int, Ge(1)] = 3
    sample_rate: Annotated[float, Gt(0), Le(1)] = 0.2
    steps: Annotated[int, Ge(1)] = 300
    learning_rate: Annotated[float, Gt(0)] = 0.02
    max_grad_norm: Annotated[float, Gt(0)] = 1.0

    def fit(self, table: Table, seed: int, device: str) -> FittedDPNADE | FittedBootstrap:
        """Train on the CPU, whatever the device; rows of a domain of one row are repeated.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the extra is not installed, bounds or public columns that are none, or an
                epsilon that opacus cannot account for.
        """
        check_table("dp_nade", self, table)
        check_installed("dp_nade", self.libraries, self.extra)
        check_public(self.public, table.schema)
        domain = Domain.of(table, self.bins, self.bounds)
        if not domain.varied:
            return Bootstrap().fit(table, seed, device)
        merged, network, cost = self._learn(domain, table, seed)
        how = f"; opacus' accountant finds {cost:g} spent in {self.steps} steps"
        promised = self.epsilon, self.delta
        notes = privacy_notes("dp_nade", promised, domain.schema, self.bounds, self.public, how)
        return FittedDPNADE(domain, merged, network, notes)

    def load(self, folder: Path) -> FittedDPNADE | FittedBootstrap:
        """Read what was saved by a model fitted with these settings."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        from safetensors.torch import load_file

        meaning = read_json(folder / _MEANING)
        domain = Domain.from_json(meaning["domain"])
        merged = [
            Merged(np.array(code), np.array(weights), np.array(noisy))
            for code, weights, noisy in meaning["merged"]
        ]
        network = self._build(domain, merged, 0)
        network.load_state_dict(load_file(folder / _WEIGHTS))
        return FittedDPNADE(domain, merged, network.eval())

    def _learn(self, domain: Domain, table: Table, seed: int) -> tuple[list[Merged], Any, float]:
        """All that looks at the rows: what the cells became, the network, the epsilon it took."""
        import torch

        from tabsculpt.generators.dp_nade.training import Private, train_privately

        order = order_of(domain)
        noise = noise_for(self.epsilon, self.delta, self.sample_rate, self.steps)
        books = accountant()
        books.step(noise_multiplier=noise.counts, sample_rate=1.0)
        # One row more is one more in a cell of each column: the counts move by the root of these.
        deviation = noise.counts * math.sqrt(len(order))
        rng = np.random.default_rng(derive_seed("noise", seed))
        sizes = [len(domain.cells[place]) for place in order]
        rows = domain.encode(table)[:, order]
        noisy = count_columns(rows, sizes, deviation, rng)
        merged = [
            join(domain.cells[place], counts, deviation)
            for place, counts in zip(order, noisy, strict=True)
        ]
        codes = torch.from_numpy(recode(rows, merged))
        network = self._build(domain, merged, seed)
        training = Private(
            self.steps, self.sample_rate, self.learning_rate, self.max_grad_norm, noise.steps
        )
        trained = train_privately(network, codes, training, books, seed)
        return merged, trained, spent(books, self.delta)

    def _build(self, domain: Domain, merged: list[Merged], seed: int) -> Any:
        """The network with its first weights."""
        from tabsculpt.generators.dp_nade.network import NADE

        pairs = zip(order_of(domain), merged, strict=True)
        features = [code_features(domain.cells[place], m, self.degree) for place, m in pairs]
        with seeded_globals(derive_seed("weights", seed), uses_torch=True):
            return NADE(features, [m.shares for m in merged], self.width)


def order_of(domain: Domain) -> list[int]:
    """The places of the columns of more than one cell: the target, then the others."""
    names = domain.schema.names
    return sorted(domain.varied, key=lambda place: names[place] != domain.schema.target)
