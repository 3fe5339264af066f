"""What every architecture of the table promises."""

import pytest
import torch

from gradlab.networks import ARCHITECTURES
from gradlab.networks.alexnet import alexnet
from gradlab.networks.resnet9 import resnet9


@pytest.mark.parametrize(
    ("name", "channels", "size", "classes", "parameters"),
    [
        ("alexnet", 3, 32, 10, 1_460_170),  # as the cards say
        ("alexnet", 1, 28, 10, 1_460_170 - 2 * 9 * 48),  # two channels fewer in 48 kernels of 3x3
        ("alexnet", 3, 32, 100, 1_460_170 + 90 * (512 + 1)),  # ninety more logits of 512 weights and a bias
        ("alexnet", 3, 20, 10, 1_460_170),  # padded up, so not one weight fewer
        ("resnet9", 3, 32, 10, 1_646_122),  # as the cards say
        ("resnet9", 1, 28, 10, 1_646_122 - 2 * 9 * 32),  # two channels fewer in 32 kernels of 3x3
        ("resnet9", 3, 32, 100, 1_646_122 + 90 * (256 + 1)),  # ninety more logits of 256 weights and a bias
        ("resnet9", 3, 47, 10, 1_646_122),
    ],
)
def test_any_small_image_gives_its_logits(name: str, channels: int, size: int, classes: int, parameters: int) -> None:
    model = ARCHITECTURES[name](channels, size, classes)
    logits = model.eval()(torch.rand(2, channels, size, size))
    assert logits.shape == (2, classes)
    assert logits.isfinite().all()
    assert sum(p.numel() for p in model.parameters()) == parameters


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_image_does_not_see_the_others(name: str) -> None:
    model, images = ARCHITECTURES[name](3, 32, 10).eval(), torch.rand(4, 3, 32, 32)
    torch.testing.assert_close(model(images)[2:3], model(images[2:3]))


def test_the_table_knows_them() -> None:
    assert ARCHITECTURES["alexnet"] is alexnet
    assert ARCHITECTURES["resnet9"] is resnet9
