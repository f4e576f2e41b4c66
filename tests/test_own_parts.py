"""Parts of the user's own: examples that run, contracts, what a configuration may name."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.cli.new import KINDS
from tabsculpt.config.compose import load
from tabsculpt.config.contracts import CONTRACTS
from tabsculpt.engine import modules
from tabsculpt.engine.fingerprints import FINGERPRINTS
from tabsculpt.errors import ContractError, UserError
from tabsculpt.jobs.job import Job
from tabsculpt.samplers.parts import _check_instance

LINEAR = ["~predictors.lightgbm", "~predictors.random_forest", "~predictors.knn"]


@pytest.fixture
def mine(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "outputs"))
    path = list(sys.path)
    yield tmp_path / "mine"
    sys.path[:] = path


def call(*words: str, ends: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == ends, result.output
    return " ".join(result.output.split())


def started(kind: str, name: str, mine: Path) -> Path:
    """The module of a part that was started from the example of its kind."""
    call("new", kind, name, "--config-dir", str(mine))
    return mine / f"{name}.py"


def edited(module: Path, old: str, new: str) -> None:
    text = module.read_text()
    assert old in text
    module.write_text(text.replace(old, new))


def another_process() -> None:
    """Forget what is known of the user's own modules, as another process would not know it."""
    FINGERPRINTS.clear()
    modules.forget()
    for name in [name for name in sys.modules if name.split(".")[0] in ("helped", "helpers")]:
        del sys.modules[name]


def found_wrong(mine: Path, *words: str) -> str:
    """The one line that a job is refused with."""
    with pytest.raises(UserError) as caught:
        Job.of(load(words, mine))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_example_of_each_kind_runs_as_it_is_made(mine):
    names = {kind: f"example_{kind}" for kind in KINDS}
    for kind, name in names.items():
        started(kind, name, mine)
    chosen = [f"{KINDS[kind][0]}={name}" for kind, name in names.items()]
    call("run", *chosen, "--config-dir", str(mine))
    rows = pd.read_parquet("outputs/results")
    assert set(rows.status) == {"ok"}
    assert set(rows.dataset) == {"example_dataset"}
    assert set(rows.predictor.dropna()) == {"example_predictor"}
    made = rows[rows.pipeline == "example_pipeline"]
    assert set(made.generator) == {"example_generator"}
    assert set(made.profiler) == {"example_profiler"}
    [segments] = made.segments.dropna().unique()
    assert json.loads(segments) == {"easier": {"real": 90, "generated": 100, "kept": 100}}
    near = rows[rows.metric == "example_metric"].set_index("pipeline")
    assert set(near.direction) == {"max"}
    assert near.value.between(0.2, 0.9).all()
    assert set(near.index) == {"real", "example_pipeline"}


def test_the_profiler_of_the_readme_finds_rows_far_from_the_others(mine):
    started("profiler", "leverage", mine)
    (mine / "profiler" / "leverage.yaml").write_text("_target_: leverage.Leverage\nridge: 0.1\n")
    frame = pd.DataFrame({"x": [*range(30), 300], "y": [*range(30), 300]})
    frame.to_csv("t.csv", index=False)
    data = ["dataset=csv", "dataset.path=t.csv", "dataset.target=y", "profiler=leverage"]
    call("profile", *data, "--config-dir", str(mine), "--out", "hard.csv")
    written = pd.read_csv("hard.csv")
    assert written.hardness.idxmax() == 30
    assert (written.segment == "hard").sum() == 3


def test_an_edited_helper_of_ones_own_changes_the_scores(mine):
    module = started("profiler", "helped", mine)
    helper = mine / "helpers" / "deep" / "scale.py"
    helper.parent.mkdir(parents=True)
    (mine / "helpers" / "__init__.py").write_text("")
    (mine / "helpers" / "deep" / "__init__.py").write_text("from .scale import FACTOR\n")
    helper.write_text("FACTOR = 1.0\n")
    edited(module, "import numpy as np\n", "import numpy as np\nfrom helpers.deep import FACTOR\n")
    edited(module, "return Scores(", "return Scores(FACTOR * ")

    def hardest() -> float:
        another_process()
        call("profile", "profiler=helped", "--config-dir", str(mine), "--out", "h.csv")
        return float(pd.read_csv("h.csv").hardness.max())

    before = hardest()
    assert hardest() == before
    # Of another length: Python takes compiled code for current by the second and the length.
    helper.write_text("FACTOR = 3.00\n")
    assert hardest() == pytest.approx(3 * before)


