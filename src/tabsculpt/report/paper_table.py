"""The table of results of a paper, in LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.analysis.cells import REAL
from tabsculpt.analysis.columns import STEP
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE, turned_round
from tabsculpt.report.labels import metric_name
from tabsculpt.report.methods import ESCAPES
from tabsculpt.report.numbers import column

HEADS = ("Data set", "Metric", "Generator", "Pipeline", "Protocol", "Split", "Real", "Synthetic",
         "Difference", "95\\,\\% interval", "Verdict", "Splits")  # fmt: skip
NAMED = 6
"""So many of these, from the first, are names."""
FOLDED = ("Metric", "Protocol", "Split")
"""Stand in the caption alone where they are the same in all rows."""


def results_table(tests: pd.DataFrame) -> str:
    """Every arm beside real rows, over as many pages as it takes.

    Needs the packages booktabs and longtable, and a page in landscape where all names vary.

    Args:
        tests: what `tabsculpt.analysis.comparisons.compare` gives.
    """
    rows = list(_rows(tests))
    alike = [p for p, head in enumerate(HEADS)
             if head in FOLDED and len({row[p] for row in rows}) == 1]  # fmt: skip
    shown = [place for place in range(len(HEADS)) if place not in alike]
    same = "; ".join(f"{HEADS[place].lower()}: {rows[0][place]}" for place in alike)
    heads = f"{' & '.join(HEADS[place] for place in shown)} \\\\"
    kinds = "".join("l" if place < NAMED or HEADS[place] == "Verdict" else "r" for place in shown)
    lines = [
        "% needs \\usepackage{booktabs,longtable}",
        "{\\footnotesize\\setlength{\\tabcolsep}{3pt}",
        f"\\begin{{longtable}}{{{kinds}}}",
        f"\\caption{{{_caption()}{f' In all rows, {same}.' if same else ''}}} \\\\",
        "\\toprule", heads, "\\midrule", "\\endfirsthead",
        "\\toprule", heads, "\\midrule", "\\endhead",
        "\\bottomrule", "\\endfoot",
        *(f"{' & '.join(row[place] for place in shown)} \\\\" for row in rows),
        "\\end{longtable}}",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _rows(tests: pd.DataFrame) -> Iterator[list[str]]:
    if tests.empty:
        return
    against = tests[(tests["first"] == REAL) | (tests.second == REAL)]
    for pair in against.to_dict("records"):
        arm, real = ("second", "first") if pair["first"] == REAL else ("first", "second")
        sign = -1 if arm == "second" else 1
        ends = sorted((sign * pair["low"], sign * pair["high"]))
        means = (pair[f"mean_{real}"], pair[f"mean_{arm}"])
        numbers = (sign * pair["difference"], *ends)
        difference, low, high = column(numbers, sign=True, like=means)
        interval = f"[{low}, {high}]" if np.isfinite(ends).all() else "--"
        verdict = turned_round(pair["verdict"]) if arm == "second" else pair["verdict"]
        names = [pair["dataset"], metric_name(pair["metric"]), pair["generator"], pair[arm],
                 *_protocol(pair)]  # fmt: skip
        texts = (*column(means), difference, interval, str(verdict), str(pair["splits"]))
        yield [*(str(name).translate(ESCAPES) for name in names), *texts]


def _protocol(pair: dict[str, Any]) -> tuple[str, str]:
    steps = [f"{name} {pair[name]:g}" for name in STEP if pd.notna(pair[name])]
    rows = str(pair["evaluation"]).partition(", missing")[0]
    return " ".join([str(pair["protocol"]), *steps]), rows


def _caption() -> str:
    return (
        "Predictors trained on synthetic rows, or on real and synthetic ones, beside those "
        "trained on the real train rows; all tested on the same real rows. Difference: synthetic "
        "less real, mean over splits, fits and predictors, with its 95\\,\\% interval over splits "
        f"and fits (corrected resampled t-test; none below {LEAST_SPLITS} splits). Practically "
        f"equal: within {100 * ROPE:g}\\,\\% of the mean of the real rows."
    )
