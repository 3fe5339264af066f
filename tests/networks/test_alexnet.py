import torch
from torch import nn

from gradlab.networks import Normalize
from gradlab.networks.alexnet import alexnet


def test_normalisation_is_a_layer_and_not_trained() -> None:
    model = alexnet(3, 32, 10)
    names = {name for name, _ in model.named_parameters()}
    assert {"0.mean", "0.std"} <= model.state_dict().keys() - names
    assert model.state_dict()["0.mean"].shape == (1, 3, 1, 1)
    assert sum(isinstance(layer, Normalize) for layer in model.modules()) == 1


def test_normalize_is_the_identity_until_it_is_set() -> None:
    images, layer = torch.rand(2, 3, 4, 4), Normalize(3)
    assert torch.equal(layer(images), images)
    layer.load_state_dict({"mean": torch.full((1, 3, 1, 1), 0.5), "std": torch.full((1, 3, 1, 1), 0.25)})
    assert torch.equal(layer(images), (images - 0.5) * 4)


def test_it_is_plain() -> None:
    """No batch norm, no local response norm, no skip connections: a sequence of the few layers of the paper."""
    layers = [*alexnet(3, 32, 10).children()]
    kinds = (Normalize, nn.Conv2d, nn.ReLU, nn.MaxPool2d, nn.Flatten, nn.Dropout, nn.Linear)
    assert {type(layer) for layer in layers} == set(kinds)
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    assert [layer.kernel_size for layer in convolutions] == [(3, 3), (5, 5), *[(3, 3)] * 3]
    assert [layer.stride for layer in convolutions] == [(2, 2), *[(1, 1)] * 4]
    assert [(layer.kernel_size, layer.stride) for layer in layers if isinstance(layer, nn.MaxPool2d)] == [(2, 2)] * 3


def test_the_signal_neither_dies_nor_explodes() -> None:
    """What Kaiming's initialisation is there for: with PyTorch's own, the logits of this depth are all alike."""
    torch.manual_seed(0)
    spread = alexnet(3, 32, 10).eval()(torch.randn(64, 3, 32, 32)).std(0).mean()
    assert 0.1 < spread < 10
