"""The top of the page: what was run, in numbers, and the summary in words."""

from __future__ import annotations

from html import escape

import pandas as pd

from tabsculpt.analysis.coverage import never_run
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE, SURE, Verdict
from tabsculpt.analysis.measurements import Measurements
from tabsculpt.report.words import Sentence
from tabsculpt.results import not_ok

LEGEND = (
    '<p class="soft">A cell is a data set, generator, profiler and protocol; under augmentation '
    "also a proportion: synthetic rows added, as a share of the real ones. Two pipelines are "
    "compared in each cell over the units (predictors, splits, seeds) that both have; a gain is in "
    "% of RMSE or AUC points (0.01). A verdict rests on splits and fits (corrected resampled "
    f"t-test) and is given from a probability of {100 * SURE:g} %, of each pair by itself; "
    f"practically equal: within {100 * ROPE:g} % of the mean of the real rows. It needs "
    f"{LEAST_SPLITS} splits or more.</p>"
)


def subtitle(rows: pd.DataFrame) -> str:
    """One line: how many data sets, generators, ... and when."""
    if rows.empty:
        return "No result row matches."
    made = rows[rows.pipeline != "real"]
    named = [f"{n} {word}{'s' * (n != 1)}" for n, word in (
        (rows.dataset.nunique(), "data set"),
        (made.generator[made.generator != "none"].nunique(), "generator"),
        (made.arm.nunique(), "synthetic pipeline"),
        (rows.predictor.nunique(), "predictor"),
    )]  # fmt: skip
    started, ended = (t[:16].replace("T", " ") for t in (rows.started.min(), rows.ended.max()))
    return f"{', '.join(named)}; run from {started} to {ended} UTC"


def cards(measured: Measurements) -> list[str]:
    """Numbers of jobs, values and failures as HTML."""
    rows = measured.rows
    if rows.empty:
        return []
    jobs, bad = rows.job.nunique(), rows[not_ok(rows)].job.nunique()
    absent = len(never_run(measured))
    seeds = len(rows[["seed", "split_seed"]].drop_duplicates())
    numbers = [
        (jobs, "jobs", False),
        (rows.dataset.nunique(), "data sets", False),
        (seeds, "seeds x splits", False),
        (int(rows.value.notna().sum()), "values", False),
        (bad, "jobs with a failure", bad > 0),
        (absent, "combinations never run", absent > 0),
    ]
    return [
        f'<div class="card{" bad" if wrong else ""}"><b>{value:,}</b><span>{label}</span></div>'
        for value, label, wrong in numbers
    ]


def item(sentence: Sentence) -> str:
    """A sentence of the summary as HTML, the pairs behind it folded away."""
    topic = f"<b>{escape(sentence.topic)}</b> " if sentence.topic else ""
    markup = f"<li{' class=bad' if sentence.bad else ''}>{topic}{escape(sentence.text)}"
    if not sentence.pairs:
        return f"{markup}</li>"
    heads = ("", "better mean in", "at the median", *(f"verdict: {word}" for word in Verdict))
    lines = "".join(
        f"<tr><th scope=row>{escape(f'{pair.first} over {pair.second}')}</th>"
        f"<td>{pair.better} of {pair.cells}</td><td>{escape(pair.size)}</td>"
        + "".join(f"<td>{pair.verdicts.get(word, 0)}</td>" for word in Verdict)
        + "</tr>"
        for pair in sentence.pairs
    )
    head = "".join(f"<th scope=col>{text}</th>" for text in heads)
    return (
        f"{markup}<details><summary>every pair</summary><div class=scroll><table class=pairs>"
        f"<tr>{head}</tr>{lines}</table></div></details></li>"
    )
