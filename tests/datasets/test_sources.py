"""Bundled, simulated, medical, published and other sets, and their files in conf/dataset."""

from __future__ import annotations

import importlib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.audit import audit
from tabsculpt.datasets.bundled import Bundled
from tabsculpt.datasets.published import Published
from tabsculpt.datasets.simulated import Simulated
from tabsculpt.datasets.split import split_rows
from tabsculpt.errors import UserError
from tabsculpt.table import Kind, Task

CONF = Path(__file__).parents[2] / "conf" / "dataset"
NAMES = sorted(path.stem for path in CONF.glob("*.yaml"))


def load(name: str, data: str | None = None, **changes: Any) -> Dataset:
    """Load a data set as its file in conf/dataset says."""
    settings = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    module, _, cls = settings.pop("_target_").rpartition(".")
    if "data" in settings:
        settings["data"] = data
    dataset: Dataset = getattr(importlib.import_module(module), cls)(**settings | changes).load()
    return dataset


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_the_fields_each_with_a_comment(name: str) -> None:
    text = (CONF / f"{name}.yaml").read_text()
    settings = yaml.safe_load(text)
    module, _, cls = settings.pop("_target_").rpartition(".")
    source = getattr(importlib.import_module(module), cls)
    assert set(settings) == {field.name for field in fields(source)}
    top = [line for line in text.splitlines()[1:] if not line.startswith(" ")]
    assert all("  # " in line for line in top)
    if settings["name"] not in (None, "???"):  # the user's own, or one of many
        assert settings["name"] == name


def test_bundled_sets_have_their_known_shape_and_units() -> None:
    diabetes = load("sklearn_diabetes").table
    assert (diabetes.frame.shape, diabetes.schema.task) == ((442, 11), Task.REGRESSION)
    assert diabetes.frame["age"].between(19, 79).all()
    assert sorted(diabetes.frame["sex"].unique()) == [1, 2]
    assert diabetes.target.mean() == pytest.approx(152.13348)
    cancer = load("breast_cancer").table
    assert (cancer.frame.shape, cancer.schema.task) == ((569, 31), Task.BINARY)
    assert np.bincount(cancer.target).tolist() == [212, 357]
    wine = load("wine").table
    assert (wine.frame.shape, wine.schema.classes) == ((178, 14), ("0", "1", "2"))
    with pytest.raises(UserError, match="breast_cancer, diabetes, wine"):
        Bundled("iris", "iris").load()


def test_the_simulated_error_is_the_stated_one_and_the_seed_decides() -> None:
    table = Simulated(rows=40_000, seed=3).load().table
    x1, x2 = (table.frame[name].to_numpy() for name in ("x1", "x2"))
    assert ((x1 * x2 < 0) != table.target).mean() == pytest.approx(0.125, abs=0.005)
    assert np.bincount(table.target).tolist() == [20_000, 20_000]
    again = Simulated(rows=40_000, seed=3).load().table
    assert again.fingerprint() == table.fingerprint()
    assert Simulated(rows=40_000, seed=4).load().table.fingerprint() != table.fingerprint()
    with pytest.raises(UserError, match="at least 12"):
        Simulated(rows=5).load()


def test_a_missing_data_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="TABSCULPT_DATA"):
        load("adult")
    with pytest.raises(UserError, match="TABSCULPT_DATA"):
        load("plasma_published")
    with pytest.raises(UserError, match=r"no such file: .*published/fat_train\.csv"):
        load("bodyfat_published", str(tmp_path))


def test_published_files_give_the_authors_split(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    frame = pd.DataFrame({"a": np.arange(15) / 4, "target": np.arange(15) / 7})
    shuffled = frame.sample(frac=1, random_state=0)
    shuffled[:11].to_csv(folder / "t_train.csv")
    shuffled[11:].to_csv(folder / "t_test.csv")
    dataset = Published("t_published", "t", "y", "z", str(tmp_path)).load()
    assert dataset.table.schema.names == ["index", "a", "target"]
    assert dataset.table.frame["index"].tolist() == shuffled.index.tolist()
    assert split_rows(dataset, 0.5, 1).test.tolist() == [11, 12, 13, 14]
    assert "holds z, not y" in str(dataset.notes[0])
    shuffled[11:].rename(columns={"a": "b"}).to_csv(folder / "t_test.csv")
    with pytest.raises(UserError, match="differ in columns"):
        Published("t_published", "t", "y", "z", str(tmp_path)).load()


@pytest.mark.parametrize(
    ("name", "shape", "mean"),
    [
        ("parkinson", (5875, 21), 29.0189),
        ("urinary", (120, 7), 38.7242),
        ("cholesterol", (303, 14), 1.6007),
        ("bodyfat", (252, 15), 19.1508),
        ("plasma", (315, 14), 189.8921),
        ("diabetes_numeric", (43, 3), 4.7465),
    ],
)
def test_medical_sets(data: str, name: str, shape: tuple[int, int], mean: float) -> None:
    dataset = load(name, data)
    assert dataset.table.frame.shape == shape
    assert dataset.table.schema.task is Task.REGRESSION
    assert dataset.table.target.mean() == pytest.approx(mean, abs=1e-3)
    assert (dataset.groups is not None) == (name == "parkinson")


def test_a_file_that_is_not_the_declared_set_is_refused(data: str) -> None:
    with pytest.raises(UserError, match=r"not the set 'bodyfat': columns absent \['Density'"):
        load("bodyfat", data, file="plasma_retinol")
    with pytest.raises(UserError, match="43 rows instead of 44"):
        load("diabetes_numeric", data, rows=44)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("parkinson", (3936, 1939)),
        ("urinary", (80, 40)),
        ("cholesterol", (198, 99)),
        ("bodyfat", (168, 83)),
        ("plasma", (210, 104)),
        ("diabetes_numeric", (28, 14)),
    ],
)
def test_published_sets_hold_what_their_notes_say(
    data: str, name: str, parts: tuple[int, int]
) -> None:
    dataset = load(f"{name}_published", data)
    split = split_rows(dataset, 0.33, 0)
    assert (len(split.train), len(split.test)) == parts
    settings = yaml.safe_load((CONF / f"{name}_published.yaml").read_text())
    right = load(name, data).table.frame[settings["holds"]].astype(float)
    rows = dataset.table.frame["index"].astype(int)
    if name == "bodyfat":  # the authors' file lacks the first row
        rows = rows + 1
    if name == "cholesterol":  # and rows with missing values were dropped before this one
        right = right[load(name, data).table.frame.notna().all(axis=1)].reset_index(drop=True)
        rows = rows.rank().astype(int) - 1
    assert np.array_equal(dataset.table.target, right.loc[rows].to_numpy())
    assert ("permuted" in str(dataset.notes[0])) == (settings["holds"] != settings["meant"])