def test_own_parts_reach_the_processes_of_a_sweep(mine):
    started("generator", "swept", mine)
    started("metric", "near", mine)
    small = ["dataset=simulated", "dataset.rows=60", *LINEAR]
    grid = ["generator=swept", "metric=near", "pipeline=traditional", *small]
    call("sweep", *grid, "--config-dir", str(mine))
    rows = pd.read_parquet("outputs/results")
    assert set(rows.status) == {"ok"}
    assert set(rows[rows.metric == "near"].predictor) == set(rows.predictor.dropna())


def test_a_metric_of_ones_own_does_not_make_another_job(mine):
    started("metric", "close", mine)
    plain, own = (Job.of(load(words, mine)) for words in ([], ["metric=close"]))
    assert plain.identity("data") == own.identity("data")
    edited(mine / "metric" / "close.yaml", "close:\n", "rmse:\n")
    assert "'rmse' is a packaged metric" in found_wrong(mine, "metric=close")
    (mine / "metric" / "close.yaml").write_text("_target_: close.Close\n")
    assert "each class under a name" in found_wrong(mine, "metric=close")


def test_a_metric_that_raises_fails_its_own_rows_alone(mine):
    module = started("metric", "raising", mine)
    edited(module, "        if prediction.ndim == 1:\n", "        return 1 / 0\n")
    edited(module, "            return float(np.mean(np.abs", "        return float(np.mean(np.abs")
    few = ["dataset=simulated", "dataset.rows=60", "pipeline=real", *LINEAR]
    call("run", "metric=raising", *few, "--config-dir", str(mine), ends=1)
    rows = pd.read_parquet("outputs/results")
    assert set(rows[rows.status == "failed"].metric) == {"raising"}
    assert set(rows[rows.metric == "raising"].reason) == {"ZeroDivisionError: division by zero"}


WRONG = [
    ("generator", "    libraries:", "    _libraries:", ["no 'libraries'", "tuple[str, ...]"]),
    ("generator", '= ("numpy",)', '= "numpy"', ["libraries is 'numpy', a str", "valid tuple"]),
    ("generator", "def load(", "def _load(", ["no method load(self, folder)"]),
    ("generator", "fit(self, table, seed, device)", "fit(self, table)", []),
    (
        "profiler",
        "cut: SegmentRule = SegmentRule.FRACTION",
        'cut: str = "fraction"',
        ["cut is 'fraction', a str"],
    ),
    ("profiler", '= "high"', '= "hi"', ["hard_is is 'hi'", "'low' or 'high'"]),
    ("profiler", "(frozen=True)", "()", ["frozen=True"]),
    ("pipeline", "uses_profiler", "use_profiler", ["no 'uses_profiler'"]),
    ("predictor", "stochastic:", "random:", ["no 'stochastic'"]),
    ("metric", "def score(", "def value(", ["no method score(self, truth, prediction)"]),
    ("dataset", "missing: str", "missing_values: str", ["missing"]),
]


@pytest.mark.parametrize(("number", "case"), list(enumerate(WRONG)))
def test_a_contract_that_is_not_kept_is_said_in_one_line(number, case, mine):
    kind, old, new, words = case
    name = f"wrong_{number}"
    module = started(kind, name, mine)
    if old.startswith("fit("):
        old, new = "table: Table, seed: int, device: str", "table: Table"
        words = ["fit(self, table)", "expected fit(self, table, seed, device)"]
    edited(module, old, new)
    message = found_wrong(mine, f"{KINDS[kind][0]}={name}")
    for word in words:
        assert word in message
    if kind != "dataset":  # its setting is no longer there, which is said first
        assert f"{name}.Wrong{number}" in message
        assert f"docs/own-parts.md#{KINDS[kind][0]}" in message


RETURNED = [
    ("generator", "return conform(drawn, self.table.schema)", "return drawn", "a DataFrame"),
    ("generator", "integers(len(self.table), size=n)", "integers(9, size=n + 1)", "could not be"),
    ("profiler", "return Scores(", "return (", "score returned a ndarray; expected a tabsculpt."),
    ("profiler", "solved))", "solved)[:9])", "score of shape (9,); expected (67,)"),
    ("predictor", "return MatrixModel(", "return (", "fit returned a tuple"),
]


