"""Auto: the candidate whose rows teach a forest most about rows held out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, cast

import numpy as np
from annotated_types import Ge

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.progress import report_progress
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import UserError, unknown
from tabsculpt.generators import (
    ANY_KIND,
    ANY_TASK,
    ConditionalGenerator,
    Generator,
    Given,
)
from tabsculpt.generators.arf.arf import ARF
from tabsculpt.generators.auto.held_out import error_of, forest_error, parts
from tabsculpt.generators.auto.order import generators
from tabsculpt.generators.bayesian_network.bayesian_network import BayesianNetwork
from tabsculpt.generators.cart.cart import CART
from tabsculpt.generators.ddpm.ddpm import DDPM
from tabsculpt.generators.forest_flow.forest_flow import ForestFlow
from tabsculpt.generators.requirements import check_table
from tabsculpt.notes import Code, Note, notes_of
from tabsculpt.table import Kind, Table, Task

CANDIDATES: dict[str, type[Generator]] = {
    "cart": CART,
    "arf": ARF,
    "forest_flow": ForestFlow,
    "bayesian_network": BayesianNetwork,
    "ddpm": DDPM,
}
"""What can be chosen among, each at its defaults; all take any table and given values."""
_SLOWER = "forest_flow"
"""Tried beside those that gained most on other tables; too slow to have been among these."""

_FILE = "chosen.json"
_LEAST = 30
"""On fewer rows nothing is held out, and the first candidate is taken."""


@dataclass(frozen=True, eq=False)
class FittedAuto:
    """The chosen generator, fitted on all rows.

    Attributes:
        name: of what was chosen.
        model: that was fitted.
        notes: what was chosen and why; not saved.
    """

    name: str
    model: ConditionalGenerator
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`."""
        return self.model.sample(n, seed, given)

    def save(self, folder: Path) -> None:
        """Write the model, and its name as JSON beside it, into an existing folder."""
        self.model.save(folder)
        write_json(self.name, folder / _FILE)


def default_candidates(task: Task) -> list[str]:
    """What is chosen among where nothing is named."""
    studied = [name for name in generators(task) if name in CANDIDATES]
    return [*studied[:2], _SLOWER]


@dataclass(frozen=True)
class Auto:
    """Fits some generators on two thirds of the rows and keeps the one whose rows teach most.

    A random forest learns from the rows that each candidate makes and predicts the third that is
    held out; what has the least mean squared error (of classes: the Brier score), the mean over
    ``repeats`` divisions, is fitted again on all rows. The result says what was chosen and every
    error beside that of a forest on real rows. It chooses by use for prediction alone: not by
    closeness, and not by privacy. Below 30 rows the first candidate is taken.

    Source: T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning", 2009,
    section 7.10 (model selection by validation), with train on synthetic, test on real as the loss:
    C. Esteban, S. Hyland, G. Rätsch, 2017, https://arxiv.org/abs/1706.02633.

    Cost: that of its candidates times ``repeats``, and one fit more.

    Args:
        candidates: cart, arf, forest_flow, bayesian_network or ddpm, the first of them where
            there are too few rows; None for the two that gained most on other tables of the same
            task (`tabsculpt.generators.auto.order`), and forest_flow.
        repeats: divisions of the rows.
    """

    libraries: ClassVar[tuple[str, ...]] = (
        "scikit-learn",
        "scipy",
        "torch",
        "xgboost" if sys.platform == "darwin" else "xgboost-cpu",
    )
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    candidates: list[str] | None = None
    repeats: Annotated[int, Ge(1)] = 2

    def __post_init__(self) -> None:
        if self.candidates is not None and not self.candidates:
            raise UserError("generator.candidates is empty: name at least one generator")
        for name in self.candidates or ():
            if name not in CANDIDATES:
                raise unknown("candidate of generator=auto", name, CANDIDATES)

    def fit(self, table: Table, seed: int, device: str) -> FittedAuto:
        """Choose, and fit what was chosen.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the device is "cuda" where there is none.
        """
        check_table("auto", self, table, device)
        name, note = self._choose(table, seed, device)
        model = CANDIDATES[name]().fit(table, derive_seed("chosen", seed), device)
        chosen = Note(Code.GENERATOR_CHOSEN, note, len(table))
        return FittedAuto(name, cast(ConditionalGenerator, model), (chosen, *notes_of(model)))

    def load(self, folder: Path) -> FittedAuto:
        """Read what `FittedAuto.save` wrote."""
        name = read_json(folder / _FILE)
        model = CANDIDATES[name]().load(folder)
        return FittedAuto(name, cast(ConditionalGenerator, model))

    def _choose(self, table: Table, seed: int, device: str) -> tuple[str, str]:
        """The name of the best candidate, and a note on the choice."""
        candidates = self.candidates or default_candidates(table.schema.task)
        first = candidates[0]
        if len(candidates) == 1 or len(table) < _LEAST:
            why = f"the first candidate; {len(table)} rows are too few to choose by"
            return first, f"auto: {first}, " + (why if len(candidates) > 1 else "the only one")
        errors: dict[str, list[float]] = {name: [] for name in ("real rows", *candidates)}
        for turn in range(self.repeats):
            own = derive_seed("turn", turn, seed)
            learnt, held = (table.take(rows) for rows in parts(len(table), own))
            errors["real rows"].append(forest_error(learnt, held, derive_seed("forest", own)))
            for place, name in enumerate(candidates):
                errors[name].append(error_of(CANDIDATES[name](), learnt, held, own, device))
                done = turn * len(candidates) + place + 1
                report_progress(done, self.repeats * len(candidates))
        means = {name: float(np.mean(found)) for name, found in errors.items()}
        best = min(candidates, key=means.__getitem__)
        listed = ", ".join(f"{name} {mean:.4g}" for name, mean in means.items())
        return best, f"auto: {best}, by the squared error of a forest on rows held out: {listed}"
