"""How hard the test rows are, for a profiler that was fitted on train."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tabsculpt.errors import TooFewRowsError
from tabsculpt.notes import Code, Note
from tabsculpt.profilers import SegmentRule
from tabsculpt.profilers.dataiq import DataIQ
from tabsculpt.profilers.dynamics.learners import BetterRecorder
from tabsculpt.profilers.segments import cut_scores
from tabsculpt.table import Schema, Table
from tabsculpt.table.pixels import MOST
from tabsculpt.table.subsample import at_most

MOST_ROWS = 20_000


def strata(
    profiler: DataIQ, recorder: BetterRecorder, train: Table, test: Table, seed: int
) -> npt.NDArray[np.str_]:
    """Sort test rows into easy, ambiguous and hard by what train says of them.

    The dynamics are those of a model trained on all train rows (`BetterRecorder.record_on`); which
    model, the weights of the rows and the scale of the residuals come from train. A test row's own
    target is used, for hardness is about how it and the features fit together, but it moves no
    other row's segment. Of a longer train part 20,000 rows are drawn, which `sampled` says.

    Args:
        profiler: calibrated, cut by its threshold; its learner is not looked at.
        recorder: what is trained.
        train: n rows, at least 10.
        test: m rows of the same schema.
        seed: of the draw, the folds and the order of the rows.

    Returns:
        Values of `Segment`, shape (m,).

    Raises:
        TooFewRowsError: train has too few rows.
    """
    least = type(profiler).least_rows
    if len(train) < least:
        raise TooFewRowsError(f"strata of the test rows need {least} train rows, got {len(train)}")
    train = at_most(train, MOST_ROWS, seed)
    _, there = recorder.record_on(train, test, seed)
    scores = profiler.score(test, there, seed)
    return cut_scores(replace(profiler, cut=SegmentRule.THRESHOLD), scores).segment


def too_large(schema: Schema) -> tuple[Note, ...]:
    """The note where rows are images that are too large to be sorted; empty where they are not."""
    if schema.pixels is None or not schema.pixels.large:
        return ()
    count = schema.pixels.count
    text = (
        f"test rows are not sorted by hardness: boosted trees of {count:,} columns of pixels would "
        f"take hours ({MOST:,} at most); where a profiler chooses what it watches, it is a network"
    )
    return (Note(Code.NO_STRATA, text, count),)


def sampled(train_rows: int) -> tuple[Note, ...]:
    """The note where the strata rest on some of the train rows; empty where on all."""
    if train_rows <= MOST_ROWS:
        return ()
    text = (
        f"strata of the test rows: by models of {MOST_ROWS:,} of {train_rows:,} train rows, drawn"
    )
    return (Note(Code.ROWS_DRAWN, text, MOST_ROWS),)
