"""Data sets of images: digits, and CIFAR-10 from files of the test's own."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tabsculpt.datasets import cifar10
from tabsculpt.datasets.audit import audit
from tabsculpt.datasets.cifar10 import CLASSES, Cifar10
from tabsculpt.datasets.describe import table_lines
from tabsculpt.datasets.digits import Digits
from tabsculpt.datasets.images import assemble_images
from tabsculpt.datasets.notes import sentences
from tabsculpt.datasets.openml import OpenMLFile
from tabsculpt.datasets.split import split_rows
from tabsculpt.errors import UserError
from tabsculpt.table import Task
from tabsculpt.table.pixels import Pixels


def test_digits_are_those_of_scikit_learn():
    dataset, source = Digits().load(), load_digits()
    table = dataset.table
    assert table.schema.task is Task.MULTICLASS
    assert table.schema.classes == tuple("0123456789")
    assert (table.matrix() == source.data).all()
    assert (table.target == source.target).all()
    assert np.allclose(table.schema.pixels.images(table.matrix())[..., 0], source.images / 16)
    assert list(table.features) == source.feature_names
    assert table_lines(dataset)[0] == "1797 images of 8 x 8 pixels in grey, 64 features"
    assert audit(dataset, split_rows(dataset, 0.33, 0)) == []


def test_classes_are_made_rare_which_is_said():
    every, less = (Digits(minorities=["3", "8"], minority_share=s).load() for s in (0.4, 0.1))
    counts = [np.bincount(dataset.table.target) for dataset in (every, less)]
    assert [count[[3, 8, 1]].tolist() for count in counts] == [[73, 70, 182], [18, 17, 182]]
    texts = sentences(less.notes)
    assert "class 3: 18 of 183 images kept, drawn (dataset.minorities)" in texts
    rows = [{r.tobytes() for r in d.table.matrix()[d.table.target == 3]} for d in (every, less)]
    assert rows[1] < rows[0]


@pytest.mark.parametrize(
    ("minority", "share", "words"),
    [
        ("ten", 0.5, "unknown class of dataset.minorities 'ten'"),
        ("3", 1.5, "1.5 of the 183 images of class '3' are 274; expected a share of at most 1"),
        ("3", 0.01, "are 2; expected a share of at most 1 that leaves 4 or more"),
    ],
)
def test_minorities_that_cannot_be_meant_are_refused(minority, share, words):
    with pytest.raises(UserError, match=words):
        Digits(minorities=[minority], minority_share=share).load()


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((6, 5, 4, 1)), r"shape \(6, 5, 4, 1\) for 6 labels .* which is \(6, 4, 5, 1\)"),
        (np.zeros((6, 20)), r"shape \(6, 20\) for 6 labels"),
        (np.zeros((5, 4, 5, 1)), r"for 6 labels"),
        (np.full((6, 4, 5, 1), 17), "6 images have intensities outside the layout's 0 to 16"),
        (np.full((6, 4, 5, 1), np.nan), "such as nan"),
        (np.zeros((0, 4, 5, 1)), "there is no image; expected images of 4 x 5 pixels in grey"),
    ],
)
def test_images_of_another_layout_are_refused(images, words):
    labels = np.array(["a", "b", "c"] * (2 if len(images) else 0))
    with pytest.raises(UserError, match=words):
        assemble_images(images, labels, "mine", Pixels(4, 5, 1, 0, 16))


@pytest.fixture
def records():
    """40 images in each of the ten classes: class, then red, green and blue planes."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 40)[:, None]
    return np.hstack([labels, rng.integers(0, 256, size=(400, 3072))]).astype(np.uint8)


def test_the_binary_files_of_cifar10_are_read(tmp_path, records):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    (folder / "data_batch_2.bin").write_bytes(records[:200].tobytes())
    (folder / "test_batch.bin").write_bytes(records[200:].tobytes())
    dataset = Cifar10(data=str(tmp_path)).load()
    frame = dataset.table.frame
    assert dataset.table.schema.classes == CLASSES
    assert frame["label"].tolist()[::40] == list(CLASSES)
    assert frame["pixel_0_1_red"].tolist() == records[:, 2].tolist()
    assert frame["pixel_2_3_green"].tolist() == records[:, 1 + 1024 + 2 * 32 + 3].tolist()
    assert frame["pixel_31_31_blue"].tolist() == records[:, -1].tolist()
    [absent] = sentences(dataset.notes)
    assert "left out: data_batch_1.bin, data_batch_3.bin" in absent
    some = Cifar10(data=str(tmp_path), rows=100).load()
    assert np.bincount(some.table.target).tolist() == [10] * 10
    assert "100 of 400 images drawn (dataset.rows=null for all)" in sentences(some.notes)[1]


def test_openmls_copy_of_cifar10_is_read(tmp_path, records, monkeypatch):
    path = tmp_path / "dataset.arff"
    head = "@relation c\n" + "@attribute a numeric\n" * 3072 + "@attribute class {0,1}\n@DATA\n"
    lines = [",".join(map(str, [*record[1:], record[0]])) for record in records[::4].tolist()]
    path.write_text(head + "\n".join(lines) + "\n")
    monkeypatch.setattr(cifar10, "fetch", lambda _id, _looked: OpenMLFile(path))
    frame = Cifar10(data=str(tmp_path)).load().table.frame
    assert frame["pixel_0_1_red"].tolist() == records[::4, 2].tolist()
    assert frame["label"].tolist()[::10] == list(CLASSES)
    path.write_text("@data\n1,2,3\n")
    with pytest.raises(UserError, match="is not OpenML's CIFAR-10: 3 columns, not 3073"):
        Cifar10(data=str(tmp_path)).load()


def test_what_is_no_cifar10_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("openml.config.get_cache_directory", lambda: str(tmp_path / "cache"))
    monkeypatch.setattr("openml.datasets.get_dataset", _offline)
    absent = r"OpenML 40927 is not on this machine \(looked for .*; or set paths.data to the folder"
    for data in (str(tmp_path), None):
        with pytest.raises(UserError, match=absent):
            Cifar10(data=data).load()
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    file = folder / "data_batch_1.bin"
    file.write_bytes(b"\0" * 3074)
    with pytest.raises(UserError, match="has 3,074 bytes, which are no images of CIFAR-10"):
        Cifar10(data=str(tmp_path)).load()
    file.write_bytes(b"\x0b" + b"\0" * 3072)
    with pytest.raises(UserError, match="has the class 11; CIFAR-10 has 0 to 9"):
        Cifar10(data=str(tmp_path)).load()


def _offline(*_: object, **__: object) -> None:
    raise OSError("no network")
