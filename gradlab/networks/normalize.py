"""Normalisation as the model's first layer, so that everything outside of it speaks of pixels in [0, 1]."""

import torch
from torch import Tensor, nn


class Normalize(nn.Module):
    """(x − mean) / std for each channel; identity until `mean` and `std` are set or loaded.

    Args:
        channels: C of the (N, C, H, W) that it takes.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("std", torch.ones(1, channels, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, H, W) in [0, 1] to normalised ones of the same shape."""
        return (images - self.mean).div_(self.std)
