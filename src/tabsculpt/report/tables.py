"""The tables of a report: on the page, and as files for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from tabsculpt.analysis.costs import cost_table
from tabsculpt.analysis.estimates import ROPE, SURE
from tabsculpt.engine.writing import replacing
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.labels import metric_unit
from tabsculpt.report.significance import published_words
from tabsculpt.results import PHASES, not_ok


@dataclass(frozen=True)
class Column:
    """One column: what it is called, and how it is shown (signed: an improvement)."""

    name: str
    label: str
    kind: Literal["text", "number", "long"] = "number"
    signed: bool = False
    help: str = ""


@dataclass(frozen=True, eq=False)
class Shown:
    """A table of the report; ``jobs`` are those behind each row."""

    name: str
    heading: str
    note: str
    columns: Sequence[Column]
    frame: pd.DataFrame
    jobs: list[list[str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; missing values as null, metrics with their unit."""
        shown = self.frame[[column.name for column in self.columns]]
        if "metric" in shown and self.name != "quality":
            shown = shown.assign(metric=shown.metric.map(metric_unit))
        return {
            "name": self.name,
            "heading": self.heading,
            "note": self.note,
            "columns": [vars(column) for column in self.columns],
            "rows": [[_plain(v) for v in row] for row in shown.itertuples(index=False)],
            "jobs": self.jobs or None,
        }

    def write(self, folder: Path) -> None:
        """Write it as parquet, CSV and LaTeX (a booktabs tabular)."""
        frame = self.frame[[column.name for column in self.columns]]
        with replacing(folder / f"{self.name}.parquet") as draft:
            frame.to_parquet(draft, index=False)
        with replacing(folder / f"{self.name}.csv") as draft:
            frame.to_csv(draft, index=False)
        with replacing(folder / f"{self.name}.tex") as draft:
            draft.write_text(_latex(frame, self.columns), encoding="utf-8")


WHO = [
    Column("dataset", "data set", "text"),
    Column("protocol", "protocol", "text"),
    Column("generator", "generator", "text"),
    Column("profiler", "profiler", "text"),
]
STEP = [
    Column("proportion", "proportion", help="synthetic rows added, as a share of the real ones"),
    Column("round", "round", help="times that hard rows were dropped"),
]
TELLING = ("predictors", "evaluation", "device", "generator_settings", "profiler_settings",
           "protocol_settings")  # fmt: skip
"""What is shown only where it tells rows of one data set apart."""


BEST = {"min": "low", "max": "high", "match": "as in the real test part"}
VERDICT = (
    f"from a probability of {100 * SURE:g} %; practically equal: within {100 * ROPE:g} % of the "
    "real rows' mean"
)
INTERVAL = "95 % interval over splits and fits (corrected resampled t-test); none below 3 splits"


def who(frame: pd.DataFrame) -> list[Column]:
    """The columns that say of what a row is."""
    by_set = frame.groupby("dataset")
    naming = [name for name in TELLING if (by_set[name].nunique() > 1).any()]
    return [*WHO, *(Column(name, name.replace("_", " "), "text") for name in naming), *STEP]


def score_rows(scores: pd.DataFrame) -> Shown:
    """Scores by arm, see `scores.score_table`."""
    columns = [
        *who(scores),
        Column("arm", "pipeline", "text"),
        Column("metric", "metric", "text"),
        Column("mean", "mean", help="over predictors; RMSE in the target's unit"),
        Column("deviation", "± predictors", help="standard deviation (n - 1) over predictors"),
        Column("over_traditional", "over traditional", signed=True, help="% less RMSE, or AUC/100"),
        Column("verdict_traditional", "than traditional", "text", help=VERDICT),
        Column("p_traditional", "p (Holm)", help="against traditional; over the pairs of a cell"),
        Column("over_real", "over real", signed=True, help="% less RMSE, or AUC/100"),
        Column("verdict_real", "than real", "text", help=VERDICT),
        Column("p_real", "p (Holm) real", help="against real; over the pairs of a cell"),
        Column("n", "pairs"),
        Column("ran", "ran"),
        Column("failed", "failed"),
        Column("skipped", "skipped", help="could not be had, such as more rows than there are"),
        Column("absent", "absent"),
    ]
    note = (
        "▲ better, ▼ worse than the baseline: % of its RMSE, or AUC points (0.01), over the units "
        "(predictors, splits, seeds) that the two have; means are over those that all pipelines of "
        "a data set, generator, profiler and step have. Open a row for its configuration."
    )
    return Shown("scores", "Scores", note, columns, scores, [s.split(",") for s in scores.jobs])


def test_rows(tests: pd.DataFrame) -> Shown:
    """Every pair of arms, see `tabsculpt.analysis.comparisons.compare`."""
    columns = [
        *who(tests),
        Column("metric", "metric", "text"),
        Column("first", "first", "text"),
        Column("second", "second", "text"),
        Column("conclusion", "the first is", "text", help=VERDICT),
        Column("difference", "difference", help="first less second, mean over splits"),
        Column("low", "low", help=INTERVAL),
        Column("high", "high", help=INTERVAL),
        Column("p", "p", help="corrected resampled t-test; none below 3 splits"),
        Column("p_holm", "p (Holm)", help="over the pairs of a cell"),
        Column("probability_better", "P(better)", help="of the first, by more than the rope"),
        Column("probability_equal", "P(equal)", help="practically equal: within the rope"),
        Column("probability_worse", "P(worse)", help="of the first, by more than the rope"),
        Column("rope", "rope", help=f"{100 * ROPE:g} % of the mean of the real rows"),
        Column("splits", "splits"),
        Column("fits", "fits", help="in each split"),
        Column("n", "pairs"),
        Column("mean_first", "mean of first", help="over these pairs"),
        Column("mean_second", "mean of second", help="over these pairs"),
        Column("n_missing", "missing", help="units that one of the two has and the pairs have not"),
        Column("unit", "paired by", "text"),
        Column("p_published", "p_published", help="Wilcoxon over the pairs, times Bonferroni's"),
        Column("hodges_lehmann", "Hodges-Lehmann", help="of the published test"),
        Column("effect", "effect", help="rank-biserial correlation, of the published test"),
    ]
    note = (
        "Every pair, in the metric's own unit, over the units that both have. A verdict rests on "
        "splits and fits; predictors and sampling seeds are averaged. p_published: "
        f"{published_words('all pairs')}."
    )
    return Shown("tests", "Tests", note, columns, tests)


