"""The figures of Profile2Gen that can be read from its text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

SETS = ("diabetes_numeric", "urinary", "plasma", "cholesterol", "bodyfat", "parkinson")
ARMS = ("real", "traditional", "preprocess", "profile2gen")
CONTROL = "random_drop"
PROPORTIONS = (0.227, 0.454, 0.682, 0.909)
PREDICTORS = 12
SEEDS = 4
WRONG_TARGETS = {
    "diabetes_numeric": ("c_peptide", "deficit"),
    "plasma": ("BETAPLASMA", "FIBER"),
    "cholesterol": ("slope", "oldpeak"),
}
"""The target as the paper names it, and the one that the authors' file has."""


def read_published() -> pd.DataFrame:
    """The published figures, one a row.

    Returns:
        Columns: ``figure``, its number in the file; ``place`` in the paper; ``statistic``:
        p_value (Wilcoxon, corrected as published), lower (the mean of ``first`` is said to be below
        that of ``second``), rmse, share_... (percent of cells), mean_reduction and
        largest_reduction (percent), and what has one row only; ``metric``; ``protocol``;
        ``dataset`` and ``generator`` by our names; ``proportion``; ``first`` and ``second``, the
        pipelines; ``value``; ``bound``: "=" as printed, "<" below (0.0000 is read as below
        0.00005), "<=" at most, ">" above, "~" about; ``printed``, the text; ``doubt``, what
        speaks against the reading. Absent names are empty, absent numbers NaN.

    References:
        Breaking the Barrier of Hard Samples, Souza and Zanchettin, ICML 2025
    """
    path = Path(__file__).parents[1] / "published" / "profile2gen.csv"
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    numbers = {name: pd.to_numeric(text[name]) for name in ("proportion", "value")}
    return text.assign(**numbers).rename_axis("figure").reset_index()


def recount(published: pd.DataFrame) -> pd.DataFrame:
    """The share of significant pairs among the p-values that the paper prints.

    Args:
        published: see `read_published`.

    Returns:
        A row per protocol, first and second: ``cells``, ``significant`` and ``percent``.
    """
    p_values = published[published.statistic == "p_value"]
    by = p_values.assign(yes=p_values.value <= 0.05).groupby(
        ["protocol", "first", "second"], sort=False
    )
    counted = by.yes.agg(cells="size", significant="sum").reset_index()
    return counted.assign(percent=100 * counted.significant / counted.cells)
