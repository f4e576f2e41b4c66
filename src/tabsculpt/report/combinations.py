"""The table of combinations: everything that was tried on a data set against its real rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tabsculpt.analysis.answers import Question
from tabsculpt.report.answer import BADGES, SIGNS
from tabsculpt.report.tables import Column, Shown

INTERVAL = "interval over splits and fits, widened for the number of combinations"
SHARE = "% of the real rows' mean; above 0 is better"


def combination_rows(asked: Sequence[Question]) -> Shown:
    """A row for each combination, the best of each data set first."""
    records = []
    for question in asked:
        for place, one in enumerate(question.tried, 1):
            gain, low, high = one.gain
            records.append(
                {
                    **question.names,
                    **one.names,
                    "place": place,
                    "real": one.real,
                    "mean": one.mean,
                    "gain": gain,
                    "low": low if np.isfinite(low) else None,
                    "high": high if np.isfinite(high) else None,
                    "answer": BADGES[one.verdict][0],
                    "splits": one.splits,
                    "more_splits": one.more_splits,
                    "privacy": str(one.privacy.risk),
                    **dict.fromkeys(SIGNS),
                    **{sign.metric: sign.value for sign in one.privacy.signs},
                    "cpu_seconds": one.cpu_seconds,
                    "jobs": one.jobs,
                }
            )
    texts = ("dataset", "protocol", "generator", "generator_settings", "arm", "profiler",
             "profiler_settings", "metric")  # fmt: skip
    labels = {"dataset": "data set", "arm": "pipeline"}
    columns = [
        *(Column(name, labels.get(name, name.replace("_", " ")), "text") for name in texts),
        Column("place", "place"), Column("real", "real rows"), Column("mean", "synthetic rows"),
        Column("gain", "gain (%)", signed=True, help=SHARE),
        Column("low", "low (%)", help=INTERVAL), Column("high", "high (%)", help=INTERVAL),
        Column("answer", "answer", "text"),
        Column("splits", "splits"),
        Column("more_splits", "more splits", help="would settle it at best"),
        Column("privacy", "privacy", "text"),
        *(Column(name, words) for name, words in SIGNS.items()),
        Column("cpu_seconds", "CPU time of a job (s)"),
    ]  # fmt: skip
    note = (
        "Each against the real rows, averaged over the proportions or rounds of its protocol, the "
        "best first; intervals and answers are widened so that all of a data set hold together. "
        "The gain is in % of the real rows' mean, ▲ better, ▼ worse. Attack and closeness: a guess "
        "has 0.5; copies: share of the synthetic rows."
    )
    frame = pd.DataFrame(records, columns=[c.name for c in columns] + ["jobs"])
    jobs = [list(of) for of in frame.jobs]
    return Shown("combinations", "Combinations", note, columns, frame, jobs)
