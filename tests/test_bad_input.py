"""Whatever is wrong with what is typed ends with one line and exit code 2, and nothing is done."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app

DATA = ["dataset=csv", "dataset.path=t.csv", "dataset.target=y"]


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A table and files that are no tables."""
    folder = tmp_path_factory.mktemp("source")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=40), "kind": list("ab") * 20})
    frame["y"] = frame.x + rng.normal(size=40)
    frame.to_csv(folder / "t.csv", index=False)
    frame.assign(y=1.0).to_csv(folder / "constant.csv", index=False)
    frame.iloc[:0].to_csv(folder / "header.csv", index=False)
    (folder / "empty.csv").write_text("")
    (folder / "ragged.csv").write_text("x,y\n1,2\n3,4,5,6\n")
    (folder / "bytes.csv").write_bytes(bytes(range(128, 256)) * 4)
    (folder / "twice.csv").write_text("x,x,y\n1,2,3\n4,5,6\n")
    (folder / "wrong.parquet").write_text("no parquet")
    (folder / "wrong.xlsx").write_text("no workbook")
    (folder / "old.csv").write_text("mine")
    return folder


BAD = [
    # what is not there
    ("run dataset=csv dataset.path=none.csv dataset.target=y", "none.csv"),
    ("run dataset=csv dataset.path=t.csv dataset.target=z", "'z'"),
    ("run dataset=csv dataset.path=t.csv", "dataset.target has no value"),
    ("profile {data} dataset.drop=[w]", "'w'"),
    ("audit {data} dataset.group=w", "'w'"),
    ("report --outputs out --against nowhere", "nowhere"),
    ("plan --config-dir nowhere", "is not a folder"),
    # files that cannot be read
    ("profile dataset=csv dataset.path=empty.csv dataset.target=y", "empty.csv"),
    ("profile dataset=csv dataset.path=header.csv dataset.target=y", "row"),
    ("profile dataset=csv dataset.path=ragged.csv dataset.target=y", "ragged.csv"),
    ("profile dataset=csv dataset.path=bytes.csv dataset.target=y", "bytes.csv"),
    ("profile dataset=csv dataset.path=twice.csv dataset.target=y", "named x"),
    ("profile dataset=csv dataset.path=constant.csv dataset.target=y", "y"),
    ("profile dataset=csv dataset.path=. dataset.target=y", "dataset.path"),
    ("profile dataset=parquet dataset.path=wrong.parquet dataset.target=y", "wrong.parquet"),
    ("profile dataset=file dataset.path=wrong.xlsx dataset.target=y", "wrong.xlsx"),
    # values that cannot be
    ("plan split.test_size=1.5", "test_size"),
    ("plan split.test_size=nan", "test_size"),
    ("plan split.folds=1", "folds"),
    ("plan seed=1.5", "seed"),
    ("plan repeats=0", "repeats"),
    ("plan generator=arf generator.trees=-1", "trees"),
    ("plan generator=arf generator.trees=many", "trees"),
    ("plan device=tpu", "device"),
    ("plan hydra.launcher.timeout=soon", "timeout"),
    ("profile --top many", "--top"),
    ("plan {data} dataset.constraints=[x<]", "constraint"),
    ("plan paths.outputs=s3://bucket/x", "object stores"),
    # generate
    ("generate {data}", "--out synthetic.csv"),
    ("generate {data} --out made.txt", ".csv"),
    ("generate {data} --out none/made.csv", "no folder 'none'"),
    ("generate {data} --out old.csv", "--force replaces it"),
    ("generate {data} rows=many --out made.csv", "whole number"),
    ("generate {data} rows=0 --out made.csv", "at least 1"),
    ("generate {data} rws=5 --out made.csv", "did you mean 'rows'"),
    ("generate {data} given.z=1 --out made.csv", "'z'"),
    ("generate {data} given.x=1 given.x=2 --out made.csv", "twice"),
    ("generate {data} generator=arf,ddpm --out made.csv", "several values"),
    ("generate {data} pipeline=real --out made.csv", "pipeline"),
    # advise
    ("advise {data} budget=soon", "span of time"),
    ("advise {data} budget=1s", "30s at least"),
    ("advise {data} rope=much", "share"),
    ("advise {data} bugdet=5m", "did you mean 'budget'"),
    ("advise {data} metric=auc", "metric"),
    ("advise {data} protocol=tstr", "leave protocol=tstr out"),
    ("advise {data} split.test_size=0.2", "splits are nested"),
    ("advise {data} generator=arff", "did you mean 'arf'"),
    ("advise {data} --out made.txt", ".csv"),
    ("advise {data} --out old.csv", "--force"),
    # what belongs to another key, choice or command
    ("plan spilt.seed=1", "did you mean 'split'"),
    ("plan generator.leaf_rows=3", "generator=arf"),
    ("plan dataset.path=t.csv", "dataset=arff,csv"),
    ("plan repeat=3", "did you mean 'repeats'"),
    ("run {data} dataset.text=kep", "did you mean 'keep'?"),
    ("plan dataset=simulated_notes dataset.clarity=nan", "dataset.clarity is nan"),
    ("plan {data} dataset.missing_values=[inf]", "dataset.missing_values is [inf]"),
    ("plan dataset=simulated_notes generator=great generator.llm=/nowhere", "has no config.json"),
    ("plan dataset=mimic_notes dataset.path=/nowhere", "dataset.path to your folder"),
    ("plan generator=ARF", "did you mean 'arf'"),
    ("list generator=afr", "did you mean 'arf'"),
    ("list datasets profilers", "one thing is listed at a time"),
    ("list seed=3", "experiment=VALUE"),
    ("doctor generator=arf", "paths.outputs=VALUE"),
    ("new profiler", "NAME is missing"),
    ("new profiler mine dataset=wine", "unknown argument"),
    ("report --json", "tabsculpt results --json"),
    ("--quiet status", "'tabsculpt status --quiet'"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "words"), BAD, ids=[typed for typed, _ in BAD])
def test_what_is_wrong_is_told_in_one_line(typed, words, source, tmp_path, monkeypatch):
    monkeypatch.chdir(source)
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path))
    (tmp_path / "results").mkdir()
    arguments = [word for part in typed.split() for word in (DATA if part == "{data}" else [part])]
    arguments = [str(tmp_path) if word == "out" else word for word in arguments]
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2, done.output
    *notes, last = done.stderr.strip().splitlines()
    assert last.startswith("error: ")
    assert words in last
    assert not any("Traceback" in line for line in notes)
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before


def test_a_wrong_line_stays_one_where_json_is_asked_for(source, monkeypatch):
    monkeypatch.chdir(source)
    done = CliRunner().invoke(app, ["plan", "generator=arff", "--json"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    right = CliRunner().invoke(app, ["list", "generator=arf", "--json"])
    assert [one["name"] for one in json.loads(right.stdout)] == ["arf"]
