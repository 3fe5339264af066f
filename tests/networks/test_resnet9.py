import torch
from torch import nn

from gradlab.networks.resnet9 import Residual, resnet9


def test_it_has_eight_convolutions_two_of_them_pairs_with_a_bridge() -> None:
    model = resnet9(3, 32, 10)
    assert sum(isinstance(layer, nn.Conv2d) for layer in model.modules()) == 8
    assert sum(isinstance(layer, nn.Linear) for layer in model.modules()) == 1
    bridged = [layer for layer in model.modules() if isinstance(layer, Residual)]
    assert [sum(isinstance(part, nn.Conv2d) for part in layer.modules()) for layer in bridged] == [2, 2]


def test_a_residual_block_adds_to_what_it_was_given() -> None:
    images = torch.rand(2, 3, 4, 4)
    assert torch.equal(Residual(nn.Identity())(images), 2 * images)
