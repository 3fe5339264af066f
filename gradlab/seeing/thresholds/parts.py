"""What is said of images and of a network on them: those that people were shown, and all that it was measured on."""

import math
from dataclasses import dataclass

import numpy as np

from gradlab.images.registry import called
from gradlab.seeing.thresholds.network import axes_of, on_axis
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import USUAL, Accuracy, Protocol, Seen, SeenNetwork


@dataclass(frozen=True)
class Part:
    """What is known of the network on some images.

    Attributes:
        images: which: "the 48 images shown".
        short: the same, where that was said before.
        network: on these images.
        at: its accuracy at the threshold.
        ends: at the ends of its interval.
    """

    images: str
    short: str
    network: SeenNetwork
    at: Accuracy | None
    ends: tuple[Accuracy | None, Accuracy | None]


def parts_of(seen: Seen) -> list[Part]:
    """The images shown come first: what people see holds for them."""
    parts = []
    if shown := seen.shown:
        named = f"the {shown.images:,} images shown" if shown.images > 1 else "the one image shown"
        parts.append(Part(named, "the images shown", shown, seen.shown_at, seen.shown_ends))
    if everything := seen.network:
        images = called(everything.dataset, everything.split) + ("s" if everything.images > 1 else "")
        named = f"all {everything.images:,}" if everything.images > 1 else "the one"
        parts.append(Part(f"{named} {images} measured", f"all {images} measured", everything, seen.at, seen.ends))
    return parts


def ends_text(part: Part) -> str:
    """The accuracy at both ends of the threshold's interval."""
    low, high = part.ends
    if low is None or high is None:
        return "The larger end of that interval is beyond what was measured of the network."
    does = part.network.does
    on = does.split()[-1]
    return f"At the smaller end of that interval it {does} {low.share:.1%}, at the larger one {on} {high.share:.1%}."


def beside_text(seen: Seen, part: Part, there: Accuracy | None, size: float) -> str:
    """The accuracy on further images, at the same size."""
    if there is None:
        return f"At that ε it was not measured on {part.images}."
    return f"At the same ε it {part.network.does} {share_text(seen, part, there)}{psnr_text(part, size)}."


def share_text(seen: Seen, part: Part, there: Accuracy) -> str:
    """An accuracy with its images and its interval and, where it is interpolated, those at the sizes next to it."""
    rests = f"{there.low:.1%} to {there.high:.1%}, {_rounding(part.network)}"
    clean = f", against {part.network.clean.share:.1%} clean" if part.network.labelled else ""
    if there.between is None:
        return f"{there.share:.1%} of {part.images} ({rests}){clean}"
    (below, more), (above, less) = there.between
    if more != less:
        rests += f"; between {more:.1%} at {_exact(seen, below)} and {less:.1%} at {_exact(seen, above)}"
    return f"about {there.share:.1%} of {part.images} ({rests}){clean}"


def psnr_text(part: Part, size: float, start: str = "; ", end: str = "") -> str:
    """By how much a step of this size changes the images; empty where that is not known."""
    if "psnr" not in axes_of((part.network,)):
        return ""
    psnr = float(on_axis(part.network, "psnr", np.array([size]))[0])
    return f"{start}median PSNR {psnr:.1f} dB on {part.short}{end}" if math.isfinite(psnr) else ""


def _rounding(network: SeenNetwork) -> str:
    return f"{'after' if network.rounded else 'before'} rounding to 8 bit"


def _exact(seen: Seen, size: float) -> str:
    if not size:
        return "ε = 0"
    return f"ε = {format_epsilon(-size if seen.descend else size, seen.rule, signed=seen.descend)}"


def chosen_text(protocol: Protocol) -> str:
    """How the images of a test were chosen, made of the numbers: a sentence, or two."""
    shown, looked, alike = len(protocol.places), protocol.looked, protocol.alike
    usual = f"about as much as the median one (PSNR within {USUAL:g} dB)"
    if looked is None or alike is None:
        return (
            f"{_images(shown)} shown: drawn at random from those that the rules change {usual} or, where these were "
            "too few, the nearest; which of the two was not kept."
        )
    if alike < shown:
        few = f"only {alike:,}" if alike else "none"
        which = f"The nearest {shown:,} were taken" if shown < looked else "All of them are shown"
        return f"Of {_images(looked)} looked at, the rules change {few} {usual}. {which}: no random draw."
    if alike == shown:
        return f"{_images(shown)} shown: all of {looked:,} looked at that the rules change {usual}."
    among = f"the {alike:,}, of {looked:,} looked at, that" if alike < looked else f"{looked:,}, all of which"
    return f"{_images(shown)} shown, drawn at random from {among} the rules change {usual}."


def _images(count: int) -> str:
    return f"{count:,} image" + ("" if count == 1 else "s")
