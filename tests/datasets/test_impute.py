"""Missing values: nothing of the test rows or the target may reach the train part."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset, impute
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.split import Split, split_rows
from tabsculpt.errors import UserError

ROWS = 200
TEST = np.arange(0, ROWS, 4)
SPLIT = Split(np.setdiff1d(np.arange(ROWS), TEST), TEST)


def frame() -> pd.DataFrame:
    """Columns that depend on one another, a tenth of each missing."""
    rng = np.random.default_rng(1)
    a = rng.normal(50, 10, ROWS)
    full = pd.DataFrame(
        {
            "a": a,
            "b": 2 * a + rng.normal(0, 0.1, ROWS),
            "n": np.round(a / 5),
            "flag": a > 50,
            "word": np.where(rng.random(ROWS) < 0.7, "often", "seldom"),
        }
    ).astype({"flag": "boolean", "word": object, "n": float})
    for name in full:
        full.loc[rng.random(ROWS) < 0.1, name] = None
    return full.assign(y=rng.normal(size=ROWS))


def made(raw: pd.DataFrame, missing: str = "impute") -> Dataset:
    return assemble(raw, "made", Roles("y", "regression", [], None, missing))


def test_imputed_values_follow_the_other_columns() -> None:
    raw = frame()
    part = impute.train_part(made(raw), SPLIT, "impute")
    assert not part.features.isna().any().any()
    assert len(part) == len(SPLIT.train)
    before = raw.iloc[SPLIT.train].reset_index(drop=True)
    gaps = before["b"].isna() & before["a"].notna()
    assert np.abs(part.frame["b"] - 2 * part.frame["a"])[gaps].max() < 5
    assert part.frame["n"].dtype == "Int64"
    wordless = before["word"].isna()
    assert set(part.frame["word"][wordless]) == {"often"}
    reported = before["flag"].isna() & before["a"].notna() & ((before["a"] - 50).abs() > 12)
    assert reported.any()
    assert (part.frame["flag"][reported] == (before["a"][reported] > 50)).all()


def test_values_that_were_there_stay_and_ranges_hold() -> None:
    raw = frame()
    for part, rows in (
        (impute.train_part(made(raw), SPLIT, "impute"), SPLIT.train),
        (impute.test_part(made(raw), SPLIT, "impute"), SPLIT.test),
    ):
        before = raw.iloc[rows].reset_index(drop=True)
        train = raw.iloc[SPLIT.train]
        for name in ("a", "b", "n"):
            known = before[name].notna()
            assert (part.frame[name][known] == before[name][known]).all()
            assert part.frame[name][~known].between(train[name].min(), train[name].max()).all()


def test_test_rows_change_nothing_in_the_train_part() -> None:
    raw = frame()
    changed = raw.copy()
    changed.loc[TEST, ["a", "b"]] = [[1e3 + 0.5, -1e3 - 0.5]] * len(TEST)
    changed.loc[TEST, "word"] = "seldom"
    same = impute.train_part(made(changed), SPLIT, "impute")
    expected = impute.train_part(made(raw), SPLIT, "impute")
    assert same.fingerprint() == expected.fingerprint()


def test_the_target_changes_no_imputed_value() -> None:
    raw = frame()
    other = raw.assign(y=raw["a"].fillna(0) * 100)
    for part in (impute.train_part, impute.test_part):
        first, second = (part(made(f), SPLIT, "impute").features for f in (raw, other))
        pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_test_rows_are_imputed_by_what_train_rows_say() -> None:
    raw = frame()
    raw.loc[TEST, "word"] = "seldom"
    raw.loc[TEST[:3], ["word", "b"]] = None
    raw.loc[TEST[:3], "a"] = 65.0
    part = impute.test_part(made(raw), SPLIT, "impute")
    assert part.frame["word"][:3].tolist() == ["often"] * 3
    assert np.abs(part.frame["b"][:3] - 130).max() < 8


def test_a_column_that_only_test_rows_lack_is_imputed() -> None:
    raw = frame()
    raw.loc[SPLIT.train, "b"] = raw["b"].fillna(100)
    raw.loc[TEST, "b"] = None
    raw.loc[TEST[0], "a"] = 60.0
    part = impute.test_part(made(raw), SPLIT, "impute")
    assert abs(part.frame["b"][0] - 120) < 10


def test_drop_and_keep() -> None:
    raw = frame()
    complete = raw.notna().all(axis=1).to_numpy()
    dropped = impute.train_part(made(raw), SPLIT, "drop")
    kept = impute.train_part(made(raw), SPLIT, "keep")
    assert len(dropped) == complete[SPLIT.train].sum()
    assert not dropped.frame.isna().any().any()
    assert kept.fingerprint() == made(raw).table.take(SPLIT.train).fingerprint()
    assert len(impute.test_part(made(raw), SPLIT, "drop")) == complete[TEST].sum()


def test_what_cannot_be_imputed_or_dropped_is_refused() -> None:
    raw = frame()
    raw.loc[SPLIT.train, "a"] = None
    with pytest.raises(UserError, match="no train row has a value of a,"):
        impute.test_part(made(raw), SPLIT, "impute")
    with pytest.raises(UserError, match="0 of 150 train rows have no missing value"):
        impute.train_part(made(raw, "keep"), SPLIT, "drop")
    with pytest.raises(UserError, match="drop, impute, keep"):
        impute.train_part(made(raw), SPLIT, "median")


def test_the_same_split_gives_the_same_bytes() -> None:
    dataset = made(frame())
    split = split_rows(dataset, 0.3, 0)
    first = impute.train_part(dataset, split, "impute").fingerprint()
    np.random.seed(9)
    assert impute.train_part(dataset, split, "impute").fingerprint() == first
