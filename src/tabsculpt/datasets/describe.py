"""What a table holds, in a few lines that are read before any result."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import numpy as np

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.notes import sentences
from tabsculpt.datasets.split import Split, Splitting
from tabsculpt.datasets.time_form import Clock
from tabsculpt.table import Kind, Task

LEAST_POSITIVES = 10
"""Positive rows in the test part below which differences can hardly be shown."""

WIDTH = 112
_SHOWN = 4


def rows_and_columns(dataset: Dataset) -> str:
    """One line: rows, and features by kind."""
    features = dataset.table.schema.features
    if (pixels := dataset.table.schema.pixels) is not None:
        return f"{len(dataset.table)} {pixels}, {len(features)} features"
    named: dict[str, list[str]] = {str(word): [] for word in (*Kind, *Clock)}
    for column in features:
        form = None if dataset.form is None else dataset.form.by_name.get(column.name)
        time = None if form is None else form.time
        named[str(column.kind if time is None else time.clock)].append(column.name)
    kinds = [f"{len(names)} {word} ({_few(names)})" for word, names in named.items() if names]
    noun = "feature" if len(features) == 1 else "features"
    return f"{len(dataset.table)} rows, {len(features)} {noun}: {', '.join(kinds)}"


def target_and_task(dataset: Dataset) -> str:
    """One line: the target, its task and why, its classes or its range."""
    schema = dataset.table.schema
    why = f" ({dataset.task_reason})" if dataset.task_reason else ""
    values = dataset.table.target
    if schema.task is Task.REGRESSION:
        return f"target {schema.target}: regression{why}, {values.min():.4g} to {values.max():.4g}"
    counts = np.bincount(values, minlength=len(schema.classes))
    shown = [f"{name} {count}" for name, count in zip(schema.classes, counts, strict=True)]
    positive = f", positive class {schema.classes[-1]}" if schema.task is Task.BINARY else ""
    return f"target {schema.target}: {schema.task}{why}, {_few(shown, 6)}{positive}"


def missing_cells(dataset: Dataset) -> str:
    """One line: the share of missing cells by column, the most first; empty where there is none."""
    shares = dataset.table.features.isna().mean()
    shares = shares[shares > 0].sort_values(ascending=False, kind="stable")
    return _few([f"{name} {share:.1%}" for name, share in shares.items()], 6)


def groups(dataset: Dataset) -> str:
    """One line: the group column, the number of groups and their sizes; empty without groups."""
    if dataset.groups is None:
        return ""
    _, sizes = np.unique(dataset.groups, return_counts=True)
    name = dataset.origin.group if dataset.origin is not None else None
    by = f"{name}: " if name else ""
    return f"{by}{len(sizes)} groups of {_span(sorted(set(sizes.tolist())))} rows"


def table_lines(dataset: Dataset) -> list[str]:
    """What a data set holds, whatever its split: lines of at most 112 characters."""
    lines = [rows_and_columns(dataset), target_and_task(dataset)]
    if of := groups(dataset):
        lines.append(f"groups {of}")
    if missing := missing_cells(dataset):
        lines.append(f"missing {missing}")
    lines += [f"read: {sentence}" for sentence in sentences(dataset.notes)]
    return [part for line in lines for part in wrap(line, WIDTH, subsequent_indent="  ")]


def held_out(dataset: Dataset, splittings: Sequence[Splitting]) -> tuple[str, str]:
    """The real size of the test part of some splits and the positive rows in it, and a warning.

    Args:
        dataset: all rows.
        splittings: which splits.

    Returns:
        A line, and a warning or nothing.
    """
    parts = [splitting.rows(dataset) for splitting in splittings]
    sizes = sorted({len(part.test) for part in parts})
    of = f"{_span(sizes)} of {len(dataset.table)} rows"
    asked = ", ".join(dict.fromkeys(str(splitting) for splitting in splittings))
    if dataset.test_rows is not None:
        asked = "the test part that the data set came with"
    elif dataset.groups is not None:
        asked += " of the groups"
    line = f"test part: {of} ({asked})"
    classes = dataset.table.schema.classes
    if dataset.table.schema.task is Task.REGRESSION:
        return line, ""
    rarest = [_rarest(dataset, part) for part in parts]
    least, name = min(rarest)
    if len(classes) == 2:
        counts = [sorted({_count(dataset, part, code) for part in parts}) for code in (0, 1)]
        line += f", {_span(counts[0])} {classes[0]} and {_span(counts[1])} {classes[1]}"
    if least >= LEAST_POSITIVES:
        return line, ""
    rows = "row" if least == 1 else "rows"
    return line, (
        f"{least} {rows} of class {name!r} in the test part: differences can hardly be shown on so "
        "few; repeat over splits (repeats=10), or test on more rows (split.test_size)"
    )


def _rarest(dataset: Dataset, part: Split) -> tuple[int, str]:
    classes = dataset.table.schema.classes
    return min((_count(dataset, part, code), name) for code, name in enumerate(classes))


def _count(dataset: Dataset, part: Split, code: int) -> int:
    return int((dataset.table.target[part.test] == code).sum())


def _span(counts: Sequence[int]) -> str:
    return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def _few(names: Sequence[str], shown: int = _SHOWN) -> str:
    rest = f", and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest
