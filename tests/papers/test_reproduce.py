"""``tabsculpt reproduce`` on a few jobs of a few milliseconds."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.papers import command
from tabsculpt.papers.source import names

QUICK = [
    "dataset=simulated", "dataset.rows=300", "profiler=random,knn_shapley",
    "protocol.perturbation=mislabelled", "protocol.proportion=0.1", "hydra/launcher=serial",
]  # fmt: skip


def call(*arguments):
    return CliRunner().invoke(app, ["reproduce", *arguments])


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """All of a small part of the hardness benchmark: two profilers on three splits."""
    folder = tmp_path_factory.mktemp("outputs")
    done = call("hardness_benchmark", *QUICK, "--outputs", str(folder))
    assert done.exit_code == 0, done.output
    assert "Of 6 jobs 6 ended well." in done.output
    return folder


def test_without_a_name_the_papers_are_listed():
    shown = call()
    assert shown.exit_code == 0
    assert all(name in shown.output for name in names())
    listed = json.loads(call("--json").stdout)
    assert [paper["name"] for paper in listed] == names()


def test_the_page_has_the_paper_beside_ours_and_what_was_run(outputs):
    text = (outputs / "papers" / "hardness_benchmark.md").read_text()
    assert "Of 6 jobs 6 ended well." in text
    assert "| simulated | knn_shapley | 3 | 3 | 0 | 0 | 0 |" in text
    assert "| cleanlab | 0.959 | 0.940 | 0.919 | 0.897 | - |" in text  # printed, and not ours
    assert "knn_shapley against cleanlab" in text
    assert "cleanlab was not run" in text
    assert "has 1,008 combinations (dataset breast_cancer, sklearn_diabetes; profiler" in text
    assert str(outputs) not in text
    page = (outputs / "papers" / "hardness_benchmark.html").read_text()
    assert "<td>knn_shapley against cleanlab</td>" in page
    assert "http" not in page.replace("https://arxiv.org", "")  # nothing is loaded
    level = next(line for line in text.splitlines() if line.startswith("| knn_shapley | 0.955"))
    ours = float(level.split("|")[6].split("(")[0])
    rows = pd.concat(pd.read_parquet(path) for path in (outputs / "results").glob("*.parquet"))
    mine = rows[(rows.profiler == "knn_shapley") & (rows.metric == "auprc_published")]
    assert ours == pytest.approx(mine.value.mean(), abs=0.001)


def test_the_same_command_again_does_nothing_and_says_the_same(outputs):
    before = (outputs / "papers" / "hardness_benchmark.md").read_text()
    done = call("hardness_benchmark", *QUICK, "--outputs", str(outputs), "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["jobs"]["run"] == answer["jobs"]["asked"] == 6
    assert answer["verdicts"]["not comparable"] == len(answer["figures"]) == 14
    assert (outputs / "papers" / "hardness_benchmark.md").read_text() == before


def test_a_budget_of_nothing_runs_nothing_and_says_so(tmp_path):
    done = call("hardness_benchmark", *QUICK, "--outputs", str(tmp_path), "--budget", "0s")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "papers" / "hardness_benchmark.md").read_text()
    assert "Of 6 jobs 6 left out, as the budget was over." in text
    assert "nothing was run" in text


def test_jobs_that_ended_with_other_code_are_named_and_do_not_count(outputs, tmp_path):
    """As after an update: what they came to is of another version, failed or not."""
    folder = shutil.copytree(outputs, tmp_path / "outputs")
    records = sorted((folder / "jobs").glob("*.parquet"))
    for path, status in zip(records[:2], ("ok", "failed"), strict=True):
        record = pd.read_parquet(path).assign(completion="of another version", status=status)
        record.to_parquet(path, index=False)
    done = call("hardness_benchmark", *QUICK, "--outputs", str(folder), "--budget", "0s", "--json")
    assert done.exit_code == 0, done.output
    jobs = json.loads(done.stdout)["jobs"]
    assert {name: jobs[name] for name in ("run", "failed", "outdated", "left_out")} == {
        "run": 4, "failed": 0, "outdated": 2, "left_out": 0
    }  # fmt: skip
    text = (folder / "papers" / "hardness_benchmark.md").read_text()
    assert "2 left out, as they ended with other code or libraries" in text
    again = call("hardness_benchmark", *QUICK, "--outputs", str(folder))
    assert "Of 6 jobs 6 ended well." in again.output


def test_profile2gen_keeps_its_own_rules(tmp_path):
    """Files in the form of the authors': three predictors are not the twelve of the paper."""
    rng = np.random.default_rng(0)
    (tmp_path / "published").mkdir()
    for part, n in (("train", 60), ("test", 30)):
        x = rng.normal(size=n)
        frame = pd.DataFrame({"a": x, "b": rng.normal(size=n), "target": 20 + x})
        frame.to_csv(tmp_path / "published" / f"fat_{part}.csv")
    given = [
        "dataset=bodyfat_published", "generator=bootstrap", "pipeline=real,traditional",
        "predictors=quick", "protocol=tstr", "profiler=random", "hydra/launcher=serial",
        "~predictors.random_forest", f"paths.data={tmp_path}",
    ]  # fmt: skip
    done = call("profile2gen", *given, "--outputs", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    text = (tmp_path / "out" / "papers" / "profile2gen.md").read_text()
    assert "Authors' files: bodyfat; bootstrap." in text
    assert "Of 2 jobs 2 ended well." in text
    assert (
        "| p-values of Wilcoxon tests | tstr | Appendix P.1 | authors' files | 0 | 0 | 129 |"
        in text
    )
    assert str(tmp_path) not in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("small_clasification", "did you mean 'small_classification'"),
        ("adaptive --budget soon", "0s to run nothing"),
        ("adaptive budget=2h", "--budget 2h"),
        ("adaptive experiment=smoke", "experiment=adaptive"),
        ("adaptive generatr=arf", "generat"),
    ],
)
def test_bad_input_is_one_line(typed, said, tmp_path):
    done = call(*typed.split(), "--outputs", str(tmp_path))
    assert done.exit_code == 2
    assert said in done.output
    assert done.output.count("\n") == 1


