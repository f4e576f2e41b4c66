from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app
from tabsculpt.notes import Code, from_json
from tabsculpt.results import read_rows

QUICK = ["generator=bootstrap", "predictors=quick"]


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(autouse=True)
def outputs(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TABSCULPT_OUTPUTS", str(tmp_path / "out"))
    monkeypatch.delenv("TABSCULPT_DATA", raising=False)
    return tmp_path / "out"


def rows(outputs: Path) -> pd.DataFrame:
    return read_rows(outputs / "results")


def good(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "x": x,
            "z": rng.normal(size=n),
            "y": 3 * x + rng.normal(size=n),
            "c": ["a", "b"] * (n // 2),
        }
    )


def broken(name: str, tmp_path: Path) -> list[str]:
    """The overrides of one kind of bad input; files are made where the kind needs one."""
    path, frame, target = tmp_path / "t.csv", good(), "y"
    extra: list[str] = []
    match name:
        case "no such file":
            return [f"dataset.path={tmp_path / 'no.csv'}", "dataset.target=y"]
        case "empty file":
            path.write_text("")
            return [f"dataset.path={path}", "dataset.target=y"]
        case "binary file":
            path.write_bytes(bytes(range(256)) * 20)
            return [f"dataset.path={path}", "dataset.target=y"]
        case "target missing":
            target = "yy"
        case "constant target":
            frame["y"] = 1.5
        case "one class":
            frame["c"], target = "a", "c"
        case "text target with regression":
            target, extra = "c", ["dataset.task=regression"]
        case "3 rows":
            frame = frame.head(3)
        case "duplicate column names":
            frame.columns = ["x", "x", "y", "c"]
    frame.to_csv(path, index=False)
    return [f"dataset.path={path}", f"dataset.target={target}", *extra]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no such file", "no.csv"),
        ("empty file", "empty"),
        ("binary file", "t.csv"),
        ("target missing", "yy"),
        ("constant target", "y"),
        ("one class", "c"),
        ("text target with regression", "regression"),
        ("3 rows", "3"),
        ("duplicate column names", "x"),
    ],
)
def test_a_bad_table_is_one_line_and_exit_code_2(name, words, tmp_path, outputs):
    result = call("run", "dataset=csv", *broken(name, tmp_path), *QUICK)
    assert_refused(result, words)
    assert rows(outputs).empty


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generator=tvea"], "did you mean 'tvae'? Choices: "),
        (["dataset=iris"], "Choices: "),
        (["dataset=csv"], "dataset.path"),
        (["split.test_siz=0.2"], "test_siz"),
        (["generator.epoch=3"], "did you mean 'epochs'"),
        (["generatr=tvae"], "did you mean 'generator'"),
        (
            ["predictors=autogluon", "predictors.CatBoost.hyperparameters={iterations: 5}"],
            "+predictors.CatBoost.hyperparameters.NAME=VALUE",
        ),
        (["+extra=1"], "extra"),
        (["~seed"], "seed"),
        (["seed=one"], "seed"),
        (["seed=-1"], "seed"),
        (["generator.steps=many"], "generator.steps"),
        (["profiler.threshold=wide"], "profiler.threshold"),
        (["split.test_size=0"], "split.test_size"),
        (["split.test_size=-0.2"], "split.test_size"),
        (["split.test_size=1"], "split.test_size"),
        (["paths.outputs=s3://bucket/out"], "which object stores lack"),
        (["device=tpu"], "auto, cpu, cuda"),
        (["seed=0,1"], "tabsculpt sweep"),
        (["seed"], "key=value"),
        (["seed=[1"], "seed"),
        (["pipeline.small_segments=drop"], "'merge' or 'bootstrap'"),
    ],
)
def test_a_bad_setting_is_one_line_and_exit_code_2(arguments, words, outputs):
    result = call("run", *arguments)
    assert_refused(result, words)
    assert rows(outputs).empty


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_output_folder_is_refused(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert_refused(call("run", f"paths.outputs={locked}/out", *QUICK), "locked")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc, where nobody may write")
def test_an_output_folder_where_nobody_may_write_is_refused():
    assert_refused(call("run", "paths.outputs=/proc/tabsculpt", *QUICK), "cannot write")


def test_an_output_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    assert_refused(call("run", f"paths.outputs={tmp_path / 'file'}", *QUICK), "cannot write")


def assert_refused(result, words: str) -> None:
    assert result.exit_code == 2, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    assert words in lines[0]
    assert "Traceback" not in result.output


def test_a_run_leaves_a_row_per_predictor_and_metric_beside_the_baseline(outputs):
    result = call("run", "dataset=sklearn_diabetes", *QUICK)
    assert result.exit_code == 0, result.output
    found = rows(outputs)
    assert set(found.pipeline) == {"real", "profile2gen"}
    assert (found.status == "ok").all()
    scored = found[found.metric == "rmse"]
    assert scored.groupby("pipeline").predictor.nunique().to_dict() == {"real": 4, "profile2gen": 4}
    assert scored.value.between(40, 90).all()
    made = found[found.pipeline == "profile2gen"].iloc[0]
    assert made.n_train == 296
    assert made.n_test == 146
    assert made.n_synthetic + made.n_dropped == 296
    assert (found.metric == "wasserstein").sum() == 1
    assert "profile2gen" in result.output
    assert "95 % interval" in result.output


def test_the_same_run_again_computes_nothing_and_gives_the_same(outputs):
    call("run", *QUICK)
    before = rows(outputs)
    stored = {path: path.stat().st_mtime_ns for path in (outputs / "store").rglob("*.*")}
    result = call("run", *QUICK)
    assert result.exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (outputs / "store").rglob("*.*")} == stored
    times = ["started", "ended"]
    pd.testing.assert_frame_equal(rows(outputs).drop(columns=times), before.drop(columns=times))


