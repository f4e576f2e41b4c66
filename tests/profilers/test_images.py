"""Profilers of training dynamics take images as any table: pixels are columns of numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import yaml
from sklearn.metrics import roc_auc_score

from segment_tables import images
from tabsculpt.config.components import instantiate
from tabsculpt.config.compose import choices, conf_folder
from tabsculpt.table import Table

pytestmark = pytest.mark.xdist_group("profilers")
FLIPPED = np.arange(0, 96, 8)


def profiler(name: str):
    node = yaml.safe_load((conf_folder() / "profiler" / f"{name}.yaml").read_text())
    return instantiate(node, "profiler")


OF_DYNAMICS = [
    name
    for name in choices("profiler")
    if name != "auto" and getattr(profiler(name), "recorder", None) is not None
]


@cache
def flipped() -> Table:
    """Images of which every eighth has another class than its line is at."""
    table = images(96)
    labels = table.frame["label"].copy()
    names = np.array(table.schema.classes)
    labels.iloc[FLIPPED] = names[(table.target[FLIPPED] + 1) % 3]
    return Table(table.frame.assign(label=labels), table.schema)


@cache
def recorded(recorder):
    """What several profilers read of one training."""
    return recorder.record(flipped(), 0)


def test_most_profilers_are_of_dynamics():
    assert {"dataiq", "datamaps", "aum", "forgetting", "el2n"} <= set(OF_DYNAMICS)


@pytest.mark.parametrize("name", OF_DYNAMICS)
def test_wrong_labels_of_images_are_hard(name):
    made = profiler(name)
    scores = made.score(flipped(), recorded(made.recorder), 0)
    hardness = -scores.score if made.hard_is == "low" else scores.score
    wrong = np.isin(np.arange(96), FLIPPED)
    assert roc_auc_score(wrong, hardness) > 0.8
