"""What a data set and its split give away: warnings, each with what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.check import listed, setting
from tabsculpt.datasets.determines import determining_features
from tabsculpt.datasets.split import Split
from tabsculpt.table import Column, Kind

_INDEX_WORDS = {"index", "idx", "row", "rowid", "rownumber", "unnamed", "id", "no", "nr"}
_PEOPLE = {
    "subject", "patient", "participant", "person", "individual", "respondent", "proband",
    "user", "customer", "client", "household", "family", "group",
}  # fmt: skip
_NUMBERING = {"id", "no", "nr", "num", "number", "code", "key"}
_LEAST_GROUPS = 5
_LEAST_REPEATS = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing that the reader of a result should know.

    Attributes:
        kind: ``index``, ``duplicates``, ``group_split``, ``group_undeclared``,
            ``determines_target`` or ``missing``.
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
        group in both parts, a column that looks like a group and is not declared, a feature
        that (nearly) determines the target, and the share of missing cells; empty where nothing
        was found. Only the train rows are used to judge what determines the target.
    """
    index = [c.name for c in dataset.table.schema.features if _is_index(dataset, c)]
    return [
        *_index_finding(index),
        *_duplicates(dataset, split, index),
        *_split_groups(dataset, split),
        *_undeclared_groups(dataset, split),
        *_determining(dataset, split),
        *_missing(dataset),
    ]


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-z]+", spaced.lower()) if word]


def _is_index(dataset: Dataset, column: Column) -> bool:
    """Whole numbers, each once, without a gap or under a name that says index."""
    values = dataset.table.frame[column.name]
    if column.kind is not Kind.INTEGER or values.isna().any() or not values.is_unique:
        return False
    contiguous = int(values.max()) - int(values.min()) + 1 == len(values)
    return contiguous or bool(set(_words(column.name)) & _INDEX_WORDS)


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
    words = _words(name)
    if len(words) == 1 and words[0].endswith("id"):
        words = [words[0].removesuffix("id"), "id"] if words[0] != "id" else words
    nouns = [word for word in words if word and word not in _NUMBERING]
    named = (len(nouns) == 1 and nouns[0] in _PEOPLE) or (not nouns and "id" in words)
    distinct = values.nunique()
    return named and distinct >= _LEAST_GROUPS and values.notna().sum() >= _LEAST_REPEATS * distinct


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