def classification_rows(scores: pd.DataFrame) -> Shown:
    """Scores of predicted classes beside those of real rows, see `classification_scores`."""
    columns = [
        *who(scores),
        Column("arm", "pipeline", "text"),
        Column("metric", "metric", "text"),
        Column("real", "real"),
        Column("made", "pipeline's"),
        Column("verdict", "than real", "text", help=VERDICT),
        Column("difference", "difference", help="pipeline less real"),
        Column("low", "low", help=INTERVAL),
        Column("high", "high", help=INTERVAL),
        Column("p", "p", help="corrected resampled t-test; none below 3 splits"),
        Column("n", "pairs"),
        Column("splits", "splits"),
    ]
    note = "Means over predictors and splits; precision, recall and F1 are means over the classes."
    return Shown("classification", "Predicted classes", note, columns, scores)


def quality_rows(inputs: Inputs) -> Shown:
    """Measurements of whole synthetic tables, beside those of the real test part."""
    found = inputs.quality
    names = ["dataset", "protocol", "generator", "profiler", "pipeline", "metric", "direction"]
    columns = [
        *WHO,
        Column("pipeline", "pipeline", "text"),
        Column("metric", "metric", "long"),
        Column("value", "value"),
        Column("reference", "real test part"),
        Column("best", "best is", "text"),
        Column("tables", "tables"),
    ]
    if len(found):
        whole = found[found.column.isna()]
        by = whole.groupby(names, sort=False, dropna=False)
        found = by.agg(
            value=("value", "mean"), reference=("reference", "mean"), tables=("value", "count"),
            jobs=("job", lambda jobs: ",".join(dict.fromkeys(jobs))),
        ).reset_index()  # fmt: skip
        found["best"] = found.direction.map(BEST)
    note = (
        "Means over seeds and splits; the real test part is what another real sample has. Shares, "
        "areas and accuracies are from 0 to 1; Wasserstein distances in standard deviations. "
        "closer_to_train would be 0.5 for fresh rows and 1 for copies of train."
    )
    jobs = [text.split(",") for text in found.jobs] if len(found) else []
    return Shown("quality", "Quality of the synthetic tables", note, columns, found, jobs)


def failure_rows(rows: pd.DataFrame) -> Shown:
    """What did not end well, and why."""
    names = ["dataset", "protocol", "generator", "profiler", "arm", "status", "phase", "reason"]
    columns = [*WHO, Column("arm", "pipeline", "text"), Column("status", "status", "text")]
    columns += [Column("phase", "phase", "text"), Column("reason", "reason", "long")]
    columns += [Column("rows", "rows")]
    bad = rows[not_ok(rows)]
    found = (
        bad.groupby(names, sort=False, dropna=False)
        .agg(rows=("job", "size"), jobs=("job", lambda jobs: ",".join(dict.fromkeys(jobs))))
        .reset_index()
    )
    jobs = [text.split(",") for text in found.jobs]
    return Shown("failures", "Failures", "Each with its reason.", columns, found, jobs)


def cost_rows(rows: pd.DataFrame) -> Shown:
    """Seconds and peak memory of each job by phase."""
    found = cost_table(rows)
    columns = [*WHO, Column("arm", "pipeline", "text"), Column("seed", "seed")]
    columns += [Column(f"seconds_{phase}", f"{phase} (s)") for phase in PHASES]
    columns += [Column(f"peak_mb_{phase}", f"{phase} (MB)") for phase in PHASES]
    note = "Wall clock and highest resident memory of each job's steps, when they were computed."
    jobs = [[job] for job in found.job] if len(found) else []
    return Shown("cost", "Cost by job", note, columns, found, jobs)


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.5g}") if np.isfinite(value) else None
    return str(value)


def _latex(frame: pd.DataFrame, columns: Sequence[Column]) -> str:
    lines = [
        "% needs \\usepackage{booktabs}",
        f"\\begin{{tabular}}{{{''.join('r' if c.kind == 'number' else 'l' for c in columns)}}}",
        "\\toprule",
        " & ".join(_escaped(column.label) for column in columns) + " \\\\",
        "\\midrule",
    ]
    for row in frame.itertuples(index=False):
        lines.append(" & ".join(_cell(_plain(value)) for value in row) + " \\\\")
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}", ""])


def _cell(value: Any) -> str:
    if value is None:
        return "--"
    return f"{value:.4g}" if isinstance(value, float) else _escaped(str(value))


_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": "\\textbackslash{}", "~": "\\~{}"}
_SPECIAL |= {"^": "\\^{}", "±": "$\\pm$"}
_ESCAPES = str.maketrans(_SPECIAL)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
