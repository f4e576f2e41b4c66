from __future__ import annotations

import contextlib
import importlib
import json
import pkgutil
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import tabsculpt
from tabsculpt.config.choices import conf_folder
from tabsculpt.config.components import resolve
from tabsculpt.datasets.split_steps import Rows
from tabsculpt.engine import modules
from tabsculpt.engine.fingerprints import FINGERPRINTS, code_fingerprint
from tabsculpt.engine.identity import class_name, describe, written
from tabsculpt.engine.step import Step
from tabsculpt.errors import UserError
from tabsculpt.generators.arf.arf import ARF
from tabsculpt.generators.bootstrap import Bootstrap
from tabsculpt.generators.ctgan.tvae import PaperTVAE
from tabsculpt.generators.fit_steps import Fit, Sample
from tabsculpt.pipelines.real import Real
from tabsculpt.profilers.cleanlab import Cleanlab
from tabsculpt.profilers.profile_steps import profile_rows
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform

SCHEMA = Schema(
    (
        Column("x", Kind.CONTINUOUS),
        Column("n", Kind.INTEGER),
        Column("b", Kind.BOOLEAN),
        Column("c", Kind.CATEGORICAL, ("a", "b", "ü")),
        Column("y", Kind.CONTINUOUS),
    ),
    "y",
    Task.REGRESSION,
)
CELL = {
    "x": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32)),
    "n": st.one_of(st.none(), st.integers(-(2**40), 2**40)),
    "b": st.one_of(st.none(), st.booleans()),
    "c": st.one_of(st.none(), st.sampled_from(["a", "b", "ü"])),
    "y": st.floats(-1e6, 1e6),
}
ROW = st.fixed_dictionaries(CELL)
ROWS = st.lists(ROW, min_size=2, max_size=6)
SEEDS = st.integers(0, 2**31)


def table(rows: list[dict[str, object]]) -> Table:
    return conform(pd.DataFrame(rows, columns=SCHEMA.names), SCHEMA)


def rows_of(content: Table) -> Rows:
    return Rows.of("train", content, None)


def test_the_name_of_a_column_is_in_the_key_and_in_no_draw():
    own = table([{"x": 1.5, "n": 1, "b": True, "c": "a", "y": 2.0}] * 3)
    names = {"x": "weight", "y": "outcome"}
    columns = tuple(replace(c, name=names.get(c.name, c.name)) for c in SCHEMA.columns)
    schema = Schema(columns, "outcome", SCHEMA.task)
    renamed = conform(own.frame.rename(columns=names), schema)
    other = conform(own.frame.assign(x=1.25), SCHEMA)
    steps = [Fit(PaperTVAE(), rows_of(rows), 1, "cpu") for rows in (own, renamed, other)]
    assert steps[0].random_seed == steps[1].random_seed != steps[2].random_seed
    assert len({step.key for step in steps}) == 3


@given(ROWS, SEEDS, st.integers(1, 900))
def test_equal_settings_give_equal_keys(rows, seed, epochs):
    steps = [
        Sample(
            Fit(PaperTVAE(epochs=epochs), rows_of(table(rows)), seed, "cpu"),
            rows_of(table(rows)),
            1,
        )
        for _ in range(2)
    ]
    assert steps[0].key == steps[1].key
    assert steps[0].random_seed == steps[1].random_seed


@given(ROWS, SEEDS, SEEDS)
def test_another_seed_gives_another_key(rows, one, other):
    data = rows_of(table(rows))
    fits = [Fit(Bootstrap(), data, seed, "cpu") for seed in (one, other)]
    assert (fits[0].key == fits[1].key) == (one == other)


@given(ROWS, st.data())
def test_another_cell_gives_another_key(rows, data):
    i = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(SCHEMA.names))
    value = data.draw(CELL[column])
    changed = [dict(row) for row in rows]
    changed[i][column] = value
    before, after = table(rows), table(changed)
    same = before.frame.equals(after.frame)
    if not (same and value == 0):  # 0.0 and -0.0 are equal and may hash apart
        assert (rows_of(before).key == rows_of(after).key) == same


@given(ROWS, st.randoms())
def test_another_row_order_gives_another_key(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    before, after = table(rows), table(shuffled)
    assert (before.fingerprint() == after.fingerprint()) == before.frame.equals(after.frame)


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=5))
def test_another_dtype_gives_another_key(values):
    columns = [Column("x", kind) for kind in (Kind.INTEGER, Kind.CONTINUOUS)]
    target = Column("y", Kind.CONTINUOUS)
    frame = pd.DataFrame({"x": values, "y": np.zeros(len(values))})
    tables = [conform(frame, Schema((column, target), "y", Task.REGRESSION)) for column in columns]
    assert tables[0].fingerprint() != tables[1].fingerprint()


