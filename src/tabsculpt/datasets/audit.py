"""What a data set and its split give away: warnings, each with what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.check import listed, setting
from tabsculpt.datasets.determines import determining_features
from tabsculpt.datasets.levels import alike_levels
from tabsculpt.datasets.sentinels import sentinels
from tabsculpt.datasets.split import Split
from tabsculpt.datasets.unused_columns import words_of
from tabsculpt.table import Column, Kind, Task

_INDEX_WORDS = {"index", "idx", "row", "rowid", "rownumber", "unnamed", "id", "no", "nr"}
_PEOPLE = {
    "subject", "patient", "participant", "person", "individual", "respondent", "proband",
    "user", "customer", "client", "household", "family", "group",
}  # fmt: skip
_NUMBERING = {"id", "no", "nr", "num", "number", "code", "key"}
_LEAST_GROUPS = 5
_LEAST_ROWS = 20
_HALF = 0.5
_LEAST_REPEATS = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing that the reader of a result should know.

    Attributes:
        kind: ``index``, ``duplicates``, ``group_split``, ``group_undeclared``,
            ``class_in_one_group``, ``determines_target``, ``beyond_float32``,
            ``one_row_decides``, ``missing_codes``, ``alike_levels``, ``missing``, or
            ``incomplete`` where a check could not be made.
        message: one line: what was found and what to do.
        columns: the columns it is about; empty where it is about rows.
    """

    kind: str
    message: str
    columns: tuple[str, ...] = ()


def audit(dataset: Dataset, split: Split) -> list[Finding]:
    """Look for what makes a score better than it deserves.

    Args:
        dataset: all rows.
        split: its train and test part.

    Returns:
        Findings on an index column, test rows that copy train rows (an index column aside), a
        group in both parts, a column that looks like a group and is not declared, a class that
        one group alone has, a feature that (nearly) determines the target, numbers that models
        cannot hold, numbers that look like codes for missing values, levels that case or blanks
        alone tell apart, and the share of missing cells; empty where nothing was found. Only the
        train rows are used to judge what determines the target. A check that fails is a finding
        and ends nothing.
    """
    index = [c.name for c in dataset.table.schema.features if _is_index(dataset, c)]
    checks: dict[str, Callable[[], list[Finding]]] = {
        "an index column": lambda: _index_finding(index),
        "copies across the parts": lambda: _duplicates(dataset, split, index),
        "groups in both parts": lambda: _split_groups(dataset, split),
        "undeclared groups": lambda: _undeclared_groups(dataset, split),
        "classes of a single group": lambda: _class_in_one_group(dataset),
        "features that determine the target": lambda: _determining(dataset, split),
        "values beyond float32": lambda: _beyond_float32(dataset),
        "a target that one row decides": lambda: _one_row_decides(dataset),
        "codes for missing values": lambda: _missing_codes(dataset),
        "levels that are alike": lambda: _alike_levels(dataset),
        "missing cells": lambda: _missing(dataset),
    }
    return [finding for sought, check in checks.items() for finding in _checked(sought, check)]


