"""Peak signal-to-noise ratio."""

import torch
from jaxtyping import Float
from torch import Tensor


def psnr(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"]) -> Float[Tensor, " n"]:
    """−10·log₁₀ of the mean squared difference of each pair, for a peak of 1: in dB, from 0 to ∞ (identical).

    Huynh-Thu, Ghanbari 2008, https://doi.org/10.1049/el:20080522.
    """
    return psnr_of_l2(torch.linalg.vector_norm(a - b, dim=(1, 2, 3)), a[0].numel() if len(a) else 1)


def psnr_of_l2(l2: Float[Tensor, "*n"], values: int) -> Float[Tensor, "*n"]:
    """The PSNR in dB of images of so many values that are `l2` apart."""
    ratio: Tensor = values**0.5 / l2
    return 20 * ratio.log10()