def test_a_missing_value_is_not_zero():
    row = {"x": 0.0, "n": 0, "b": False, "c": "a", "y": 1.0}
    prints = {table([row]).fingerprint()}
    prints |= {table([{**row, name: None}]).fingerprint() for name in ("x", "n", "b", "c")}
    assert len(prints) == 5


@pytest.mark.parametrize(
    ("setting", "value"),
    [("threshold", 0.2), ("learner", "boosted"), ("folds", 4)],
)
def test_any_changed_setting_gives_another_key(setting, value):
    data = rows_of(table([{"y": 1.0}, {"y": 2.0}]))
    before = profile_rows(Cleanlab(), data, 0)
    after = profile_rows(replace(Cleanlab(), **{setting: value}), data, 0)
    assert before.key != after.key
    assert before.random_seed != after.random_seed


def test_a_setting_that_came_later_counts_where_it_is_not_the_default():
    data = rows_of(table([{"y": 1.0}, {"y": 2.0}]))
    plain, same, other = (
        Fit(arf, data, 0, "cpu") for arf in (ARF(), ARF(max_rows=30_000), ARF(max_rows=1000))
    )
    assert "max_rows" not in plain.description["generator"]
    assert plain.random_seed == same.random_seed != other.random_seed
    assert plain.key == same.key != other.key


def test_what_a_step_depends_on_is_part_of_its_key():
    one, other = (rows_of(table([{"y": y}, {"y": 2.0}])) for y in (1.0, 3.0))
    fit = Fit(Bootstrap(), one, 0, "cpu")
    assert Sample(fit, one, 0).key != Sample(Fit(Bootstrap(), other, 0, "cpu"), one, 0).key
    assert set(Sample(fit, one, 0).ancestry()) == {one.key, fit.key, Sample(fit, one, 0).key}


def test_code_counts_and_comments_do_not(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    texts = ['"""A."""\nX = 1  # one\n', '"""B."""\n\nX   =   1\n', "X = 2\n"]
    # The module's name is part of the fingerprint, so each text is read under one name.
    found = []
    for text in texts:
        FINGERPRINTS.clear()
        modules.forget()
        (tmp_path / "versioned.py").write_text(text)
        found.append(code_fingerprint("versioned"))
    assert found[0] == found[1] != found[2]


def test_no_two_classes_of_the_package_have_one_name_in_identities():
    for info in pkgutil.walk_packages(tabsculpt.__path__, "tabsculpt."):
        if not info.name.endswith("__main__"):
            with contextlib.suppress(ImportError):  # of an extra
                importlib.import_module(info.name)
    classes, todo = set(), [Step, *_components()]
    while todo:
        cls = todo.pop()
        if cls not in classes:
            classes.add(cls)
            todo += cls.__subclasses__()
    named = Counter(class_name(cls) for cls in classes)
    assert [name for name, count in named.items() if count > 1] == []
    assert class_name(Real) == "tabsculpt.pipelines.Real"


def _components():
    for path in conf_folder().glob("*/*.yaml"):
        node = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(node, dict) and "_target_" in node:
            with contextlib.suppress(UserError):
                yield resolve(node["_target_"], path.stem)


@dataclass(frozen=True)
class Plain:
    amount: float


@dataclass(frozen=True, slots=True)
class Slotted:
    amount: float


@pytest.mark.parametrize("kind", [Plain, Slotted])
def test_a_component_is_described_by_what_it_is_and_left_as_it_was(kind):
    whole, real = kind(1), kind(1.0)
    assert whole == real
    assert [repr(describe(part)["amount"]) for part in (whole, real, whole)] == ["1", "1.0", "1"]
    assert kind is Slotted or vars(whole) == {"amount": 1}


def test_what_was_known_of_a_component_goes_with_it():
    for amount in range(1000):  # each lies where the one before lay
        assert describe(Plain(amount))["amount"] == amount


@dataclass(frozen=True)
class Settings:
    values: dict
    name: str
    a: object = None


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), PLAIN, max_size=4), st.text(), PLAIN)
def test_settings_are_written_as_json_with_sorted_names(values, name, a):
    named = class_name(Settings)
    expected = {"is": named, "values": values, "name": name, "a": a}
    if any(isinstance(x, float) and np.isinf(x) for x in _leaves(expected)):
        with pytest.raises(ValueError, match="JSON compliant"):
            written(Settings(values, name, a))
        return
    text = json.dumps(expected, sort_keys=True, ensure_ascii=False)
    assert written(Settings(values, name, a)) == text
    assert describe(Settings(values, name, a)) == expected


def _leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    return (
        [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]
    )