def _checked(sought: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    """What a check finds; one that fails must not keep anybody from the results."""
    try:
        return check()
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        message = f"{sought} could not be looked for: {type(error).__name__}: {reason}"
        return [Finding("incomplete", message)]


def _is_index(dataset: Dataset, column: Column) -> bool:
    """Whole numbers, each once, without a gap or under a name that says index."""
    values = dataset.table.frame[column.name]
    if column.kind is not Kind.INTEGER or values.isna().any() or not values.is_unique:
        return False
    if dataset.form is not None and dataset.form.is_time(column.name):
        return False
    contiguous = int(values.max()) - int(values.min()) + 1 == len(values)
    return contiguous or bool(set(words_of(column.name)) & _INDEX_WORDS)


def _index_finding(index: Sequence[str]) -> list[Finding]:
    if not index:
        return []
    message = (
        f"{listed(index)} numbers the rows: where rows are sorted it gives the target away; "
        f"leave it out with {setting('dataset.drop', index)}"
    )
    return [Finding("index", message, tuple(index))]


def _duplicates(dataset: Dataset, split: Split, index: Sequence[str]) -> list[Finding]:
    rows = pd.util.hash_pandas_object(
        dataset.table.frame.drop(columns=list(index)), index=False, categorize=False
    ).to_numpy()
    copies = int(np.isin(rows[split.test], rows[split.train]).sum())
    if copies == 0:
        return []
    message = (
        f"{copies} of {len(split.test)} test rows are exact copies of train rows"
        f"{f' ({listed(index)} aside)' if index else ''}; scores on them measure memory; remove "
        "the duplicates from the source, or put copies into one group (dataset.group)"
    )
    return [Finding("duplicates", message)]


def _split_groups(dataset: Dataset, split: Split) -> list[Finding]:
    if dataset.groups is None:
        return []
    both = np.intersect1d(dataset.groups[split.train], dataset.groups[split.test])
    if both.size == 0:
        return []
    message = (
        f"{both.size} of {len(np.unique(dataset.groups))} groups have rows in both parts of the "
        "split that the data set came with; scores say little of new groups, so use the data set "
        "without that split"
    )
    return [Finding("group_split", message)]


def _undeclared_groups(dataset: Dataset, split: Split) -> list[Finding]:
    if dataset.groups is not None:
        return []
    findings = []
    for column in dataset.table.schema.features:
        values = dataset.table.frame[column.name]
        if column.kind is Kind.CONTINUOUS or not _looks_like_group(column.name, values):
            continue
        train, test = values.iloc[split.train].dropna(), values.iloc[split.test].dropna()
        both = len(set(train.unique()) & set(test.unique()))
        message = (
            f"{column.name} looks like a group ({values.nunique()} values in {len(values)} rows, "
            f"{both} of them in both parts); if rows of one value belong together, use "
            f"{setting('dataset.group', column.name)}"
        )
        findings.append(Finding("group_undeclared", message, (column.name,)))
    return findings


def _looks_like_group(name: str, values: pd.Series) -> bool:
    words = words_of(name)
    if len(words) == 1 and words[0].endswith("id"):
        words = [words[0].removesuffix("id"), "id"] if words[0] != "id" else words
    nouns = [word for word in words if word and word not in _NUMBERING]
    named = (len(nouns) == 1 and nouns[0] in _PEOPLE) or (not nouns and "id" in words)
    distinct = values.nunique()
    return named and distinct >= _LEAST_GROUPS and values.notna().sum() >= _LEAST_REPEATS * distinct


def _class_in_one_group(dataset: Dataset) -> list[Finding]:
    table = dataset.table
    if dataset.groups is None or table.schema.task is Task.REGRESSION:
        return []
    findings = []
    for code, name in enumerate(table.schema.classes):
        of = np.unique(dataset.groups[table.target == code])
        if len(of) == 1:
            message = (
                f"all rows of class {name!r} are in one group ({of[0]}): no part of the data can "
                "both learn and test it, so scores on it say nothing"
            )
            findings.append(Finding("class_in_one_group", message, (table.schema.target,)))
    return findings


def _beyond_float32(dataset: Dataset) -> list[Finding]:
    limit = float(np.finfo(np.float32).max)
    found = {}
    for column in dataset.table.schema.columns:
        if column.is_numeric:
            values = dataset.table.frame[column.name].to_numpy(np.float64, na_value=np.nan)
            if (largest := np.nanmax(np.abs(values), initial=0)) > limit:
                found[column.name] = largest
    if not found:
        return []
    shown = listed(f"{name} (up to {largest:.2g})" for name, largest in found.items())
    message = (
        f"values too large for most models, which compute in 32 bits (up to {limit:.2g}) and will "
        f"fail: {shown}; take their logarithm in the source, or leave them out with "
        f"{setting('dataset.drop', list(found))}"
    )
    return [Finding("beyond_float32", message, tuple(found))]


def _one_row_decides(dataset: Dataset) -> list[Finding]:
    """A target whose variance is that of one row: squared errors then say nothing of the others."""
    table = dataset.table
    if table.schema.task is not Task.REGRESSION or len(table) < _LEAST_ROWS:
        return []
    target = table.target
    largest = float(np.abs(target).max()) or 1.0
    squares = np.square(target / largest - np.median(target) / largest)
    share = float(squares.max() / squares.sum())
    if share <= _HALF:
        return []
    hint = "; its logarithm, made in the source, would not" if (target > 0).all() else ""
    message = (
        f"one row ({target[squares.argmax()]:.3g}) makes {share:.0%} of the variance of the target "
        f"{table.schema.target!r}: RMSE and R2 say little of the other rows{hint}"
    )
    return [Finding("one_row_decides", message, (table.schema.target,))]


def _missing_codes(dataset: Dataset) -> list[Finding]:
    table = dataset.table
    if table.schema.pixels is not None:
        return []  # a single light pixel among dark ones is no code
    found = {
        column.name: codes
        for column in table.schema.columns
        if column.is_numeric
        and (codes := sentinels(table.frame[column.name].to_numpy(np.float64, na_value=np.nan)))
    }
    if not found:
        return []
    shown = [
        f"{name} ({', '.join(f'{code:g} x {count}' for code, count in codes.items())})"
        for name, codes in found.items()
    ]
    typed = ",".join(sorted({f"{code:g}" for codes in found.values() for code in codes}, key=float))
    message = (
        f"values far outside the rest that look like codes for missing ones: {listed(shown)}; "
        f"if they are, set dataset.missing_values=[{typed}]"
    )
    return [Finding("missing_codes", message, tuple(found))]


def _alike_levels(dataset: Dataset) -> list[Finding]:
    frame = dataset.table.frame
    groups = {str(name): alike_levels(frame[name]) for name in frame}
    found = {name: alike for name, alike in groups.items() if alike}
    if not found:
        return []
    shown = [
        f"{name} ({', '.join(map(repr, levels))})"
        for name, alike in found.items()
        for levels in alike
    ]
    message = (
        f"levels that case or blanks alone tell apart: {listed(shown)}; "
        "dataset.merge_levels=true makes them one"
    )
    return [Finding("alike_levels", message, tuple(found))]


def _determining(dataset: Dataset, split: Split) -> list[Finding]:
    table = dataset.table
    scores = determining_features(table.take(split.train))
    findings = []
    for name, score in scores.items():
        message = (
            f"{name} alone (nearly) determines the target {table.schema.target!r} "
            f"({score.measure} {score.value:.3f}, cross-validated on train rows): synthetic rows "
            f"can hardly help; see what is left with {setting('dataset.drop', [name])}"
        )
        findings.append(Finding("determines_target", message, (name,)))
    return findings


def _missing(dataset: Dataset) -> list[Finding]:
    shares = dataset.table.features.isna().mean()
    if not shares.any():
        return []
    rows = int(dataset.table.features.isna().any(axis=1).sum())
    names = shares[shares > 0].sort_values(ascending=False, kind="stable")
    worst = ", ".join(f"{name} {share:.1%}" for name, share in names.head(3).items())
    message = (
        f"{shares.mean():.1%} of the feature cells are missing, in {rows} of {len(dataset.table)} "
        f"rows and {len(names)} columns (most in {worst}); dataset.missing says what becomes of "
        "them"
    )
    return [Finding("missing", message, tuple(names.index))]
