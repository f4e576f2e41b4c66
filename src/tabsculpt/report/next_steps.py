"""What to do next: which combination deserves more splits, in a sentence for each data set."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tabsculpt.analysis.answers import Combination, Question
from tabsculpt.analysis.estimates import LEAST_SPLITS, Verdict
from tabsculpt.report.answer import BADGES, combination_words

FIRST = 3
"""Shown; the others are folded away."""


def next_steps(asked: Sequence[Question]) -> str:
    """The steps as HTML, those first that take the fewest splits."""
    if not asked:
        return ""
    ordered = sorted(asked, key=_effort)
    items = [f"<li>{_step(question)}</li>" for question in ordered]
    more, rest = "", items[FIRST:]
    if rest:
        inside = f"<summary>{len(rest)} more</summary><ul>{''.join(rest)}</ul>"
        more = f'<details class="prose">{inside}</details>'
    return f"<h2>What to do next</h2><ul class=next>{''.join(items[:FIRST])}</ul>{more}"


def _effort(question: Question) -> tuple[bool, int]:
    more = None if question.next is None else question.next.more_splits
    return more is None, more or 0


def _step(question: Question) -> str:
    name = f"<b>{escape(_name(question))}</b>"
    chosen, best = question.next, question.best
    if chosen is not None:
        return f"{name}: {_more_splits(question, chosen)}"
    if best.verdict == Verdict.UNKNOWN:
        return f"{name}: {_no_splits_help(best)}"
    words = BADGES[best.verdict][0]
    tried = len(question.candidates)
    of = f"even the best of {tried} {words}" if best.verdict == Verdict.WORSE and tried > 1 else (
        f"the answer is {words}"
    )  # fmt: skip
    return f"{name}: nothing; {of}, and more splits would not be needed for it."


def _name(question: Question) -> str:
    return f"{question.names['dataset']}, {question.names['protocol']}"


def _no_splits_help(best: Combination) -> str:
    if best.found is None:
        return "run <code>pipeline=real</code>, too: there is nothing to compare with."
    return (
        "more rows. No number of splits up to 1,000 would settle any combination, as splits share "
        "their rows."
    )


def _more_splits(question: Question, chosen: Combination) -> str:
    more = chosen.more_splits or 0
    who = f"<b>{escape(combination_words(chosen.names))}</b>"
    first = f"{more} more split{'s' * (more > 1)} of {who}"
    if chosen.splits < LEAST_SPLITS:
        return f"{first}; no answer is given below {LEAST_SPLITS}. {_command(question, chosen)}"
    if chosen.stands != Verdict.WORSE:
        return (
            f"at least {first}: so many would settle it ({BADGES[chosen.stands][0]}), were its "
            "mean and spread to stay; a small difference often shrinks, and then takes more. "
            f"{_command(question, chosen)}"
        )
    return (
        "more rows, or other generators. More splits could only confirm that a combination hurts, "
        f"first {who}: at least {more} more. {_command(question, chosen)}"
    )


def _command(question: Question, chosen: Combination) -> str:
    """How to run them; nothing where a setting has a value that it was not chosen by name with."""
    rows = chosen.cells[0].of.rows
    own = rows[rows.job.isin(chosen.jobs)]
    names = chosen.names
    settings = [question.names["protocol_settings"], names["generator_settings"],
                names["profiler_settings"], *own.pipeline_settings.unique()]  # fmt: skip
    if any(settings) or own.fold.notna().any():
        return "Run its sweep again with more splits (split.repeats)."
    splits = sorted(own.split_seed.unique())
    profiler = [f"profiler={names['profiler']}"] if names["profiler"] != "none" else []
    words = [
        f"dataset={question.names['dataset']}", f"generator={names['generator']}", *profiler,
        f"pipeline=real,{names['arm']}", f"protocol={question.names['protocol']}",
        f"predictors={question.names['predictors']}",
        f"seed={','.join(map(str, sorted(own.seed.unique())))}",
        *([f"split.seed={splits[0]}"] if splits[0] else []),
        f"split.repeats={len(splits) + (chosen.more_splits or 0)}",
    ]  # fmt: skip
    code = f"<code>tabsculpt sweep {escape(' '.join(words))}</code>"
    return f"<details><summary>command</summary>{code}</details>"
