"""Forest flow: flow matching whose velocities are boosted trees."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from annotated_types import Ge, Gt, Le

from tabsculpt.engine.artifacts import read_arrays, read_json, write_arrays, write_json
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators import ANY_KIND, ANY_TASK, Given
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap, holds_rows
from tabsculpt.generators.encoding.columns import Numbers
from tabsculpt.generators.encoding.frames import Encoding
from tabsculpt.generators.encoding.tensors import Parts, target_apart
from tabsculpt.generators.forest_flow.flow import Flow, Trees
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sampling.given import codes_given, draw_matching, with_given
from tabsculpt.notes import Code, Note
from tabsculpt.table import FloatArray, Kind, Table, Task

_MEANING = "meaning.json"
_FLOW = "flow.npz"
_LAST = "last.npz"


@dataclass(frozen=True, eq=False)
class FittedForestFlow:
    """A learnt flow, and what its numbers mean.

    Attributes:
        flow: over numbers and codes as zeros and ones, given the class.
        last: over ``target`` given these; None where there is none.
        target: the encoded column that is drawn last, or None.
        parts: which encoded columns ``flow`` makes, and which are its condition.
        encoding: between tables and encoded rows.
        notes: what the reader of a result should know; not saved.
    """

    flow: Flow
    last: Flow | None
    target: str | None
    parts: Parts
    encoding: Encoding
    notes: tuple[Note, ...] = ()

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows; see `ConditionalGenerator.sample`. Numbers cannot be given.

        A class is a condition of the flow; other codes are waited for: rows are drawn until enough
        have them.

        Raises:
            UserError: an unknown column, or a value that it cannot be asked for.
        """
        given = given or {}
        fixed = codes_given("forest_flow", self.encoding, given)
        codes = {name: code for name, code in fixed.items() if name in self.parts.codes}
        rng = np.random.default_rng(seed)
        rows = draw_matching(lambda count: self._draw(count, fixed, rng), codes, n)
        return with_given(self.encoding.decode(rows), given)

    def save(self, folder: Path) -> None:
        """Write the flow as npz and the rest as JSON into an existing folder."""
        meaning = {
            "target": self.target,
            "parts": self.parts.to_json(),
            "encoding": self.encoding.to_json(),
        }
        write_json(meaning, folder / _MEANING)
        write_arrays(self.flow.to_arrays(), folder / _FLOW)
        if self.last is not None:
            write_arrays(self.last.to_arrays(), folder / _LAST)

    def _draw(self, n: int, fixed: Mapping[str, float], rng: np.random.Generator) -> pd.DataFrame:
        parts = self.parts
        frame = parts.draw_condition(n, fixed, rng)
        drawn = self.flow.draw(_condition(parts, frame), rng)
        columns = dict(zip(parts.numbers, drawn.T, strict=False))
        place = len(parts.numbers)
        for name, size in parts.codes.items():
            columns[name] = drawn[:, place : place + size].argmax(axis=1)
            place += size
        made = pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)
        if self.last is not None:
            made[self.target] = self.last.draw(_made(parts, made), rng)[:, 0]
        return made[self.encoding.names]


