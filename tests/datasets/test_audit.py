"""The audit: what it must find, and where it must stay silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.audit import Finding, audit
from tabsculpt.datasets.bundled import Bundled
from tabsculpt.datasets.simulated import Simulated
from tabsculpt.datasets.split import Split, split_rows

ROWS = 120


def noise(**columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return pd.DataFrame({"x": rng.normal(size=ROWS), **columns, "y": rng.normal(size=ROWS)})


def audited(
    frame: pd.DataFrame, group: str | None = None, keep: tuple[str, ...] = ()
) -> list[Finding]:
    dataset = assemble(frame, "made", Roles("y", "auto", [], group, "keep", keep=keep))
    return audit(dataset, split_rows(dataset, 0.33, 0))


def found(findings: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.kind, finding.columns) for finding in findings]


def test_clean_sets_give_no_warning() -> None:
    for source in (
        Bundled("sklearn_diabetes", "diabetes"),
        Bundled("breast_cancer", "breast_cancer"),
        Bundled("wine", "wine"),
        Simulated(rows=400),
    ):
        dataset = source.load()
        assert audit(dataset, split_rows(dataset, 0.33, 0)) == []


def test_an_index_column_that_is_kept_is_found_in_any_order_and_from_any_start() -> None:
    shuffled = np.random.default_rng(0).permutation(ROWS)
    assert found(audited(noise(k=shuffled + 17), keep=("k",))) == [("index", ("k",))]
    assert found(audited(noise(k=shuffled + 17))) == []  # set aside, as it counts the rows
    assert found(audited(noise(year=shuffled + 1900))) == [("index", ("year",))]
    assert found(audited(noise(row_id=shuffled * 3))) == []  # set aside, as its name says
    assert found(audited(noise(price=shuffled * 3))) == []
    assert "dataset.drop=[k]" in audited(noise(k=shuffled), keep=("k",))[0].message


def test_copies_across_the_parts_are_counted_row_by_row() -> None:
    frame = noise(word=["a", None] * 60)
    frame.loc[100:109] = frame.loc[0:9].to_numpy()
    dataset = assemble(frame, "made", Roles("y", "regression", [], None, "keep"))
    split = Split(np.arange(100), np.arange(100, ROWS))
    duplicates = [f for f in audit(dataset, split) if f.kind == "duplicates"]
    assert len(duplicates) == 1
    assert duplicates[0].message.startswith("10 of 20 test rows")
    frame.loc[100:109, "y"] += 0.5
    dataset = assemble(frame, "made", Roles("y", "regression", [], None, "keep"))
    assert "duplicates" not in [f.kind for f in audit(dataset, split)]


def test_a_group_in_both_parts_of_a_given_split() -> None:
    frame = noise(patient=np.repeat(np.arange(30), 4))
    dataset = assemble(frame, "made", Roles("y", "auto", [], "patient", "keep"))
    assert audit(dataset, split_rows(dataset, 0.33, 0)) == []
    fixed: Dataset = replace(dataset, test_rows=np.arange(102, ROWS))
    findings = audit(fixed, split_rows(fixed, 0.33, 0))
    assert [f.kind for f in findings] == ["group_split"]
    assert findings[0].message.startswith("1 of 30 groups have rows in both parts")


def test_undeclared_groups_are_known_by_name_and_repetition() -> None:
    who = np.repeat(np.arange(30) * 7, 4)
    for name in ("patient", "Subject.", "patient_id", "PatientID", "subjectid", "id"):
        findings = audited(noise(**{name: who}))
        assert found(findings) == [("group_undeclared", (name,))], name
        assert "dataset.group=" in findings[0].message
    for name in ("num", "patient_age", "score", "valid", "group_size"):
        assert found(audited(noise(**{name: who}))) == [], name
    assert found(audited(noise(patient=np.arange(ROWS) % 3))) == []


def test_a_feature_that_determines_the_target() -> None:
    frame = noise()
    curve = audited(frame.assign(z=np.exp(frame["y"])))
    assert found(curve) == [("determines_target", ("z",))]
    line = audited(frame.assign(z=3 - 2 * frame["y"]))
    assert found(line) == [("determines_target", ("z",))]
    assert "R2 1.000" in line[0].message
    weak = frame["y"] + np.random.default_rng(4).normal(0, 0.5, ROWS)
    assert found(audited(frame.assign(z=weak))) == []
    classes = np.where(frame["y"] > 0, "sick", "well")
    reported = audited(frame.assign(y=classes, sign=np.where(frame["y"] > 0, "p", "q")))
    assert found(reported) == [("determines_target", ("sign",))]


def test_test_rows_have_no_say_in_what_determines_the_target() -> None:
    frame = noise().assign(z=lambda f: f["y"])
    split = Split(np.arange(80), np.arange(80, ROWS))
    frame.loc[80:, "z"] = 0.25
    dataset = assemble(frame, "made", Roles("y", "regression", [], None, "keep"))
    assert ("determines_target", ("z",)) in found(audit(dataset, split))


def test_missing_cells_are_counted() -> None:
    findings = audited(noise(a=[1.5, *[None] * 39] * 3, b=[None, "u", "v"] * 40))
    assert found(findings) == [("missing", ("a", "b"))]
    share = (117 / 120 + 1 / 3) / 3
    assert findings[0].message.startswith(f"{share:.1%} of the feature cells")
    assert "a 97.5%, b 33.3%" in findings[0].message


def test_codes_for_missing_values_are_told_with_what_to_type() -> None:
    rng = np.random.default_rng(1)
    age = rng.integers(20, 90, ROWS).astype(float)
    age[:4], age[4:7] = -9, 999
    findings = audited(noise(age=age, children=np.where(age == 999, 99, age % 6)))
    assert found(findings) == [("missing_codes", ("age", "children"))]
    assert "age (-9 x 4, 999 x 3), children (99 x 3)" in findings[0].message
    assert "dataset.missing_values=[-9,99,999]" in findings[0].message
    rates = rng.integers(60, 100, ROWS)  # 97 to 99 are rates as others are
    rates[:9] = [97, 98, 99] * 3
    assert found(audited(noise(rate=rates, z=rng.normal(0, 9, ROWS).round()))) == []


def test_levels_that_case_or_blanks_tell_apart() -> None:
    findings = audited(noise(g=["mild", "mild ", "MILD", "mild", "severe", "none"] * 20))
    assert found(findings) == [("alike_levels", ("g",))]
    assert "g ('mild', 'MILD', 'mild ')" in findings[0].message


def test_a_class_that_one_group_alone_has() -> None:
    patient = np.repeat(np.arange(30), 4)
    frame = noise(patient=patient).assign(y=np.where(patient == 7, "yes", "no"))
    findings = audited(frame, "patient")
    assert found(findings) == [("class_in_one_group", ("y",))]
    assert "class 'yes' are in one group (7)" in findings[0].message


@pytest.mark.parametrize("classes", [False, True])
def test_values_beyond_float32_end_no_audit(classes: bool) -> None:
    rng = np.random.default_rng(5)
    frame = noise(e=10.0 ** rng.uniform(-300, 300, ROWS))
    if classes:
        frame["y"] = np.where(frame["y"] > 0, "a", "b")
    findings = audited(frame.assign(z=np.exp(rng.normal(size=ROWS))))
    assert found(findings) == [("beyond_float32", ("e",))]
    huge = audited(frame.assign(y=10.0 ** rng.uniform(-20, 300, ROWS)).assign(w=lambda f: f["y"]))
    assert ("determines_target", ("w",)) in found(huge)


def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_table: object) -> None:
        raise ValueError("no\nsuch thing")

    monkeypatch.setattr("tabsculpt.datasets.audit.determining_features", broken)
    assert found(findings := audited(noise(k=np.arange(ROWS)), keep=("k",))) == [
        ("index", ("k",)),
        ("incomplete", ()),
    ]
    assert findings[1].message.endswith("could not be looked for: ValueError: no such thing")
