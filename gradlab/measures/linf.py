"""The largest change of a single value."""

from jaxtyping import Float
from torch import Tensor


def linf_distance(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """max|a − b| over the values of each image, in pixel units: from 0 (identical) to 1."""
    return (a - b).abs().amax(dim=(1, 2, 3))
