"""All columns at once are what each of them would be by itself."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import torch
from torch.nn import functional

from tabsculpt.generators.ctgan.adversary import AdversarialSettings, Asked
from tabsculpt.generators.ctgan.blocks import Blocks
from tabsculpt.generators.ctgan.calibration import Calibration
from tabsculpt.generators.ctgan.modes import as_matrix, learn_layout
from tabsculpt.generators.ctgan.network import Codes, Modes

LAYOUT = (
    Modes("a", (0.0,), (1.0,), (1.0,)),
    Modes("b", (0.0, 5.0, 9.0), (1.0, 1.0, 1.0), (0.3, 0.3, 0.4)),
    Codes("c", (0, 1), (0.9, 0.1)),
    Codes("d", (0, 1, 4), (0.5, 0.3, 0.2)),
)
SPANS = [(2, 5), (5, 7), (7, 10)]  # of the logits; 0 and 1 are values


def outputs(n=400):
    return torch.randn((n, 10), generator=torch.Generator().manual_seed(0)) * 3


def test_values_are_bounded_and_each_column_of_logits_is_a_distribution():
    blocks, found = Blocks(LAYOUT, "cpu"), outputs()
    rows = blocks.activated(found, torch.Generator().manual_seed(1), 0.2)
    assert torch.equal(rows[:, :2], torch.tanh(found[:, :2]))
    for start, end in SPANS:
        assert torch.allclose(rows[:, start:end].sum(dim=1), torch.ones(400), atol=1e-5)
    cold = torch.zeros((20_000, 10))
    cold[:, 7:10] = torch.tensor([0.5, 0.3, 0.2]).log()
    drawn = blocks.activated(cold, torch.Generator().manual_seed(2), 0.2)[:, 7:10]
    shares = functional.one_hot(drawn.argmax(dim=1), 3).double().mean(dim=0)
    assert shares.tolist() == pytest.approx([0.5, 0.3, 0.2], abs=0.02)


def test_the_misses_are_the_cross_entropy_of_the_column_that_was_asked_for():
    blocks, found = Blocks(LAYOUT, "cpu"), outputs(5)
    asked = torch.tensor([0, 1, 2, 3, 4])  # c=0, c=1, d=0, d=1, d=4
    expected = [
        functional.cross_entropy(found[row : row + 1, slice(*span)], torch.tensor([code])).item()
        for row, (span, code) in enumerate(
            [(SPANS[1], 0), (SPANS[1], 1), (SPANS[2], 0), (SPANS[2], 1), (SPANS[2], 2)]
        )
    ]
    assert blocks.misses(found, asked).tolist() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("log", [True, False])
def test_codes_are_asked_for_at_their_shares_and_rows_have_them(log):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"c": (rng.random(500) < 0.1).astype(int), "x": rng.normal(size=500)})
    frame["d"] = np.arange(500) % 3
    layout = learn_layout(frame, ["c", "d"], 1, 0)
    assert [part.name for part in layout] == ["x", "c", "d"]
    matrix = torch.tensor(as_matrix(frame, layout, rng))
    how = AdversarialSettings(8, [8], [8], 1e-3, 0, 1e-3, 0, 1, 16, 1, 1, log, True, "cpu")
    asked, draws = Asked(matrix, layout, how), torch.Generator().manual_seed(0)
    codes = asked.codes(40_000, draws)
    counts = np.array([(frame.c == 0).sum(), (frame.c == 1).sum()], dtype=float)
    weights = np.log(counts + 1) if log else counts
    expected = [*(weights / weights.sum() / 2), *[1 / 6] * 3]
    found = np.bincount(codes, minlength=5) / 40_000
    assert found == pytest.approx(np.array(expected), abs=0.012)
    rows = asked.rows(codes, draws)
    has = np.column_stack([frame.c, frame.d + 2])[rows.numpy()]
    assert (has[np.arange(40_000), (codes.numpy() >= 2).astype(int)] == codes.numpy()).all()
    assert len(rows.unique()) == 500


def test_numbers_come_back_from_their_modes():
    rng = np.random.default_rng(0)
    two = np.concatenate([rng.normal(-8, 1, 300), rng.normal(8, 2, 300)])
    frame = pd.DataFrame({"x": two})
    [part] = learn_layout(frame, [], 10, 0)
    assert 2 <= len(part.means) <= 10
    matrix = as_matrix(frame, (part,), rng)
    assert matrix.shape == (600, 1 + part.logits)
    mode = matrix[:, 1:].argmax(axis=1)
    back = matrix[:, 0] * 4 * np.array(part.deviations)[mode] + np.array(part.means)[mode]
    assert back == pytest.approx(two, abs=1e-9)


def test_calibrated_numbers_are_standard_normal_and_keep_their_order():
    rng = np.random.default_rng(0)
    made = pd.DataFrame({"a": 0.3 * rng.normal(size=5000) ** 3 + 2, "b": np.full(5000, 7.0)})
    calibration = Calibration.learn(made, ["a", "b"])
    found = calibration.applied(made)
    assert scipy.stats.kstest(found["a"], "norm").statistic < 0.01
    assert (found["a"].rank() == made["a"].rank()).all()
    assert (found["b"] == 7.0).all()  # all alike: their order says nothing
    ends = calibration.applied(pd.DataFrame({"a": [1e3, 1e3 + 1], "b": [0.0, 0.0]}))
    assert ends["a"].diff()[1] == pytest.approx(1.0)
