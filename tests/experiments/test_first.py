"""The images to begin with: looked for among real ones, and checked against the steps taken one by one."""

from dataclasses import replace

import pytest
import torch
from helpers import random_batch, tiny_cnn

import gradlab
from gradlab.experiments.first import SIZES, first_images
from gradlab.networks import ModelCard, read_cards
from gradlab.types import Batch

FEW = 60


@pytest.mark.parametrize("card", read_cards(), ids=lambda card: f"{card.name}-{card.dataset}")
def test_each_network_has_an_image_that_a_small_step_turns_and_a_mistake_that_one_repairs(card: ModelCard) -> None:
    model = gradlab.load_model(card.name, card.dataset)
    batch = gradlab.load_batch(card.dataset, limit=FEW, source="sample")
    found = first_images(model, batch)
    assert found.turned is not None
    assert found.repaired is not None
    label = int(batch.labels[found.turned])
    assert said(model, batch, found.turned, 0) == label
    assert {said(model, batch, found.turned, size) == label for size in SIZES[2:]} == {False}
    label = int(batch.labels[found.repaired])
    assert said(model, batch, found.repaired, 0) != label
    assert {said(model, batch, found.repaired, -size) == label for size in SIZES[2:]} == {True}


def said(model: torch.nn.Module, batch: Batch, row: int, epsilon: float) -> int:
    one, label = batch.images[row : row + 1], batch.labels[row : row + 1]
    return int(model(gradlab.perturb(model, one, label, epsilon)).argmax())


def test_the_surest_of_those_that_a_small_step_turns_comes_first() -> None:
    model = gradlab.load_model("alexnet", "cifar10")
    batch = gradlab.load_batch("cifar10", limit=FEW, source="sample")
    sure, clean = model(batch.images).softmax(1).max(1)
    small = {
        n: float(sure[n])
        for n in range(FEW)
        if int(clean[n]) == int(batch.labels[n])
        and all(said(model, batch, n, size) != int(batch.labels[n]) for size in SIZES[2:])
    }
    assert first_images(model, batch).turned == max(small, key=small.__getitem__)


def test_without_labels_what_the_network_says_stands_for_them() -> None:
    model, batch = gradlab.load_model("alexnet", "cifar10"), gradlab.load_batch("cifar10", limit=20, source="sample")
    unknown = replace(batch, labels=torch.full_like(batch.labels, -1))
    found = first_images(model, unknown)
    assert found == first_images(model, replace(batch, labels=model(batch.images).argmax(1)))
    assert found.turned is not None
    assert found.repaired is None


def test_none_where_no_image_is_like_that() -> None:
    class Stubborn(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.flatten(1)[:, :3] * 1e-3 + torch.tensor([5.0, 0.0, 0.0])

    batch = random_batch(4)
    assert first_images(Stubborn(), replace(batch, labels=torch.zeros(4, dtype=torch.int64))).turned is None
    assert first_images(tiny_cnn(), batch) == first_images(tiny_cnn(), batch)
