"""Sum of the changes."""

from jaxtyping import Float
from torch import Tensor


def l1_distance(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """Σ|a − b| over the values of each image, in pixel units: from 0 (identical) to C·H·W."""
    return (a - b).abs().sum(dim=(1, 2, 3))
