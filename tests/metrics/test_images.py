"""How far images are from images: closed forms, tables of known images, Inception's layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from given_step import Given
from segment_tables import images
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.store import Store
from tabsculpt.errors import UserError
from tabsculpt.generators.training.loop import Training
from tabsculpt.metrics import image_steps
from tabsculpt.metrics.image_steps import FeatureNetwork
from tabsculpt.metrics.images import (
    MEASURES,
    feature_distance,
    frechet_distance,
    kernel_distance,
    measure_images,
)
from tabsculpt.metrics.quality_steps import MeasureQuality, ScoresOfTest
from tabsculpt.table import Table
from tabsculpt.table.pixels import Pixels
from tabsculpt.vision.inception import Inception

RNG = np.random.default_rng(0)


def test_the_frechet_distance_of_normal_features_is_that_of_the_closed_form():
    points = RNG.normal(size=(4000, 3))
    spread, shift = np.array([1.0, 2.0, 0.5]), np.array([0.3, 0.0, -1.0])
    other = RNG.normal(size=(4000, 3)) * spread + shift
    expected = np.square(shift).sum() + np.square(spread - 1).sum()
    assert frechet_distance(points, other) == pytest.approx(expected, rel=0.1)
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-9)
    turn = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
    turned = frechet_distance(points @ turn, other @ turn)
    assert turned == pytest.approx(frechet_distance(points, other))


def test_the_kernel_distance_is_unbiased_and_that_of_its_formula():
    a, b = RNG.normal(size=(5, 2)), RNG.normal(size=(4, 2)) + 1

    def kernel(x, y):
        return (x @ y / 2 + 1) ** 3

    within = [
        np.mean([kernel(s[i], s[j]) for i in range(len(s)) for j in range(len(s)) if i != j])
        for s in (a, b)
    ]
    between = np.mean([kernel(x, y) for x in a for y in b])
    assert kernel_distance(a, b) == pytest.approx(sum(within) - 2 * between)
    same = [kernel_distance(*RNG.normal(size=(2, 30, 4))) for _ in range(200)]
    assert abs(np.mean(same)) < 3 * np.std(same) / 200**0.5


def shades(table: Table) -> np.ndarray:
    return table.matrix()


def test_images_are_measured_beside_the_held_out_ones():
    train, test = images(120).take(range(60)), images(120).take(range(60, 120))
    dark = Table(train.frame.assign(**dict.fromkeys(list(train.features), 0.0)), train.schema)
    found = {
        name: {m.metric: m for m in measure_images(train, test, table, 0, {"": shades})}
        for name, table in (("copies", train), ("dark", dark), ("held out", test))
    }
    assert tuple(found["copies"]) == MEASURES
    assert found["copies"]["feature_coverage"].value == 1
    assert found["dark"]["fid"].value > 5 * found["dark"]["fid"].reference
    assert found["dark"]["feature_recall"].value == 0
    assert found["held out"]["fid"].value == pytest.approx(found["held out"]["fid"].reference)
    assert found["held out"]["fid_held_out"].value == pytest.approx(0, abs=1e-9)
    few = list(
        measure_images(train, test, dark.take(range(5)), 0, {"": shades, "_inception": shades})
    )
    assert len(few) == 2 * len(MEASURES)
    assert {m.value for m in few} == {None}
    assert "needs 20 images" in few[0].reason


def test_the_network_that_images_are_compared_by_is_stored_and_sees_train_alone(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(image_steps, "TRAINING", Training(20, 32, 2e-3))
    train, test = images(120).take(range(60)), images(120).take(range(60, 120))
    parts = [Given(name, table) for name, table in (("train", train), ("test", test))]
    network = FeatureNetwork(parts[0], 0)
    assert network.inputs == (parts[0],)
    store = Store(tmp_path)
    fresh = Runner(store, lambda _step, _done: None).result(network)
    kept = Runner(store, lambda _step, _done: None).result(network)
    assert kept is not fresh
    assert (kept.features(test.matrix()) == fresh.features(test.matrix())).all()
    assert fresh.features(test.matrix()).shape == (60, 64)
    asked = parts[1], *parts, ScoresOfTest(*parts), 0
    made = MeasureQuality(*asked, network=network)
    found = Runner(store, lambda _step, _done: None).result(made)
    assert {m.metric for m in found if m.metric in MEASURES} == {*MEASURES}
    assert made.identity != MeasureQuality(*asked).identity
    plain = Runner(store, lambda _step, _done: None).result(MeasureQuality(*asked))
    assert not {*MEASURES} & {m.metric for m in plain}


def test_q_of_images_falls_as_images_get_worse_and_the_published_one_rises(monkeypatch):
    monkeypatch.setattr(image_steps, "TRAINING", Training(20, 32, 2e-3))
    parts = [
        Given(name, images(180).take(rows))
        for name, rows in (("train", range(60)), ("test", range(60, 120)))
    ]
    train, fresh = parts[0].table, images(180).take(range(120, 180))
    dark = Table(train.frame.assign(**dict.fromkeys(list(train.features), 0.0)), train.schema)
    q = {}
    for name, table in (("fresh", fresh), ("dark", dark)):
        usual, network = ScoresOfTest(*parts), FeatureNetwork(parts[0], 0)
        step = MeasureQuality(Given(name, table), *parts, usual, 0, network=network)
        found = Runner(None, lambda _step, _done: None).result(step)
        q[name] = {m.metric: m.value for m in found if m.column is None}
        fidelity = 1 / (1 + q[name]["feature_distance"])
        assert q[name]["q_image_fidelity"] == pytest.approx(fidelity)
        thirds = fidelity + q[name]["feature_recall"] + q[name]["q_privacy"]
        assert q[name]["q_image"] == pytest.approx(thirds / 3)
        letter = q[name]["fid"] + q[name]["feature_recall"] + 1 / q[name]["membership_accuracy"]
        assert q[name]["q_image_published"] == pytest.approx(letter / 3)
    assert q["dark"]["q_image"] < q["fresh"]["q_image"]
    assert q["dark"]["q_image_published"] > q["fresh"]["q_image_published"]


def test_the_distance_of_features_is_in_standard_deviations():
    points = RNG.normal(size=(4000, 3))
    assert feature_distance(points, points + 2.0) == pytest.approx(2.0, rel=0.01)
    constant = np.column_stack([points, np.zeros(4000)])
    assert feature_distance(constant, constant + np.array([2, 2, 2, 0])) == pytest.approx(
        2.0, rel=0.01
    )


# The convolutions of Inception v3: block, inputs, then name, outputs and kernel of each.
FIRST = (
    ("Conv2d_1a_3x3", 3, 32, 3, 3), ("Conv2d_2a_3x3", 32, 32, 3, 3),
    ("Conv2d_2b_3x3", 32, 64, 3, 3), ("Conv2d_3b_1x1", 64, 80, 1, 1),
    ("Conv2d_4a_3x3", 80, 192, 3, 3),
)  # fmt: skip


def block_a(n, pool):
    return (
        ("branch1x1", n, 64, 1, 1), ("branch5x5_1", n, 48, 1, 1), ("branch5x5_2", 48, 64, 5, 5),
        ("branch3x3dbl_1", n, 64, 1, 1), ("branch3x3dbl_2", 64, 96, 3, 3),
        ("branch3x3dbl_3", 96, 96, 3, 3), ("branch_pool", n, pool, 1, 1),
    )  # fmt: skip


def block_c(c):
    return (
        ("branch1x1", 768, 192, 1, 1), ("branch7x7_1", 768, c, 1, 1), ("branch7x7_2", c, c, 1, 7),
        ("branch7x7_3", c, 192, 7, 1), ("branch7x7dbl_1", 768, c, 1, 1),
        ("branch7x7dbl_2", c, c, 7, 1), ("branch7x7dbl_3", c, c, 1, 7),
        ("branch7x7dbl_4", c, c, 7, 1), ("branch7x7dbl_5", c, 192, 1, 7),
        ("branch_pool", 768, 192, 1, 1),
    )  # fmt: skip


def block_e(n):
    return (
        ("branch1x1", n, 320, 1, 1), ("branch3x3_1", n, 384, 1, 1),
        ("branch3x3_2a", 384, 384, 1, 3), ("branch3x3_2b", 384, 384, 3, 1),
        ("branch3x3dbl_1", n, 448, 1, 1), ("branch3x3dbl_2", 448, 384, 3, 3),
        ("branch3x3dbl_3a", 384, 384, 1, 3), ("branch3x3dbl_3b", 384, 384, 3, 1),
        ("branch_pool", n, 192, 1, 1),
    )  # fmt: skip


BLOCKS = {
    "Mixed_5b": block_a(192, 32), "Mixed_5c": block_a(256, 64), "Mixed_5d": block_a(288, 64),
    "Mixed_6a": (
        ("branch3x3", 288, 384, 3, 3), ("branch3x3dbl_1", 288, 64, 1, 1),
        ("branch3x3dbl_2", 64, 96, 3, 3), ("branch3x3dbl_3", 96, 96, 3, 3),
    ),
    "Mixed_6b": block_c(128), "Mixed_6c": block_c(160), "Mixed_6d": block_c(160),
    "Mixed_6e": block_c(192),
    "Mixed_7a": (
        ("branch3x3_1", 768, 192, 1, 1), ("branch3x3_2", 192, 320, 3, 3),
        ("branch7x7x3_1", 768, 192, 1, 1), ("branch7x7x3_2", 192, 192, 1, 7),
        ("branch7x7x3_3", 192, 192, 7, 1), ("branch7x7x3_4", 192, 192, 3, 3),
    ),
    "Mixed_7b": block_e(1280), "Mixed_7c": block_e(2048),
}  # fmt: skip


def narrow_weights(by: int = 16) -> dict[str, torch.Tensor]:
    """Random weights of the same layers, each with a sixteenth of the channels."""
    noise = torch.Generator().manual_seed(0)
    layers = [*FIRST, *((f"{b}.{n}", *rest) for b, all_ in BLOCKS.items() for n, *rest in all_)]
    found = {"fc.weight": torch.zeros(1008, 2048 // by)}
    for name, inputs, outputs, high, wide in layers:
        shape = (outputs // by, max(3, inputs // by) if inputs == 3 else inputs // by, high, wide)
        found[f"{name}.conv.weight"] = (
            torch.randn(shape, generator=noise) / (shape[1] * high * wide) ** 0.5
        )
        of = outputs // by
        found |= {
            f"{name}.bn.weight": torch.ones(of), f"{name}.bn.bias": torch.zeros(of),
            f"{name}.bn.running_mean": torch.zeros(of), f"{name}.bn.running_var": torch.ones(of),
        }  # fmt: skip
    return found


def test_inception_is_read_from_a_file_of_weights(tmp_path):
    weights = narrow_weights()
    assert len(weights) == 1 + 5 * 94
    torch.save(weights, tmp_path / "fid.pth")
    save_file(weights, tmp_path / "fid.safetensors")
    grey, colour = Pixels(4, 4, 1, 0, 16), Pixels(4, 4, 3, 0, 16)
    rows = RNG.integers(0, 17, size=(2, 16)).astype(float)
    network = Inception(str(tmp_path / "fid.pth"))
    found = network.features(rows, grey)
    assert found.shape == (2, 128)
    assert np.isfinite(found).all()
    assert not np.allclose(found[0], found[1])
    again = Inception(str(tmp_path / "fid.safetensors"))
    assert again.content != network.content
    assert (again.features(rows, grey) == found).all()
    assert np.allclose(network.features(np.repeat(rows, 3, axis=1), colour), found, atol=1e-5)


def test_what_is_no_inception_is_refused_in_one_line(tmp_path):
    with pytest.raises(UserError, match=r"paths.inception: no file .*expected weights"):
        Inception(str(tmp_path / "none.pth"))
    layout, rows = Pixels(4, 4, 1, 0, 16), np.zeros((1, 16))
    for name, content, words in (
        ("other.pth", {"x": torch.zeros(1)}, "has no weights of a FID network: it has no fc"),
        ("torchvision.pth", {"fc.weight": torch.zeros(1000, 2)}, "it has 1000 classes; that of"),
        ("half.pth", {"fc.weight": torch.zeros(1008, 2)}, "Conv2d_1a_3x3.conv.weight"),
        ("code.pth", print, "has no weights of a FID network"),
    ):
        torch.save(content, tmp_path / name)
        with pytest.raises(UserError, match=words):
            Inception(str(tmp_path / name)).features(rows, layout)
