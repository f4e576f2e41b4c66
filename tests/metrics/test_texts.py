"""What is measured of text, on texts where it can be worked out by hand."""

from __future__ import annotations

import math
import random

import numpy as np
import pandas as pd
import pytest

from tabsculpt.datasets.simulated_notes import SimulatedNotes
from tabsculpt.metrics.copied_runs import copied_runs
from tabsculpt.metrics.language_model import NGrams, words_of
from tabsculpt.metrics.quality import measure
from tabsculpt.metrics.texts import NAMES, distinct, measure_text
from tabsculpt.table import Table


def split(*texts):
    return [text.split() for text in texts]


def test_words_are_in_lower_case_and_marks_by_themselves():
    assert words_of("Pt. had  2-3 Fits\nÉté") == ["pt", ".", "had", "2", "-", "3", "fits", "été"]


def test_letters_are_words_where_no_blanks_stand_between_words():
    assert words_of("病人 BP 120, カ") == ["病", "人", "bp", "120", ",", "カ"]
    assert words_of("المريض يعاني") == ["المريض", "يعاني"]


def test_distinct_runs_of_words():
    texts = split("a b a b", "a c")
    assert distinct(texts, 1) == 3 / 6
    assert distinct(texts, 2) == 3 / 4  # a b, b a, a c of four
    assert math.isnan(distinct(split("a"), 2))


def test_runs_that_are_copied():
    others = split("the cat sat on the mat", "a dog ran")
    texts = split("cat sat on a dog", "the mat a dog ran off", "the dog", "nothing", "mat a")
    assert copied_runs(texts, others).tolist() == [3, 3, 1, 0, 1]


def test_runs_are_those_of_a_plain_search():
    rng = random.Random(0)
    texts, others = (
        [[rng.choice("abc") for _ in range(rng.randint(1, 12))] for _ in range(30)] for _ in "ab"
    )
    known = {tuple(o[i:j]) for o in others for i in range(len(o)) for j in range(i + 1, len(o) + 1)}
    expected = [
        max((j - i for i in range(len(t)) for j in range(i, len(t) + 1) if tuple(t[i:j]) in known),
            default=0)
        for t in texts
    ]  # fmt: skip
    assert copied_runs(texts, others).tolist() == expected


def test_probabilities_of_all_words_sum_to_one_after_any_two():
    texts = split("a b c a b", "b c", "c a a b")
    model = NGrams.fit(texts)
    for before in [("a", "b"), ("c", "a"), ("c", "c"), ("<start>", "<start>"), ("new", "new")]:
        known = [model.probability((*before, word)) for word in ("a", "b", "c", "<end>")]
        assert sum(known) + model.probability((*before, "never seen")) == pytest.approx(1)


def test_a_text_like_those_it_learnt_is_less_perplexing():
    model = NGrams.fit(split("a b c d", "a b c e", "a b d"))
    assert 1 < model.perplexity(split("a b c d")) < model.perplexity(split("d c b a"))
    lone = NGrams.fit(split("a"))
    # continuation counts of a and the end are 1 each, a word before leaves .25 + .75 of the lower
    assert lone.perplexity(split("a")) == pytest.approx(
        1 / lone.probability(("<start>", "<start>", "a"))
    )


@pytest.mark.extra("text")
def test_bleu_among_themselves():
    from tabsculpt.metrics.self_bleu import self_bleu

    assert self_bleu(split("a b c d e", "a b c d e")) == pytest.approx(1)
    assert self_bleu(split("a b c d", "w x y z")) == 0
    # 3 of 4 words, 2 of 3 pairs, 1 of 2 triples, none of 1 run of four; of the same length
    expected = (3 / 4 * 2 / 3 * 1 / 2 * 0.1) ** 0.25
    assert self_bleu(split("a b c d", "a b c e")) == pytest.approx(expected)
    # each word counts as often as in one other text; the shorter pays exp(1 - 4 / 2)
    short = math.exp(1 - 4 / 2) * (2 / 2 * 1 / 1 * 0.1 * 0.1) ** 0.25
    long = (2 / 4 * 1 / 3 * 0.1 / 2 * 0.1) ** 0.25
    assert self_bleu(split("a b", "a b a b")) == pytest.approx((short + long) / 2)
    assert math.isnan(self_bleu(split("a b")))


