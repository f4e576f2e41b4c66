"""What holds for every generator of conf/generator, on every table that a segment can be."""

import dataclasses
import importlib
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import segment_tables
import tiny_weights
from needs import extras_of
from tabsculpt.errors import TooFewRowsError, UserError
from tabsculpt.generators.on_grid import fit_on_grid, load_on_grid
from tabsculpt.generators.requirements import obstacle
from tabsculpt.table import Kind, Task

CONF = Path(__file__).parents[2] / "conf" / "generator"
HEAVY = {
    "torch", "ctgan", "sdv", "copulas", "sklearn", "scipy", "joblib", "zuko", "pgmpy",
    "imblearn", "transformers", "be_great", "mostlyai", "xgboost", "mbi", "jax", "sdmetrics", "rdt",
    "tabpfn", "opacus",
}  # fmt: skip
SUFFIXES = {".json", ".npz", ".parquet", ".safetensors"}


def quick(name):
    """The generator with its defaults, but trained for a moment only."""
    node = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    module, _, cls = node.pop("_target_").rpartition(".")
    kind = getattr(importlib.import_module(module), cls)
    generator = kind(**node | tiny_weights.settings(kind))
    short = {"steps": 8, "epochs": 1, "repeats": 1, "estimators": 1}
    return dataclasses.replace(generator, **{k: v for k, v in short.items() if node.get(k)})


# a file of the user's has no defaults, and a search is no generator; see test_file, test_tuning
NAMES = sorted(
    path.stem for path in CONF.glob("*.yaml") if path.stem not in ("file", "tuned", "tuned_tvae")
)
GENERATORS = {name: quick(name) for name in NAMES}
TABLES = {name: make() for name, make in segment_tables.TABLES.items()}
LONG = {("tabpfn", "forty_columns")}
"""A network is asked for each column whenever rows are drawn."""
pytestmark = pytest.mark.filterwarnings("error", "ignore:Importing from 'tabpfn:DeprecationWarning")


def cases(holds=lambda _generator, _table: True):
    """Generators with tables: those pairs alone of which something holds.

    Every test of a generator runs in one worker, which fits it once to a table.
    """
    return [
        pytest.param(name, table, id=f"{name}-{kind}", marks=marks(name))
        for name, generator in GENERATORS.items()
        for kind, table in TABLES.items()
        if holds(generator, table) and (name, kind) not in LONG
    ]


def marks(name):
    return [*extras_of(GENERATORS[name]), pytest.mark.xdist_group(f"generator {name}")]


def learns(generator, table) -> bool:
    return obstacle(generator, table) is None and len(table) >= generator.least_rows


def completes(generator, table) -> bool:
    """Whether it can be asked for rows of a class; see test_learning for numbers."""
    is_number = table.schema.task is Task.REGRESSION
    return learns(generator, table) and generator.conditional and not is_number


for_each = pytest.mark.parametrize("name", [pytest.param(n, marks=marks(n)) for n in NAMES])
for_each_table = pytest.mark.parametrize(("name", "table"), cases())
for_each_table_it_learns = pytest.mark.parametrize(("name", "table"), cases(learns))
for_each_table_it_completes = pytest.mark.parametrize(("name", "table"), cases(completes))


@cache
def fitted(name, table):
    return fit_on_grid(GENERATORS[name], table, 1, "cpu")


@for_each_table
def test_what_it_cannot_do_is_refused_in_one_line(name, table):
    generator = GENERATORS[name]
    kind = re.sub("_paper$", "", name)
    if why := obstacle(generator, table):
        with pytest.raises(UserError, match=re.escape(f"{kind} {why}")):
            generator.fit(table, 1, "cpu")
    elif len(table) < generator.least_rows:
        with pytest.raises(TooFewRowsError, match=f"{kind} needs at least {generator.least_rows} "):
            generator.fit(table, 1, "cpu")
    else:
        assert len(fitted(name, table).sample(3, 0)) == 3


@for_each_table_it_completes
def test_rows_with_given_values_have_them(name, table):
    model = fitted(name, table)
    schema = table.schema
    value = str(table.frame[schema.target].iloc[-1])
    sample = model.sample(25, 4, given={schema.target: value})
    assert set(sample.frame[schema.target]) == {value}
    assert sample.schema == schema
    assert model.sample(25, 4, given={schema.target: value}).fingerprint() == sample.fingerprint()
    with pytest.raises(UserError, match="no column 'nothing'; expected one of"):
        model.sample(5, 0, given={"nothing": 1})
    with pytest.raises(UserError, match=f"{schema.target}.*'neither'"):
        model.sample(5, 0, given={schema.target: "neither"})


