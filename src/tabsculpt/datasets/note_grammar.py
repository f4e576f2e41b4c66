"""A grammar of clinical notes: sentences that go with how ill a patient is, and slips of pen."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

_TOPICS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("{age} year old {sex} admitted for {reason}", "{sex} of {age} years, seen for {reason}"),
        (
            "{age} year old {sex} brought in by ambulance with {reason}",
            "{sex} of {age} years, admitted with worsening {reason}",
        ),
    ),
    (
        ("lives with family and walks without help", "independent at home", "no recent admission"),
        (
            "lives alone and needs help at home",
            "second admission within three months",
            "missed the last two appointments",
        ),
    ),
    (
        ("breathing easily on room air", "lungs clear", "no distress at rest"),
        (
            "short of breath at rest on {litres} litres of oxygen",
            "crackles at both bases",
            "tired and in mild distress",
        ),
    ),
    (
        ("no oedema", "heart sounds normal", "blood pressure well controlled"),
        ("oedema to the knees", "irregular pulse", "blood pressure low after diuretics"),
    ),
    (
        ("creatinine {creatinine}, stable", "kidney function as before, creatinine {creatinine}"),
        ("creatinine up to {creatinine}", "kidney function worse, creatinine {creatinine}"),
    ),
    (
        ("improved quickly on treatment", "uneventful stay of {days} days"),
        (
            "slow response to treatment over {days} days",
            "stay of {days} days complicated by delirium",
            "needed intravenous diuretics for {days} days",
        ),
    ),
    (
        (
            "discharged home in good condition",
            "follow up with the family doctor",
            "patient understands the plan",
        ),
        (
            "discharged with home care",
            "follow up in the heart failure clinic within a week",
            "patient not sure about the medication",
        ),
    ),
)  # fmt: skip
"""By topic the sentences that are likelier of the less ill, and of the more ill."""

_REASONS = ("chest pain", "dyspnoea", "palpitations", "swollen legs", "dizziness")
_SHORT = {
    "year old": "yo", "patient": "pt", "history": "hx", "with": "w/", "creatinine": "crea",
    "blood pressure": "BP", "follow up": "f/u", "days": "d", "admitted": "adm",
}  # fmt: skip

_SENTENCES_MISSING = 0.15
_SHORTENED = 0.25
_MISTYPED = 0.015


def write_note(
    row: Mapping[str, object], severity: float, clarity: float, rng: np.random.Generator
) -> str:
    """A note of some sentences, in the order of the topics.

    Args:
        row: what the note may name: ``age``, ``sex`` and ``creatinine``.
        severity: how ill the patient is, about standard normal.
        clarity: how closely the choice of sentences follows it; at 0 they say nothing of it.
        rng: of every draw.
    """
    worse = 1 / (1 + np.exp(-clarity * severity))
    facts = {
        **row,
        "reason": rng.choice(_REASONS),
        "litres": rng.integers(1, 7),
        "days": rng.integers(2, 9) + 4 * (severity > 0),
    }
    sentences = []
    for place, (mild, severe) in enumerate(_TOPICS):
        if place and rng.random() < _SENTENCES_MISSING:
            continue
        chosen = severe if rng.random() < worse else mild
        sentences.append(str(rng.choice(chosen)).format(**facts))
    return _slips(". ".join(sentences) + ".", rng)


def _slips(text: str, rng: np.random.Generator) -> str:
    """The text with abbreviations, and with letters that changed places."""
    for long, short in _SHORT.items():
        if rng.random() < _SHORTENED:
            text = re.sub(rf"\b{long}\b", short, text)
    letters = list(text)
    for place in np.flatnonzero(rng.random(len(letters) - 1) < _MISTYPED):
        if letters[place].isalpha() and letters[place + 1].isalpha():
            letters[place : place + 2] = letters[place + 1], letters[place]
    return "".join(letters)
