"""Windows: cut out of a sequence and joined again."""

import numpy as np
import pandas as pd
import pytest

from tabsculpt.table.windows import Windows, chains, cut, join

STEPS = pd.DataFrame(
    {"price": [1.0, 2.0, 4.0, 8.0, 16.0], "up": list("abbab"), "kind": ["k"] * 5}
)  # fmt: skip
PRICES = STEPS[["price", "kind"]]


def test_the_next_value_is_that_after_the_window():
    rows = cut(STEPS, Windows(("price", "up"), 3, "price"))
    assert rows.columns.tolist() == [
        "price_1", "price_2", "price_3", "up_1", "up_2", "up_3", "kind", "price_next",
    ]  # fmt: skip
    assert rows[["price_1", "price_2", "price_3", "price_next"]].to_numpy().tolist() == [
        [1, 2, 4, 8],
        [2, 4, 8, 16],
    ]
    assert rows[["up_1", "up_3"]].to_numpy().tolist() == [["a", "b"], ["b", "a"]]
    assert cut(STEPS.iloc[:3], Windows(("price",), 3, "price")).empty


def test_windows_with_a_label_do_not_overlap_and_are_summarised():
    rows = cut(STEPS, Windows(("price", "up"), 2, None, ("price",)))
    assert rows[["price_1", "price_2"]].to_numpy().tolist() == [[1, 2], [4, 8]]
    assert rows["price_mean"].tolist() == [1.5, 6.0]
    assert rows["price_spread"].tolist() == [0.5, 2.0]
    assert rows["price_trend"].tolist() == [1.0, 4.0]
    assert rows["price_autocorrelation"].tolist() == [-0.5, -0.5]
    flat = cut(STEPS.assign(price=7.1), Windows(("price",), 5, None, ("price",)))
    assert flat["price_autocorrelation"].tolist() == [0.0]
    assert flat["price_trend"].tolist() == pytest.approx([0.0])


def test_autocorrelation_is_that_of_neighbours():
    x = np.random.default_rng(0).normal(size=30)
    found = cut(pd.DataFrame({"x": x}), Windows(("x",), 30, None, ("x",)))
    around = x - x.mean()
    expected = (around[1:] * around[:-1]).sum() / (around**2).sum()
    assert found["x_autocorrelation"].tolist() == pytest.approx([expected])


def test_what_was_cut_is_joined_again():
    windows = Windows(("price",), 2, "price")
    other = PRICES.assign(price=PRICES.price + 0.5)
    rows = pd.concat([cut(PRICES, windows), cut(other, windows)], ignore_index=True)
    found = chains(rows, windows)
    assert [chain.tolist() for chain in found] == [[0, 1, 2], [3, 4, 5]]
    assert join(rows, found[0], windows).price.tolist() == PRICES.price.tolist()
    assert join(rows, found[1], windows).price.tolist() == other.price.tolist()


def test_a_row_left_out_makes_two_sequences_of_one():
    windows = Windows(("price",), 2, "price")
    rows = cut(PRICES, windows).drop(index=1).reset_index(drop=True)
    found = chains(rows, windows)
    assert [join(rows, chain, windows).price.tolist() for chain in found] == [[1, 2, 4], [4, 8, 16]]


def test_static_columns_part_sequences_and_several_variables_lose_the_last_step():
    windows = Windows(("price", "up"), 2, "price")
    rows = cut(STEPS, windows)
    rows.loc[2, "kind"] = "other"
    found = chains(rows, windows)
    assert [chain.tolist() for chain in found] == [[0, 1], [2]]
    joined = join(rows, found[0], windows)
    assert joined.to_dict("list") == {"price": [1, 2, 4], "up": ["a", "b", "b"]}
