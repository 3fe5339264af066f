"""A gallery at once: what its streams say, put together."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from helpers import SHAPE, Linear, counted_calls, grey_images, random_batch, tiny_cnn

import gradlab
from gradlab.errors import BadValueError, UnknownNameError
from gradlab.experiments.gallery import gallery
from gradlab.experiments.pool import stream_flips, stream_pool, stream_tiles
from gradlab.experiments.sweep import sweep
from gradlab.experiments.work import provenance_of
from gradlab.steps.epsilon import default_grid
from gradlab.types import Batch, Gallery, Rule, Tiles


def test_it_is_public_and_not_the_module() -> None:
    assert gradlab.gallery is gallery


@pytest.mark.parametrize(("epsilon", "side", "goes"), [(0.1, 0, 1), (-0.1, 0, -1), (0.0, 0, 1), (0.1, -1, -1)])
def test_it_is_what_the_streams_say(epsilon: float, side: int, goes: int) -> None:
    model, batch = tiny_cnn(), random_batch(9)
    found = gallery(model, batch, "random", epsilon, side=side, labels="predicted", seed=5, batch_size=4)
    *_, pool = stream_pool(model, batch, labels="predicted", batch_size=4)
    *_, tiles = stream_tiles(model, pool, "random", epsilon, seed=5, batch_size=4)
    *_, flips = stream_flips(model, pool, "random", goes, seed=5, batch_size=4)
    assert isinstance(found.tiles, Tiles)
    wanted = Gallery(
        batch.indices.numpy(), batch.labels.numpy(), pool.predictions.numpy(), tiles.predictions, flips.epsilons,
        pool.confidence.numpy(), provenance=provenance_of(model, batch, "predicted", 5),
    )  # fmt: skip
    for name in (field.name for field in fields(Gallery) if field.name != "tiles"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name), err_msg=name)
    np.testing.assert_array_equal(found.tiles.images, tiles.images)
    np.testing.assert_array_equal(found.tiles.confidence, tiles.confidence)


def test_its_classes_are_those_of_a_sweep() -> None:
    model, batch = tiny_cnn(), random_batch(30)
    found, swept = gallery(model, batch, "sign", 8 / 255), sweep(model, batch, ["sign"], precision="float32")
    k = default_grid(Rule.SIGN).index(8 / 255)
    np.testing.assert_array_equal(found.predictions, swept.curve(Rule.SIGN).predictions[k])
    np.testing.assert_array_equal(found.clean_predictions, swept.clean_predictions)


def test_down_the_loss_of_its_own_class_a_linear_model_never_flips() -> None:
    model = Linear(classes=2)
    away = torch.linspace(-0.2, 0.2, 5)[:, None, None, None] * model.weight[0].detach().view(SHAPE).float()
    images = (grey_images(5) + away).clamp(0.3, 0.7)
    batch = Batch(images, torch.zeros(5, dtype=torch.int64), torch.arange(5), ("ant", "bee"), "zoo", "test", "sample")
    found = gallery(model.float(), batch, "sign", -0.01, labels="predicted")
    assert set(found.clean_predictions) == {0, 1}
    assert np.isnan(found.flips).all()
    np.testing.assert_array_equal(found.predictions, found.clean_predictions)


def test_each_image_costs_one_backward_pass() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        gallery(model, random_batch(10), "l2", 0.5, batch_size=4)
    assert calls["backward"] == 3


def test_what_is_refused() -> None:
    model, batch = tiny_cnn(), random_batch(2)
    nothing = Batch(
        batch.images[:0], batch.labels[:0], batch.indices[:0], batch.classes, batch.dataset, "test", "sample"
    )  # fmt: skip
    with pytest.raises(BadValueError, match="expected at least one image for a gallery, got none"):
        gallery(model, nothing, "sign", 0.1)
    with pytest.raises(UnknownNameError):
        gallery(model, batch, "signn", 0.1)
    with pytest.raises(BadValueError, match="finite"):
        gallery(model, batch, "sign", float("nan"))
