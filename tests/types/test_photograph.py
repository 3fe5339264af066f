"""What counts as a photograph: one line, the same for what is drawn, what is computed and what is asked."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import random_batch
from torch import Tensor, nn

from gradlab.experiments.landscape import CELLS, FEWER, POINTS, loss_line, loss_plane
from gradlab.figures.pixels import halved, whole_scale
from gradlab.images.brought import image_set_of
from gradlab.images.registry import registered
from gradlab.images.table import DATASETS
from gradlab.networks import ModelCard
from gradlab.seeing.blind import Wish
from gradlab.seeing.blind.protocol import FEWER as FEW_AT_A_TIME
from gradlab.seeing.blind.protocol import PHOTOGRAPHS, stream_protocol
from gradlab.types import PHOTOGRAPH, Batch, Rule, is_photograph
from gradlab.ui.state import widths

# What is shipped, and what people bring; whether it is a photograph.
SIZES = {28: False, 32: False, 64: False, 96: False, 128: False, 129: True, 160: True, 224: True, 384: True}
each_size = pytest.mark.parametrize("size", SIZES)


class Brightness(nn.Module):
    """As bright as they are: one image costs next to nothing, however large it is."""

    def forward(self, images: Tensor) -> Tensor:
        mean = images.mean((1, 2, 3))
        return torch.stack([mean, -mean, 0 * mean], 1)


def batch_of(size: int, count: int = 1) -> Batch:
    images = torch.rand((count, 1, size, size), generator=torch.Generator().manual_seed(0)) / 4 + 3 / 8
    return replace(random_batch(count), images=images, labels=torch.zeros(count, dtype=torch.int64))


@each_size
def test_the_line_is_the_same_for_all_shapes_of_an_image(size: int) -> None:
    assert is_photograph((size, size)) == is_photograph((7, 3, size, size)) == SIZES[size]
    assert is_photograph(torch.Size((3, 8, size))) == is_photograph((3, size, 8)) == SIZES[size]


def test_no_image_of_a_shipped_data_set_is_one() -> None:
    assert not any(is_photograph(spec.shape) for spec in DATASETS.values())


@each_size
def test_a_small_image_is_drawn_enlarged_and_a_photograph_as_it_is(size: int) -> None:
    assert whole_scale(size, 2 * PHOTOGRAPH) == (1 if SIZES[size] else 2 * PHOTOGRAPH // size)
    assert (halved(np.zeros((1, 3, size, size), np.uint8), PHOTOGRAPH).shape[-1] < size) == SIZES[size]
    assert (min(widths(size)) == size) == (SIZES[size] or size == 96)


@each_size
def test_a_landscape_of_a_photograph_is_coarser(size: int) -> None:
    # The line alone, of most sizes: a plane of the largest would hold 1,681 images of 384 × 384.
    points, cells = FEWER if SIZES[size] else (POINTS, CELLS)
    model, batch = Brightness(), batch_of(size)
    assert len(loss_line(model, batch, Rule.SIGN, 0.1).epsilons) == points
    if size in (96, 129):
        assert loss_plane(model, batch, Rule.SIGN, 0.1).loss.shape == (cells, cells)


@each_size
def test_a_blind_test_of_photographs_looks_at_fewer(size: int) -> None:
    batch = replace(batch_of(size, 100), dataset="large")
    card = ModelCard("bright", "large", "Brightness", 1, size, 3, 0, "ab" * 32)
    with registered(image_set_of("large", batch.images, batch.labels, classes=("a", "b", "c"))):
        first, *_ = stream_protocol(Brightness(), card, batch, Wish(rules=(Rule.SIGN,)), seed=0)
    assert (first.done, first.planned) == ((FEW_AT_A_TIME, PHOTOGRAPHS) if SIZES[size] else (64, 100))
