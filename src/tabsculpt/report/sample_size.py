"""Learning curves of real rows, and the real rows that synthetic ones are worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from tabsculpt.analysis.sample_size import RealCurve, real_curves, sample_size_table
from tabsculpt.report.figure import Axis, Figure, FigureGroup, Line, Mark, Points
from tabsculpt.report.labels import metric_axis, metric_name
from tabsculpt.report.section import Results, Section
from tabsculpt.report.tables import Column, Shown, who

TEXT = (
    "How many real rows alone score as synthetic or augmented rows do: read off the learning curve "
    "of the real rows (split.n_train), within the numbers of rows that were measured."
)


def sample_size_section(of: Results) -> Section:
    """The equivalent sample size of each arm, where several ``split.n_train`` were run."""
    curves = real_curves(of.inputs.found)
    if not curves:
        return Section("sample-size", "Learning curves")
    blocks = [FigureGroup("learning_curves", "Learning curves", list(_figures(curves)))]
    found = sample_size_table(of.inputs.found)
    return Section(
        "sample-size", "Learning curves", TEXT, blocks, [_table(found)] * bool(len(found))
    )


def _figures(curves: Sequence[RealCurve]) -> Iterator[Figure]:
    for curve in curves:
        names = curve.names
        direction = "min" if names["task"] == "regression" else "max"
        real = [curve.values.min(axis=0), curve.values.max(axis=0)]
        marks: list[Mark] = [
            Line("real, curve", curve.grid.tolist(), curve.fitted.tolist()),
            Points("real", curve.sizes.tolist(), curve.values.mean(axis=0).tolist()),
        ]
        arms = curve.arms.groupby(["generator", "arm"], sort=False) if len(curve.arms) else ()
        for (generator, arm), mine in arms:
            tips = [f"{generator} {arm} from {row.n_train} real rows: {row.words}"
                    for row in mine.itertuples()]  # fmt: skip
            marks.append(
                Points(f"{generator} {arm}", mine.n_train.tolist(), mine.value.tolist(), tips=tips)
            )
        low, high = (", ".join(f"{value:.3g}" for value in end) for end in real)
        yield Figure(
            "learning_curves",
            f"{metric_name(curve.metric)} by the number of real rows",
            {name: str(names[name]) for name in ("dataset", "predictors", "evaluation", "device")},
            Axis("real rows (that synthetic ones were made from)", "log"),
            Axis(metric_axis(curve.metric, direction)),
            tuple(marks),
            f"Means over {len(curve.values)} splits and the predictors; of real rows alone from "
            f"{low} to {high}. The curve is a + b n^-c.",
        )


def _table(found: pd.DataFrame) -> Shown:
    columns = [
        *who(found),
        Column("arm", "pipeline", "text"),
        Column("metric", "metric", "text"),
        Column("n_train", "real rows", help="that it was made from"),
        Column("value", "mean"),
        Column("words", "scores as", "text", help="with its 95 % interval over splits"),
        Column("ratio", "times the rows", help="equivalent rows by those it was made from"),
        Column("equivalent", "equivalent rows"),
        Column("low", "low"),
        Column("high", "high"),
        Column("sizes", "sizes measured", "text"),
        Column("splits", "splits"),
    ]
    return Shown("sample_size", "Equivalent sample size", TEXT, columns, found)
