"""Normalisation as the model's first layer, so that everything outside of it speaks of pixels in [0, 1]."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Normalize(nn.Module):
    """(x − mean) / std for each channel; identity until `mean` and `std` are set or loaded.

    Args:
        channels: C of the (N, C, H, W) that it takes.
        mean: of each channel, (C,); None for 0.
        std: likewise; None for 1.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int, mean: Sequence[float] | None = None, std: Sequence[float] | None = None) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean or [0.0] * channels).view(1, channels, 1, 1))
        self.register_buffer("std", torch.tensor(std or [1.0] * channels).view(1, channels, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, H, W) in [0, 1] to normalised ones of the same shape."""
        return (images - self.mean).div_(self.std)
