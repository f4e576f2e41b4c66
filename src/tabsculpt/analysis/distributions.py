"""The distribution of a column over several runs: the mean of their histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tabsculpt.table import FloatArray

BINS = 40
Record = Mapping[str, Any]
"""A row of the tables of distributions, see `tabsculpt.metrics.distributions.Distribution`."""


def common_edges(records: Sequence[Record]) -> FloatArray:
    """Bins for the histograms of all records: theirs, if they agree; else over all their ranges.

    Bins of one whole number each stay so. Empty for categories.
    """
    every = [np.asarray(record["edges"], dtype=float) for record in records]
    first = every[0] if every else np.empty(0)
    if all(np.array_equal(first, edges) for edges in every):
        return first
    low, high = min(edges[0] for edges in every), max(edges[-1] for edges in every)
    if all(len(edges) > 1 and np.allclose(np.diff(edges), 1) and edges[0] % 1 == 0.5
           for edges in every):  # fmt: skip
        return np.arange(low, high + 0.5)
    return np.linspace(low, high, BINS + 1)


def mean_distribution(records: Sequence[Record], edges: FloatArray) -> dict[str, Any]:
    """The mean over runs of one column of one table.

    Rows of a bin that is cut by another's edges are spread evenly over it.

    Args:
        records: one for each run, at least one.
        edges: see `common_edges`; empty for categories.

    Returns:
        As a record: ``edges``, ``categories``, ``shares``, ``below``, ``above``, ``quantiles``,
        each the mean over the runs.
    """
    quantiles = [record["quantiles"] for record in records if len(record["quantiles"])]
    names = list(dict.fromkeys(name for record in records for name in record["categories"]))
    shares = [
        _rebinned(record, edges) if len(edges) else _aligned(record, names) for record in records
    ]
    return {
        "edges": edges,
        "categories": names,
        "shares": np.mean(shares, axis=0),
        "below": float(np.mean([record["below"] for record in records])),
        "above": float(np.mean([record["above"] for record in records])),
        "quantiles": np.mean(quantiles, axis=0) if quantiles else np.empty(0),
    }


def _rebinned(record: Record, edges: FloatArray) -> FloatArray:
    own, shares = np.asarray(record["edges"], float), np.asarray(record["shares"], float)
    if np.array_equal(own, edges):
        return shares
    up_to = np.concatenate([[0.0], np.cumsum(shares)])
    return np.diff(np.interp(edges, own, up_to))


def _aligned(record: Record, names: Sequence[str]) -> FloatArray:
    found = dict(zip(record["categories"], record["shares"], strict=True))
    return np.array([found.get(name, 0.0) for name in names])