@pytest.mark.parametrize(
    ("name", "shape", "classes", "share"),
    [
        ("adult", (32561, 9), ("<=50K", ">50K"), 0.2408),
        ("titanic", (891, 8), ("0", "1"), 0.3838),
        ("credit_approval", (690, 16), ("yno.", "yyes."), 0.4449),
        ("heart", (303, 14), ("no", "yes"), 0.4587),
        ("credit_default", (30000, 24), ("0", "1"), 0.2212),
        ("support2", (9105, 37), ("0", "1"), 0.6811),
    ],
)
def test_other_sets(
    data: str, name: str, shape: tuple[int, int], classes: tuple[str, ...], share: float
) -> None:
    table = load(name, data).table
    assert (table.frame.shape, table.schema.classes) == (shape, classes)
    assert table.target.mean() == pytest.approx(share, abs=1e-3)


def test_adult_has_no_blanks_and_its_question_marks_are_missing(data: str) -> None:
    table = load("adult", data).table
    jobs = next(c for c in table.schema.columns if c.name == "workclass")
    assert (len(jobs.categories), jobs.categories[-1]) == (8, "Without-pay")
    assert table.frame["workclass"].isna().sum() == 1836


def test_no_outcome_is_among_the_features_of_support2(data: str) -> None:
    names = load("support2", data).table.schema.names
    assert not {"hospdead", "d.time", "sfdm2", "slos", "Unnamed: 0"} & set(names)
    kinds = {c.name: c.kind for c in load("support2", data).table.schema.columns}
    assert (kinds["age"], kinds["sex"]) == (Kind.CONTINUOUS, Kind.CATEGORICAL)


def test_audits_with_known_answers(data: str) -> None:
    def findings(name: str, **changes: Any) -> dict[str, tuple[str, ...]]:
        dataset = load(name, data, **changes)
        return {f.kind: f.columns for f in audit(dataset, split_rows(dataset, 0.33, 0))}

    assert findings("bodyfat") == {"determines_target": ("Density",)}
    assert findings("parkinson") == {}
    assert findings("parkinson", group=None) == {"group_undeclared": ("subject.",)}
    assert findings("parkinson_published")["index"] == ("index",)
    assert findings("urinary_published") == {
        "index": ("index",),
        "duplicates": (),
        "determines_target": ("index",),
    }
    dataset = load("urinary_published", data)
    copies = next(f for f in audit(dataset, split_rows(dataset, 0.33, 0)) if f.kind == "duplicates")
    assert copies.message.startswith("11 of 40 test rows")
    assert "index" not in findings("titanic", drop=["Name", "Ticket", "Cabin"])  # set aside


def made_heart(folder: Path) -> pd.DataFrame:
    """A file with the columns and the number of rows of OpenML 204, and made values."""
    rng = np.random.default_rng(0)
    names = [
        "age",
        "sex",
        "cp",
        "trestbps",
        "fbs",
        "restecg",
        "thalach",
        "exang",
        "oldpeak",
        "slope",
        "ca",
        "thal",
        "num",
        "chol",
    ]
    frame = pd.DataFrame({name: rng.integers(0, 3, 303) for name in names})
    frame["chol"] = rng.normal(250, 50, 303).round(1)
    frame["num"] = np.arange(303) % 5
    kinds = {"sex": "{0,1,2}", "cp": "{0,1,2}"}
    lines = ["@relation cholesterol"]
    lines += [f"@attribute '{name}' {kinds.get(name, 'real')}" for name in names]
    rows = frame.to_csv(index=False, header=False).splitlines()
    (folder / "openml").mkdir()
    text = "\n".join([*lines, "@data", *rows, ""])
    (folder / "openml" / "cholesterol.arff").write_text(text)
    return frame


def test_heart_disease_is_any_narrowed_artery(tmp_path: Path) -> None:
    frame = made_heart(tmp_path)
    table = load("heart", str(tmp_path)).table
    assert table.schema.task is Task.BINARY
    assert table.schema.classes == ("no", "yes")
    assert "num" not in table.schema.names
    assert table.target.tolist() == (frame["num"] > 0).astype(int).tolist()
    file = tmp_path / "openml" / "cholesterol.arff"
    file.write_text("\n".join(file.read_text().splitlines()[:-1]))
    with pytest.raises(UserError, match="not the set 'heart': it has 302 rows instead of 303"):
        load("heart", str(tmp_path))