@dataclass(frozen=True)
class ForestFlow:
    """Carries noise to rows along velocities that boosted trees have learnt.

    Between a row and a noise lies a straight line in time; at each of some times the velocity
    along these lines is regressed on where they are then, over many noises for each row. From new
    noise, following the velocities ends at new rows. Codes become zeros and ones, and the largest
    is taken in the end; the classes of a classification are conditions of the flow and drawn at
    their shares; the target of a regression is drawn last, by a flow of its own whose condition is
    the rest of the row, as noisy codes would hide how it depends on them.

    Source: A. Jolicoeur-Martineau, K. Fatras, T. Kachman, "Generating and imputing tabular data
    via diffusion and flow-based gradient-boosted trees", 2024, https://arxiv.org/abs/2309.09968.
    Deviations, most of them for speed: at each time a linear regression gives what it can of the
    velocity, which for normal columns is all of it, and few trees learn the rest; one model has all
    numbers and one all codes, over the same histograms, where the authors' has one for each output
    and class; the class is an input, and so is the rest of the row for a target that is a number;
    numbers are normal scores of their ranks, not scaled to [-1, 1]; missing values are columns of
    their own, not NaN among the inputs; a long table has one noise for each of ``most`` rows, drawn
    anew at each time.

    Cost: grows with the square of the columns (codes count one each) and not with the rows beyond
    ``most``: some 6 s of CPU for 170 rows of 15 numbers, nearly 5 minutes for 67,000 of 20 columns.

    Args:
        steps: times between noise and rows.
        noises: for each row at each time, at most.
        most: rows with noise at each time, at most.
        rounds: of boosting at each time for numbers, a third as many for codes; 0 leaves the
            linear part.
        depth: of a tree of a number, at most; at most 4 of a code.
        learning_rate: shrinkage of each round.
    """

    libraries: ClassVar[tuple[str, ...]] = (
        "xgboost" if sys.platform == "darwin" else "xgboost-cpu",
        "torch",
        "scipy",
    )
    least_rows: ClassVar[int] = 2
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    follows_curves: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    steps: Annotated[int, Ge(1)] = 20
    noises: Annotated[int, Ge(1)] = 50
    most: Annotated[int, Ge(100)] = 5_000
    rounds: Annotated[int, Ge(0)] = 30
    depth: Annotated[int, Ge(1)] = 6
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.3

    def fit(self, table: Table, seed: int, device: str) -> FittedForestFlow | FittedBootstrap:
        """Learn on the CPU, whatever the device; rows that are all the same are repeated.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
        """
        check_table("forest_flow", self, table)
        encoding = Encoding.learn(table, Numbers.NORMAL)
        if not encoding.names:
            return Bootstrap().fit(table, seed, device)
        frame = encoding.encode(table, derive_seed("encode", seed))
        target, parts = target_apart(encoding, frame)
        how = Trees(self.steps, self.noises, self.most, self.rounds, self.depth, self.learning_rate)
        made, condition = _made(parts, frame), _condition(parts, frame)
        flow = Flow.learn(made, len(parts.numbers), condition, how, derive_seed("rows", seed))
        last = None
        if target is not None:
            values = frame[[target]].to_numpy(dtype=np.float64)
            last = Flow.learn(values, 1, made, how, derive_seed("target", seed))
        return FittedForestFlow(flow, last, target, parts, encoding, self._notes(len(table)))

    def load(self, folder: Path) -> FittedForestFlow | FittedBootstrap:
        """Read what `FittedForestFlow.save` wrote."""
        if holds_rows(folder):
            return Bootstrap().load(folder)
        meaning = read_json(folder / _MEANING)
        flow = Flow.of_arrays(read_arrays(folder / _FLOW))
        target, parts = meaning["target"], Parts.from_json(meaning["parts"])
        last = None if target is None else Flow.of_arrays(read_arrays(folder / _LAST))
        encoding = Encoding.from_json(meaning["encoding"])
        return FittedForestFlow(flow, last, target, parts, encoding)

    def _notes(self, rows: int) -> tuple[Note, ...]:
        if rows <= self.most:
            return ()
        text = (
            f"forest_flow learns each of {self.steps} times on {self.most:,} of {rows:,} "
            "training rows, drawn anew"
        )
        return (Note(Code.ROWS_DRAWN, text, self.most),)


def _made(parts: Parts, frame: pd.DataFrame) -> FloatArray:
    """What the flow makes of encoded rows, shape (n, d)."""
    numbers, codes, _ = parts.tensors(frame)
    return parts.flat(numbers, codes).numpy().astype(np.float64)


def _condition(parts: Parts, frame: pd.DataFrame) -> FloatArray:
    """The condition of encoded rows, shape (n, width)."""
    return parts.condition_of(frame).numpy().astype(np.float64)
