"""An image set and a network of nobody's: made known for a while, as what a person brings will be."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from gradlab.images import registry as image_registry
from gradlab.images.brought import image_set_of
from gradlab.images.registry import ImageSet
from gradlab.networks import registry as network_registry
from gradlab.networks.brought import Network, network_of
from gradlab.networks.registry import Known

CLASSES = ("red", "green", "blue")
SHAPE = (3, 20, 20)


def pixels(count: int = 12) -> Tensor:
    """Bytes (N, 3, 20, 20), the channel of each image's class brighter than the others."""
    generator = torch.Generator().manual_seed(0)
    found = torch.randint(60, 180, (count, *SHAPE), generator=generator)
    found[torch.arange(count), torch.arange(count) % 3] += 40
    return found.to(torch.uint8)


def toy_images(key: str = "toy", labelled: bool = True) -> ImageSet:
    """Twelve images of three classes; the labels are known, or none is."""
    labels = torch.arange(12) % 3 if labelled else None
    return image_set_of(key, pixels(), labels, classes=CLASSES, title="Toy colours", licence="none needed")


def toy_module() -> nn.Module:
    """Tells the brightest channel."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))
    brightest = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return _Sum(net, brightest).eval()


class _Sum(nn.Module):
    def __init__(self, first: nn.Module, second: nn.Module) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, images: Tensor) -> Tensor:
        summed: Tensor = 0.2 * self.first(images) + 30 * self.second(images)
        return summed


def toy_network(dataset: str = "toy", name: str = "tiny") -> Network:
    return network_of(toy_module(), name, dataset, classes=3, size=20, note="A toy.")


@contextmanager
def toys(key: str = "toy", labelled: bool = True) -> Iterator[tuple[ImageSet, Known]]:
    """Both are known."""
    with (
        image_registry.registered(toy_images(key, labelled)) as images,
        network_registry.registered(toy_network(key)) as network,
    ):
        yield images, network
