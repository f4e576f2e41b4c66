"""The findings as Markdown, every number from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tabsculpt.papers.profile2gen.compare import UNREAD, VARIANTS
from tabsculpt.papers.profile2gen.figures import WRONG_TARGETS
from tabsculpt.papers.verdicts import FAILS, HOLDS, NOT

CALLED = {"published": "authors' files", "corrected": "corrected sets"}
STATISTICS = {
    "p_value": "p-values of Wilcoxon tests",
    "lower": "which mean is lower, said in words",
    "rmse": "RMSE of CTGAN",
}
PERCENTAGES = {
    "share_kruskal_wallis": "cells where the four groups differ (Kruskal-Wallis)",
    "share_wilcoxon": "of those, {first} against {second} differs (Wilcoxon)",
    "share_not_better": "cells where {first} is not below {second}",
    "share_best": "cells where {first} has the lowest RMSE of the synthetic arms",
    "mean_reduction": "mean reduction of RMSE, {first} over {second}",
    "largest_reduction": "largest reduction of RMSE, {first} over {second}",
    "share_dropped": "rows that {first} drops",
}


def findings(rows: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> str:
    """What holds, what does not, and what cannot be compared.

    Args:
        rows: the result rows.
        tables: see `tabsculpt.papers.profile2gen.summary.make_tables`.
    """
    figures = tables["figures"]
    parts = [
        _scope(rows, figures),
        "Verdicts on the figures by data set and generator:",
        _table(*_verdicts(tables["verdicts"])),
        "Percentages (in brackets the 95 % interval of ours):",
        _table(*_percentages(figures, tables["pairs"])),
        "Cells in which the mean RMSE of profile2gen is below that of another arm; in brackets "
        "those significantly below and above (Wilcoxon; Bonferroni over six pairs, uncorrected "
        "against the control random_drop):",
        _table(*_directions(tables["directions"])),
        "Why figures by data set are not comparable:",
        _table(*_reasons(figures)),
        "The targets that differ:",
        _targets(),
    ]
    return "\n\n".join(parts) + "\n"


def _scope(rows: pd.DataFrame, beside: pd.DataFrame) -> str:
    days = sorted(rows.started.str[:10].unique())
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    made = rows[rows.generator != "none"]
    phrase = [f"Rows of {when}, {rows.job.nunique()} jobs."]
    for variant in VARIANTS:
        mine = made[made.variant == variant]
        if mine.empty:
            phrase.append(f"{CALLED[variant].capitalize()}: none run.")
            continue
        names = {key: ", ".join(sorted(mine[key].unique())) for key in ("base", "generator")}
        phrase.append(f"{CALLED[variant].capitalize()}: {names['base']}; {names['generator']}.")
    failed = rows[rows.status != "ok"]
    phrase.append(f"Rows that are not ok: {len(failed)} of {len(rows)}.")
    phrase.append(f"Published figures: {beside.figure.nunique()}.")
    phrase.append(
        "Generators and profilers are those of this package, with the settings of the rows."
    )
    return " ".join(phrase)


def _verdicts(verdicts: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    head = ["figures", "protocol", "in the paper", "data", HOLDS, FAILS, NOT]
    mine = verdicts[verdicts.statistic.isin(STATISTICS)]
    order = mine.sort_values(["statistic", "protocol", "place", "variant"], ascending=False)
    body = []
    for row in order.to_dict("records"):
        counts = [str(row[name]) for name in (HOLDS, FAILS, NOT)]
        names = [STATISTICS[row["statistic"]], row["protocol"], row["place"]]
        body.append([*names, CALLED[row["variant"]], *counts])
    return head, body


def _percentages(beside: pd.DataFrame, pairs: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    head = ["figure", "protocol", "in the paper", "printed", "recounted from Appendix P"]
    head += [CALLED[variant] for variant in VARIANTS]
    mine = beside[(beside.dataset == "") & ~beside.statistic.isin(UNREAD)]
    body = []
    for _, both in mine.groupby("figure"):
        figure = both.iloc[0]
        by = both.set_index("variant")
        second = figure.second.replace("+", " or ")
        what = PERCENTAGES[figure.statistic].format(first=figure["first"], second=second)
        body.append(
            [what, figure.protocol, figure.place, figure.printed, _recounted(figure, pairs)]
            + [_obtained(by.loc[variant]) for variant in VARIANTS]
        )
    return head, body


def _recounted(figure: Any, pairs: pd.DataFrame) -> str:
    """The significant ones among the p-values that the paper prints for the same pairs."""
    if figure.statistic != "share_wilcoxon":
        return ""
    wanted = [{figure["first"], other} for other in figure.second.split("+")]
    once = pairs[(pairs.variant == VARIANTS[0]) & (pairs.protocol == figure.protocol)]
    mine = once[[{r.first, r.second} in wanted for r in once.itertuples()]]
    yes, cells = mine.recounted.sum(), mine.recounted_cells.sum()
    return f"{100 * yes / cells:.0f} % ({yes} of {cells})"


def _obtained(row: Any) -> str:
    if pd.isna(row.obtained):
        return f"{row.verdict}: {row.why}"
    interval = "" if pd.isna(row.low) else f" ({row.low:.0f} to {row.high:.0f})"
    return f"{row.obtained:.1f} %{interval} of {row.n:.0f}: {row.verdict}"


def _directions(directions: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    head = ["data", "protocol", *directions.against.unique()]
    body = []
    for (variant, protocol), mine in directions.groupby(["variant", "protocol"], sort=False):
        counts = [
            f"{r.below} of {r.cells} ({r.significantly_below}, {r.significantly_above})"
            if r.cells
            else "none"
            for r in mine.itertuples()
        ]
        body.append([CALLED[str(variant)], str(protocol), *counts])
    return head, body


def _reasons(beside: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    cannot = beside[(beside.verdict == NOT) & (beside.dataset != "")]
    counted = cannot.groupby(["why", "variant"]).size().unstack(fill_value=0)
    counted = counted.reindex(columns=list(VARIANTS), fill_value=0)
    order = counted.sum(axis=1).sort_values(ascending=False, kind="stable").index
    body = [[str(why), *map(str, counted.loc[why])] for why in order]
    return ["why", *(CALLED[variant] for variant in VARIANTS)], body


def _targets() -> str:
    body = [[name, meant, holds] for name, (meant, holds) in WRONG_TARGETS.items()]
    return _table(["data set", "target in the paper", "column target of the authors' file"], body)


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(c.replace("|", "/") for c in line) + " |" for line in lines)
