from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt import generate
from tabsculpt.cli.main import app
from tabsculpt.config.compose import load
from tabsculpt.jobs.job import Job
from tabsculpt.synthesis.card import _promise


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "out"))
    rng = np.random.default_rng(0)
    x = rng.normal(size=80)
    frame = pd.DataFrame(
        {
            "zip": rng.choice(["00501", "01002"], 80),
            "bmi": (25 + x).round(1),
            "smoker": rng.choice(["Yes", "No"], 80),
            "note": rng.choice(["=A1", "fine"], 80),
            "y": np.where(x > 0, "ill", "well"),
        }
    )
    frame.loc[::9, "bmi"] = np.nan
    frame.to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path


def call(folder, *arguments: str, out: str = "made.csv"):
    words = ["dataset=csv", f"dataset.path={folder / 'mine.csv'}", "dataset.target=y"]
    words += ["generator=bootstrap", *arguments, "--out", str(folder / out)]
    return CliRunner().invoke(app, ["generate", *words])


def read(path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_a_file_in_the_form_of_the_source_and_its_card(folder):
    done = call(folder, "rows=50")
    assert done.exit_code == 0, done.output
    made, source = read(folder / "made.csv"), read(folder / "mine.csv")
    assert list(made) == list(source)
    assert len(made) == 50
    for name in source:
        assert set(made[name]) <= set(source[name])
    assert "" in set(made.bmi)
    card = json.loads((folder / "made.json").read_text())
    assert card["source"]["rows"] == 80
    assert card["configuration"]["generator"] == "bootstrap"
    assert card["configuration"]["missing"] == "keep"
    assert card["file"]["formula_cells"] == {"note": int((made.note == "=A1").sum())}
    text = (folder / "made.md").read_text()
    assert "50 synthetic rows of mine, made by bootstrap (traditional)" in text
    assert "copies of real rows" in text


def test_quality_stands_beside_its_reference(folder):
    call(folder)
    quality = json.loads((folder / "made.json").read_text())["quality"]
    of = {record["metric"]: record for record in quality["held_out"]}
    assert of["exact_copies"]["value"] == 1.0
    assert of["membership_auc"]["reference"] == 0.5
    assert of["membership_auc"]["value"] > 0.7
    assert {record["family"] for record in quality["held_out"]} == {
        "fidelity",
        "diversity",
        "privacy",
    }
    assert {"marginal", "exact_copies"} <= {record["metric"] for record in quality["file"]}
    risk, text = of["linkability"], (folder / "made.md").read_text()
    if risk["value"] is not None:
        assert f"; {risk['attacks']} attacks)" in text
    assert "There is no formal guarantee of privacy" in text


@pytest.mark.extra("dp")
@pytest.mark.parametrize("name", ["mst", "dp_nade"])
def test_the_card_of_a_private_generator_states_its_epsilon(name):
    job = Job.of(load([f"generator={name}", "generator.epsilon=0.5", "pipeline=traditional"]))
    assert "differentially private with epsilon=0.5 and delta=1e-06" in _promise(job)


def test_what_is_there_is_not_replaced_unless_asked(folder):
    (folder / "made.md").write_text("mine")
    refused = call(folder)
    assert refused.exit_code == 2
    assert "made.md is there already; --force replaces it" in refused.output
    assert not (folder / "made.csv").exists()
    assert call(folder, "--force").exit_code == 0
    assert "bootstrap" in (folder / "made.md").read_text()


def test_real_rows_come_first_as_they_were(folder):
    assert call(folder, "rows=10", "--append-real").exit_code == 0
    made, source = read(folder / "made.csv"), read(folder / "mine.csv")
    assert made.synthetic.tolist() == ["False"] * 80 + ["True"] * 10
    pd.testing.assert_frame_equal(made.head(80).drop(columns="synthetic"), source)


def test_formulas_are_guarded_on_request_and_told_of_otherwise(folder):
    reported = call(folder, "rows=50")
    assert "spreadsheet takes for formulas in note" in reported.output
    call(folder, "rows=50", "--guard-formulas", "--force")
    assert set(read(folder / "made.csv").note) == {"'=A1", "fine"}


def test_given_values_are_typed_as_the_source_spells_them(folder):
    assert call(folder, "given.smoker=Yes", "given.zip=00501").exit_code == 0
    made = read(folder / "made.csv")
    assert set(made.smoker) == {"Yes"}
    assert set(made.zip) == {"00501"}


def test_train_only_learns_from_the_train_part(folder):
    assert call(folder, "--train-only", "split.test_size=0.5").exit_code == 0
    card = json.loads((folder / "made.json").read_text())
    assert card["source"]["rows_learnt_from"] == 40


def test_parquet_keeps_types_and_json_is_the_card(folder):
    done = call(folder, "--json", out="made.parquet")
    assert json.loads(done.stdout)["file"]["name"] == "made.parquet"
    assert pd.read_parquet(folder / "made.parquet").bmi.dtype == np.float64


def test_a_setting_may_be_typed_anywhere_and_rows_are_the_same_again(folder):
    call(folder, "rows=20", "seed=3")
    call(folder, "rows=20", "seed=3", out="again.csv")
    call(folder, "rows=20", "seed=4", out="other.csv")
    first, again, other = ((folder / n).read_text() for n in ("made.csv", "again.csv", "other.csv"))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rows=many"], "rows is 'many'; expected a whole number"),
        (["rows=0"], "expected a whole number of at least 1"),
        (["given.smoker=Maybe"], "has no category 'Maybe'; expected No, Yes"),
        (["given.age=3"], "given: no column 'age'"),
        (["pipeline=real"], "makes no rows"),
        (["generator=arff"], "did you mean 'arf'"),
    ],
)
def test_bad_input_is_one_line(arguments, words, folder):
    done = call(folder, *arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert not (folder / "made.csv").exists()


@pytest.mark.parametrize("out", ["made.xls", "nowhere/made.csv"])
def test_a_file_that_cannot_be_is_refused_before_any_work(out, folder):
    done = call(folder, out=out)
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert not (folder / "out").exists()


def test_from_python_a_frame_comes_back_in_its_own_dtypes():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "outcome": rng.choice(["ill", "well"], 60),
            "age": pd.array(rng.integers(20, 90, 60), dtype="Int64"),
            "sex": pd.Categorical(rng.choice(["f", "m"], 60)),
            7: rng.normal(size=60).astype("float32"),
            "smokes": rng.random(60) < 0.5,
        }
    )
    frame.loc[3, "age"] = pd.NA
    made = generate(frame, "outcome", generator="bootstrap", rows=200, given={"sex": "f"})
    assert made.dtypes.to_dict() == frame.dtypes.to_dict()
    assert list(made) == list(frame)
    assert len(made) == 200
    assert set(made.sex) == {"f"}
    assert made.age.isna().any()


