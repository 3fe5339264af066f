"""The measures of a change: what each is called, what its value means, and what is known of when a change is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gradlab.measures.colour import (
    ciede2000,
    high_colour_difference,
    high_of,
    mean_colour_difference,
    mean_of,
    to_lab,
)
from gradlab.measures.distances import changed_pixels, l1_distance, l2_distance, linf_distance, psnr
from gradlab.measures.learned import lpips, lpips_needs
from gradlab.measures.structure import ssim


@dataclass(frozen=True)
class Metric:
    """A measure of the change between images a and b.

    Attributes:
        title: as the page shows it.
        function: (a, b), each (N, C, H, W) in [0, 1], to (N,).
        unit: of its value; empty for a bare number.
        smaller_is_closer: whether a smaller value means more alike.
        form: how its value is written, as for `format`.
        range: from identical to as different as can be, in words.
        about: what it is, in a sentence.
        source: where it is defined.
        noticeable: the value from which on a change is usually noticed, in a few words; "none known" where that is so.
        known: what is known of that, in a sentence.
        evidence: where that is written.
        of_colours: the same of the colour differences (N, H, W), where that is all that it needs.
    """

    title: str
    function: Callable[[Tensor, Tensor], Tensor]
    unit: str
    smaller_is_closer: bool
    form: str
    range: str
    about: str
    source: Citation
    noticeable: str
    known: str
    evidence: Citation
    of_colours: Callable[[Tensor], Tensor] | None = None

    @property
    def closer(self) -> str:
        """Which way it goes as images get more alike: `smaller` or `larger`."""
        return "smaller" if self.smaller_is_closer else "larger"


@dataclass(frozen=True)
class Citation:
    """Where something is written: its authors and year, and its address."""

    title: str
    url: str


_NORMS = Citation("Szegedy et al. 2014", "https://arxiv.org/abs/1312.6199")
_CARLINI = Citation("Carlini, Wagner 2017", "https://doi.org/10.1109/SP.2017.49")
_CHEN = Citation("Chen et al. 2018", "https://arxiv.org/abs/1709.04114")
_SHARIF = Citation("Sharif, Bauer, Reiter 2018", "https://doi.org/10.1109/CVPRW.2018.00211")
_HUYNH = Citation("Huynh-Thu, Ghanbari 2008", "https://doi.org/10.1049/el:20080522")
_WANG = Citation("Wang, Bovik, Sheikh, Simoncelli 2004", "https://doi.org/10.1109/TIP.2003.819861")
_SHARMA = Citation("Sharma, Wu, Dalal 2005", "https://doi.org/10.1002/col.20070")
_PARAVINA = Citation("Paravina et al. 2015", "https://doi.org/10.1111/jerd.12149")
_ZHANG = Citation("Zhang, Isola, Efros, Shechtman, Wang 2018", "https://doi.org/10.1109/CVPR.2018.00068")

_NO_NORM = (
    "none known",
    "No threshold: images that are close in such a norm need not look alike, and images that look alike need not be "
    "close",
    _SHARIF,
)
_COLOUR = (
    "About 0.8 for uniform samples side by side: half of 175 observers notice such a difference. 1 is the usual rule "
    "of thumb. Nobody measured either on noise of single pixels, where much depends on how large you show them"
)

METRICS: dict[str, Metric] = {
    "l0": Metric(
        "L0", changed_pixels, "", True, ".1%", "0 % (identical) to 100 %",
        "The share of pixels that differ after rounding both images to 8 bit, whichever of their channels moved",
        _CARLINI, *_NO_NORM,
    ),
    "l1": Metric(
        "L1", l1_distance, "", True, ".4g", "0 (identical) to the number of values, C·H·W",
        "The sum of all changes, in pixel units, in which black and white are 1 apart", _CHEN, *_NO_NORM,
    ),
    "l2": Metric(
        "L2", l2_distance, "", True, ".4g", "0 (identical) to √(C·H·W)",
        "The Euclidean distance, in pixel units", _NORMS, *_NO_NORM,
    ),
    "linf": Metric(
        "L∞", linf_distance, "", True, ".4g", "0 (identical) to 1",
        "The largest change of a single value, in pixel units", _CARLINI,
        "none known; under 1/510 it is lost in 8 bit", *_NO_NORM[1:],
    ),
    "psnr": Metric(
        "PSNR", psnr, "dB", False, ".1f", "∞ (identical) to 0 dB",
        "The mean squared change on a logarithmic scale", _HUYNH,
        "none known",
        "No threshold: it ranks versions of one picture with one kind of distortion, and is not reliable across "
        "pictures",
        _HUYNH,
    ),
    "ssim": Metric(
        "SSIM", ssim, "", False, ".4f", "1 (identical) to −1",
        "How alike the images are in brightness, contrast and structure, in windows of 11x11 pixels", _WANG,
        "none known",
        "No threshold is in general use: it was made for photographs, and tested on ratings of compressed ones",
        _WANG,
    ),
    "ciede2000_mean": Metric(
        "ΔE₀₀, mean", mean_colour_difference, "", True, ".2f", "0 (identical) upwards; black and white are 100 apart",
        "The colour difference CIEDE2000 of each pixel, averaged; of grey images it is the difference in lightness",
        _SHARMA, "about 0.8 to 1, side by side", _COLOUR, _PARAVINA, mean_of,
    ),
    "ciede2000_p95": Metric(
        "ΔE₀₀, 95 %", high_colour_difference, "", True, ".2f", "0 (identical) upwards; black and white are 100 apart",
        "The colour difference CIEDE2000 that 5 % of the pixels exceed", _SHARMA,
        "about 0.8 to 1, side by side", _COLOUR, _PARAVINA, high_of,
    ),
}  # fmt: skip

# What is there only where a person saw to it.
OPTIONAL: dict[str, Metric] = {
    "lpips": Metric(
        "LPIPS", lpips, "", True, ".4f", "0 (identical) upwards",
        "The distance between what AlexNet makes of both, its channels weighted by people's judgements",
        _ZHANG, "none known",
        "No threshold is in general use: it was fitted to which of two patches people found closer to a third", _ZHANG,
    )
}  # fmt: skip


def available() -> dict[str, Metric]:
    """All measures that can be taken here: `METRICS`, and LPIPS where it and its weights are there."""
    return METRICS if lpips_needs() else METRICS | OPTIONAL


@dataclass(frozen=True, eq=False)
class Compared:
    """Images that others are compared with: all measures of each change, to the last bit those of `Metric.function`.

    What several measures or several changes have in common, colours above all, is computed once.

    Attributes:
        images: (N, C, H, W) in [0, 1].
    """

    images: Tensor

    def to(self, others: Tensor) -> dict[str, Tensor]:
        """Each measure that can be taken here, (N,), of the change to other images of the same shape."""
        return (
            self._to_itself if torch.equal(others, self.images) else self._measured(others, self._differences(others))
        )

    @cached_property
    def _to_itself(self) -> dict[str, Tensor]:
        return self._measured(self.images, torch.zeros_like(self.images[:, 0]))  # no colour differs from itself

    @cached_property
    def _colours(self) -> Tensor:
        return to_lab(self.images)

    def _differences(self, others: Tensor) -> Tensor:
        return ciede2000(self._colours, to_lab(others))

    def _measured(self, others: Tensor, differences: Tensor) -> dict[str, Tensor]:
        return {
            name: metric.of_colours(differences) if metric.of_colours else metric.function(self.images, others)
            for name, metric in available().items()
        }
