"""Result rows with the arms that a paper compares, whatever columns these are named by."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tabsculpt.analysis.cells import TRTR
from tabsculpt.analysis.columns import STEP, UNPAIRED

SETTINGS = {
    "generator": "generator_settings",
    "profiler": "profiler_settings",
    "pipeline": "pipeline_settings",
}
"""Columns that say with which settings the part of another column ran."""
NEUTRAL = {"generator": "any", "profiler": "none", "predictor": "any"}
"""What stands in a column that has become part of the arm, so that arms share a cell."""


def with_arms(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The rows with ``pipeline`` as the arm that some columns name together.

    An arm is named by these columns in their order, with a space between: "smotenc upsample"; real
    rows alone are "real", whatever they were crossed with. Settings are part of the name where a
    part ran with several, else of no account. Profilers under a protocol that has no arms are made
    arms of one that has; what its settings ask of them is averaged over, as predictors are.

    Args:
        rows: see `tabsculpt.results.Row`.
        by: of generator, profiler, pipeline and predictor.
    """
    parts = [_named(rows, name).mask(rows[name].isin(["none"]), "") for name in by]
    arm = parts[0].astype(str)
    for part in parts[1:]:
        arm = (arm + " " + part.astype(str)).str.strip()
    merged = rows.assign(pipeline=arm, pipeline_settings="")
    for name in by:
        if name in NEUTRAL:
            merged[name] = NEUTRAL[name]
            if name in SETTINGS:
                merged[SETTINGS[name]] = ""
    unpaired = merged.protocol.isin(UNPAIRED)
    asked = ("ranking " + merged.protocol_settings.fillna("")).str.strip()
    merged["predictor"] = merged.predictor.mask(unpaired, asked)
    merged["protocol_settings"] = merged.protocol_settings.mask(unpaired, "")
    merged["protocol"] = merged.protocol.mask(unpaired, merged.protocol + " ranking")
    return merged[merged.predictor.notna()]


def fixed(rows: pd.DataFrame, where: str) -> pd.DataFrame:
    """The rows on which some columns have some values; real rows alone have no step.

    Args:
        rows: of `with_arms`.
        where: as ``proportion=0.1;minority=0.001``; empty for all rows.
    """
    for text in filter(None, where.split(";")):
        name, _, value = text.partition("=")
        same = (rows[name].astype(float) - float(value)).abs() < 1e-9
        alone = (rows.protocol == TRTR) & (name in STEP)
        rows = rows[same | alone]
    return rows


def _named(rows: pd.DataFrame, name: str) -> pd.Series:
    """A column, with the settings where a name ran with several."""
    if name not in SETTINGS:
        return rows[name]
    settings = rows[SETTINGS[name]].fillna("")
    several = settings.groupby(rows[name]).transform("nunique") > 1
    both = (rows[name] + " " + settings).str.strip()
    return rows[name].mask(several, both)
