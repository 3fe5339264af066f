"""Euclidean distance."""

import torch
from jaxtyping import Float
from torch import Tensor


def l2_distance(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """√Σ(a − b)² over the values of each image, in pixel units: from 0 (identical) to √(C·H·W)."""
    distance: Tensor = torch.linalg.vector_norm(a - b, dim=(1, 2, 3))
    return distance