@pytest.mark.extra("text")
def test_bleu_is_that_of_the_examples_in_the_documentation_of_the_package():
    from tabsculpt.metrics.self_bleu import bleu, self_bleu

    first, second, third, fourth = texts = split(
        "It is a guide to action which ensures that the military always obeys the commands of the "
        "party",
        "It is a guide to action that ensures that the military will forever heed Party commands",
        "It is the guiding principle which guarantees the military forces always being under the "
        "command of the Party",
        "It is the practical guide for the army always to heed the directions of the party",
    )
    assert bleu(first, [second, third, fourth]) == pytest.approx(0.5045666840058485)
    assert bleu(first, [second]) == pytest.approx(0.4118, abs=5e-5)
    assert self_bleu(texts) < self_bleu([first, second]) < 0.5


def test_without_the_package_its_measure_says_what_to_install(parts, monkeypatch):
    from tabsculpt.metrics import self_bleu as module

    monkeypatch.setattr(module, "absent", list)
    found = by_name(measure_text(*parts, 0))
    assert found["text_self_bleu"].value is None
    assert found["text_self_bleu"].reason == "needs nltk: pip install 'tabsculpt[text]'"
    assert found["text_copies"].value == 0


@pytest.fixture(scope="module")
def parts():
    table = SimulatedNotes(rows=160).load().table
    return table.take(range(80)), table.take(range(80, 120)), table.take(range(120, 160))


def by_name(found):
    return {m.metric: m for m in found if m.column == "note" and m.metric in NAMES}


def with_notes(table, notes):
    frame = table.frame.assign(note=pd.Series(notes, dtype=table.frame["note"].dtype))
    return Table(frame, table.schema)


def test_copies_repeats_and_nonsense_are_told_from_new_texts(parts):
    train, test, fresh = parts
    new = by_name(measure_text(*parts, 0))
    assert list(new) == list(NAMES)
    assert new["text_copies"].value == 0
    assert new["text_perplexity"].value == pytest.approx(new["text_perplexity"].reference, rel=0.4)
    copied = by_name(measure_text(train, test, train.take(range(40)), 0))
    assert copied["text_copies"].value == 1
    assert copied["text_copied_run"].value > 2 * copied["text_copied_run"].reference
    same = by_name(measure_text(train, test, fresh.take([0] * 40), 0))
    assert same["text_distinct_2"].value < new["text_distinct_2"].value / 2
    rng = random.Random(0)
    stirred = with_notes(
        fresh, [" ".join(rng.sample(t.split(), len(t.split()))) for t in fresh.frame["note"]]
    )
    assert (
        by_name(measure_text(train, test, stirred, 0))["text_perplexity"].value
        > 3 * new["text_perplexity"].value
    )


def test_quality_has_text_at_its_end_and_all_else_without_it(parts):
    train, test, fresh = parts
    found = measure(*parts, 0)
    bare = measure(*(table.without_text() for table in parts), 0)
    assert [m.metric for m in found[-len(NAMES) :]] == list(NAMES)
    assert found[: -len(NAMES)] == bare
    empty = with_notes(fresh, [pd.NA] * len(fresh))
    none = by_name(measure(train, test, empty, 0))
    assert {m.value for m in none.values()} == {None}
    assert "synthetic rows have fewer than 2 texts" in none["text_copies"].reason


def test_rows_of_nothing_but_a_note_are_measured():
    table = SimulatedNotes(rows=90, drop=["age", "sex", "creatinine", "emergency"]).load().table
    found = measure(*(table.take(np.arange(k, k + 30)) for k in (0, 30, 60)), 0)
    assert by_name(found)["text_copies"].value == 0
    assert next(m for m in found if m.metric == "marginal").value < 0.5
