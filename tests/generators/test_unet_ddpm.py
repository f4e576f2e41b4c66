"""The U-Net of images: its way back against a network that knows the answer, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from segment_tables import diabetes, images
from tabsculpt.errors import UserError
from tabsculpt.generators.unet_ddpm.denoising import ImageDiffusion
from tabsculpt.generators.unet_ddpm.network import UNet
from tabsculpt.generators.unet_ddpm.unet_ddpm import UNetDDPM
from tabsculpt.table.pixels import Pixels

QUICK = UNetDDPM(
    timesteps=50, sampling_steps=8, widths=[16, 24], steps=150, batch_size=32, average=0.9
)
NOTHING = 2


class Knows(torch.nn.Module):
    """Says the velocity of images that are -0.5 for class 0, 0.5 for 1, and 0 for none."""

    def __init__(self, diffusion: ImageDiffusion) -> None:
        super().__init__()
        self.diffusion = diffusion

    def forward(self, flat, times, labels):
        diffusion = self.diffusion
        start = torch.tensor([-0.5, 0.5, 0.0])[labels][:, None].expand_as(flat)
        at = (times * diffusion.steps).round().long()
        kept = diffusion.pixels.kept[at][:, None]
        noise = (flat - kept.sqrt() * start) / (1 - kept).sqrt()
        return diffusion.pixels.velocity(start, at, noise)


def drawn(guidance, steps=5):
    diffusion = ImageDiffusion.over(40, NOTHING, "cpu")
    labels = torch.tensor([0, 1, 1])
    noise = torch.Generator().manual_seed(0)
    return diffusion.draw(Knows(diffusion), labels, 6, steps, guidance, noise).numpy()


def test_the_way_back_ends_at_what_the_network_knows():
    expected = np.repeat([[-0.5], [0.5], [0.5]], 6, axis=1)
    for steps in (1, 5, 40):
        assert drawn(0.0, steps) == pytest.approx(expected, abs=1e-3)


def test_guidance_goes_beyond_the_class_away_from_what_is_said_without():
    assert drawn(0.5) == pytest.approx(1.5 * drawn(0.0), abs=1e-3)
    assert drawn(9.0)[1] == pytest.approx(np.ones(6))  # no pixel is lighter than white


def test_the_loss_of_a_network_that_knows_is_none():
    diffusion = ImageDiffusion.over(40, NOTHING, "cpu")
    rows = (torch.tensor([[-0.5] * 6, [0.5] * 6]), torch.tensor([0, 1]))
    noise = torch.Generator().manual_seed(0)
    network = Knows(diffusion)
    assert float(diffusion.loss(network, rows, noise, untold=0.0)) < 1e-6
    assert float(diffusion.loss(network, rows, noise, untold=1.0)) > 0.01


@pytest.mark.parametrize("shape", [(5, 7, 1), (4, 4, 3), (1, 9, 1)])
def test_images_of_any_size_come_out_as_they_went_in(shape):
    pixels = Pixels(*shape, 0, 1)
    network = UNet(pixels, 3, [8, 8, 16])
    flat = torch.randn(2, pixels.count)
    said = network(flat, torch.tensor([0.1, 0.9]), torch.tensor([0, 3]))
    assert said.shape == flat.shape
    assert said.isfinite().all()


def test_a_class_is_known_by_its_images():
    table = images(90)
    model = QUICK.fit(table, 0, "cpu")
    sample = model.sample(60, 1)
    assert np.bincount(sample.target).tolist() == [20, 20, 20]
    shades = table.schema.pixels.images(sample.matrix())[..., 0]
    lightest = shades.mean(axis=2)[:, 1:4].argmax(axis=1)  # lines 1 to 3 are those of the classes
    assert np.mean(lightest == sample.target) > 0.85
    assert (shades[:, 0, 0] == 0).all()  # as in every training row
    given = model.sample(12, 1, {"label": "top"})
    assert set(given.frame["label"]) == {"top"}
    with pytest.raises(UserError, match="'pixel_0_0' cannot be set, only the target 'label'"):
        model.sample(1, 0, {"pixel_0_0": 1.0})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"sampling_steps": 300}, "sampling_steps is 300, expected at most timesteps, 200"),
        ({"untold": 1.0}, "untold is 1.0, expected at least 0 and less than 1"),
        ({"untold": 0.0, "guidance": 1.0}, "guidance needs untold above 0"),
        ({"guidance": -1.0}, "guidance is at least 0"),
        ({"widths": []}, "widths is 0, expected at least 1"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, words):
    with pytest.raises(UserError, match=words):
        UNetDDPM(**settings)


def test_rows_that_are_no_images_are_refused():
    with pytest.raises(UserError, match=r"unet_ddpm learns images, .* no layout of pixels; use"):
        QUICK.fit(diabetes(20), 0, "cpu")