def test_another_seed_computes_only_what_depends_on_it(outputs):
    call("run", *QUICK)
    before = {path.parent for path in (outputs / "store").rglob("manifest.json")}
    call("run", *QUICK, "seed=1")
    new = {path.parent for path in (outputs / "store").rglob("manifest.json")} - before
    kinds = sorted({path.parts[-3] for path in new})
    made = ["Fit", "MeasureQuality", "RecordDynamics", "Sample", "ScoreRows", "TrainAndPredict"]
    assert kinds == made


def test_names_that_hydra_cannot_read_bare_are_taken(outputs, tmp_path):
    frame = good().rename(columns={"y": "größe (cm)", "z": "it's"})
    path = tmp_path / "my table (1).csv"
    frame.to_csv(path, index=False)
    data = ["dataset=csv", f"dataset.path={path}", "dataset.target=größe (cm)"]
    result = call("run", *data, "dataset.drop=[it's]", "pipeline=traditional", *QUICK)
    assert result.exit_code == 0, result.output
    assert set(rows(outputs).dataset) == {"my table (1)"}


def test_a_sweep_runs_each_distinct_job_once(outputs):
    result = call("sweep", "pipeline=real,traditional,preprocess", "protocol=trtr,tstr", *QUICK)
    assert result.exit_code == 0, result.output
    found = rows(outputs)
    assert found.groupby("pipeline").job.nunique().to_dict() == {
        "real": 1, "traditional": 1, "preprocess": 1,
    }  # fmt: skip


def test_a_sweep_over_settings_keeps_them_apart(outputs):
    result = call("sweep", "profiler.threshold=0.15,0.2", "pipeline=real,profile2gen", *QUICK)
    assert result.exit_code == 0, result.output
    found = rows(outputs)
    made = found[found.pipeline == "profile2gen"]
    assert made.groupby("profiler_settings").threshold.unique().map(list).to_dict() == {
        "": [0.15], "threshold=0.2": [0.2],
    }  # fmt: skip
    shown = " ".join(result.output.split())
    assert shown.count("profiler dataiq threshold=0.2,") == 1
    assert shown.count("profiler dataiq,") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["profiler=dataiq,cleanlob"], "did you mean 'cleanlab'"),
        (["pipeline=real,traditional", "pipeline.small_segments=merge"], "small_segments"),
        (["seed=0,one"], "seed"),
        (["split.test_size=0.3,2"], "split.test_size"),
    ],
)
def test_a_bad_value_anywhere_in_a_sweep_stops_it_before_any_work(arguments, words, outputs):
    assert_refused(call("sweep", *arguments, *QUICK), words)
    assert rows(outputs).empty


