"""What to do next: which combination deserves more splits, in a sentence for each data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

import pandas as pd

from tabsculpt.analysis.answers import Combination, Question
from tabsculpt.analysis.estimates import LEAST_SPLITS, Verdict
from tabsculpt.report.answer import BADGES, combination_words
from tabsculpt.report.commands import command, typed_settings

FIRST = 3
"""Shown; the others are folded away."""


def next_steps(asked: Sequence[Question], jobs: pd.DataFrame) -> str:
    """The steps as HTML, those first that take the fewest splits.

    Args:
        asked: the questions that results answer.
        jobs: records of ``outputs/jobs``.
    """
    if not asked:
        return ""
    ordered = sorted(asked, key=_effort)
    named = Counter(_name(question) for question in asked)
    items = [
        f"<li><b>{escape(_name(one, named[_name(one)] > 1))}</b>: {_step(one, jobs)}</li>"
        for one in ordered
    ]
    more, rest = "", items[FIRST:]
    if rest:
        inside = f"<summary>{len(rest)} more</summary><ul>{''.join(rest)}</ul>"
        more = f'<details class="prose">{inside}</details>'
    return f"<h2>What to do next</h2><ul class=next>{''.join(items[:FIRST])}</ul>{more}"


def _effort(question: Question) -> tuple[bool, int]:
    more = None if question.next is None else question.next.more_splits
    return more is None, more or 0


def _step(question: Question, jobs: pd.DataFrame) -> str:
    chosen, best = question.next, question.best
    if chosen is not None:
        return _more_splits(chosen, jobs)
    if best.verdict == Verdict.UNKNOWN:
        return _no_splits_help(best)
    words = BADGES[best.verdict][0]
    tried = len(question.candidates)
    of = f"even the best of {tried} {words}" if best.verdict == Verdict.WORSE and tried > 1 else (
        f"the answer is {words}"
    )  # fmt: skip
    return f"nothing; {of}, and more splits would not be needed for it."


def _name(question: Question, whole: bool = False) -> str:
    names = ("dataset", "protocol", "evaluation") if whole else ("dataset", "protocol")
    return ", ".join(str(question.names[name]) for name in names)


def _no_splits_help(best: Combination) -> str:
    if best.found is None:
        return "run <code>pipeline=real</code>, too: there is nothing to compare with."
    return (
        "more rows. No number of splits up to 1,000 would settle any combination, as splits share "
        "their rows."
    )


def _more_splits(chosen: Combination, jobs: pd.DataFrame) -> str:
    more = chosen.more_splits or 0
    who = f"<b>{escape(combination_words(chosen.names))}</b>"
    first = f"{more} more split{'s' * (more > 1)} of {who}"
    if chosen.splits < LEAST_SPLITS:
        return f"{first}; no answer is given below {LEAST_SPLITS}. {_command(chosen, jobs)}"
    if chosen.stands != Verdict.WORSE:
        return (
            f"at least {first}: so many would settle it ({BADGES[chosen.stands][0]}), were its "
            "mean and spread to stay; a small difference often shrinks, and then takes more. "
            f"{_command(chosen, jobs)}"
        )
    return (
        "more rows, or other generators. More splits could only confirm that a combination hurts, "
        f"first {who}: at least {more} more. {_command(chosen, jobs)}"
    )


def _command(chosen: Combination, jobs: pd.DataFrame) -> str:
    """How to run them; nothing where what was typed is unknown, or not the same for all jobs."""
    rows = chosen.cells[0].of.rows
    own = rows[rows.job.isin(chosen.jobs)]
    settings = typed_settings(jobs[jobs.job.isin(chosen.jobs)] if len(jobs) else jobs)
    if settings is None or own.fold.notna().any():
        return "Run its sweep again with more splits (split.repeats)."
    splits = sorted(own.split_seed.unique())
    more = [
        f"seed={','.join(map(str, sorted(own.seed.unique())))}",
        *([f"split.seed={splits[0]}"] if splits[0] else []),
        f"split.repeats={len(splits) + (chosen.more_splits or 0)}",
    ]
    code = f"<code>{escape(command('sweep', [*settings, *more]))}</code>"
    return f"<details><summary>command</summary>{code}</details>"
