"""A sentence encoder from a local folder: what is averaged, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tiny_weights
from segment_tables import notes
from tabsculpt.errors import UserError
from tabsculpt.table import Table, TextUse
from tabsculpt.text.encoder import content, encoded
from tabsculpt.text.features import text_reader

pytestmark = pytest.mark.extra("great")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(tiny_weights.encoder(tmp_path_factory.mktemp("encoder")))


def test_texts_become_means_of_tokens_whatever_stands_beside_them(folder):
    use = TextUse(folder, content(folder))
    texts = pd.Series(["no pain", None, "much pain and a good deal of fever, " * 3], dtype="string")
    found = encoded(use, texts)
    assert found.shape == (3, 8)
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[[0]], encoded(use, texts[:1]), atol=1e-6)
    assert np.abs(found[0] - found[2]).max() > 1e-3


def test_a_table_is_read_by_it_and_results_are_kept_under_its_content(folder, tmp_path):
    table = notes(12)
    use = TextUse(folder, content(folder))
    table = Table(table.frame, replace(table.schema, text=use))
    seen = text_reader(table)(table)
    assert [n for n in seen.frame if n.startswith("note")] == [f"note #{k}" for k in range(8)]
    assert np.isfinite(seen.frame["note #3"]).all()
    elsewhere = Table(table.frame, replace(table.schema, text=replace(use, encoder="/moved")))
    assert elsewhere.unnamed_fingerprint() == table.unnamed_fingerprint()
    other = Table(table.frame, replace(table.schema, text=replace(use, content="other")))
    assert other.unnamed_fingerprint() != table.unnamed_fingerprint()


def test_a_folder_without_a_model_is_refused_in_one_line(folder, tmp_path):
    with pytest.raises(UserError, match=r"has no config.json, .*; nothing is downloaded"):
        content(str(tmp_path))
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(UserError, match="cannot be read") as refused:
        encoded(TextUse(str(tmp_path), content(str(tmp_path))), pd.Series(["a"]))
    assert "\n" not in str(refused.value)
    with pytest.raises(UserError, match="changed while it was in use"):
        encoded(TextUse(folder, "other"), pd.Series(["a"]))