def test_a_part_that_cannot_be_made_stops_a_sweep_before_any_job(outputs, tmp_path):
    frame = good()
    frame.loc[12:, "z"] = None  # complete rows enough for a table, not for a small test part
    frame.to_csv(tmp_path / "gaps.csv", index=False)
    data = ["dataset=csv", f"dataset.path={tmp_path / 'gaps.csv'}", "dataset.target=y"]
    grid = ["dataset.missing=impute,drop", "pipeline=real", "split.test_size=0.05"]
    assert_refused(call("sweep", *data, *grid, *QUICK), "3 test rows")
    assert rows(outputs).empty


def test_results_are_filtered_and_exported(outputs, tmp_path):
    call("run", "dataset=wine", "pipeline=traditional", *QUICK)
    csv = tmp_path / "rows.csv"
    result = call("results", "metric=auc_roc", "pipeline=real", "--csv", str(csv))
    assert result.exit_code == 0, result.output
    exported = pd.read_csv(csv)
    assert len(exported) == 4
    assert set(exported.task) == {"multiclass"}
    assert exported.value.between(0.8, 1).all()
    assert "wine: multiclass" in call("results").output
    assert_refused(call("results", "metrc=rmse"), "did you mean 'metric'")


def test_results_are_turned_into_a_table_of_means(outputs, tmp_path):
    call("sweep", "pipeline=real,traditional", "dataset=wine,breast_cancer", *QUICK)
    out = tmp_path / "pivot.parquet"
    turned = ["metric=auc_roc", "--pivot", "dataset,predictor,pipeline"]
    result = call("results", *turned, "--parquet", str(out))
    assert result.exit_code == 0, result.output
    table = pd.read_parquet(out)
    assert list(table.columns) == ["dataset", "predictor", "real", "traditional"]
    assert len(table) == 2 * 4
    found = rows(outputs).query("metric == 'auc_roc' and dataset == 'wine' and predictor == 'knn'")
    [mine] = table.query("dataset == 'wine' and predictor == 'knn'").itertuples()
    expected = found.groupby("pipeline").value.mean()
    assert (mine.real, mine.traditional) == (expected["real"], expected["traditional"])
    shown = call("results", *turned)
    assert f"{mine.real:.3f}" in shown.output
    assert "mean auc_roc over 16 rows" in shown.output
    assert_refused(call("results", "--pivot", "predictor,pipeline"), "name one, as in metric=")
    assert_refused(call("results", "--pivot", "predictor,pipelin"), "did you mean 'pipeline'")
    assert_refused(call("results", "--pivot", "predictor"), "expected two or more columns")
    nowhere = call("results", "--csv", str(tmp_path / "no folder" / "rows.csv"))
    assert_refused(nowhere, "cannot write")


def test_a_failed_job_is_rows_with_a_reason_and_exit_code_1(outputs, tmp_path):
    frame = good(20)
    frame.to_csv(tmp_path / "t.csv", index=False)
    data = ["dataset=csv", f"dataset.path={tmp_path / 't.csv'}", "dataset.target=y"]
    result = call("run", *data, "split.test_size=0.6", "profiler=cleanlab", *QUICK)
    found = rows(outputs)
    assert result.exit_code == 1, result.output
    real, made = found[found.pipeline == "real"], found[found.pipeline == "profile2gen"]
    assert (real.status == "ok").all()
    assert (made.status == "skipped").all()
    assert made.value.isna().all()
    assert set(made.phase) == {"profile"}
    assert set(made.reason) == {"cleanlab needs 10 rows, got 8"}
    assert "cleanlab needs 10 rows" in result.output


