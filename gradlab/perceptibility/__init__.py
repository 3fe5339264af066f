"""How large a change is: one file a measure, one table of them."""

from gradlab.perceptibility.ciede2000 import (
    ciede2000,
    colour_differences,
    high_colour_difference,
    mean_colour_difference,
)
from gradlab.perceptibility.l0 import changed_pixels
from gradlab.perceptibility.l1 import l1_distance
from gradlab.perceptibility.l2 import l2_distance
from gradlab.perceptibility.lab import to_lab
from gradlab.perceptibility.linf import linf_distance
from gradlab.perceptibility.lpips import download_lpips, lpips, lpips_needs
from gradlab.perceptibility.psnr import psnr, psnr_of_l2
from gradlab.perceptibility.ssim import ssim
from gradlab.perceptibility.table import METRICS, OPTIONAL, Metric, Source, available

__all__ = [
    "METRICS",
    "OPTIONAL",
    "Metric",
    "Source",
    "available",
    "changed_pixels",
    "ciede2000",
    "colour_differences",
    "download_lpips",
    "high_colour_difference",
    "l1_distance",
    "l2_distance",
    "linf_distance",
    "lpips",
    "lpips_needs",
    "mean_colour_difference",
    "psnr",
    "psnr_of_l2",
    "ssim",
    "to_lab",
]
