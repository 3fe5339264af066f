"""What the core refuses, each in one line (past the annotations that the tests check: a user has no such net)."""

import math

import pytest
import torch
from helpers import random_images, random_labels, tiny_cnn
from torch import Tensor

import gradlab
from gradlab.errors import BadValueError, UnknownNameError
from gradlab.steps.gradient import loss_gradient
from gradlab.steps.inputs import as_images
from gradlab.steps.perturb import perturb, step


@pytest.mark.parametrize("epsilon", [math.nan, math.inf, -math.inf, 1e39])
def test_an_epsilon_must_be_finite(epsilon: float) -> None:
    model, images, labels = tiny_cnn(), random_images(2), random_labels(2)
    message = rf"^epsilon {epsilon!r}: expected a finite number, .*$".replace("+", r"\+")
    with pytest.raises(BadValueError, match=message):
        perturb(model, images, labels, epsilon)
    with pytest.raises(BadValueError, match=message):
        step(images, images, epsilon)


@pytest.mark.parametrize("value", [1.5, -0.1, math.nan, math.inf])
def test_images_must_be_pixels(value: float) -> None:
    images = random_images(2)
    images[1, 2, 3, 4] = value
    with pytest.raises(BadValueError, match=r"^expected images in \[0, 1\], got values from .* to .*$"):
        loss_gradient(tiny_cnn(), images, random_labels(2))


@pytest.mark.parametrize("images", [torch.zeros(3, 8, 8), torch.zeros(1, 3, 8, 8, dtype=torch.uint8)])
def test_images_must_be_a_batch_of_floats(images: Tensor) -> None:
    with pytest.raises(
        BadValueError,
        match=r"^expected float images \(N, C, H, W\), got (torch\..*|bytes) \(.*8, 8\)(: divide them by 255)?$",
    ):
        as_images(images)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (torch.tensor([0, 3]), "^expected labels from 0 to 2, got 0 to 3$"),
        (torch.tensor([-1, 2]), "^expected labels from 0 to 2, got -1 to 2$"),
        (torch.tensor([0]), r"^expected 2 whole numbers as labels, got torch.int64 \(1,\)$"),
        (torch.tensor([0.0, 1.0]), r"^expected 2 whole numbers as labels, got torch.float32 \(2,\)$"),
        (torch.tensor([[0], [1]]), r"^expected 2 whole numbers as labels, got torch.int64 \(2, 1\)$"),
    ],
)
def test_labels_must_fit(labels: Tensor, message: str) -> None:
    with pytest.raises(BadValueError, match=message):
        loss_gradient(tiny_cnn(), random_images(2), labels)


def test_an_unknown_rule_is_refused_with_a_hint() -> None:
    with pytest.raises(
        UnknownNameError, match="^unknown rule 'sing' .did you mean sign.*: expected one of sign, raw, "
    ):
        gradlab.perturb(tiny_cnn(), random_images(1), random_labels(1), 0.1, "sing")
