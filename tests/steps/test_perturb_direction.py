"""The direction that each rule makes of a gradient, and the rounding to 8 bit."""

import io
import math

import numpy as np
import pytest
import torch
from helpers import random_images
from PIL import Image
from torch import Tensor

from gradlab.steps.perturb import direction, to_eight_bit
from gradlab.types import Rule


def norms(images: Tensor) -> Tensor:
    return images.flatten(1).norm(dim=1)


@pytest.mark.parametrize("rule", list(Rule))
def test_direction_of_a_known_gradient(rule: Rule) -> None:
    gradient = torch.tensor([3.0, 0.0, -4.0, 0.0]).view(1, 1, 2, 2)
    expected = {
        "raw": [3.0, 0.0, -4.0, 0.0],
        "sign": [1.0, 0.0, -1.0, 0.0],
        "l2": [0.6, 0.0, -0.8, 0.0],
        "max": [0.75, 0.0, -1.0, 0.0],
    }
    if rule in expected:
        assert direction(gradient, rule).flatten().tolist() == pytest.approx(expected[rule])


@pytest.mark.parametrize("rule", ["sign", "raw", "l2", "max"])
def test_no_gradient_gives_no_direction(rule: str) -> None:
    gradient = torch.zeros(2, *random_images(1).shape[1:])
    gradient[1] = 1.0
    along = direction(gradient, rule)
    assert torch.equal(along[0], gradient[0])
    assert along[1].abs().min() > 0


@pytest.mark.parametrize("size", [1e-38, 1e-30, 1e-20, 1.0, 1e30])
def test_tiny_and_huge_gradients_keep_their_direction(size: float) -> None:
    gradient = random_images(3) - 0.5
    for rule in ("l2", "max", "sign"):
        torch.testing.assert_close(direction(gradient * size, rule), direction(gradient, rule))
    torch.testing.assert_close(norms(direction(gradient * size, "l2")), torch.ones(3))


def test_random_noise_belongs_to_the_seed_and_the_index() -> None:
    gradient = random_images(3)
    places = torch.tensor([7, 3, 9])
    noise = direction(gradient, "random", seed=1, indices=places)
    assert torch.equal(noise[1:2], direction(random_images(1, seed=5), "random", seed=1, indices=places[1:2]))
    assert torch.equal(noise.double(), direction(gradient.double(), "random", seed=1, indices=places))
    assert not torch.equal(noise, direction(gradient, "random", seed=2, indices=places))
    assert not torch.equal(noise[0], noise[1])
    by_place = direction(gradient, "random", seed=1)
    assert torch.equal(by_place, direction(gradient, "random", seed=1, indices=torch.arange(3)))


def test_random_noise_is_a_fair_coin() -> None:
    noise = direction(random_images(300), "random")
    assert noise.unique().tolist() == [-1.0, 1.0]
    assert abs(float(noise.mean())) < 4 / math.sqrt(noise.numel())
    neighbours = (noise[1:] * noise[:-1]).mean()
    assert abs(float(neighbours)) < 4 / math.sqrt(noise.numel())


# 8 bit


def test_eight_bit_is_what_a_png_stores() -> None:
    images = random_images(1)
    rounded = to_eight_bit(images)
    file = io.BytesIO()
    levels = (images[0] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    Image.fromarray(levels).save(file, "PNG")
    stored = torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1).float() / 255
    assert torch.equal(rounded[0], stored)
    assert float((rounded - images).abs().max()) <= 0.5 / 255 + 1e-7
    assert torch.equal(to_eight_bit(rounded), rounded)


def test_eight_bit_keeps_all_levels() -> None:
    levels = (torch.arange(256) / 255).view(1, 1, 16, 16)
    assert torch.equal(to_eight_bit(levels), levels)
