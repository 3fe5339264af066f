"""ResNet-9 for small images: eight convolutions with batch norm, two of the pairs bridged by a skip connection.

In the manner of David Page, *How to Train Your ResNet* (2018, https://myrtle.ai/learn/how-to-train-your-resnet/), the
network of the DAWNBench entries, after He, Zhang, Ren, Sun, *Deep Residual Learning for Image Recognition* (CVPR 2016,
https://doi.org/10.1109/CVPR.2016.90): a stem, three stages that each double the channels and halve the picture, a
residual block in the first and the third, global max pooling, one linear layer. Changed: half of its channels.
"""

from torch import Tensor, nn

from gradlab.networks.normalize import Normalize

WIDTH = 32


class Residual(nn.Module):
    """images + body(images)."""

    def __init__(self, *body: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        out: Tensor = images + self.body(images)
        return out


def resnet9(channels: int, size: int, classes: int, width: int = WIDTH) -> nn.Sequential:
    """An untrained ResNet-9 that takes (N, channels, size, size) in [0, 1] and gives logits (N, classes).

    Args:
        channels: 1 for grey, 3 for colour.
        size: height and width of the images in pixels, at least 8; the picture is halved three times, rounded down.
        classes: the number of logits.
        width: channels of the stem; the last stage has eight times as many.
    """
    a, b, c, d = width, 2 * width, 4 * width, 8 * width
    return nn.Sequential(
        Normalize(channels),
        *_convolution(channels, a),
        *_convolution(a, b, pool=True), Residual(*_convolution(b, b), *_convolution(b, b)),
        *_convolution(b, c, pool=True),
        *_convolution(c, d, pool=True), Residual(*_convolution(d, d), *_convolution(d, d)),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(d, classes),
    )  # fmt: skip


def _convolution(taken: int, given: int, *, pool: bool = False) -> list[nn.Module]:
    # Pooling before batch norm and ReLU: the same up to a factor's sign, and a quarter of the work.
    layers: list[nn.Module] = [nn.Conv2d(taken, given, 3, padding=1, bias=False)]
    if pool:
        layers.append(nn.MaxPool2d(2))
    return [*layers, nn.BatchNorm2d(given), nn.ReLU(inplace=True)]
