"""How many pixels differ at all."""

from jaxtyping import Float
from torch import Tensor

from gradlab.steps.epsilon import PIXEL_LEVELS


def changed_pixels(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """L0 as a share: of the H·W pixels of each image, those that differ after rounding both to 8 bit, from 0 to 1.

    A pixel counts once, whichever of its channels moved, as in the one-pixel attack of Su, Vargas, Sakurai 2019,
    https://doi.org/10.1109/TEVC.2019.2890858.
    """
    differ = ((a * PIXEL_LEVELS).round() != (b * PIXEL_LEVELS).round()).any(dim=1)
    return differ.to(a.dtype).mean(dim=(1, 2))
