"""How different two colours look: CIELAB, and CIEDE2000, the difference that the CIE settled on in 2000."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.errors import BadValueError

# Linear sRGB to CIE XYZ, as ITU-R BT.709's primaries and its white D65 give it.
TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
EDGE = (6 / 29) ** 3  # below it CIELAB's cube root is replaced by a line


def to_lab(images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n 3 h w"]:
    """Images in [0, 1], taken for sRGB, as L* (0 black to 100 white), a* and b*; grey ones for R = G = B.

    The white is that of the matrix itself, its rows' sums, so that a* and b* of a grey are 0 except for rounding.
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


HIGH = 0.95  # of the pixels of an image: what the largest differences are, without a single one deciding


def ciede2000(a: Float[Tensor, "n 3 h w"], b: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n h w"]:
    """The colour difference ΔE₀₀ of each pair of pixels in CIELAB, with all weights k = 1.

    From 0 (identical) upwards; black and white are 100 apart. Of float32 images it is exact to about 0.001.

    Sharma, Wu, Dalal 2005, https://doi.org/10.1002/col.20070; the formula: ISO/CIE 11664-6:2022.
    """
    (l1, a1, b1), (l2, a2, b2) = a.unbind(1), b.unbind(1)
    stretch = 1.5 - 0.5 * _saturation((torch.hypot(a1, b1) + torch.hypot(a2, b2)) / 2)
    (c1, h1), (c2, h2) = _polar(a1 * stretch, b1), _polar(a2 * stretch, b2)
    turn, hue = _between(h1, h2, (c1 == 0) | (c2 == 0))
    chroma, off_grey = (c1 + c2) / 2, ((l1 + l2) / 2 - 50) ** 2
    lightness = (l2 - l1) / (1 + 0.015 * off_grey / (20 + off_grey).sqrt())
    colour = (c2 - c1) / (1 + 0.045 * chroma)
    tint = 2 * (c1 * c2).sqrt() * torch.sin(turn / 2) / (1 + 0.015 * chroma * _hue_weight(hue))
    rotation = -torch.sin(math.radians(60) * _blue(hue)) * 2 * _saturation(chroma)
    return (lightness**2 + colour**2 + tint**2 + rotation * colour * tint).clamp(min=0).sqrt()


def colour_differences(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, "n h w"]:
    """ΔE₀₀ of each pixel of images in [0, 1], taken for sRGB; of grey ones it is the difference in lightness.

    Raises:
        BadValueError: for images of neither 1 nor 3 channels.
    """
    return ciede2000(to_lab(a), to_lab(b))


def mean_colour_difference(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """The mean over the pixels of each image of `colour_differences`, from 0 (identical) upwards."""
    return mean_of(colour_differences(a, b))


def high_colour_difference(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """The 95th percentile over the pixels of each image of `colour_differences`: 5 % of them differ by more.

    Between two pixels it is interpolated linearly, as numpy does.
    """
    return high_of(colour_differences(a, b))


def mean_of(differences: Float[Tensor, "n h w"]) -> Float[Tensor, " n"]:
    """`mean_colour_difference`, of differences that are known."""
    mean: Tensor = differences.mean(dim=(1, 2))
    return mean


def high_of(differences: Float[Tensor, "n h w"]) -> Float[Tensor, " n"]:
    """`high_colour_difference`, of differences that are known."""
    ordered = differences.flatten(1).sort(dim=1).values
    place = HIGH * (ordered.shape[1] - 1)
    low, high = ordered[:, math.floor(place)], ordered[:, math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def _polar(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Chroma, and hue in radians, from 0 to 2π."""
    hue = torch.atan2(b, a)
    return torch.hypot(a, b), torch.where(hue < 0, hue + math.tau, hue)


def _between(h1: Tensor, h2: Tensor, grey: Tensor) -> tuple[Tensor, Tensor]:
    """The shorter way from one hue to the other, signed, and the hue in its middle; a grey has none of its own."""
    turn, total = h2 - h1, h1 + h2
    far = turn.abs() > math.pi
    shorter = torch.where(far, turn - math.tau * turn.sign(), turn)
    middle = torch.where(far, torch.where(total < math.tau, total + math.tau, total - math.tau), total) / 2
    return torch.where(grey, 0.0, shorter), torch.where(grey, total, middle)


def _saturation(chroma: Tensor) -> Tensor:
    """From 0 for grey to 1."""
    power = chroma**7
    return (power / (power + 25**7)).sqrt()


def _hue_weight(hue: Tensor) -> Tensor:
    """T of the formula."""
    terms = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    weight = torch.ones_like(hue)
    for size, times, degrees in terms:
        weight += size * torch.cos(times * hue + math.radians(degrees))
    return weight


def _blue(hue: Tensor) -> Tensor:
    """How close a hue is to 275°, where hue and chroma are mixed up: at most 1."""
    return torch.exp(-(((torch.rad2deg(hue) - 275) / 25) ** 2))
