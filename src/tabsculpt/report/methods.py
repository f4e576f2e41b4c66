"""The methods paragraph of a paper, from the configurations and rows behind a report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tabsculpt.analysis.columns import HEADLINE
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE, SURE
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.labels import metric_name
from tabsculpt.report.sources import source_of

IS = "is"
NADEAU = (
    "Nadeau, Bengio, Inference for the Generalization Error, Machine Learning 52, 2003, "
    "https://doi.org/10.1023/A:1024068626366"
)
BENAVOLI = (
    "Benavoli, Corani, Demsar, Zaffalon, Time for a Change: a Tutorial for Comparing Multiple "
    "Classifiers Through Bayesian Analysis, JMLR 18, 2017, https://jmlr.org/papers/v18/16-305.html"
)
HOLM = (
    "Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of "
    "Statistics 6, 1979, https://www.jstor.org/stable/4615733"
)
ESCAPES = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    | {"±": "$\\pm$", "≥": "$\\geq$", "<": "\\textless{}", ">": "\\textgreater{}"}
)
PARTS = {"generator": "Generators", "profiler": "Profilers", "pipeline": "Pipelines",
         "protocol": "Protocols"}  # fmt: skip


@dataclass
class _Cited:
    """Sources in the order in which they are first named."""

    sources: list[str] = field(default_factory=list)

    def __call__(self, source: str) -> str:
        if not source:
            return ""
        if source not in self.sources:
            self.sources.append(source)
        return f" [{self.sources.index(source) + 1}]"


@dataclass(frozen=True)
class Methods:
    """Paragraphs, and the sources that their numbers in brackets name."""

    paragraphs: list[str]
    sources: list[str]

    def markdown(self) -> str:
        """As Markdown."""
        listed = [f"{number}. {source}" for number, source in enumerate(self.sources, 1)]
        return "\n\n".join(["# Methods", *self.paragraphs, "## References", "\n".join(listed), ""])

    def latex(self) -> str:
        """As LaTeX, to be taken into a document as it is."""
        items = "\n".join(f"\\item {_escaped(source)}" for source in self.sources)
        parts = [_escaped(text) for text in self.paragraphs]
        listed = f"\\begin{{enumerate}}\n{items}\n\\end{{enumerate}}"
        return "\n\n".join(["\\section*{Methods}", *parts, "\\subsection*{References}", listed, ""])


def methods(inputs: Inputs) -> Methods:
    """What was done, in words, with the sources that the components name.

    Args:
        inputs: of the report; at least one row.
    """
    cite = _Cited()
    settings = [json.loads(text) for text in inputs.jobs.settings] if len(inputs.jobs) else []
    paragraphs = [
        _data(inputs.rows),
        _splits(inputs.rows),
        *_components(settings, cite),
        _predictors(settings, cite),
        _judged(inputs.rows, cite),
        _software(inputs),
    ]
    return Methods([text for text in paragraphs if text], cite.sources)


def _data(rows: pd.DataFrame) -> str:
    named = []
    for name, mine in rows.groupby("dataset", sort=False):
        sizes = (mine.n_train + mine.n_test).dropna()
        n = f"{_range(sizes)} rows" if len(sizes) else "rows unknown"
        named.append(f"{name} ({mine.task.iloc[0]}, {n})")
    handled = {"drop": "rows with a missing value were left out",
               "impute": "missing values were imputed from the train rows",
               "keep": "missing values were kept"}  # fmt: skip
    found = rows.evaluation.str.extract(r"missing=(\w+)")[0].dropna().unique()
    how = "; ".join(handled.get(word, word) for word in found)
    return f"Data. Data sets: {', '.join(named)}. Missing values: {how or 'not recorded'}."


def _splits(rows: pd.DataFrame) -> str:
    cut = rows.evaluation.str.partition(", missing")[0].unique()
    splits = rows.groupby("dataset")[["split_seed", "fold"]].apply(
        lambda r: len(r.drop_duplicates())
    )
    seeds = ", ".join(map(str, sorted(rows.split_seed.unique())))
    fits = ", ".join(map(str, sorted(rows.seed.unique())))
    sampled = sorted(rows.sample_seed.dropna().astype(int).unique())
    drawn = f", synthetic rows with the sampling seeds {', '.join(map(str, sampled))}" * bool(
        sampled
    )
    return (
        f"Splits. Each table was split {_range(splits)} times into train and test rows "
        f"({'; '.join(cut)}; split seeds {seeds}); classes kept their shares, and groups, where "
        "named, stayed in one part. Profiling, generation and training saw train rows alone, with "
        f"the seeds {fits}{drawn}. Every predictor was tested on the same real test rows, beside "
        "predictors trained on the real train rows."
    )


def _components(settings: Iterable[Mapping[str, Any]], cite: _Cited) -> Iterator[str]:
    """A sentence for each kind of component: every different configuration of it."""
    for part, heading in PARTS.items():
        found: dict[str, str] = {}
        for job in settings:
            component = job["parts"].get(part)
            if component is not None:
                text = f"{job['names'][part]}{cite(source_of(component[IS]))}{_set(component)}"
                found.setdefault(json.dumps(component, sort_keys=True), text)
        if found:
            yield f"{heading}. {'; '.join(dict.fromkeys(found.values()))}."


def _predictors(settings: Iterable[Mapping[str, Any]], cite: _Cited) -> str:
    found: dict[str, str] = {}
    for job in settings:
        for name, component in job["suite"].items():
            text = f"{name}{cite(source_of(component[IS]))}{_set(component)}"
            found.setdefault(json.dumps([name, component], sort_keys=True), text)
    return f"Predictors. {'; '.join(found.values())}." if found else ""


def _set(component: Mapping[str, Any]) -> str:
    """Settings in brackets; those that hold components of their own by their class alone."""
    plain = {name: value for name, value in component.items() if name != IS}
    named = []
    for name, value in plain.items():
        if isinstance(value, Mapping):
            inner = [
                str(v[IS]).rpartition(".")[2] for v in value.values() if isinstance(v, Mapping)
            ]
            value = ", ".join(inner) or str(value.get(IS, value)).rpartition(".")[2]
        named.append(f"{name}={value}")
    return f" ({', '.join(named)})" if named else ""


def _judged(rows: pd.DataFrame, cite: _Cited) -> str:
    metrics = dict.fromkeys(metric_name(HEADLINE[task]) for task in rows.task.unique())
    return (
        f"Comparison. Arms were compared in {' and '.join(metrics)} over splits and fits, "
        "predictors and sampling seeds averaged, by the corrected resampled t-test"
        f"{cite(NADEAU)}, with Holm's correction{cite(HOLM)} over the pairs of a table. A verdict "
        f"was given from a probability of {100 * SURE:g} % of a difference beyond, or within, the "
        f"region of practical equivalence of {100 * ROPE:g} % of the real rows' mean"
        f"{cite(BENAVOLI)}; none below {LEAST_SPLITS} splits."
    )


def _software(inputs: Inputs) -> str:
    libraries = [
        f"{name} {' and '.join(sorted(set(values.dropna())))}"
        for name, values in inputs.versions.items()
    ]
    devices = " and ".join(sorted(inputs.rows.device.unique()))
    jobs = inputs.rows.job.nunique()
    return f"Software. {', '.join(sorted(libraries))}; {jobs} jobs on {devices}."


def _range(numbers: pd.Series) -> str:
    least, most = int(numbers.min()), int(numbers.max())
    return f"{least}" if least == most else f"{least} to {most}"


def _escaped(text: str) -> str:
    return text.translate(ESCAPES)