def test_from_python_bad_input_is_a_value_error():
    frame = pd.DataFrame({"x": np.arange(30.0), "y": [0, 1] * 15})
    for frame_, target in ((frame, "z"), (frame.assign(y=None), "y"), ([1], "y")):
        with pytest.raises(ValueError, match=r"target|frame"):
            generate(frame_, target)


FORMS = {
    "ID": r"P-\d{4}",
    "Größe": r"\d{3},\d",
    "Preis": r"\d\.\d{3},50 €",
    "Anteil": r"\d{1,2},\d %",
    "Dosis": r"\d{1,2} mg",
    "seit": r"\d\d\.\d\d\.2021",
    "Raucher": "ja|nein",
    "PLZ": r"0\d{4}",
    "leer": "",
    "Kinder": r"\d?",
    "Ort": "Köln|Bern|Ulm",
}
"""The columns of `european`, in order, and what each of their cells looks like."""


def european() -> pd.DataFrame:
    """80 rows as a spreadsheet saves them where the decimal mark is a comma; one row has Bern."""
    n = range(80)
    columns = (
        [f"P-{i:04d}" for i in n],
        [f"{150 + i % 50},{i % 10}" for i in n],
        [f"{1 + i % 9}.{100 + i * 7 % 900},50 €" for i in n],
        [f"{i % 97},{i % 10} %" for i in n],
        [f"{i % 8 + 5} mg" for i in n],
        [f"{1 + i % 28:02d}.{1 + i % 12:02d}.2021" for i in n],
        [("ja", "nein")[i % 3 == 0] for i in n],
        [f"0{1000 + i % 5}" for i in n],
        [""] * 80,
        ["" if i % 5 == 0 else str(i % 4) for i in n],
        ["Bern" if i == 7 else ("Köln", "Ulm")[i % 2] for i in n],
    )
    return pd.DataFrame(dict(zip(FORMS, columns, strict=True)))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig"])
def test_every_column_of_an_awkward_table_comes_back_in_its_form_and_order(folder, encoding):
    frame = european().assign(y=[("krank", "gesund")[i % 3 == 1] for i in range(80)])
    raw = frame.to_csv(index=False, sep=";", lineterminator="\r\n")
    (folder / "mine.csv").write_bytes(("Erhebung 2021;;\r\n" + raw).encode(encoding))
    done = call(folder, "generator=bayesian_network", "rows=60")
    assert done.exit_code == 0, done.output
    assert "note read: left out above the header, row: 'Erhebung 2021'" in done.output
    assert "note read: identifiers, so set aside: ID (P-0000)" in done.output
    made = (folder / "made.csv").read_bytes()
    assert made.startswith(("\ufeffID;" if encoding == "utf-8-sig" else "ID;").encode())
    assert made.count(b"\r\n") == made.count(b"\n") == 61
    rows = pd.read_csv(
        folder / "made.csv", sep=";", encoding=encoding, dtype=str, keep_default_na=False
    )
    assert list(rows) == list(frame)
    for name, form in FORMS.items():
        assert rows[name].str.fullmatch(form).all(), name
    assert rows.ID.tolist() == [f"P-{i:04d}" for i in range(80, 140)]
