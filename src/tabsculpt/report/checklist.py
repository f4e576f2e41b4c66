"""A reproducibility checklist, filled from the result rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from tabsculpt.analysis.coverage import never_run
from tabsculpt.analysis.estimates import LEAST_SPLITS
from tabsculpt.report.inputs import Inputs
from tabsculpt.results import not_ok


@dataclass(frozen=True)
class Item:
    """A question, whether it is met, and the evidence from the rows."""

    question: str
    met: bool
    evidence: str


def checklist(inputs: Inputs, tests: pd.DataFrame) -> str:
    """The checklist as Markdown; what is not met has an empty box.

    The questions follow those on experiments of The Machine Learning Reproducibility Checklist,
    Pineau et al., JMLR 22, 2021, https://jmlr.org/papers/v22/20-303.html

    Args:
        inputs: of the report; at least one row.
        tests: every pair that the report compares.
    """
    found = [*_run(inputs), *_design(inputs.rows), *_outcome(inputs, tests)]
    lines = [f"- [{'x' if item.met else ' '}] {item.question}: {item.evidence}" for item in found]
    text = "Filled from the result rows; after Pineau et al., JMLR 22, 2021."
    return "\n".join(["# Reproducibility checklist", "", text, "", *lines, ""])


def _run(inputs: Inputs) -> Iterator[Item]:
    rows = inputs.rows
    for name, values in inputs.versions.items():
        each = sorted(set(values.dropna()))
        yield Item(f"One version of {name}", len(each) == 1, ", ".join(each))
    for name, mine in rows.groupby("dataset", sort=False):
        hashes = sorted(mine.data.unique())
        yield Item(f"One content of data set {name}", len(hashes) == 1, f"hash {', '.join(hashes)}")
    devices = sorted(rows.device.unique())
    yield Item("One kind of device", len(devices) == 1, ", ".join(devices))
    jobs, known = rows.job.nunique(), len(inputs.jobs)
    finding = (
        f"{known} of {jobs} jobs have theirs in jobs/*.parquet, named by a hash of the settings"
    )
    yield Item("Every setting is kept", known == jobs, finding)
    keyed = rows["keys"][rows.value.notna()].fillna("{}").ne("{}")
    finding = f"{int(keyed.sum())} of {len(keyed)} values name the hashes of their steps"
    yield Item("Every value can be traced", bool(keyed.all()), finding)
    yield Item("Times", True, f"{rows.started.min()[:19]} to {rows.ended.max()[:19]} UTC")


def _design(rows: pd.DataFrame) -> Iterator[Item]:
    for name, mine in rows.groupby("dataset", sort=False):
        splits = mine[["split_seed", "fold"]].drop_duplicates()
        listed = ", ".join(map(str, sorted(splits.split_seed.unique())))
        question = f"At least {LEAST_SPLITS} splits of {name}"
        yield Item(question, len(splits) >= LEAST_SPLITS, f"{len(splits)}; seeds {listed}")
    made = rows[rows.pipeline.ne("real")]
    seeds = sorted(made.seed.unique())
    if len(made):
        fits = f"seeds {', '.join(map(str, seeds))}"
        yield Item("Several fits of each generator", len(seeds) > 1, fits)
    real = set(rows.dataset[rows.pipeline.eq("real")])
    absent = sorted(set(rows.dataset) - real)
    finding = f"absent for {', '.join(absent)}" if absent else "beside every arm"
    yield Item("Real rows alone as the baseline", not absent, finding)
    cut = "; ".join(rows.evaluation.unique())
    yield Item("How rows were split and treated", True, cut)


def _outcome(inputs: Inputs, tests: pd.DataFrame) -> Iterator[Item]:
    rows = inputs.rows
    bad = rows[not_ok(rows)]
    why = bad.groupby(["status", "reason"], dropna=False).job.nunique()
    finding = "; ".join(f"{n} jobs {status}: {reason}" for (status, reason), n in why.items())
    yield Item(
        "No job failed or was skipped",
        bad.empty,
        finding or f"{rows.job.nunique()} jobs ended well",
    )
    absent = never_run(inputs.found)
    finding = f"{len(absent)} never run: {'; '.join(absent[:5])}" if absent else "none is missing"
    yield Item("Every combination was run", not absent, finding)
    if len(tests):
        verdicts = ", ".join(f"{n} {word}" for word, n in tests.verdict.value_counts().items())
        finding = f"{len(tests)} pairs ({verdicts}); Holm's correction within each table"
        yield Item("Every comparison that was made is shown", True, finding)
        known = int(tests.low.map(pd.notna).sum())
        finite = int((tests.high - tests.low).lt(float("inf")).sum())
        finding = f"{finite} of {known} differences"
        yield Item("Intervals over splits and fits", finite == len(tests), finding)
