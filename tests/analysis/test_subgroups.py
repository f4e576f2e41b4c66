"""Tables of subgroups: means of the rows' values, the worst level, and what is not scored."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tabsculpt.analysis.measurements import Measurements
from tabsculpt.analysis.subgroups import gap_table, level_table
from tabsculpt.cli.main import app
from tabsculpt.report.inputs import read_inputs
from tabsculpt.results import read_rows

pytestmark = pytest.mark.xdist_group("subgroups")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("subgroups")
    rng = np.random.default_rng(0)
    n = 200
    frame = pd.DataFrame({"age": rng.integers(20, 90, n), "x": rng.normal(size=n)})
    frame["sex"] = rng.choice(["F", "M", "other"], n, p=[0.5, 0.48, 0.02])
    noise = np.where(frame.sex == "M", 3.0, 0.5) * rng.normal(size=n)
    frame["y"] = np.where(frame.x + noise > 0, "ill", "well")
    frame.to_csv(folder / "clinic.csv", index=False)
    words = ["sweep", "dataset=csv", f"dataset.path={folder}/clinic.csv", "dataset.target=y",
             "dataset.subgroups=[sex,{age:[40,65]}]", "generator=bootstrap", "split.repeats=3",
             "pipeline=traditional", "~predictors.lightgbm", "~predictors.random_forest",
             f"paths.outputs={folder}", "hydra/launcher=serial"]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return folder


def test_levels_are_means_of_the_rows_with_their_numbers(outputs):
    rows = read_rows(outputs / "results")
    levels = level_table(Measurements.of(rows)).set_index(["arm", "column", "level"])
    real = rows[(rows.pipeline == "real") & (rows.metric == "auc_roc_subgroup_sex=M")]
    mine = levels.loc[("real", "sex", "M")]
    assert mine["mean"] == pytest.approx(real.value.mean())
    assert (mine.n, mine.of) == (6, 6)
    counts = rows[(rows.pipeline == "real") & (rows.metric == "rows_subgroup_sex=M")].value
    assert mine.rows == pytest.approx(counts.mean())
    made = levels.loc[("traditional", "sex", "M")]
    assert made.difference == pytest.approx(made["mean"] - mine["mean"])
    assert list(dict.fromkeys(levels.loc["real"].loc["age"].index)) == [
        "below 40", "40 to below 65", "65 or more",
    ]  # fmt: skip
    few = levels.loc[("real", "sex", "other")]
    assert np.isnan(few["mean"])
    assert 0 < few.rows < 10


def test_the_worst_level_is_the_noisy_one(outputs):
    found = Measurements.of(read_rows(outputs / "results"))
    levels = level_table(found)
    gaps = gap_table(found, levels).set_index(["arm", "column"])
    real = gaps.loc[("real", "sex")]
    assert real.worst == "M"
    assert real.worst_mean == levels[(levels.arm == "real") & (levels.level == "M")]["mean"].item()
    assert real.unscored == "other"
    assert real.odds_gap >= max(real.tpr_gap, real.fpr_gap)


def test_the_report_and_the_terminal_show_them(outputs):
    inputs = read_inputs(outputs, [], None)
    whole = level_table(Measurements.of(read_rows(outputs / "results")))
    pd.testing.assert_frame_equal(
        level_table(inputs.found).drop(columns="jobs"), whole.drop(columns="jobs")
    )
    wide = {"COLUMNS": "200"}
    done = CliRunner().invoke(app, ["results", "--outputs", str(outputs)], env=wide)
    assert "not scored: too few rows" in done.output
    assert CliRunner().invoke(app, ["report", "--outputs", str(outputs)]).exit_code == 0
    table = pd.read_csv(outputs / "reports/all/tables/subgroups.csv")
    assert table["mean"].to_numpy() == pytest.approx(whole["mean"].to_numpy(), nan_ok=True)
