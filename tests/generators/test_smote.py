"""Oversampling by class: smote, smotenc, adasyn and naive."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tabsculpt.config.compose import load
from tabsculpt.errors import UserError
from tabsculpt.generators.adasyn import ADASYN
from tabsculpt.generators.naive import Naive
from tabsculpt.generators.smote import SMOTE
from tabsculpt.generators.smotenc import SMOTENC
from tabsculpt.jobs.job import Job
from tabsculpt.jobs.run import run_job
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, Kind, Schema, Task, conform

ALL = [SMOTE(), SMOTENC(), ADASYN(), Naive()]
NEW = [SMOTE(), SMOTENC(), ADASYN()]


@pytest.fixture
def people():
    """Complete rows of every kind; the class goes with the category, and 6 % are rare."""
    rng = np.random.default_rng(6)
    ill = rng.random(200) < 0.06
    frame = pd.DataFrame(
        {
            "size": rng.normal(170, 10, 200) + 15 * ill,
            "visits": rng.integers(0, 9, 200) + 20 * ill,
            "smokes": rng.random(200) < np.where(ill, 0.9, 0.2),
            "town": np.where(ill, "south", rng.choice(["north", "west"], 200)),
            "ill": np.where(ill, "yes", "no"),
        }
    )
    columns = (
        Column("size", Kind.CONTINUOUS),
        Column("visits", Kind.INTEGER),
        Column("smokes", Kind.BOOLEAN),
        Column("town", Kind.CATEGORICAL, ("east", "north", "south", "west")),
        Column("ill", Kind.CATEGORICAL, ("no", "yes")),
    )
    return conform(frame, Schema(columns, "ill", Task.BINARY))


def only(table, names):
    columns = tuple(column for column in table.schema.columns if column.name in names)
    return conform(table.frame, replace(table.schema, columns=columns))


def class_rows(table, name):
    return table.take((table.frame[table.schema.target] == name).to_numpy())


@pytest.mark.parametrize("generator", ALL)
def test_classes_come_at_their_share_and_where_their_rows_are(generator, classes):
    sample = generator.fit(classes, 0, "cpu").sample(1001, 0).frame
    counts = sample["kind"].value_counts()
    assert counts["rare"] in (200, 201)
    assert counts.sum() == 1001
    means = sample.groupby("kind", observed=True)["x"].mean()
    real = classes.frame.groupby("kind", observed=True)["x"].mean()
    # ADASYN makes its rows where the classes meet
    away = 2.2 if isinstance(generator, ADASYN) else 0.25
    assert means["rare"] == pytest.approx(real["rare"], abs=away)
    assert means["common"] == pytest.approx(real["common"], abs=away)
    assert not (sample["kind"][:500] == "common").all()


def test_a_rare_class_has_its_share_over_many_small_samples(classes):
    model = SMOTE().fit(classes, 0, "cpu")
    rare = [(model.sample(2, seed).frame["kind"] == "rare").sum() for seed in range(60)]
    assert set(rare) == {0, 1}
    assert sum(rare) == pytest.approx(2 * 0.2 * 60, abs=12)


@pytest.mark.parametrize("generator", ALL)
def test_the_given_class_alone_is_made(generator, classes):
    model = generator.fit(classes, 0, "cpu")
    sample = model.sample(300, 0, given={"kind": "rare"}).frame
    assert set(sample["kind"]) == {"rare"}
    assert sample["x"].mean() > 2
    with pytest.raises(UserError, match="'x' cannot be set, only the target 'kind'"):
        model.sample(3, 0, given={"x": 1.0})
    common = generator.fit(class_rows(classes, "common"), 0, "cpu")
    with pytest.raises(UserError, match="no training row has kind=rare"):
        common.sample(3, 0, given={"kind": "rare"})


@pytest.mark.parametrize("generator", NEW)
def test_rows_are_new_and_between_rows_of_their_class(generator, classes):
    sample = generator.fit(classes, 0, "cpu").sample(400, 1)
    for name in ("common", "rare"):
        real, made = class_rows(classes, name).frame, class_rows(sample, name).frame
        for column in ("x", "z"):
            assert real[column].min() <= made[column].min()
            assert made[column].max() <= real[column].max()
            assert not set(made[column]) & set(real[column])


def test_naive_repeats_rows(classes):
    sample = Naive().fit(classes, 0, "cpu").sample(400, 1).frame
    real = set(map(tuple, classes.frame.to_numpy()))
    assert set(map(tuple, sample.to_numpy())) <= real
    assert len(sample.drop_duplicates()) > 150


def test_adasyn_makes_more_rows_where_the_classes_meet(classes):
    common = {"kind": "common"}
    smote = SMOTE().fit(classes, 0, "cpu").sample(2000, 0, given=common).frame["x"]
    adasyn = ADASYN().fit(classes, 0, "cpu").sample(2000, 0, given=common).frame["x"]
    assert len(adasyn) == 2000
    assert adasyn.mean() > smote.mean() + 1


def test_smotenc_keeps_categories_and_booleans_with_their_class(people):
    sample = SMOTENC().fit(people, 0, "cpu").sample(2000, 0)
    ill, well = (class_rows(sample, name).frame for name in ("yes", "no"))
    assert set(ill["town"]) == {"south"}
    assert set(well["town"]) == {"north", "west"}
    assert ill["smokes"].mean() > 0.8 > 0.35 > well["smokes"].mean()
    assert set(ill["visits"]) <= set(range(20, 29))
    assert len(ill) == pytest.approx(2000 * (people.frame["ill"] == "yes").mean(), abs=1)


def test_smote_rounds_whole_numbers_and_booleans(people):
    table = only(people, {"size", "visits", "smokes", "ill"})
    sample = SMOTE().fit(table, 0, "cpu").sample(500, 0).frame
    assert sample["smokes"].dtype == "boolean"
    assert sample["visits"].dtype == "Int64"
    assert 0.1 < sample["smokes"].mean() < 0.4


@pytest.mark.parametrize("names", [{"size", "ill"}, {"smokes", "town", "ill"}, {"town", "ill"}])
def test_smotenc_takes_tables_of_numbers_or_of_names_alone(people, names):
    table = only(people, names)
    sample = SMOTENC().fit(table, 0, "cpu").sample(200, 0)
    assert sample.schema == table.schema
    if "town" in names:
        assert set(class_rows(sample, "yes").frame["town"]) == {"south"}
    one = class_rows(table, "no")
    model = SMOTENC().fit(one, 0, "cpu")
    assert set(model.sample(50, 0).frame["ill"]) == {"no"}
    assert len(model.sample(50, 0).frame.drop_duplicates()) > 1
    assert bool(model.notes) == ("size" not in names)


def test_columns_of_large_numbers_do_not_hide_the_others(classes):
    frame = classes.frame.assign(z=classes.frame["z"] * 1e9)
    sample = SMOTE().fit(conform(frame, classes.schema), 0, "cpu").sample(500, 0).frame
    plain = SMOTE().fit(classes, 0, "cpu").sample(500, 0).frame
    assert np.allclose(sample["x"], plain["x"])


@pytest.mark.parametrize("generator", NEW)
def test_tiny_classes_have_fewer_neighbours_or_are_repeated_and_it_is_said(generator, classes):
    table = classes.take([*range(60), 160, 161, 162])
    model = generator.fit(table, 0, "cpu")
    phrase = "class 'rare' has 3 rows: neighbours limited to 2"
    assert Note(Code.FEW_NEIGHBOURS, phrase, 3) in model.notes
    made = model.sample(50, 0, given={"kind": "rare"}).frame["x"]
    assert made.nunique() == 50
    one = generator.fit(classes.take([*range(60), 160]), 0, "cpu")
    phrase = "class 'rare' has 1 row, which is repeated"
    assert Note(Code.ROWS_REPEATED, phrase, 1) in one.notes
    made = one.sample(50, 0, given={"kind": "rare"}).frame
    assert set(made["x"]) == {classes.frame["x"][160]}


def test_adasyn_where_no_classes_meet_is_smote_and_it_is_said(classes):
    apart = classes.frame["x"] + 100 * (classes.frame["kind"] == "rare")
    table = conform(classes.frame.assign(x=apart), classes.schema)
    model = ADASYN().fit(table, 0, "cpu")
    phrase = "class 'rare' has no neighbour of another class: made by SMOTE"
    assert (
        Note(Code.OTHER_METHOD, phrase, int((table.frame["kind"] == "rare").sum())) in model.notes
    )
    expected = SMOTE().fit(table, 0, "cpu").sample(80, 3)
    assert model.sample(80, 3).fingerprint() == expected.fingerprint()


@pytest.mark.parametrize("pipeline", ["traditional", "preprocess"])
def test_what_happened_to_tiny_classes_is_in_the_rows_of_results(tmp_path, pipeline):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60)})
    frame["y"] = ["a"] * 30 + ["b"] * 27 + ["c"] * 3
    frame.to_csv(tmp_path / "tiny.csv", index=False)
    settings = [
        "dataset=csv", f"dataset.path={tmp_path / 'tiny.csv'}", "dataset.target=y",
        "generator=smote", "profiler=random", f"pipeline={pipeline}",
        f"paths.outputs={tmp_path}", "predictors=quick",
    ]  # fmt: skip
    for _ in ("computed", "stored"):
        job = Job.of(load(settings))
        outcome = run_job(job, job.source.load(), lambda _: None, lambda _step, _done: None)
        tiny = (Code.FEW_NEIGHBOURS, Code.ROWS_REPEATED)
        notes = [note for note in outcome.rows[0].notes if note.code in tiny]
        assert any("class 'c' has" in note.text for note in notes)
        assert all(note.count in (1, 2) for note in notes if "class 'c'" in note.text)
        assert bool({note.about for note in notes} & {"easy", "hard"}) == (pipeline == "preprocess")


def test_a_regression_is_refused(line):
    with pytest.raises(UserError, match="smote does not do regression; it does binary, multiclass"):
        SMOTE().fit(line, 0, "cpu")


def test_no_neighbours_are_refused():
    with pytest.raises(UserError, match="adasyn: neighbours is 0, expected at least 1"):
        ADASYN(neighbours=0)
