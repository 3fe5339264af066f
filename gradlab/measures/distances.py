"""How far the values of two images are apart: L0, L1, L2, L∞, and the peak signal-to-noise ratio."""

import torch
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


def l1_distance(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """Σ|a − b| over the values of each image, in pixel units: from 0 (identical) to C·H·W."""
    return (a - b).abs().sum(dim=(1, 2, 3))


def l2_distance(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """√Σ(a − b)² over the values of each image, in pixel units: from 0 (identical) to √(C·H·W)."""
    distance: Tensor = torch.linalg.vector_norm(a - b, dim=(1, 2, 3))
    return distance


def linf_distance(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """max|a − b| over the values of each image, in pixel units: from 0 (identical) to 1."""
    return (a - b).abs().amax(dim=(1, 2, 3))


def psnr(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """−10·log₁₀ of the mean squared difference of each pair, for a peak of 1: in dB, from 0 to ∞ (identical).

    Huynh-Thu, Ghanbari 2008, https://doi.org/10.1049/el:20080522.
    """
    return psnr_of_l2(l2_distance(a, b), a[0].numel() if len(a) else 1)


def psnr_of_l2(l2: Float[Tensor, "*n"], values: int) -> Float[Tensor, "*n"]:
    """The PSNR in dB of images of so many values that are `l2` apart."""
    ratio: Tensor = values**0.5 / l2
    return 20 * ratio.log10()
