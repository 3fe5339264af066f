import pytest
import torch
from torch import nn

from gradlab.networks import ARCHITECTURES
from gradlab.networks.resnet9 import Residual, resnet9


@pytest.mark.parametrize(
    ("channels", "size", "classes", "parameters"),
    [
        (3, 32, 10, 1_646_122),  # as the cards say
        (1, 28, 10, 1_646_122 - 2 * 9 * 32),  # two channels fewer in 32 kernels of 3x3
        (3, 32, 100, 1_646_122 + 90 * (256 + 1)),  # ninety more logits of 256 weights and a bias
        (3, 47, 10, 1_646_122),
    ],
)
def test_any_small_image_gives_its_logits(channels: int, size: int, classes: int, parameters: int) -> None:
    model = resnet9(channels, size, classes)
    logits = model.eval()(torch.rand(2, channels, size, size))
    assert logits.shape == (2, classes)
    assert logits.isfinite().all()
    assert sum(p.numel() for p in model.parameters()) == parameters


def test_it_has_eight_convolutions_two_of_them_pairs_with_a_bridge() -> None:
    model = resnet9(3, 32, 10)
    assert sum(isinstance(layer, nn.Conv2d) for layer in model.modules()) == 8
    assert sum(isinstance(layer, nn.Linear) for layer in model.modules()) == 1
    bridged = [layer for layer in model.modules() if isinstance(layer, Residual)]
    assert [sum(isinstance(part, nn.Conv2d) for part in layer.modules()) for layer in bridged] == [2, 2]


def test_a_residual_block_adds_to_what_it_was_given() -> None:
    images = torch.rand(2, 3, 4, 4)
    assert torch.equal(Residual(nn.Identity())(images), 2 * images)


def test_an_image_does_not_see_the_others() -> None:
    model, images = resnet9(3, 32, 10).eval(), torch.rand(4, 3, 32, 32)
    torch.testing.assert_close(model(images)[2:3], model(images[2:3]))


def test_the_table_knows_it() -> None:
    assert ARCHITECTURES["resnet9"] is resnet9