HANGS = [
    "small_classification", "dataset=breast_cancer", "generator=waits_once", "split.seed=0",
    "predictors=quick", "~predictors.random_forest", "~predictors.lightgbm", "~predictors.knn",
    "hydra.launcher.jobs=1",
]  # fmt: skip


def test_what_takes_too_long_for_the_budget_is_left_out_until_there_is_more(
    tmp_path, awkward, monkeypatch
):
    """The first fit waits to be ended, later ones go through: the second call must not try one."""
    monkeypatch.setattr(command, "ONE_JOB", 1 / 40)  # so that the rest has time on a busy machine
    mark = tmp_path / "mark"
    given = [*HANGS, f"generator.mark={mark}", *awkward, "--outputs", str(tmp_path / "out")]
    assert call(*given, "pipeline=real").exit_code == 0
    page = tmp_path / "out" / "papers" / "small_classification.md"
    words = "Of 2 jobs 1 ended well, 1 left out, as it takes longer than a quarter of the budget"
    for _ in range(2):
        done = call(*given, "--budget", "20m")
        assert done.exit_code == 0, done.output
        assert mark.exists()
        text = page.read_text()
        assert f"{words} (30 s)." in text
        assert "| 1 | left out: takes longer than 30 s in fit WaitsOnce | breast_cancer " in text
        assert "| breast_cancer | waits_once | 1 | 0 | 0 | 0 | 1 |" in text
    rows = pd.concat(map(pd.read_parquet, (tmp_path / "out" / "results").glob("*.parquet")))
    assert set(rows.pipeline) == {"real"}
    more = call(*given, "--budget", "20h", "--json")
    assert more.exit_code == 0, more.output
    jobs = json.loads(more.stdout)["jobs"]
    assert (jobs["run"], jobs["too_long"], jobs["left_out"]) == (2, 0, 0)
    assert "Of 2 jobs 2 ended well." in page.read_text()


def test_a_limit_that_was_typed_is_a_failure(tmp_path, awkward):
    given = [*HANGS, f"generator.mark={tmp_path / 'mark'}", *awkward]
    given += ["--outputs", str(tmp_path / "out")]
    assert call(*given, "pipeline=real").exit_code == 0
    done = call(*given, "hydra.launcher.timeout=20", "--budget", "10m")
    assert done.exit_code == 1, done.output
    text = (tmp_path / "out" / "papers" / "small_classification.md").read_text()
    assert "Of 2 jobs 1 ended well, 1 failed." in text
    assert "timeout: ended after 20 s in fit WaitsOnce, the limit of hydra.launcher.time" in text
