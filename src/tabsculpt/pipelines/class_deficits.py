"""So many synthetic rows of each class, or of each range of a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.errors import TooFewRowsError
from tabsculpt.generators import ConditionalGenerator, FittedGenerator
from tabsculpt.metrics.class_balance import TargetParts
from tabsculpt.notes import Note
from tabsculpt.pipelines.synthetic_steps import Synthetic
from tabsculpt.table import IntArray, Table, concat

CHUNK = 50_000
"""The most rows drawn at once."""


def sample_classes(
    model: ConditionalGenerator, target: str, counts: Mapping[str, int], seed: int
) -> list[Table]:
    """Ask a generator for rows of each class.

    Args:
        model: can be asked for a class.
        target: the target's name.
        counts: rows by class.
        seed: of every draw.

    Raises:
        UserError: the generator next to never gives the class.
    """
    return [
        model.sample(count, derive_seed(seed, name), given={target: name})
        for name, count in counts.items()
    ]


def sample_until(
    model: FittedGenerator,
    parts: TargetParts,
    counts: Mapping[str, int],
    most_draws: float,
    seed: int,
) -> list[Table]:
    """Sample at large and keep the rows of the parts that are lacking, until there are enough.

    Of a generator whose target is drawn first this is the same as asking for the parts.

    Args:
        model: any generator.
        parts: what the target falls into.
        counts: rows by part.
        most_draws: rows drawn at most for each row to add.
        seed: of every draw.

    Raises:
        TooFewRowsError: the rows drawn at most have too few of a part.
    """
    deficits = np.array([counts.get(name, 0) for name in parts.names])
    limit = int(np.ceil(most_draws * deficits.sum()))
    kept: list[Table] = []
    found, drawn = np.zeros_like(deficits), 0
    while (found < deficits).any():
        if drawn >= limit:
            short = int(np.argmax(deficits - found))
            raise TooFewRowsError(
                f"{drawn} rows drawn at large have {found[short]} of {parts.names[short]!r}, and "
                f"{deficits[short]} are needed; allow more draws, or use a generator that can be "
                "asked for a class"
            )
        rows = min(CHUNK, limit - drawn, _guess(deficits, found, drawn))
        table = model.sample(rows, derive_seed(seed, drawn))
        drawn += rows
        kept.append(table.take(_needed(parts.codes(table), deficits - found)))
        found = found + parts.sizes(kept[-1])
    return kept


def _guess(deficits: IntArray, found: IntArray, drawn: int) -> int:
    """How many more rows are likely to be enough, by the rarest part so far."""
    shares = (found + 1) / (drawn + len(found))
    return max(100, int(np.ceil(1.2 * ((deficits - found) / shares).max())))


def _needed(codes: IntArray, missing: IntArray) -> IntArray:
    """Positions of the first rows of each part, as many as are missing of it."""
    places = [np.flatnonzero(codes == code)[:count] for code, count in enumerate(missing)]
    return np.sort(np.concatenate(places))


def synthetic_of(
    tables: Sequence[Table], real: Table, parts: TargetParts, notes: tuple[Note, ...]
) -> Synthetic:
    """Rows one after the other; each comes from its part.

    Args:
        tables: there may be none, or empty ones.
        real: the rows that the generator learnt from.
        parts: what the target falls into.
        notes: what the reader of a result should know.
    """
    table = concat([real.take([]), *tables])
    names = np.array(parts.names)
    sizes = dict(zip(parts.names, parts.sizes(real).tolist(), strict=True))
    return Synthetic(table, names[parts.codes(table)], sizes, notes)
