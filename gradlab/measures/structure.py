"""Structural similarity."""

from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.steps.float32 import plain_float32

RADIUS = 5  # of the window: 11x11
SIGMA = 1.5
C1, C2 = 0.01**2, 0.03**2


def ssim(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """The mean structural similarity of each pair, for values in [0, 1]: 1 is identical, about 0 unrelated.

    NaN for images of less than 11x11 pixels, into which the window does not fit.

    With the Gaussian window of its authors (11x11, σ 1.5), over the places where that fits into the image, channel by
    channel. Wang, Bovik, Sheikh, Simoncelli 2004, https://doi.org/10.1109/TIP.2003.819861.
    """
    if min(a.shape[2:]) <= 2 * RADIUS:
        return a.new_full((len(a),), torch.nan)
    with plain_float32(a.device):
        return _similarity(a, b)


def _similarity(a: Tensor, b: Tensor) -> Tensor:
    rows, columns = (_window(size, a.device, a.dtype) for size in a.shape[2:])

    def blurred(values: Tensor) -> Tensor:
        return rows @ values @ columns.T

    # Variances do not depend on what is added to all values; near 0 they lose fewer digits.
    x, y = (a - 0.5).contiguous(), (b - 0.5).contiguous()
    mean_x, mean_y = blurred(x), blurred(y)
    both = mean_x * mean_y
    squares = mean_x.square() + mean_y.square()
    spread = blurred(x.square() + y.square()) - squares
    shared = blurred(x * y) - both
    # (2 · (m + ½)(n + ½) + C₁) / ((m + ½)² + (n + ½)² + C₁), of the means before 0.5 was taken away.
    shift = mean_x + mean_y + 0.5
    structure = (2 * shared + C2) / (spread + C2)
    return ((2 * both + shift + C1) / (squares + shift + C1) * structure).mean(dim=(1, 2, 3))


@lru_cache(maxsize=32)
def _window(size: int, device: torch.device, kind: torch.dtype) -> Tensor:
    """The blur along one side as a matrix (size - 10, size): two small products are quicker than a convolution."""
    places = torch.arange(-RADIUS, RADIUS + 1, dtype=torch.float64)
    weights = torch.exp(-0.5 * (places / SIGMA) ** 2)
    weights /= weights.sum()
    matrix = torch.zeros(size - 2 * RADIUS, size, dtype=torch.float64)
    for row in range(len(matrix)):
        matrix[row, row : row + 2 * RADIUS + 1] = weights
    return matrix.to(device, kind)
