"""The steps of a loop between a learner and a generator: hold out, assess, generate, choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np

from tabsculpt.engine.artifacts import read_json, write_json
from tabsculpt.engine.step import Fetch, Step
from tabsculpt.errors import TooFewRowsError
from tabsculpt.generators import ConditionalGenerator
from tabsculpt.generators.fit_steps import Fitted
from tabsculpt.metrics.class_balance import TargetParts
from tabsculpt.notes import Code, Note
from tabsculpt.pipelines.class_deficits import sample_classes, sample_until, synthetic_of
from tabsculpt.pipelines.loop import Assessment, Loop, held_out, part_scores
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.predictors import Predictor
from tabsculpt.table import Table, Task, concat
from tabsculpt.table.files import read_table, write_table
from tabsculpt.text.features import text_reader


@dataclass(frozen=True)
class HoldOut(Step[Table]):
    """One side of the train part: "learn", or the "validation" rows that decide what is made.

    Groups stay together where there are some, else every class gives its share and keeps a row.
    """

    phase: ClassVar[str] = "generate"
    stored: ClassVar[bool] = False

    rows: Step[Table]
    side: str
    size: float
    seed: int

    def compute(self, fetch: Fetch) -> Table:
        table = fetch(self.rows)
        # Both sides must come from one draw, so the seed is that of the learning side.
        draw = HoldOut(self.rows, "learn", self.size, self.seed).random_seed
        held = held_out(table, self.size, np.random.default_rng(draw))
        if not held.any() or held.all():
            raise TooFewRowsError(f"{len(table)} train rows leave none for validation or learning")
        return table.take(held if self.side == "validation" else ~held)


@dataclass(frozen=True)
class Assess(Step[Assessment]):
    """A learner trained on real and synthetic rows, and how well it does on validation rows.

    Where the last round added no row, the assessment before it stands.

    Attributes:
        learner: what is trained.
        learn: the real rows.
        rounds: the synthetic rows of each round so far.
        before: the assessment without the last of them; None where there are none.
        validation: the rows that are predicted.
        bins: ranges that a number is cut into.
        seed: the user's seed.
    """

    phase: ClassVar[str] = "generate"

    learner: Predictor
    learn: Step[Table]
    rounds: tuple[Step[Table], ...]
    before: Step[Assessment] | None
    validation: Step[Table]
    bins: int
    seed: int

    @property
    def label(self) -> str:
        return f"assess round {len(self.rounds)}"

    def compute(self, fetch: Fetch) -> Assessment:
        tables = [fetch(made) for made in self.rounds]
        if self.before is not None and not len(tables[-1]):
            return fetch(self.before)
        learn, validation = fetch(self.learn), fetch(self.validation)
        rows = concat([learn, *tables])
        read = text_reader(rows)
        model = self.learner.fit(read(rows), None, self.random_seed)
        prediction = model.predict(read(validation).features)
        scores = part_scores(TargetParts.of(learn, self.bins), learn, validation, prediction)
        there = [score for score in scores if score is not None]
        return Assessment(scores, float(np.mean(there)))

    def write(self, result: Assessment, folder: Path) -> None:
        write_json(asdict(result), folder / "assessment.json")

    def read(self, folder: Path) -> Assessment:
        found = read_json(folder / "assessment.json")
        return Assessment(tuple(found["scores"]), found["mean"])


@dataclass(frozen=True)
class NextRows(Step[Table]):
    """The synthetic rows of one round; none once the loop has stopped.

    Attributes:
        loop: what decides.
        fit: the generator.
        learn: the real rows that it learnt from.
        assessed: the assessment of each round before, that of the real rows alone first.
        conditional: whether the generator is asked for classes.
        seed: the user's seed.
    """

    phase: ClassVar[str] = "generate"

    loop: Loop
    fit: Step[Fitted]
    learn: Step[Table]
    assessed: tuple[Step[Assessment], ...]
    conditional: bool
    seed: int

    @property
    def label(self) -> str:
        return f"sample round {len(self.assessed)}"

    def compute(self, fetch: Fetch) -> Table:
        learn = fetch(self.learn)
        history = [fetch(assessed) for assessed in self.assessed]
        scores = history[-1].scores
        if self.loop.stopped([a.mean for a in history], scores):
            return learn.take([])
        parts = TargetParts.of(learn, self.loop.bins)
        sizes = self.loop.counts(scores, len(learn)).tolist()
        counts = {name: n for name, n in zip(parts.names, sizes, strict=True) if n}
        model, seed = fetch(self.fit).model, self.random_seed
        if self.conditional and learn.schema.task is not Task.REGRESSION:
            asked = cast(ConditionalGenerator, model)
            return concat(sample_classes(asked, learn.schema.target, counts, seed))
        return concat(sample_until(model, parts, counts, self.loop.most_draws, seed))

    def write(self, result: Table, folder: Path) -> None:
        write_table(result, folder)

    def read(self, folder: Path) -> Table:
        return read_table(folder)


@dataclass(frozen=True)
class Grown(Step[Synthetic]):
    """All synthetic rows up to a round, each from its part of the target."""

    phase: ClassVar[str] = "generate"
    stored: ClassVar[bool] = False

    rounds: tuple[Step[Table], ...]
    fit: Step[Fitted]
    learn: Step[Table]
    bins: int

    def compute(self, fetch: Fetch) -> Synthetic:
        learn = fetch(self.learn)
        parts = TargetParts.of(learn, self.bins)
        return synthetic_of([fetch(r) for r in self.rounds], learn, parts, fetch(self.fit).notes)


@dataclass(frozen=True)
class BestRound(Step[Synthetic]):
    """The synthetic rows of the round whose mean score on validation rows is the best.

    Attributes:
        loop: what decided.
        grown: the rows after each round, round 0 (none) first.
        assessed: the assessment of each.
        learn: the rows that were learnt from.
        validation: those that were predicted.
    """

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    loop: Loop
    grown: tuple[Step[Synthetic], ...]
    assessed: tuple[Step[Assessment], ...]
    learn: Step[Table]
    validation: Step[Table]

    def compute(self, fetch: Fetch) -> Synthetic:
        sizes = [len(fetch(grown).table) for grown in self.grown]
        last = sizes.index(sizes[-1])  # after which no round added a row
        history = [fetch(assessed) for assessed in self.assessed[: last + 1]]
        means = [assessment.mean for assessment in history]
        best = int(np.argmax(means))
        text = (
            f"round {best} of {last} has the best mean score on validation rows, {means[best]:.3f} "
            f"(real rows alone {means[0]:.3f})"
        )
        ended = self._why(history)
        notes = [
            Note(Code.ROUND_CHOSEN, text),
            Note(Code.LOOP_ENDED, f"the loop ended: {ended}"),
        ]
        if not sizes[best]:
            why = self._none_helped(history, fetch) if last else ended
            notes.append(Note(Code.NOTHING_ADDED, f"no synthetic row was added: {why}", 0))
        kept = fetch(self.grown[best])
        return Synthetic(kept.table, kept.origin, kept.trained_on, (*kept.notes, *notes))

    def _why(self, history: Sequence[Assessment]) -> str:
        found = self.loop.stopped([a.mean for a in history], history[-1].scores)
        return found or "that was the last round asked for"

    def _none_helped(self, history: Sequence[Assessment], fetch: Fetch) -> str:
        """That real rows alone scored best, and which weak part was predicted alike throughout."""
        parts = TargetParts.of(fetch(self.learn), self.loop.bins)
        validation = parts.sizes(fetch(self.validation))
        rounds = zip(*(assessment.scores for assessment in history), strict=True)
        unmoved = [
            f"that of {name} ({size} of them) was {scores[0]:.3f} in every round"
            for name, size, scores in zip(parts.names, validation, rounds, strict=True)
            if scores[0] is not None and scores[0] < self.loop.tau and len(set(scores)) == 1
        ]
        text = f"none of {len(history) - 1} rounds raised the mean score on {validation.sum()}"
        return "; ".join([f"{text} validation rows", *unmoved])


@dataclass(frozen=True)
class RoundLog(Step[list[dict[str, Any]]]):
    """What each round did to each part of the target: records, see `compute`."""

    phase: ClassVar[str] = "refine"
    stored: ClassVar[bool] = False

    loop: Loop
    learn: Step[Table]
    grown: tuple[Step[Synthetic], ...]
    assessed: tuple[Step[Assessment], ...]

    def compute(self, fetch: Fetch) -> list[dict[str, Any]]:
        """One record per round and part, up to the last round that added rows."""
        learn = fetch(self.learn)
        parts = TargetParts.of(learn, self.loop.bins)
        real = parts.sizes(learn)
        means = [fetch(assessed).mean for assessed in self.assessed]
        before, records = np.zeros_like(real), []
        for number, (grown, assessed) in enumerate(zip(self.grown, self.assessed, strict=True)):
            made = parts.sizes(fetch(grown).table)
            if number and (made == before).all():
                break
            record = partial(_record, number, int(np.argmax(means)) == number, means[number])
            columns = zip(
                parts.names, fetch(assessed).scores, real, made - before, made, strict=True
            )
            records += [record(*column) for column in columns]
            before = made
        return records


def _record(
    number: int, chosen: bool, mean: float, part: str, score: float | None, *rows: int
) -> dict[str, Any]:
    real, added, synthetic = (int(count) for count in rows)
    return {
        "round": number,
        "chosen": chosen,
        "part": part,
        "score": score,
        "mean_score": mean,
        "n_real": real,
        "n_added": added,
        "n_synthetic": synthetic,
        "synthetic_share": synthetic / max(1, real + synthetic),
    }
