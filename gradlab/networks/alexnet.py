"""AlexNet for small images, plain: convolutions, ReLU, max pooling, dropout; no batch norm, no skip connections.

Krizhevsky, Sutskever, Hinton, *ImageNet Classification with Deep Convolutional Neural Networks* (NeurIPS 2012,
https://doi.org/10.1145/3065386). Kept from it: five convolutions with kernels (·, 5, 3, 3, 3), the first one strided,
max pooling after the first, second and fifth, three fully connected layers with dropout before the first two, and the
widths of one of its two GPU columns (48-128-192-192-128). Changed for 32x32 pixels: a first kernel of 3 with stride 2
(11 with stride 4 would leave 8x8), pooling that doesn't overlap, hidden layers of 512 instead of 2048 a column, and no
local response norm.
"""

from torch import nn

from gradlab.networks.normalize import Normalize

WIDTHS = (48, 128, 192, 192, 128)
HIDDEN = 512
CANVAS = 32


def alexnet(channels: int, size: int, classes: int) -> nn.Sequential:
    """An untrained AlexNet that takes (N, channels, size, size) in [0, 1] and gives logits (N, classes).

    The first convolution pads whatever is smaller than 32x32 (28x28 grey, say) up to 32x32.

    Args:
        channels: 1 for grey, 3 for colour.
        size: height and width of the images in pixels, even, from 20 to 32.
        classes: the number of logits.
    """
    a, b, c, d, e = WIDTHS
    model = nn.Sequential(
        Normalize(channels),
        nn.Conv2d(channels, a, 3, stride=2, padding=1 + (CANVAS - size) // 2), nn.MaxPool2d(2), nn.ReLU(inplace=True),
        nn.Conv2d(a, b, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(inplace=True),
        nn.Conv2d(b, c, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(c, d, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(d, e, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Dropout(0.5), nn.Linear(e * (CANVAS // 16) ** 2, HIDDEN), nn.ReLU(inplace=True),
        nn.Dropout(0.5), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(inplace=True),
        nn.Linear(HIDDEN, classes),
    )  # fmt: skip
    model.apply(_initialise)
    return model


def _initialise(layer: nn.Module) -> None:
    # With PyTorch's default initialisation this depth without batch norm does not start to learn.
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
