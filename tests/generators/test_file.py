"""Synthetic rows made elsewhere."""

import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.config.compose import load
from tabsculpt.engine.identity import describe
from tabsculpt.errors import UserError
from tabsculpt.generators.file import File
from tabsculpt.generators.fit_steps import Fit
from tabsculpt.generators.on_grid import fit_on_grid
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, Kind, Schema, Table, Task, conform


@pytest.fixture(scope="module")
def real():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=40),
            "visits": rng.integers(0, 9, 40),
            "smokes": rng.random(40) < 0.5,
            "town": rng.choice(["north", "south"], 40),
            "grade": rng.choice(["0", "1"], 40),
        }
    )
    columns = (
        Column("size", Kind.CONTINUOUS),
        Column("visits", Kind.INTEGER),
        Column("smokes", Kind.BOOLEAN),
        Column("town", Kind.CATEGORICAL, ("north", "south")),
        Column("grade", Kind.CATEGORICAL, ("0", "1")),
    )
    return conform(frame, Schema(columns, "grade", Task.BINARY))


@pytest.fixture
def made(real):
    """Sixty rows as another program would write them: other order, floats, one more column."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "grade": rng.integers(0, 2, 60).astype(float),
            "town": rng.choice(["south", "north"], 60),
            "extra": "ignored",
            "size": np.arange(60) / 4,
            "visits": np.arange(60.0),
            "smokes": rng.random(60) < 0.5,
        }
    )


def write(frame, path):
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path)
    return str(path)


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_rows_come_from_the_file_and_none_twice(name, real, made, tmp_path):
    model = File(write(made, tmp_path / name)).fit(real, 0, "cpu")
    sample = model.sample(60, 3)
    assert sample.schema == real.schema
    assert sample.frame.dtypes.equals(real.frame.dtypes)
    back = sample.frame.sort_values("size")
    assert back["size"].tolist() == made["size"].tolist()
    assert back["visits"].tolist() == list(range(60))
    assert back["smokes"].tolist() == made["smokes"].tolist()
    assert back["town"].tolist() == made["town"].tolist()
    assert back["grade"].tolist() == made["grade"].astype(int).astype(str).tolist()
    assert model.sample(60, 3).fingerprint() == sample.fingerprint()
    assert model.sample(60, 4).fingerprint() != sample.fingerprint()
    assert model.sample(20, 0).frame["size"].nunique() == 20
    assert len(model.sample(0, 0)) == 0
    assert model.notes == ()
    assert set(model.sample(9, 0, given={"town": "south"}).frame["town"]) == {"south"}


def test_a_stored_file_samples_the_same_rows_without_the_file(real, made, tmp_path):
    path = tmp_path / "rows.csv"
    generator = File(write(made, path))
    model = generator.fit(real, 0, "cpu")
    folder = tmp_path / "model"
    folder.mkdir()
    model.save(folder)
    path.unlink()
    assert generator.load(folder).sample(30, 2).fingerprint() == model.sample(30, 2).fingerprint()


def test_too_few_rows_and_gaps_are_said(real, made, tmp_path):
    few = made[:25].assign(size=made["size"].where(made["size"] > 1))
    model = File(write(few, tmp_path / "rows.csv")).fit(real, 0, "cpu")
    assert model.notes == (
        Note(Code.ROWS_REPEATED, "the file has 25 rows: larger samples repeat some", 25),
        Note(
            Code.NEW_MISSING,
            "missing in rows of the file but in no training row: size",
            5,
            {"size": 5},
        ),
    )
    sample = model.sample(200, 0).frame
    assert set(sample["visits"]) == set(range(25))
    assert sample["size"].isna().mean() == pytest.approx(5 / 25, abs=0.1)


def test_its_numbers_stay_as_they_are_and_those_between_the_real_steps_are_counted(
    real, made, tmp_path
):
    frame = real.frame.assign(size=np.arange(len(real)) / 2)
    made["size"] = np.where(np.arange(60) < 7, np.pi, made["size"].round())
    generator = File(write(made, tmp_path / "rows.csv"))
    model = fit_on_grid(generator, Table(frame, real.schema), 0, "cpu")
    assert (model.sample(60, 0).frame["size"] == np.pi).sum() == 7
    phrase = "values of the file between the training rows' steps: size 7 (steps of 0.5)"
    assert Note(Code.OFF_GRID, phrase, 7, {"size": 7}) in model.notes


def test_the_content_of_the_file_names_the_step_and_its_place_does_not(real, made, tmp_path):
    path = tmp_path / "rows.csv"
    first = File(write(made, path))
    shutil.copy(path, tmp_path / "moved.csv")
    assert describe(File(str(tmp_path / "moved.csv"))) == describe(first)
    write(made.assign(size=made["size"] + 1e-9), path)
    assert describe(File(str(path))) != describe(first)
    with pytest.raises(UserError, match=r"rows\.csv changed while it was in use"):
        first.fit(real, 0, "cpu")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns=["town", "size"]), "lacks the columns size, town; it has grade"),
        (lambda f: f[:0], "no rows|has no row"),
        (lambda f: f.assign(town="east"), "column 'town' holds 'east', expected one of north, so"),
        (lambda f: f.assign(grade=2), "column 'grade' holds '2', expected one of 0, 1"),
        (lambda f: f.assign(grade=None), "60 rows have no value of the target 'grade'"),
        (lambda f: f.assign(smokes="maybe"), "'smokes' holds 'maybe', expected one of false, tr"),
        (lambda f: f.assign(visits=1.5), "'visits' holds 1.5, where whole numbers are expected"),
        (lambda f: f.assign(size="big"), "'size' holds the text 'big', where numbers are expected"),
        (lambda f: f.assign(size=np.inf), "column 'size' has infinite values"),
    ],
)
def test_rows_that_do_not_fit_the_data_set_are_refused_in_one_line(
    change, message, real, made, tmp_path
):
    generator = File(write(change(made), tmp_path / "rows.csv"))
    with pytest.raises(UserError, match=message) as caught:
        generator.fit(real, 0, "cpu")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused_before_work(tmp_path):
    arguments = ["run", "generator=file", f"paths.outputs={tmp_path / 'out'}"]
    absent = CliRunner().invoke(app, [*arguments, f"generator.path={tmp_path / 'absent.csv'}"])
    assert absent.exit_code == 2
    assert "absent.csv' (No such file or directory)" in " ".join(absent.output.split())
    unset = CliRunner().invoke(app, arguments)
    assert unset.exit_code == 2
    assert "generator.path" in unset.output
    assert not (tmp_path / "out").exists()


def test_a_job_uses_the_file_and_computes_again_when_it_changes(tmp_path):
    source = Job.of(load(["dataset=sklearn_diabetes", "generator=bootstrap"])).source.load()
    rows = source.table.frame.sample(300, random_state=1)
    path = tmp_path / "rows.csv"
    settings = [
        "dataset=sklearn_diabetes", "generator=file", f"generator.path={path}",
        "pipeline=traditional", f"paths.outputs={tmp_path}",
    ]  # fmt: skip
    fits, scores = [], []
    for frame in (rows, rows, rows.assign(target=rows["target"].to_numpy()[::-1])):
        write(frame, path)
        job = Job.of(load(settings))
        computed = []
        outcome = run_job(
            job,
            source,
            lambda _: None,
            lambda step, done, to=computed: None if done else to.append(type(step)),
        )
        assert all(row.status == "ok" for row in outcome.rows)
        fits.append(Fit in computed)
        scores.append({r.metric: r.value for r in outcome.rows if r.predictor == "random_forest"})
    assert fits == [True, False, True]
    assert scores[0] == scores[1]
    assert scores[2]["rmse"] > scores[0]["rmse"] + 10
    assert "content=" in outcome.rows[0].generator_settings
