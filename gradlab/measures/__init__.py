"""How large a change is: one file a measure, one table of them."""

from gradlab.measures.ciede2000 import (
    ciede2000,
    colour_differences,
    high_colour_difference,
    mean_colour_difference,
)
from gradlab.measures.l0 import changed_pixels
from gradlab.measures.l1 import l1_distance
from gradlab.measures.l2 import l2_distance
from gradlab.measures.lab import to_lab
from gradlab.measures.linf import linf_distance
from gradlab.measures.lpips import download_lpips, lpips, lpips_needs
from gradlab.measures.psnr import psnr, psnr_of_l2
from gradlab.measures.ssim import ssim
from gradlab.measures.table import METRICS, OPTIONAL, Citation, Metric, available

__all__ = [
    "METRICS",
    "OPTIONAL",
    "Citation",
    "Metric",
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