@for_each_table_it_learns
def test_rows_obey_the_schema_and_stay_within_the_training_rows(name, table):
    sample = fitted(name, table).sample(2 * len(table) + 7, 3)
    assert sample.schema == table.schema
    assert len(sample) == 2 * len(table) + 7
    assert list(sample.frame.index) == list(range(len(sample)))
    assert sample.frame.dtypes.equals(table.frame.dtypes)
    for column in table.schema.columns:
        real, drawn = table.frame[column.name], sample.frame[column.name]
        assert real.isna().any() or not drawn.isna().any()
        if column.is_numeric:
            values = drawn.dropna()
            assert values.empty or (real.min() <= values.min() and values.max() <= real.max())
            assert column.kind is Kind.INTEGER or np.isfinite(values).all()
        elif column.kind is not Kind.TEXT:
            assert set(drawn.dropna()) <= set(real.dropna())
        if real.nunique(dropna=False) == 1:
            assert drawn.nunique(dropna=False) == 1


@for_each
def test_numbers_have_the_decimals_and_steps_of_the_training_rows(name, measured, windows, lines):
    table = plain(name, *measured, windows, lines)
    model = fitted(name, table)
    drawn = model.sample(400, 8).frame
    if table is windows:
        assert (drawn["price_1"].round(1) == drawn["price_1"]).all()
        return
    if table is lines:
        assert (drawn["pixel_2_1"].round() == drawn["pixel_2_1"]).all()
        return
    assert ((drawn["hundredths"] * 100).round() / 100 == drawn["hundredths"]).all()
    assert (drawn["halves"].dropna() % 0.5 == 0).all()
    assert (drawn["fives"] % 5 == 0).all()
    assert (drawn["thousands"] % 1000 == 500).all()
    assert not (drawn["free"].round(3) == drawn["free"]).any()
    for column in ("hundredths", "halves", "fives", "thousands"):
        real = table.frame[column]
        assert drawn[column].dropna().between(real.min(), real.max()).all()
    if GENERATORS[name].conditional and name in ("gaussian_copula", "arf"):
        asked = model.sample(5, 0, given={"hundredths": 0.4567}).frame
        assert (asked["hundredths"] == 0.4567).all()


@for_each_table_it_learns
def test_the_same_seed_gives_the_same_rows_and_another_gives_others(name, table):
    model = fitted(name, table)
    first = model.sample(30, 5).fingerprint()
    assert model.sample(30, 5).fingerprint() == first
    if len(table.frame.drop_duplicates()) > 1:
        assert model.sample(30, 6).fingerprint() != first


@for_each_table_it_learns
def test_no_rows_are_an_empty_table_of_the_schema(name, table):
    sample = fitted(name, table).sample(0, 0)
    assert len(sample) == 0
    assert sample.frame.dtypes.equals(table.frame.dtypes)


@for_each_table_it_learns
def test_a_stored_generator_samples_what_the_fresh_one_samples(name, table, tmp_path):
    model = fitted(name, table)
    model.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} <= SUFFIXES
    loaded = load_on_grid(GENERATORS[name], tmp_path)
    assert loaded.sample(40, 9).fingerprint() == model.sample(40, 9).fingerprint()
    again = tmp_path / "again"
    again.mkdir()
    loaded.save(again)
    for path in again.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def plain(name, *tables):
    """The first table that the generator can learn."""
    return next(table for table in tables if obstacle(GENERATORS[name], table) is None)


@for_each
def test_nothing_is_printed(name, line, classes, windows, noted, lines, capfd):
    GENERATORS[name].fit(plain(name, line, classes, windows, noted, lines), 0, "cpu").sample(5, 0)
    assert capfd.readouterr() == ("", "")


@for_each
def test_global_random_state_neither_matters_nor_moves(
    name, gappy, classes, line, windows, noted, lines
):
    gappy = plain(name, gappy, classes, line, windows, noted, lines)
    before_fit = gappy.fingerprint()
    model = GENERATORS[name].fit(gappy, 2, "cpu")
    before = model.sample(20, 2).fingerprint()
    np.random.seed(99)
    torch.manual_seed(99)
    expected = np.random.get_state()[1].copy(), torch.get_rng_state()
    again = GENERATORS[name].fit(gappy, 2, "cpu").sample(20, 2).fingerprint()
    assert again == before
    assert gappy.fingerprint() == before_fit
    assert (np.random.get_state()[1] == expected[0]).all()
    assert torch.equal(torch.get_rng_state(), expected[1])


@cache
def imported() -> dict[str, list[str]]:
    """The heavy libraries that the import of each generator's module adds, in a fresh process."""
    code = f"""
import importlib, json, sys
found, before = {{}}, set()
for module in {sorted({type(generator).__module__ for generator in GENERATORS.values()})}:
    importlib.import_module(module)
    found[module] = sorted({HEAVY} & set(sys.modules) - before)
    before = set(sys.modules)
print(json.dumps(found))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_importing_it_imports_no_heavy_library(name):
    assert imported()[type(GENERATORS[name]).__module__] == []
