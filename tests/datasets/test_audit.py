"""The audit: what it must find, and where it must stay silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

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


def audited(frame: pd.DataFrame, group: str | None = None) -> list[Finding]:
    dataset = assemble(frame, "made", Roles("y", "auto", [], group, "keep"))
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


def test_an_index_column_is_found_in_any_order_and_from_any_start() -> None:
    shuffled = np.random.default_rng(0).permutation(ROWS)
    assert found(audited(noise(k=shuffled + 17))) == [("index", ("k",))]
    assert found(audited(noise(row_id=shuffled * 3))) == [("index", ("row_id",))]
    assert found(audited(noise(price=shuffled * 3))) == []
    assert "dataset.drop=[k]" in audited(noise(k=shuffled))[0].message


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
    told = audited(frame.assign(y=classes, sign=np.where(frame["y"] > 0, "p", "q")))
    assert found(told) == [("determines_target", ("sign",))]


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
