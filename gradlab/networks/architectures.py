"""The table of architectures: each builds an untrained network from (channels, size, classes)."""

from collections.abc import Callable

from torch import nn

from gradlab.networks.alexnet import alexnet
from gradlab.networks.resnet9 import resnet9

ARCHITECTURES: dict[str, Callable[[int, int, int], nn.Module]] = {"alexnet": alexnet, "resnet9": resnet9}
