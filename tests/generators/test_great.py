"""The language model that writes rows: what it learns, and what it may be replaced by."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tiny_weights
from tabsculpt.errors import UserError
from tabsculpt.generators.great.great import GReaT
from tabsculpt.table import Column, Kind, Schema, Task, conform

pytestmark = pytest.mark.extra("great")


@pytest.fixture(scope="module")
def quick(line):
    return GReaT(steps=250).fit(line, 0, "cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_weights.language_model(tmp_path_factory.mktemp("llm"), positions=64)


def correlation(table):
    return np.corrcoef(table.frame["x"], table.frame["y"])[0, 1]


def test_it_learns_a_strong_correlation(quick, line):
    sample = quick.sample(1000, 0)
    assert correlation(sample) < -0.7
    high = (line.frame["kind"] == "high").mean()
    assert (sample.frame["kind"] == "high").mean() == pytest.approx(high, abs=0.08)


def test_the_rest_of_a_row_goes_with_what_is_given(quick):
    means = {}
    for x in (6.0, 14.0):
        rows = quick.sample(300, 1, given={"x": x}).frame
        assert (rows["x"] == x).all()
        means[x] = rows["y"].mean()
    assert means[6.0] == pytest.approx(-12, abs=5)
    assert means[14.0] == pytest.approx(-28, abs=5)
    high = quick.sample(300, 1, given={"kind": "high", "y": -30.0}).frame
    assert set(high["kind"]) == {"high"}
    assert set(high["y"]) == {-30.0}
    assert high["x"].mean() > 12.5


def test_values_are_missing_at_the_rate_of_the_training_rows(gappy):
    sample = GReaT(steps=100).fit(gappy, 0, "cpu").sample(2000, 0)
    assert sample.frame["gaps"].isna().mean() == pytest.approx(55 / 300, abs=0.08)
    assert sample.frame["gaps"].std() == pytest.approx(gappy.frame["gaps"].std(), rel=0.2)


def test_commas_and_like_words_in_names_and_categories_come_back(tmp_path):
    kinds = ("None", "a is b", "a, b", "a; b")
    codes = np.random.default_rng(0).integers(0, 4, size=60)
    frame = pd.DataFrame({"k, 1": np.array(kinds)[codes], "k; 1": codes * 1.0 + 1e-9})
    frame.loc[:8, "k, 1"] = None
    columns = (Column("k, 1", Kind.CATEGORICAL, kinds), Column("k; 1", Kind.CONTINUOUS))
    table = conform(frame, Schema(columns, "k; 1", Task.REGRESSION))
    model = GReaT(steps=250).fit(table, 0, "cpu")
    rows = model.sample(400, 0).frame
    assert set(rows["k, 1"].dropna()) == set(kinds)
    assert 0.05 < rows["k, 1"].isna().mean() < 0.3
    known = rows.dropna()
    right = known["k, 1"].map({kind: code for code, kind in enumerate(kinds)}).astype(float)
    assert (np.abs(known["k; 1"] - right) < 0.5).mean() > 0.7


def test_rows_held_out_end_the_training_early(line):
    from tabsculpt.engine.progress import listening

    reports = []
    with listening(reports.append):
        GReaT(steps=500, learning_rate=0.05, holdout=0.3, patience=2).fit(line, 0, "cpu")
    assert 0 < reports[-1].done < 500


def test_a_local_model_is_trained_on_and_then_needed_no_more(folder, line, tmp_path):
    copy = tmp_path / "llm"
    shutil.copytree(folder, copy)
    generator = GReaT(llm=str(copy), steps=3)
    model = generator.fit(line, 0, "cpu")
    sample = model.sample(20, 1)
    assert sample.schema == line.schema
    stored = tmp_path / "stored"
    stored.mkdir()
    model.save(stored)
    shutil.rmtree(copy)
    assert generator.load(stored).sample(20, 1).fingerprint() == sample.fingerprint()
    assert model.writer.model.config.n_embd == 16


def test_a_model_that_reads_too_few_tokens_is_refused(folder, line):
    wide = conform(
        line.frame.assign(
            **{f"a much longer name than is good {k}": line.frame["x"] for k in "ab"}
        ),
        replace(
            line.schema,
            columns=(
                *line.schema.columns,
                *(Column(f"a much longer name than is good {k}", Kind.CONTINUOUS) for k in "ab"),
            ),
        ),
    )
    with pytest.raises(UserError, match=r"a row takes up to \d+ tokens .* reads at most 64"):
        GReaT(llm=str(folder), steps=3).fit(wide, 0, "cpu")


def test_a_model_that_is_not_there_is_refused_in_one_line(line):
    with pytest.raises(UserError, match=r"great: no language model at 'no/model'") as error:
        GReaT(llm="no/model", steps=3).fit(line, 0, "cpu")
    assert "\n" not in str(error.value)
    for folder in ("/no/model", "~/model", "./model", "no/such/model"):  # before any work
        with pytest.raises(UserError, match=r"great: llm: .*model' has no config.json"):
            GReaT(llm=folder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 30}, "width is 30, expected a multiple of heads=4"),
        ({"layers": 0}, "layers is 0, expected at least 1"),
        ({"temperature": 0.0}, "temperature is 0.0, expected above 0"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        GReaT(**settings)
