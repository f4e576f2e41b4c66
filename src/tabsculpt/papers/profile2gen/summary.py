"""Summaries of a comparison: counts of verdicts, shares of significant pairs, directions."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd

from tabsculpt.analysis.comparisons import ALPHA
from tabsculpt.papers.profile2gen.compare import VARIANTS, compare
from tabsculpt.papers.profile2gen.figures import ARMS, CONTROL, read_published, recount
from tabsculpt.papers.profile2gen.obtained import UNITS, Obtained, obtain
from tabsculpt.papers.profile2gen.shares import PAIRS, complete, pair_tests
from tabsculpt.papers.verdicts import FAILS, HOLDS, NOT


def make_tables(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The comparison and its summaries: ``figures``, ``pairs``, ``directions``, ``verdicts``.

    Args:
        rows: see `tabsculpt.papers.profile2gen.kept.read_results`.
    """
    found = obtain(rows)
    figures = compare(rows, found)
    return {
        "figures": figures,
        "pairs": share_pairs(found, read_published()),
        "directions": count_directions(found),
        "verdicts": count_verdicts(figures),
    }


def count_verdicts(beside: pd.DataFrame) -> pd.DataFrame:
    """Verdicts by variant, statistic, protocol and place.

    Args:
        beside: what `tabsculpt.papers.profile2gen.compare.compare` returns.

    Returns:
        Columns besides these: ``holds``, ``does not hold``, ``not comparable``, counts of figures
        (times runs).
    """
    by = ["variant", "statistic", "protocol", "place"]
    counted = beside.groupby([*by, "verdict"], sort=False).size().unstack(fill_value=0)
    return counted.reindex(columns=[HOLDS, FAILS, NOT], fill_value=0).reset_index()


def share_pairs(found: Obtained, published: pd.DataFrame) -> pd.DataFrame:
    """Figure 7 of the paper: how often each pair differs, ours beside the paper's.

    Args:
        found: what was obtained.
        published: the paper's figures.

    Returns:
        A row per variant, protocol and pair: ``cells`` with all units and arms, ``significant``
        of them (Bonferroni over six pairs) and ``percent``; ``cells_kw``, ``significant_kw`` and
        ``percent_kw``, the same where the Kruskal-Wallis test is significant; ``printed``, the
        percentage in section 5.5; ``recounted``, the significant ones among the
        ``recounted_cells`` p-values of Appendix P.
    """
    counted = recount(published).set_index(["protocol", "first", "second"])
    phrase = published[published.statistic == "share_wilcoxon"]
    phrase = phrase.set_index(["protocol", "first", "second"]).value
    records = []
    for variant in VARIANTS:
        tests = pair_tests(found.of(variant))
        for protocol in UNITS:
            for pair in combinations(ARMS, 2):
                key = (protocol, *pair)
                mine = tests[(tests.protocol == protocol) & (tests["first"] == pair[0])]
                mine = mine[mine.second == pair[1]]
                records.append(
                    {
                        **dict(zip(["variant", "protocol", "first", "second"], [variant, *key],
                                   strict=True)),
                        **_share(mine, ""),
                        **_share(mine[mine.differ.astype(bool)], "_kw"),
                        "printed": phrase.get(key),
                        "recounted": counted.significant[key],
                        "recounted_cells": counted.cells[key],
                    }
                )  # fmt: skip
    return pd.DataFrame(records)


def count_directions(found: Obtained) -> pd.DataFrame:
    """In how many cells the mean RMSE of profile2gen is below that of each other arm.

    Args:
        found: what was obtained.

    Returns:
        A row per variant, protocol and ``against``: ``cells`` with all units; ``below``;
        ``significantly_below`` and ``significantly_above`` (Wilcoxon, Bonferroni over six pairs;
        against random_drop, which is the control and not of the paper, uncorrected);
        ``median_change``, of the mean from the other arm to profile2gen, in percent.
    """
    records = []
    for variant in VARIANTS:
        tests = complete(found.of(variant).pairs)
        tests = tests[tests.second == "profile2gen"]
        for protocol in UNITS:
            for against in (*ARMS[:-1], CONTROL):
                mine = tests[(tests.protocol == protocol) & (tests["first"] == against)]
                below = mine.change < 0
                clear = mine.p * (1 if against == CONTROL else PAIRS) <= ALPHA
                records.append(
                    {
                        "variant": variant,
                        "protocol": protocol,
                        "against": against,
                        "cells": len(mine),
                        "below": int(below.sum()),
                        "significantly_below": int((below & clear).sum()),
                        "significantly_above": int((~below & clear).sum()),
                        "median_change": mine.change.median(),
                    }
                )
    return pd.DataFrame(records)


def _share(tests: pd.DataFrame, suffix: str) -> dict[str, Any]:
    cells, yes = len(tests), int(tests.significant.sum())
    percent = 100 * yes / cells if cells else None
    return {f"cells{suffix}": cells, f"significant{suffix}": yes, f"percent{suffix}": percent}
