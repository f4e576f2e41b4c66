"""The advice of a refusal must work when it is typed."""

from __future__ import annotations

import shlex

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from tabsculpt.datasets.check import listed, setting


@pytest.mark.parametrize(
    "names",
    [
        ["Name", "Ticket"],
        ["last name", "b"],
        ["Unnamed: 0"],
        ["it's"],
        ['say "x"'],
        ["back\\slash\\"],
        ["null", "True", "12", "1.5"],
        ["größe", "$HOME", "a,b", "[c]", "${d}", "e=f", "default.payment-next"],
    ],
)
def test_a_setting_survives_shell_and_hydra(names: list[str]) -> None:
    (typed,) = shlex.split(setting("dataset.drop", names))
    override = OverridesParser.create().parse_override(typed)
    assert override.key_or_group == "dataset.drop"
    assert [str(name) for name in override.value()] == names  # type: ignore[union-attr]
    (typed,) = shlex.split(setting("dataset.group", names[0]))
    assert str(OverridesParser.create().parse_override(typed).value()) == names[0]


def test_plain_names_are_not_quoted() -> None:
    assert setting("dataset.drop", ["Name", "Ticket"]) == "dataset.drop=[Name,Ticket]"


def test_long_lists_are_cut_and_stay_on_one_line() -> None:
    assert listed(["a\nb"]) == "'a\\nb'"
    assert listed([str(i) for i in range(25)]).endswith("18, 19 and 5 more")
