"""The top of the page: whether synthetic rows help, for each data set, in one row each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from tabsculpt.analysis.answers import Combination, Question
from tabsculpt.analysis.estimates import LEAST_SPLITS, ROPE, SURE, Verdict
from tabsculpt.analysis.privacy import DISCLOSURE, MARGINS, Risk, Sign
from tabsculpt.notes import Code, from_json
from tabsculpt.report.forest import Forest
from tabsculpt.report.labels import metric_unit, protocol_words
from tabsculpt.report.numbers import column, number

BADGES = {
    Verdict.BETTER: ("helps", "good"),
    Verdict.WORSE: ("hurts", "bad"),
    Verdict.EQUAL: ("no practical difference", "equal"),
    Verdict.UNKNOWN: ("cannot tell", "unknown"),
}
"""What a verdict on the best synthetic rows against the real ones means, and its class."""
TONES = {Risk.SIGN: "bad", Risk.NO_SIGN: "plain", Risk.UNKNOWN: "unknown"}
SIGNS = {
    "membership_auc": "membership attack",
    "closer_to_train": "closer to train",
    "exact_copies": "exact copies",
    "singling_out": "singling out",
    "singling_out_multivariate": "singling out by three columns",
    "linkability": "linkability",
    "inference": "inference",
}
DISTINGUISHING = ("predictors", "evaluation", "device", "protocol", "protocol_settings", "data")
"""Names shown of an answer where they distinguish it from the others."""
FEW = 3
"""More answers than these are shown in fewer words on a narrow screen."""
SHORT = {"diff": "difference", "cost": "CPU time"}
"""The label of a number on a narrow screen, in place of the head of its column."""
HEADS = (
    ("data set", "who"), ("real rows", "real"), ("best synthetic rows", "best"),
    ("difference (95 % interval)", "diff"), ("", "plot"), ("answer", "verdict"),
    ("privacy", "privacy"), ("CPU time of a job", "cost"),
)  # fmt: skip


def answer(asked: Sequence[Question]) -> str:
    """The answers as HTML: a sentence, the table, how to read it."""
    asked = [question for question in asked if not question.best.on_real]
    if not asked:
        return ""
    forest = Forest.of(question.best.gain for question in asked)
    labels = _telling(asked)
    heads = "".join(
        f'<th scope="col" class="{name}">{forest.axis() if name == "plot" else text}</th>'
        for text, name in HEADS
    )
    rows = "".join(_row(question, forest, labels) for question in asked)
    kind = "answers many" if len(asked) > FEW else "answers"
    return (
        f'<div class="says">{"".join(_headlines(asked))}</div>'
        f'<table class="{kind}"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"{_chosen(asked)}{_reading(asked)}"
    )


def _headlines(asked: Sequence[Question]) -> list[str]:
    """For each protocol, on how many data sets the best synthetic rows help."""
    by_protocol: dict[str, list[Question]] = {}
    for question in asked:
        by_protocol.setdefault(str(question.names["protocol"]), []).append(question)
    paragraphs = []
    for protocol, mine in by_protocol.items():
        verdicts = [question.best.verdict for question in mine]
        counted = [
            f"<b>{words}</b> on {verdicts.count(verdict)}"
            for verdict, (words, _) in BADGES.items()
            if verdict in verdicts
        ]
        sets = len({question.names["dataset"] for question in mine})
        of = f"of {len(mine)} answers on" if sets < len(mine) else "of"
        words = f"{', '.join(counted)} {of} {sets} data set{'s' * (sets > 1)}"
        paragraphs.append(f"<p>{escape(protocol_words(protocol))}: {words}.</p>")
    return paragraphs


def _telling(asked: Sequence[Question]) -> list[str]:
    """Which of `DISTINGUISHING` differ between questions of the same data set and metric."""
    by: dict[str, list[Question]] = {}
    for question in asked:
        by.setdefault(f"{question.names['dataset']} {question.names['metric']}", []).append(
            question
        )
    return [
        name
        for name in DISTINGUISHING
        if any(len({str(question.names[name]) for question in mine}) > 1 for mine in by.values())
    ]


def _row(question: Question, forest: Forest, labels: Sequence[str]) -> str:
    best, names, k = question.best, question.names, len(question.candidates)
    words, tone = BADGES[best.verdict]
    cells = {
        "who": (
            f"<b>{escape(str(names['dataset']))}</b> "
            f"<small>{escape(', '.join(_labels(question, labels)))}</small>"
        ),
        "real": _value(best.real, best),
        "best": (
            f"{_value(best.mean, best)} <small>{escape(combination_words(best.names))}"
            f"{f', best of {k}' if k > 1 else ''}</small>"
        ),
        "diff": _difference(best),
        "plot": forest.mark(best.gain, tone, f"{_percent(best)}: {words}"),
        "verdict": (
            f'<span class="badge {tone}">{words}</span> <small>{_why(best)}</small> '
            f"<small>{_against_rival(question)}</small>"
        ),
        "privacy": _privacy(best),
        "cost": _seconds(best.cpu_seconds),
    }
    inside = "".join(_cell(name, SHORT.get(name, label), cells[name]) for label, name in HEADS)
    return f"<tr>{inside}</tr>"


def _cell(name: str, label: str, inside: str) -> str:
    if name == "who":
        return f'<th scope="row" class="{name}">{inside}</th>'
    return f'<td class="{name}" data-label="{label}">{inside}</td>'


def _labels(question: Question, labels: Sequence[str]) -> list[str]:
    names = question.names
    return [*(str(names[n]) for n in labels if names[n]), metric_unit(str(names["metric"]))]


def combination_words(names: dict[str, str]) -> str:
    """Generator, pipeline and profiler of a combination, with settings that are not the default."""
    parts = [names["generator"], names["generator_settings"], names["arm"]]
    if names["profiler"] != "none":
        parts += ["by", names["profiler"], names["profiler_settings"]]
    return " ".join(filter(None, parts))


def _value(value: float, best: Combination) -> str:
    return column([value], like=[value, best.real, best.mean])[0]


def _difference(best: Combination) -> str:
    if best.found is None:
        return "– <small>the real rows were not run on the same splits</small>"
    over = best.found.over
    ends = [end for end in (over.low, over.high) if math.isfinite(end)]
    mean, *shown = column([over.mean, *ends], sign=True, like=[best.real, best.mean])
    shown_ends = f"({shown[0]} to {shown[1]})" if len(shown) == 2 else "(no interval)"
    return f"{mean} <small>{shown_ends}</small>"


def _percent(best: Combination) -> str:
    mean, low, high = best.gain
    if math.isnan(mean):
        return "not compared"
    ends = f", 95 % interval {low:+.1f} to {high:+.1f} %" if math.isfinite(low) else ""
    return f"{mean:+.1f} % of the real rows' mean{ends}; above 0 is better"


def _against_rival(question: Question) -> str:
    """The verdict on the best synthetic rows against the best way to do without them."""
    found = question.against_rival
    if found is None:
        return ""
    rival, k = question.rivals[0], len(question.rivals)
    best_of = f", best of {k} on real rows" if k > 1 else " on real rows"
    return f"against {escape(rival.names['arm'])}{best_of}: {BADGES[found.verdict][0]}"


def _why(best: Combination) -> str:
    """What an open answer lacks."""
    if best.verdict != Verdict.UNKNOWN:
        return ""
    if best.found is None:
        return "run the real rows, too"
    more = best.more_splits
    if more is None:
        return "needs more rows, not splits"
    return f"needs at least {more} more split{'s' * (more > 1)}"


def _privacy(best: Combination) -> str:
    risk = best.privacy.risk
    signs = [s for s in best.privacy.signs if s.above or s.metric not in DISCLOSURE]
    rest = [s for s in best.privacy.signs if s not in signs]
    lines = "".join(
        f'<small class="{"above" if sign.above else ""}">{_sign(sign)}</small>' for sign in signs
    )
    if rest:
        attacks = "singling out, linkability, inference"
        most = max(sign.value for sign in rest)
        tried = sum(sign.attacks for sign in rest)
        of = f" of {tried:,} attacks" if tried else ""
        lines += f"<small>{attacks}: at most {max(most, 0):.2f} beyond chance{of}</small>"
    lines += _promise(best)
    return f'<span class="badge {TONES[risk]}">{risk}</span> {lines}'


def _promise(best: Combination) -> str:
    """What a differentially private generator guarantees, as its note has it."""
    rows = best.cells[0].of.rows
    texts = rows.notes[rows.job.isin(best.jobs)].dropna().unique()
    notes = (note for text in texts for note in from_json(text))
    found = next((note.text for note in notes if note.code == Code.PRIVACY), "")
    return f"<small>{escape(found)}</small>" if found else ""


def _sign(sign: Sign) -> str:
    if sign.metric == "exact_copies":
        value, reference = (f"{100 * v:.0f} %" for v in (sign.value, sign.reference))
        return f"{SIGNS[sign.metric]} {value} (real rows: {reference})"
    if sign.metric in DISCLOSURE:
        of = f" of {sign.attacks:,} attacks" if sign.attacks else ""
        return f"{SIGNS[sign.metric]} {sign.value:.2f} beyond chance{of}"
    copies = ", copies of train: 1.00" if sign.metric == "closer_to_train" else ""
    return f"{SIGNS[sign.metric]} {sign.value:.2f} (guess: {sign.reference:.2f}{copies})"


def _seconds(seconds: float) -> str:
    return "not measured" if math.isnan(seconds) else f"{number(seconds)} s"


def _chosen(asked: Sequence[Question]) -> str:
    """That the best was chosen by what judges it."""
    counts = sorted({len(question.candidates) + question.failed for question in asked})
    if counts[-1] < 2:
        return ""
    most = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else str(counts[0])
    return (
        f'<p class="soft">Best of {most}, picked by these same results: interval and answer are '
        "widened for the choice, the difference itself is not corrected and will be somewhat less "
        "on new data.</p>"
    )


def _reading(asked: Sequence[Question]) -> str:
    failed = sum(question.failed for question in asked)
    margins = ", ".join(f"{SIGNS[name]}: {margin:g}" for name, margin in MARGINS.items())
    paragraphs = [
        "A combination is a generator, pipeline and profiler with their settings, averaged over "
        "the proportions or rounds of its protocol; every one is in the table of combinations "
        f"below.{f' {failed} more have no value at all: see failures.' if failed else ''}",
        "Difference: synthetic less real, in the metric's unit, over the splits, fits and "
        "predictors that both have; RMSE: lower is better, AUC: higher. The plot has it in % of "
        "the real rows' mean, turned so that right is better. The interval is that of the "
        f"corrected resampled t-test over splits and fits, and needs {LEAST_SPLITS} splits; it is "
        "widened so that 95 % hold for all combinations of a row together (Bonferroni), while the "
        "size of the noise is learnt from all of them (moderated variances).",
        f"Shaded: practically equal, within {100 * ROPE:g} % of the real rows' mean. An answer is "
        f"given from a probability of {100 * SURE:g} % that the true difference lies on that side "
        "of the shaded region, or in it; of several combinations, from a higher one: what is left "
        "to 100 % is shared by them all.",
        "The line below, against a pipeline on real rows: the same best synthetic rows against the "
        "best of the pipelines that train otherwise on the real rows alone (class weights, another "
        "threshold, plain over- and undersampling, more regularisation, mixup), where some were "
        "run; the answer is widened for the choice of both.",
        "Privacy: the area under the ROC curve of an attack that guesses which real rows the "
        "generator was trained on; the share of synthetic rows that are closer to a train row than "
        "to any test row, put at 0.5 for fresh rows; the share that equal a train row. Risk, by "
        "convention: a mean over the synthetic tables is above its reference by more than a margin "
        f"({margins}), however few the tables. No sign of risk is no proof of privacy.",
        "CPU time of a job: to profile, fit, sample, train the predictors and score them, when it "
        "was computed, mean over its jobs.",
    ]
    inside = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return f'<details class="prose"><summary>How to read this</summary>{inside}</details>'