@pytest.mark.parametrize(("number", "case"), list(enumerate(RETURNED)))
def test_what_a_part_must_not_return_is_a_row_with_its_reason(number, case, mine):
    kind, old, new, words = case
    name = f"returned_{number}"
    edited(started(kind, name, mine), old, new)
    few = ["dataset=simulated", "dataset.rows=100", "pipeline=preprocess"]
    few += LINEAR if kind != "predictor" else []
    rest = ["generator=marginal"] if kind != "generator" else []
    rest += ["profiler=random"] if kind != "profiler" else []
    call("run", f"{KINDS[kind][0]}={name}", *few, *rest, "--config-dir", str(mine), ends=1)
    rows = pd.read_parquet("outputs/results")
    bad = rows[rows.status == "failed"]
    assert len(bad)
    assert bad.reason.str.contains(words, regex=False).all(), set(bad.reason)


def test_one_choice_that_cannot_be_imported_is_listed_with_its_reason(mine, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")  # where a cell is wrapped depends on the folder's name
    module = started("generator", "broken", mine)
    module.write_text(module.read_text() + "def f(:\n")
    (mine / "generator" / "odd.yaml").write_text("_target_: [\n")
    shown = call("list", "generators", "--config-dir", str(mine))
    assert "invalid syntax" in shown
    assert "expected the node content" in shown
    assert "arf" in shown
    assert "tvae" in shown
    line = module.read_text().count("\n")
    assert f"broken.py, line {line}: invalid syntax" in found_wrong(mine, "generator=broken")
    assert "odd.yaml, line 2" in found_wrong(mine, "generator=odd")


def test_what_a_module_raises_is_said_with_its_line(mine):
    module = started("generator", "raises", mine)
    module.write_text("import tabsculpt.table\n\nraise RuntimeError('no\\nlicence')\n")
    assert "raises.py, line 3: RuntimeError: no licence" in found_wrong(mine, "generator=raises")


def test_no_module_of_elsewhere_is_imported(mine, tmp_path, monkeypatch):
    (tmp_path / "elsewhere.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    monkeypatch.syspath_prepend(tmp_path)
    (mine / "profiler").mkdir(parents=True)
    for target in ("elsewhere.Part", "antigravity.Part", "subprocess.Popen"):
        (mine / "profiler" / "other.yaml").write_text(f"_target_: {target}\n")
        before = set(sys.modules)
        message = found_wrong(mine, "profiler=other")
        assert f"{target.partition('.')[0]!r} is neither a module of tabsculpt nor in" in message
        assert not {"elsewhere", "antigravity"} & (set(sys.modules) - before)
    assert not Path("ran").exists()
    (mine / "statistics.py").write_text("Path('ran').touch()\n")
    (mine / "profiler" / "other.yaml").write_text("_target_: statistics.Part\n")
    assert "is hidden by another module 'statistics'" in found_wrong(mine, "profiler=other")


def test_a_folder_that_is_not_there_is_refused(mine):
    assert "is not a folder" in call("list", "profilers", "--config-dir", str(mine), ends=2)


@pytest.mark.parametrize("name", ["Leverage", "my-part", "class", "dataiq", "random", "numpy"])
def test_a_name_that_cannot_be_used_is_refused(name, mine):
    assert "NAME is" in call("new", "profiler", name, "--config-dir", str(mine), ends=2)
    assert not mine.exists()


def test_nothing_is_written_over(mine):
    module = started("profiler", "kept", mine)
    module.write_text("mine\n")
    call("new", "metric", "kept", "--config-dir", str(mine), ends=2)
    assert module.read_text() == "mine\n"
    assert "Choices: dataset, experiment, generator" in call("new", "genrator", "x", ends=2)


def test_an_instance_that_a_sampler_is_given_is_held_to_its_contract():
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Own:
        hard_is = "low"

    with pytest.raises(ContractError, match="no 'libraries'"):
        _check_instance("profiler", Own())


def test_the_page_has_a_section_for_every_contract():
    page = (Path(__file__).parents[1] / "docs" / "own-parts.md").read_text(encoding="utf-8")
    sections = re.split(r"^### (\w+)\n", page, flags=re.MULTILINE)
    phrase = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert set(phrase) == set(CONTRACTS)
    for group, contract in CONTRACTS.items():
        for name in [*contract.__annotations__, *vars(contract)]:
            if not name.startswith("_"):
                assert re.search(rf"\b{name}\b", phrase[group]), (group, name)
