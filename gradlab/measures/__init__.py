"""How large a change is: the measures, and one table of them."""

from gradlab.measures.colour import (
    ciede2000,
    colour_differences,
    high_colour_difference,
    mean_colour_difference,
    to_lab,
)
from gradlab.measures.distances import changed_pixels, l1_distance, l2_distance, linf_distance, psnr, psnr_of_l2
from gradlab.measures.learned import download_lpips, lpips, lpips_needs
from gradlab.measures.structure import ssim
from gradlab.measures.table import METRICS, OPTIONAL, Citation, Compared, Metric, available