def test_a_component_that_raises_fails_its_rows_and_no_others(outputs, tmp_path):
    folder = tmp_path / "conf" / "generator"
    folder.mkdir(parents=True)
    (tmp_path / "conf" / "breaking.py").write_text(
        "from dataclasses import dataclass\n"
        "from tabsculpt.generators.bootstrap import Bootstrap\n"
        "@dataclass(frozen=True)\n"
        "class Breaking(Bootstrap):\n"
        '    """Breaks."""\n'
        "    how: str = 'ValueError'\n"
        "    def fit(self, table, seed, device):\n"
        "        kinds = {'ValueError': ValueError, 'MemoryError': MemoryError}\n"
        "        raise kinds[self.how]('no\\nway')\n"
    )
    (folder / "breaking.yaml").write_text("_target_: breaking.Breaking\nhow: ValueError\n")
    grid = ["generator=breaking,bootstrap", "pipeline=real,traditional", "predictors=quick"]
    result = call("sweep", *grid, "--config-dir", str(tmp_path / "conf"))
    assert result.exit_code == 1, result.output
    found = rows(outputs)
    broken = found[found.generator == "breaking"]
    assert set(broken.status) == {"failed"}
    assert set(broken.reason) == {"ValueError: no way"}
    assert set(broken.phase) == {"generate"}
    assert broken.value.isna().all()
    assert (broken.groupby("predictor").metric.nunique() == 4).all()
    assert (found[found.generator != "breaking"].status == "ok").all()
    assert "failed: sklearn_diabetes breaking traditional in generate" in result.output
    more = ["generator=breaking", "generator.how=MemoryError", "pipeline=traditional"]
    call("run", *more, "predictors=quick", "--config-dir", str(tmp_path / "conf"))
    assert "out_of_memory" in set(rows(outputs).status)


def test_audit_finds_what_gives_the_target_away(tmp_path):
    frame = good()
    frame["copy"] = 2 * frame.y + 1
    frame.to_csv(tmp_path / "t.csv", index=False)
    result = call("audit", "dataset=csv", f"dataset.path={tmp_path / 't.csv'}", "dataset.target=y")
    assert result.exit_code == 0, result.output
    assert "copy" in result.output


def test_select_finds_the_profiler_that_sees_planted_errors(outputs):
    rates = "profiler.flip_rates=[0,0.1,0.2]"
    result = call("select", "dataset=sklearn_diabetes", rates, "profiler.thresholds=[0.1,0.25]")
    assert result.exit_code == 0, result.output
    cells = pd.read_parquet(next((outputs / "selection").glob("*.parquet")))
    assert len(cells) == 2 * 3 * 2
    assert set(cells.profiler) == {"cleanlab", "dataiq"}
    assert cells[cells.flip_rate == 0].f1.isna().all()
    assert cells[cells.flip_rate > 0].f1.between(0.05, 0.95).all()
    best = cells[cells.flip_rate > 0].groupby(["profiler", "threshold"]).f1.mean()
    assert f"{best.idxmax()[0]} at {best.idxmax()[1]:g} on sklearn_diabetes" in result.output
    assert f"mean F1 {best.max():.3f}" in result.output
    assert_refused(call("select", "profiler=cleanlab"), "profiler=auto")
    assert_refused(call("select", "profiler.flip=shift", "dataset=wine"), "flip=shift")


def test_a_search_inside_a_pipeline_says_what_it_chose(outputs):
    settings = ["profiler=auto", "profiler.flip_rates=[0.2]", "profiler.thresholds=[0.1,0.2]"]
    result = call("run", *settings, *QUICK)
    assert result.exit_code == 0, result.output
    made = rows(outputs).query("pipeline == 'profile2gen'")
    assert set(made.profiler) == {"auto"}
    assert made.threshold.isna().all()
    for notes in map(from_json, made.notes):
        phrase = {note.about: note.text for note in notes if note.code == Code.PROFILER_CHOSEN}
        assert set(phrase) == {"real rows", "synthetic rows"}
        for of, text in phrase.items():
            assert re.match(rf"{of}: (?:cleanlab|dataiq) at 0\.\d \(mean F1 0", text)


def test_the_hardness_benchmark_scores_rankings_in_both_conventions(outputs):
    grid = ["dataset=sklearn_diabetes", "profiler=random,cleanlab", "split.seed=0,1"]
    few = ["protocol.proportion=0.1,0.2", "protocol.perturbation=mislabelled"]
    result = call("sweep", "experiment=hardness_benchmark", *grid, *few)
    assert result.exit_code == 0, result.output
    found = rows(outputs)
    assert len(found) == 2 * 2 * 2 * 2
    assert (found.status == "ok").all()
    auprc = found[found.metric == "auprc"].groupby(["profiler", "proportion"]).value.mean()
    assert auprc["random", 0.1] < 0.2 < auprc["cleanlab", 0.1]
    published = found[found.metric == "auprc_published"].groupby("profiler").value.min()
    assert published["random"] > 0.7  # no skill is 0.8 or 0.9 there
    assert "(no skill)" in result.output
    assert_refused(call("run", "protocol=hardness", "protocol.proportion=1.5"), "proportion")


