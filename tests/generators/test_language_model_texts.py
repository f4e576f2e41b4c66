"""Notes by a language model: GReaT's own, and one from a folder that writes them for text_lm."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

import tiny_weights
from segment_tables import notes
from tabsculpt.errors import UserError
from tabsculpt.generators.great.great import GReaT
from tabsculpt.generators.great.texts import escaped, unescaped
from tabsculpt.generators.text_lm.text_lm import TextLM
from tabsculpt.table import Table

pytestmark = pytest.mark.extra("great")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_weights.language_model(tmp_path_factory.mktemp("llm"), 200, width=32)


@pytest.fixture(scope="module")
def table() -> Table:
    """Without the longer note, of which a class tells a word."""
    whole = notes(60)
    brief = (
        whole.frame["note"].str.replace("Patient ", "").str.replace(r" walk, day.*", "", regex=True)
    )
    return Table(whole.frame.assign(note=brief).astype(whole.frame.dtypes), whole.schema)


def goes_with_the_class(model) -> bool:
    """Whether notes say what their class says, in nearly every row that is asked for."""
    shares = []
    for value, word in (("yes", "cannot"), ("no", "can")):
        rows = model.sample(30, 1, {"ill": value}).frame
        assert set(rows["ill"]) == {value}
        shares.append((rows["note"] == word).mean())
    return min(shares) > 0.8


def test_great_writes_notes_that_go_with_the_class(table, tmp_path):
    model = GReaT(steps=120).fit(table, 0, "cpu")
    assert goes_with_the_class(model)
    sample = model.sample(60, 2)
    assert sample.schema == table.schema
    assert not sample.frame["note"].isna().any()
    assert sample.frame["remark"].isna().mean() == pytest.approx(0.2, abs=0.2)
    model.save(tmp_path)
    again = GReaT(steps=120).load(tmp_path)
    assert again.sample(20, 3).fingerprint() == model.sample(20, 3).fingerprint()
    with pytest.raises(UserError, match="great cannot be asked for a text, as in 'note'"):
        model.sample(3, 0, {"note": "well"})


def test_great_learns_notes_of_rows_that_are_else_the_same():
    whole = notes(40)
    ill = whole.take((whole.frame["ill"] == "yes").to_numpy())
    same = ill.frame.assign(pressure=120.0, smokes=True).astype(whole.frame.dtypes)
    sample = GReaT(steps=30).fit(Table(same, whole.schema), 0, "cpu").sample(10, 0).frame
    assert set(sample["ill"]) == {"yes"}
    assert set(sample["pressure"]) == {120}
    assert not sample["note"].isna().any()


def test_a_model_from_a_folder_writes_the_notes_and_is_then_needed_no_more(folder, table, tmp_path):
    copy, stored = tmp_path / "llm", tmp_path / "stored"
    shutil.copytree(folder, copy)
    stored.mkdir()
    generator = TextLM(llm=str(copy), steps=120, learning_rate=5e-3, holdout=0.0)
    elsewhere = TextLM(llm=str(folder), steps=120, learning_rate=5e-3, holdout=0.0)
    assert generator == elsewhere  # what counts is what the files hold
    model = generator.fit(table, 0, "cpu")
    assert goes_with_the_class(model)
    model.save(stored)
    assert not [path for path in stored.rglob("*") if path.suffix in (".bin", ".pt", ".pkl")]
    shutil.rmtree(copy)
    sample = model.sample(20, 3)
    assert sample.schema == table.schema
    assert generator.load(stored).sample(20, 3).fingerprint() == sample.fingerprint()


@pytest.mark.parametrize("generator", [TextLM, GReaT], ids=["text_lm", "great"])
def test_a_note_is_cut_where_the_model_has_no_room_and_the_note_says_so(generator, folder, table):
    long = table.frame.assign(remark=table.frame["remark"] + " and so on" * 30)
    longer = Table(long.astype(table.frame.dtypes), table.schema)
    model = generator(llm=str(folder), steps=2).fit(longer, 0, "cpu")
    (note,) = model.notes
    assert note.code == "text_cut"
    assert note.columns == {"remark": int(long["remark"].notna().sum())}
    assert len(model.sample(5, 0)) == 5


def test_a_folder_that_is_absent_or_has_no_language_model_is_refused_in_one_line(
    folder, table, tmp_path
):
    with pytest.raises(UserError, match=r"text_lm: llm: .* has no config.json, .*downloaded$"):
        TextLM(llm=str(tmp_path / "absent"))
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(UserError, match=r"text_lm: llm: .* cannot be read") as refused:
        TextLM(llm=str(tmp_path), steps=2).fit(table, 0, "cpu")
    assert "\n" not in str(refused.value)
    encoder = tiny_weights.encoder(tmp_path / "encoder")
    with pytest.raises(UserError, match=r"has no causal language model: .* weights") as refused:
        TextLM(llm=str(encoder), steps=2).fit(table, 0, "cpu")
    assert "\n" not in str(refused.value)
    pickled = tmp_path / "pickled"
    shutil.copytree(folder, pickled)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"has no model\.safetensors"):
        TextLM(llm=str(pickled))


@pytest.mark.parametrize("text", ["a\nb\\n\r", "None", "\\None", "", " two  blanks", "é, \\\\"])
def test_a_text_is_on_one_line_and_comes_back(text):
    assert "\n" not in escaped(text)
    assert escaped(text) != escaped(None)
    assert unescaped(escaped(text)) == text


def test_notes_of_several_lines_and_the_word_for_none_come_back(folder):
    whole = notes(30)
    lines = pd.Series(["None", "a\nb"] * 15, dtype=whole.frame["note"].dtype)
    table = Table(whole.frame.assign(note=lines), whole.schema)
    sample = GReaT(steps=120).fit(table, 0, "cpu").sample(60, 0).frame
    assert (sample["note"].isin(["None", "a\nb"])).mean() > 0.8
