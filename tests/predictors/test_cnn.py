"""The network of images; the contract of predictors is about tables, which it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from segment_tables import diabetes, images
from tabsculpt.errors import UserError
from tabsculpt.predictors.cnn import ConvolutionalNetwork

QUICK = ConvolutionalNetwork(width=8, steps=60, batch_size=32)


@pytest.fixture(scope="module")
def model():
    return QUICK.fit(images(90), None, 0)


def test_it_sees_where_a_line_is(model):
    unseen = images(150).take(range(90, 150))
    found = model.predict(unseen.features)
    assert found.shape == (60, 3)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.mean(found.argmax(axis=1) == unseen.target) > 0.9
    alone = model.predict(unseen.take([3]).features)
    assert alone == pytest.approx(found[3:4], abs=1e-5)


def test_the_seed_alone_decides(model):
    table = images(90)
    first, again, other = (QUICK.fit(table, None, s).predict(table.features) for s in (0, 0, 1))
    assert (first == again).all()
    assert (first == model.predict(table.features)).all()
    assert not (first == other).all()


def test_a_class_that_training_lacks_has_probability_zero():
    table = images(60)
    found = QUICK.fit(table.take(table.target != 1), None, 0).predict(table.features)
    assert (found[:, 1] == 0).all()
    assert np.mean(found.argmax(axis=1)[table.target == 2] == 2) > 0.9


def test_weights_decide_between_rows_that_contradict_each_other():
    table = images(60)
    wrong = np.roll(table.target, 1)
    both = table.take([*range(60), *range(60)])
    frame = both.frame.copy()
    names = np.array(table.schema.classes)
    frame["label"] = np.r_[names[table.target], names[wrong]]
    frame["label"] = frame["label"].astype(table.frame["label"].dtype)
    mixed = type(table)(frame, table.schema)
    for heavy, truth in ((0, table.target), (1, wrong)):
        weights = np.where(np.repeat([0, 1], 60) == heavy, 1.0, 0.01)
        found = QUICK.fit(mixed, None, 0, weights).predict(table.features)
        assert np.mean(found.argmax(axis=1) == truth) > 0.8


def test_what_it_cannot_do_is_refused_in_one_line():
    with pytest.raises(UserError, match=r"cnn learns images, .* with the target 'target'"):
        QUICK.fit(diabetes(30), None, 0)
    with pytest.raises(UserError, match="cnn: width is a multiple of 8"):
        ConvolutionalNetwork(width=12)
    one = images(30)
    with pytest.raises(ValueError, match="at least two classes"):
        QUICK.fit(one.take(one.target == 1), None, 0)
    decays = [variant.weight_decay for variant in QUICK.regularised()]
    assert decays == pytest.approx([0.01, 0.03, 0.1])
