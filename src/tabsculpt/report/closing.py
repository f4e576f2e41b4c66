"""What `run` and `sweep` end with: an answer, and a table of each data set over all its splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf

import pandas as pd
from rich.markup import escape
from rich.table import Table as RichTable

from tabsculpt.analysis.answers import Combination, Question, questions
from tabsculpt.analysis.cells import TRTR
from tabsculpt.analysis.columns import CONTEXT, HEADLINE
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE, Verdict
from tabsculpt.analysis.pooled import PooledLevel, pooled_level
from tabsculpt.analysis.sample_size import SIZE
from tabsculpt.report.numbers import column
from tabsculpt.report.shown import Shown, span
from tabsculpt.table import Task

SHOWN = {
    Task.REGRESSION: (HEADLINE[Task.REGRESSION], "r2"),
    Task.BINARY: (HEADLINE[Task.BINARY], "macro_f1"),
    Task.MULTICLASS: (HEADLINE[Task.MULTICLASS], "macro_f1"),
}
"""The metrics of each task that the tables of the terminal have."""
LIMITS = {"rmse": (0.0, inf), "r2": (-inf, 1.0), "auc_roc": (0.0, 1.0), "macro_f1": (0.0, 1.0)}
"""Between what these metrics lie; the interval of a mean, which is symmetric, may reach beyond."""
PARTS = ("generator", "profiler", "protocol")
TRAINED_ON = {
    "tstr": "the synthetic rows of {}",
    "augmentation": "real rows and those of {}",
    "trtr": "real rows by {}",
}
"""What models learn from, by protocol."""

RIVAL_VERDICTS = {
    Verdict.BETTER: "they predict better",
    Verdict.WORSE: "they predict worse",
    Verdict.EQUAL: "they make no practical difference",
    Verdict.UNKNOWN: "one cannot tell",
}
MEASURE = {"rmse": "typical error (RMSE)", "auc_roc": "area under the ROC curve (AUC)"}
"""Headline metrics in words."""


def by_data(groups: Iterable[Shown]) -> list[list[Shown]]:
    """Groups that share data, predictors and test rows: those of one table."""
    found: dict[tuple[str, ...], list[Shown]] = {}
    for one in groups:
        found.setdefault(tuple(str(one.names[name]) for name in CONTEXT), []).append(one)
    return list(found.values())


def answer_lines(groups: Sequence[Shown]) -> list[str]:
    """Whether synthetic data help on a data set, from the verdicts alone, for each protocol."""
    asked = questions([cell for one in groups for cell in one.headline], pd.DataFrame())
    return [_answered(question) for question in asked if question.best.found is not None]


def _answered(question: Question) -> str:
    name, sentence = escape(str(question.names["dataset"])), _sentence(question)
    asked = "training otherwise on real rows" if question.best.on_real else "synthetic data"
    size = SIZE.search(str(question.names["evaluation"]))
    rows = f" at {int(size[1]):,} training rows" if size else ""
    return f"[bold]Does {asked} help on {name}{rows}? {sentence}{_against_rival(question)}[/]"


def _sentence(question: Question) -> str:
    best, k = question.best, len(question.candidates)
    assert best.found is not None
    protocol = str(question.names["protocol"])
    learnt = TRAINED_ON.get(protocol, f"rows of {{}} by {protocol}")
    name = escape(f"{best.names['generator']} {best.names['arm']}".strip())
    chosen = f", the best of {k}," if k > 1 else ""
    trained = f"models trained on {learnt.format(name)}{chosen}"
    figures = _figures(question)
    match best.verdict:
        case Verdict.BETTER:
            return f"Yes: {trained} predict better than on real rows alone: {figures}."
        case Verdict.WORSE:
            return f"No: {trained} predict worse than on real rows alone: {figures}."
        case Verdict.EQUAL:
            close = f"practically as well as on real rows alone, within {100 * ROPE:g} %"
            return f"It makes no practical difference: {trained} predict {close}: {figures}."
    side = "better" if (best.mean < best.real) == (question.direction == "min") else "worse"
    seen = f"{trained} came out {side} than on real rows alone, which may be chance"
    return f"Cannot tell: {seen}: {figures}. {_more(best)}"


def _against_rival(question: Question) -> str:
    """The comparison of the best synthetic rows with the best way to do without them."""
    found = question.against_rival
    if found is None:
        return ""
    rival, k = question.rivals[0], len(question.rivals)
    name = escape(rival.names["arm"]) + (f", the best of {k} ways" if k > 1 else ", a way")
    mine, its = column([question.best.mean, rival.mean])
    verdict = RIVAL_VERDICTS[found.verdict]
    return f" Against {name} to do without synthetic rows, {verdict}: {mine} against {its}."


def _figures(question: Question) -> str:
    """The means of the best and of the real rows, with the interval of their difference."""
    best = question.best
    assert best.found is not None
    over = best.found.over
    mine, real = column([best.mean, best.real])
    low, high = column([over.low, over.high], sign=True, like=[over.mean, over.low, over.high])
    widened = ", widened for the choice" if len(question.candidates) > 1 else ""
    ends = f", 95 % interval of the difference {low} to {high}{widened}"
    sentence = f"{MEASURE[str(question.names['metric'])]} {mine} against {real}"
    return sentence + ends * (over.splits >= LEAST_SPLITS)


def _more(best: Combination) -> str:
    """What would settle a question that is open."""
    if best.splits < LEAST_SPLITS:
        return f"At least {LEAST_SPLITS} splits are needed to tell: repeats={LEAST_SPLITS}."
    if best.more_splits is None:
        return "More splits of these rows would not tell; more rows might."
    needed = best.splits + best.more_splits
    return (
        f"At least {needed} splits are needed to tell, more if the difference shrinks: "
        f"repeats={needed}."
    )


def closing_table(groups: Sequence[Shown]) -> RichTable:
    """A row for each arm of a data set, with its mean and interval over splits and fits."""
    first = groups[0].names
    metrics = SHOWN[Task(first["task"])]
    rows = list(_arms(groups))
    named = {part: {_part(one, arm, part) for one, arm in rows} - {""} for part in PARTS}
    varying = [part for part, names in named.items() if len(names) > 1]
    held = [f"{part} {name}" for part, names in named.items() if len(names) == 1 for name in names]
    title = "; ".join(filter(None, [f"{first['dataset']}: {first['task']}", ", ".join(held)]))
    table = RichTable(title=escape(title), title_justify="left", title_style="bold")
    for name in ("pipeline", *varying):
        table.add_column(name, no_wrap=True)
    for name in (*metrics, "splits x fits x draws", "W1", "rows"):
        table.add_column(name, justify="right", no_wrap=True)
    levels = {m: [pooled_level(one.cells(m), arm) for one, arm in rows] for m in metrics}
    columns = [_with_intervals(found, LIMITS[metric]) for metric, found in levels.items()]
    columns.append([_counts(found) for found in levels[metrics[0]]])
    distances = [one.distance(arm) for one, arm in rows]
    columns.append(["" if text == "-" else text for text in column(distances)])
    for (one, arm), *texts in zip(rows, *columns, strict=True):
        parts = [escape(_part(one, arm, part)) for part in varying]
        table.add_row(escape(arm), *parts, *texts, one.rows_used(arm))
    table.caption = _caption(groups)
    table.caption_justify = "left"
    return table


def _arms(groups: Sequence[Shown]) -> Iterator[tuple[Shown, str]]:
    """Each arm once: the baseline stands in every group, and arms without a profiler in several."""
    seen = set()
    for one in groups:
        for arm in one.arms:
            key = (arm, *(_part(one, arm, part) for part in PARTS))
            if key not in seen:
                seen.add(key)
                yield one, arm


def _part(one: Shown, arm: str, part: str) -> str:
    """A part of an arm with its settings; nothing of what it has not."""
    row = one.rows[one.rows.arm == arm].iloc[0]
    if row.protocol == TRTR:
        return ""
    named = row[part] if row[part] != "none" else ""
    return " ".join(filter(None, [named, row[f"{part}_settings"] if named else ""]))


def _with_intervals(found: Sequence[PooledLevel | None], limits: tuple[float, float]) -> list[str]:
    means = [None if one is None else one.over.mean for one in found]
    texts = column(means)
    for place, one in enumerate(found):
        if one is not None and one.over.splits >= LEAST_SPLITS:
            ends = max(one.over.low, limits[0]), min(one.over.high, limits[1])
            low, high = column(ends, like=means)
            texts[place] += f" ({low} to {high})"
    return texts


def _counts(found: PooledLevel | None) -> str:
    return "" if found is None else f"{found.over.splits} x {found.over.fits} x {found.draws}"


def _caption(groups: Sequence[Shown]) -> str:
    rows = groups[0].rows
    train, test = (span(rows[name]) for name in ("n_train", "n_test"))
    evaluation = escape(str(groups[0].names["evaluation"]))
    predictors = rows.predictor.dropna().nunique()
    return (
        f"{train} train and {test} test rows ({evaluation}); mean over {predictors} predictors "
        f"({groups[0].names['predictors']}), with its 95 % interval over other splits and fits, "
        "within the metric's range; draws: sampling seeds of each fit; W1: mean Wasserstein "
        "distance of the columns to the real train part, in standard deviations; smaller is closer"
    )
