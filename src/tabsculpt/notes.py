"""Notes: what the reader of a result should know, as data with a sentence.

A component that limits, merges, repeats, draws or chooses gives a `Note` beside its result. It is
kept with the result of the step and written into the result rows as JSON; whoever looks for a sort
of note asks for its code, and nobody reads its sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """What a note says; the codes of what was done in reading are `tabsculpt.datasets.notes.Done`.

    A component of the user's own may have others.
    """

    ROWS_DRAWN = "rows_drawn"
    ROWS_REPEATED = "rows_repeated"
    ROWS_RESAMPLED = "rows_resampled"
    ROWS_MIXED = "rows_mixed"
    ROWS_POOLED = "rows_pooled"
    DRAWN_AGAIN = "drawn_again"
    FEW_NEIGHBOURS = "few_neighbours"
    OTHER_METHOD = "other_method"
    NO_RARE_ROWS = "no_rare_rows"
    NOTHING_TO_MAKE = "nothing_to_make"
    NOTHING_ADDED = "nothing_added"
    NEW_MISSING = "new_missing"
    OFF_GRID = "off_grid"
    TEXT_LEFT_OUT = "text_left_out"
    TEXT_CUT = "text_cut"
    PRIVACY = "privacy"
    NOT_PRIVATE = "not_private"
    DEGENERATE_PROFILE = "degenerate_profile"
    SEGMENT_MERGED = "segment_merged"
    SEGMENT_BOOTSTRAPPED = "segment_bootstrapped"
    NO_STRATA = "no_strata"
    PROFILER_CHOSEN = "profiler_chosen"
    GENERATOR_CHOSEN = "generator_chosen"
    SETTINGS_CHOSEN = "settings_chosen"
    TARGET_DRAWN = "target_drawn"
    SHARE_CHOSEN = "share_chosen"
    ROUND_CHOSEN = "round_chosen"
    LOOP_ENDED = "loop_ended"
    DECISION_CHOSEN = "decision_chosen"
    REGULARISATION_CHOSEN = "regularisation_chosen"
    WEIGHTS = "weights"
    ONE_AGAINST_REST = "one_against_rest"
    ONE_CLASS = "one_class"
    OTHER = "other"
    """Text without a code: of rows of an earlier version, or of a component of one's own."""


@dataclass(frozen=True)
class Note:
    """One fact.

    Attributes:
        code: what it says, a `Code` or another word of that kind.
        text: the whole sentence.
        count: rows, or cells, that it is about; None where it is about none.
        columns: those that it is about, each with its own count, 0 where nothing was counted.
        about: the segment, the profiled rows or the predictor that it is about; else empty.
    """

    code: str
    text: str
    count: int | None = None
    columns: Mapping[str, int] = field(default_factory=dict, hash=False)
    about: str = ""

    def __str__(self) -> str:
        return self.text

    def within(self, about: str, before: str = ": ") -> Note:
        """The same of a part of the data, or of a model, which the sentence begins with."""
        return replace(self, about=about, text=f"{about}{before}{self.text}")


def notes_of(model: Any) -> tuple[Note, ...]:
    """What a fitted component says in its ``notes``, if it has some; a plain text has no code."""
    found = getattr(model, "notes", ())
    return tuple(n if isinstance(n, Note) else Note(Code.OTHER, str(n)) for n in found)


def to_records(notes: Iterable[Note]) -> list[dict[str, Any]]:
    """Notes as plain data, without what is empty."""
    return [
        {
            name: dict(value) if name == "columns" else value
            for name, value in vars(note).items()
            if name in ("code", "text") or value not in (None, "", {})
        }
        for note in notes
    ]


def from_records(records: Iterable[Mapping[str, Any]]) -> tuple[Note, ...]:
    """The inverse of `to_records`."""
    return tuple(Note(**record) for record in records)


def to_json(notes: Iterable[Note]) -> str:
    """Notes as one text, as the column of a result file has them."""
    return json.dumps(to_records(notes), ensure_ascii=False)


def from_json(text: str | None) -> tuple[Note, ...]:
    """The inverse of `to_json`; also of rows of earlier versions, sentences between semicolons."""
    if not text:
        return ()
    try:
        return from_records(json.loads(text))
    except (ValueError, TypeError):
        return tuple(Note(Code.OTHER, sentence) for sentence in text.split("; "))
