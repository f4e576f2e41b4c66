"""The choice among generators by rows held out."""

import numpy as np
import pandas as pd
import pytest

from tabsculpt.errors import UserError
from tabsculpt.generators.auto.auto import CANDIDATES, Auto, default_candidates
from tabsculpt.generators.auto.held_out import forest_error, parts
from tabsculpt.generators.auto.order import generators
from tabsculpt.generators.cart.cart import CART
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, Kind, Schema, Task, conform


def test_it_keeps_what_teaches_most_and_says_so(monkeypatch, line):
    # Leaves of most rows know next to nothing of each other's columns.
    monkeypatch.setitem(CANDIDATES, "arf", lambda: CART(leaf_rows=150))
    for order in (("arf", "cart"), ("cart", "arf")):
        model = Auto(order).fit(line, 0, "cpu")
        assert model.name == "cart"
        note = model.notes[0].text
        assert note.startswith("auto: cart, by the squared error of a forest on rows held out: ")
        phrase = dict(part.rsplit(" ", 1) for part in note.partition("out: ")[2].split(", "))
        errors = {name: float(value) for name, value in phrase.items()}
        assert errors["real rows"] < errors["cart"] < errors["arf"]
    drawn = model.sample(1000, 0).frame
    assert np.corrcoef(drawn["x"], drawn["y"])[0, 1] < -0.93


def test_the_errors_are_the_mean_square_and_the_brier_score(line, classes):
    learnt, held = (line.take(rows) for rows in parts(200, 0))
    assert (len(learnt), len(held)) == (133, 67)
    # y is -2 x with noise of variance 2.25, x is a feature
    assert 2 < forest_error(learnt, held, 0) < 6
    learnt, held = (classes.take(rows) for rows in parts(200, 0))
    shares = np.bincount(held.target) / len(held)
    assert forest_error(learnt, held, 0) < 0.5 * (1 - (shares**2).sum())


def test_a_class_that_is_not_among_the_rows_learnt_from_has_no_chance():
    columns = Column("x", Kind.CONTINUOUS), Column("y", Kind.CATEGORICAL, ("a", "b", "c"))
    schema = Schema(columns, "y", Task.MULTICLASS)
    x = np.linspace(0, 1, 40)
    learnt = conform(pd.DataFrame({"x": x, "y": np.where(x < 0.5, "a", "c")}), schema)
    held = conform(pd.DataFrame({"x": [0.1, 0.9], "y": ["b", "b"]}), schema)
    assert forest_error(learnt, held, 0) == pytest.approx(2, abs=0.1)


def test_few_rows_take_the_first(line):
    model = Auto(("arf", "cart")).fit(line.take(range(29)), 0, "cpu")
    assert model.name == "arf"
    phrase = "auto: arf, the first candidate; 29 rows are too few to choose by"
    assert model.notes == (Note(Code.GENERATOR_CHOSEN, phrase, 29),)
    assert str(Auto(("cart",)).fit(line, 0, "cpu").notes[0]) == "auto: cart, the only one"


@pytest.mark.parametrize("task", Task)
def test_without_names_it_chooses_among_those_that_gained_most_on_other_tables(task, line, classes):
    chosen = default_candidates(task)
    assert chosen[:2] == [name for name in generators(task) if name in CANDIDATES][:2]
    assert chosen[2:] == ["forest_flow"]
    table = line if task is Task.REGRESSION else classes
    assert (
        Auto().fit(table.take(range(29)), 0, "cpu").name == default_candidates(table.schema.task)[0]
    )


def test_unknown_candidates_are_refused():
    with pytest.raises(UserError, match=r"unknown candidate of generator=auto 'cat'"):
        Auto(("cat",))
    with pytest.raises(UserError, match=r"generator.candidates is empty"):
        Auto(())