def test_profile_writes_scores_beside_the_rows_and_says_why(tmp_path):
    frame = good()
    frame.loc[7, ["x", "y"]] = [1.0, -40.0]
    frame.loc[3, "z"] = None
    frame.to_csv(tmp_path / "t.csv", index=False)
    data = ["dataset=csv", f"dataset.path={tmp_path / 't.csv'}", "dataset.target=y"]
    out = tmp_path / "profile.csv"
    result = call("profile", *data, "profiler=cleanlab", "--out", str(out), "--top", "3")
    assert result.exit_code == 0, result.output
    written = pd.read_csv(out)
    assert len(written) == len(frame)
    assert written.hardness.idxmax() == 7
    assert written.segment[7] == "hard"
    assert written.line.tolist() == [row + 2 for row in written.row]
    assert written.hardness_rank[7] == 1
    assert written.hardness_rank.min() == 0
    assert "0 (easiest) to 1 (hardest)" in " ".join(result.output.split())
    assert "y -40, where the 5 rows most like it have" in written.reason[7]
    assert "y -40" in result.output
    dropping = call("profile", *data, "dataset.missing=drop", "--out", str(out))
    assert dropping.exit_code == 0
    assert pd.read_csv(out).segment.isna().to_numpy().nonzero()[0].tolist() == [3]
    assert_refused(call("profile", *data, "--out", str(tmp_path / "p.txt")), ".csv or .parquet")


def test_profile_keeps_what_finds_a_row_again(tmp_path):
    frame = good()
    frame = frame.assign(record=[f"R{i:03d}" for i in range(len(frame))], ward=list("AB") * 30)
    frame["who"] = [f"p{i // 3}" for i in range(len(frame))]
    frame.loc[1, "y"] = None
    frame.to_csv(tmp_path / "t.csv", index=False)
    data = ["dataset=csv", f"dataset.path={tmp_path / 't.csv'}", "dataset.target=y"]
    data += ["dataset.drop=[record,ward]", "dataset.group=who", "profiler=cleanlab"]
    out = tmp_path / "profile.csv"
    assert call("profile", *data, "--out", str(out)).exit_code == 0
    written = pd.read_csv(out)
    assert list(written)[:4] == ["line", "row", "record", "who"]
    assert "ward" not in written
    source = frame.loc[written.row]
    assert written.record.tolist() == source.record.tolist()
    assert written.line.tolist() == [2, *range(4, len(frame) + 2)]
    assert call("profile", *data, "--out", str(out), "--all-columns").exit_code == 0
    assert pd.read_csv(out).ward.tolist() == source.ward.tolist()


COMMANDS = ["run", "sweep", "select", "profile", "audit", "list", "results", "doctor"]
COMMANDS += ["plan", "status", "store du", "store verify", "store prune"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    result = call(*command.split(), "--help")
    assert result.exit_code == 0
    assert f"tabsculpt {command}" in result.output
    assert "Example" in result.output


def test_list_names_the_choices_and_what_they_can_do():
    nouns = call("list")
    assert "sklearn_diabetes" in nouns.output
    generators = call("list", "generators")
    assert generators.exit_code == 0, generators.output
    assert "tvae" in generators.output
    assert "least rows" in generators.output
    assert_refused(call("list", "genrators"), "did you mean 'generator'")


def test_doctor_says_what_is_there():
    result = call("doctor")
    assert result.exit_code == 0
    for word in ("torch", "CUDA", "TABSCULPT_DATA", "extra autogluon"):
        assert word in result.output


def test_a_generator_that_cannot_learn_the_table_is_refused_before_work(tmp_path):
    outputs = tmp_path / "new"
    done = call("run", "dataset=sklearn_diabetes", "generator=smote", f"paths.outputs={outputs}")
    assert done.exit_code == 2
    assert "smote does not do regression; it does binary, multiclass" in done.output
    assert not (outputs / "results").exists()
