"""Photographs of CIFAR-10's form through a whole job."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

from make_colour_images import records
from tabsculpt.cli.main import app
from tabsculpt.datasets.cifar10 import FOLDER, Cifar10
from tabsculpt.datasets.determines import determining_features
from tabsculpt.generators.unet_ddpm.unet_ddpm import UNetDDPM
from tabsculpt.table import Table


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """40 pictures in one file, on which a spot of a class's own colour and place is seen."""
    folder = tmp_path_factory.mktemp("data")
    (folder / FOLDER).mkdir()
    records(40).tofile(folder / FOLDER / "data_batch_1.bin")
    return folder


def test_a_whole_job_ends_with_results_quality_and_pictures(data, tmp_path):
    typed = [
        "dataset=cifar10", "dataset.rows=null", f"paths.data={data}", "split.test_size=0.5",
        "generator=unet_ddpm",
        "generator.steps=5", "generator.widths=[8]", "generator.sampling_steps=2",
        "pipeline=traditional", "protocol=tstr", "predictors=images", "predictors.cnn.steps=3",
        "~predictors.random_forest", "repeats=1", "baseline=false", "hydra/launcher=serial",
    ]  # fmt: skip
    ended = CliRunner().invoke(app, ["run", *typed, f"paths.outputs={tmp_path}"])
    assert ended.exit_code == 0, ended.output
    assert "40 images of 32 x 32 pixels in colour" in ended.output
    rows = pd.read_parquet(tmp_path / "results")
    assert set(rows.status) == {"ok"}
    assert set(rows.predictor.dropna()) == {"cnn", "linear"}
    quality = pd.read_parquet(tmp_path / "quality").set_index("metric")
    assert quality.loc["fid_held_out", "value"] > quality.loc["fid_held_out", "reference"] > 0
    pictures = pd.read_parquet(tmp_path / "images")
    assert set(pictures["sort"]) == {"real", "synthetic"}
    assert {len(shades) for shades in pictures.shades} == {3072}


def test_what_it_takes_is_said_before_it_starts(data):
    hours = UNetDDPM().expected_seconds(rows=6700, asked=6700, columns=3073) / 3600
    minutes = UNetDDPM().expected_seconds(rows=1200, asked=1200, columns=65) / 60
    assert 0.15 < hours < 0.4
    assert 0.5 < minutes < 1.5
    guided = UNetDDPM(guidance=1.0)
    assert guided.expected_seconds(100, 100, 65) > UNetDDPM().expected_seconds(100, 100, 65)


def test_a_pixel_that_tells_the_class_is_found_among_thousands(data):
    table = Cifar10(data=str(data), rows=None).load().table
    assert determining_features(table) == {}
    told = table.frame.assign(pixel_3_7_green=10.0 * table.target)
    assert list(determining_features(Table(told, table.schema))) == ["pixel_3_7_green"]
