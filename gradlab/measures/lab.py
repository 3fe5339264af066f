"""CIELAB: coordinates of a colour in which equal distances are meant to look about equally large."""

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.errors import BadValueError

# Linear sRGB to CIE XYZ, as ITU-R BT.709's primaries and its white D65 give it.
TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
EDGE = (6 / 29) ** 3  # below it CIELAB's cube root is replaced by a line


def to_lab(images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n 3 h w"]:
    """Images in [0, 1], taken for sRGB, as L* (0 black to 100 white), a* and b*; grey ones for R = G = B.

    The white is that of the matrix itself, its rows' sums, so that a* and b* of a grey are 0 but for rounding.
    sRGB: IEC 61966-2-1, https://www.w3.org/Graphics/Color/sRGB; CIELAB: ISO/CIE 11664-4:2019.

    Raises:
        BadValueError: for images of neither 1 nor 3 channels.
    """
    if images.shape[1] not in (1, 3):
        raise BadValueError(f"expected grey or RGB images, of 1 or 3 channels, got {images.shape[1]}")
    linear = torch.where(images <= 0.04045, images / 12.92, ((images + 0.055) / 1.055) ** 2.4)
    channels = linear.expand(-1, 3, -1, -1).unbind(1)
    # Value by value and not as a matrix product, which a GPU may be set to compute with fewer digits.
    x, y, z = (
        _root(sum((w / sum(row) * c for w, c in zip(row, channels, strict=True)), torch.zeros_like(channels[0])))
        for row in TO_XYZ
    )
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def _root(share: Tensor) -> Tensor:
    """CIELAB's f of a tristimulus value as a share of the white's."""
    return torch.where(share > EDGE, share.clamp(min=EDGE) ** (1 / 3), share * (29 / 6) ** 2 / 3 + 4 / 29)
