from __future__ import annotations

import pytest

from tabsculpt.config.components import instantiate
from tabsculpt.errors import UserError
from tabsculpt.profilers.cleanlab import Cleanlab, Learner

CLEANLAB = "tabsculpt.profilers.cleanlab.Cleanlab"


def test_settings_arrive_with_their_types():
    made = instantiate({"_target_": CLEANLAB, "threshold": "0.2", "learner": "boosted"}, "profiler")
    assert made == Cleanlab(threshold=0.2, learner=Learner.BOOSTED)


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"treshold": 0.2}, ["treshold", "did you mean 'threshold'", "folds, learner, threshold"]),
        ({"threshold": "high"}, ["profiler.threshold", "valid number", "'high'"]),
        ({"learner": "deep"}, ["profiler.learner", "'linear', 'boosted', 'mlp'", "'deep'"]),
        ({"folds": 2.5}, ["profiler.folds", "integer", "2.5"]),
        ({"_target_": "tabsculpt.profilers.cleanlab.Cleanlob"}, ["_target_", "Cleanlob"]),
        ({"_target_": "no.such.module.Class"}, ["_target_", "no.such.module.Class"]),
        ({"_target_": "json.dumps"}, ["json.dumps", "neither a module of tabsculpt nor in"]),
        (
            {"_target_": "tabsculpt.config.components.resolve"},
            ["components.resolve", "not a dataclass"],
        ),
        ({"_target_": "Cleanlab"}, ["Cleanlab", "expected package.module.Class"]),
    ],
)
def test_what_is_wrong_is_said_in_one_line(node, words):
    with pytest.raises(UserError) as caught:
        instantiate({"_target_": CLEANLAB, **node}, "profiler")
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_node_without_a_class_is_refused():
    with pytest.raises(UserError, match="profiler has no _target_"):
        instantiate({"threshold": 0.2}, "profiler")
