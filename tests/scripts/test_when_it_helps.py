"""The study of real tables: its page says what its rows say, and the tool's order comes from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import when_it_helps
from help_study.kept import kept
from help_study.measured import differences, family, over_tables
from help_study.rule import Gains, depth_of, fitted, gains_of, order_of, regrets
from help_study.tables import part_of, read_tables
from tabsculpt.generators.auto.order import ORDER


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return kept(when_it_helps.KEPT)


@pytest.fixture(scope="module")
def facts() -> pd.DataFrame:
    return pd.read_csv(when_it_helps.FACTS)


def test_a_gain_is_the_mean_of_the_repeats_in_percent_of_the_real_rows(rows):
    mine = rows[rows.dataset == "ecoli3"]
    found = differences(mine).set_index(["protocol", "arm"])
    auc = mine[mine.metric == "auc_roc"].set_index(["generator", "pipeline", "protocol"])
    real = auc.loc[("none", "real", "trtr")].value.mean()
    smote = auc.loc[("smote", "upsample", "augmentation")].value.mean()
    gain = found.loc[("augmentation", "upsample smote"), "gain"]
    assert gain == pytest.approx(100 * (smote / real - 1))
    assert found.loc[("trtr", "threshold"), "gain"] == pytest.approx(
        100 * (auc.loc[("none", "threshold", "trtr")].value.mean() / real - 1)
    )


def test_the_page_has_the_tables_and_the_commits_of_the_rows(rows):
    page = when_it_helps.PAGE.read_text(encoding="utf-8")
    assert f"on {rows.dataset.nunique()} real tables" in page
    assert f"({rows.job.nunique():,} jobs)" in page
    smote = differences(rows).query("protocol == 'augmentation' and arm == 'upsample smote'")
    assert f"| real and synthetic | upsample smote | {len(smote)} |" in page


def test_the_order_of_the_tool_is_that_of_the_tables_to_tune_on(rows, facts):
    for kind, order in ORDER.items():
        known = gains_of(rows, facts, kind)
        tune = known.of(known.facts.part == "tune")
        assert [" ".join(reversed(way)) for way in order] == order_of(tune)
        assert {part_of(name) for name in tune.gains.index} == {"tune"}


def test_each_half_of_the_alphabet_has_half_of_the_tables():
    tables = read_tables(when_it_helps.TABLES)
    counts = pd.DataFrame(tables).groupby(["part", "group"]).size()
    assert counts.to_dict() == {
        ("judge", "imbalanced"): 30, ("judge", "other"): 50,
        ("tune", "imbalanced"): 30, ("tune", "other"): 50,
    }  # fmt: skip
    assert all(part_of(table.name) == table.part for table in tables)
    assert (part_of("MASS/Pima.tr"), part_of("survival/Lung")) == ("judge", "tune")


def test_cuts_of_one_set_count_once_in_an_interval():
    tables = pd.Series(["ecoli1", "ecoli-0_vs_1", "ecoli2", "MASS/Pima.tr"])
    assert tables.map(family).tolist() == ["ecoli", "ecoli", "ecoli", "pima"]
    values = pd.Series([1.0, 1.0, 1.0, 0.0])
    assert over_tables(values, tables, np.mean) == (0.75, 0.0, 1.0)
    alone = pd.Series(["a", "b", "c", "d"])
    assert over_tables(values, alone, np.mean)[1] == pytest.approx(0.25)


def test_a_tree_is_taken_only_where_it_beats_the_same_way_for_all():
    rng = np.random.default_rng(0)
    names = pd.Index([f"{a}{b}" for a in "abcdefgh" for b in "abcdefgh"], name="table")
    facts = pd.DataFrame(
        {
            "rows": rng.uniform(60, 1500, 64), "features": 5, "imbalance": 2.0, "numeric": 1.0,
            "part": "tune",
        },
        index=names,
    )  # fmt: skip
    many = facts.rows > 300
    noise = pd.DataFrame(rng.normal(0, 0.5, (64, 2)), names, ["few", "many"])
    clear = pd.DataFrame({"few": np.where(many, -3, 3), "many": np.where(many, 3, -3)}, names)
    known = Gains(facts, (noise + clear).assign(**{"real rows alone": 0.0}))
    assert depth_of(known)[0] >= 1
    tree = fitted(known, 1)(facts)
    assert regrets(known, tree).mean() < 0.2
    assert {way for way, large in zip(tree, many, strict=True) if large} == {"many"}
    assert depth_of(Gains(facts, noise.assign(**{"real rows alone": 0.0})))[0] == 0
