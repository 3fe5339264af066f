"""How large a change is: one file a measure, one table of them."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from gradlab.perceptibility.l2 import l2_distance
from gradlab.perceptibility.linf import linf_distance
from gradlab.perceptibility.psnr import psnr, psnr_of_l2
from gradlab.perceptibility.ssim import ssim


@dataclass(frozen=True)
class Metric:
    """A measure of the change between images a and b.

    Attributes:
        title: as the page shows it.
        function: (a, b), each (N, C, H, W) in [0, 1], to (N,).
        unit: of its value; empty for a bare number.
        smaller_is_closer: whether 0 means identical.
    """

    title: str
    function: Callable[[Tensor, Tensor], Tensor]
    unit: str
    smaller_is_closer: bool


METRICS: dict[str, Metric] = {
    "l2": Metric("L2", l2_distance, "", True),
    "linf": Metric("L∞", linf_distance, "", True),
    "psnr": Metric("PSNR", psnr, "dB", False),
    "ssim": Metric("SSIM", ssim, "", False),
}

__all__ = ["METRICS", "Metric", "l2_distance", "linf_distance", "psnr", "psnr_of_l2", "ssim"]
