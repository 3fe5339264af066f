"""What stands below a curve: what it rests on, what differs from what was asked, and what its chosen point is."""

import numpy as np
import streamlit as st

from gradlab.images.registry import called, image_set
from gradlab.paper import median_psnr_text
from gradlab.report import spot_check_text
from gradlab.report.sampling import sampling_notes
from gradlab.statistics import compare, difference_text, paired_difference, wilson_interval
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, SweepResult, TransferResult
from gradlab.ui import cached, words
from gradlab.ui.components.folded import how_measured

_NAMED = 20  # failed images that are named one by one


def facts(result: SweepResult) -> None:
    """Where the numbers of a sweep come from; notices and failed images beside them."""
    st.caption(facts_text(result))
    if notes := sampling_notes(result):
        st.caption(" ".join(notes))
    st.caption(words.label_notes(result.label_source))
    for notice in (*result.notices, *failures(result)):
        st.warning(words.plain(notice), icon=":material/info:")
    how_measured(how_text(result))


def facts_text(result: SweepResult) -> str:
    """On what a sweep rests: what nobody should overlook."""
    return (
        f"{images_text(result)}; {words.BANDS}{_dotted(result)}. "
        "The same ε is not the same change for two kinds of noise: to compare them, choose *achieved L2* as the axis."
    )


def _dotted(result: SweepResult) -> str:
    return f"; dotted: clean accuracy, {result.clean_accuracy:.1%}" if result.labelled else ""


def how_text(result: SweepResult) -> str:
    """How a sweep was measured."""
    check = spot_check_text(result)
    return (
        f"One gradient for each image serves every ε; {_zero_gradients(result)}. Evaluated in "
        f"{_precision(result)}{_measured(result)} {check and f'{check}. '}Weights: {result.weights_sha256[:12]}…. "
        f"Seed: {result.seed}."
    )


def images_text(result: SweepResult | TransferResult) -> str:
    """On how many images of which split a result rests; a split at hand need not be the official one."""
    known, one = image_set(result.dataset), called(result.dataset)
    official = known.sizes["test"]
    balanced = ", class-balanced" if result.labelled and _even(result) else ""
    images = f"{result.images:,} {one}{'s' * (result.images != 1)} of {known.title}{balanced}"
    if len(known.sizes) == 1:  # no official split that this is a part of
        return f"{images}: all of them" if result.images == official else f"{images}, of {official:,}"
    sample = known.count().sample
    if result.source == "sample" and sample != official:
        return f"{images}, from the sample of {sample or 0:,} test images"
    if result.images == official:
        return f"{images}: the full test split"
    condensed = isinstance(result, SweepResult) and result.condensed
    here = result.images if condensed else cached.images_at_hand(result.dataset)
    if result.images == here:
        return f"{images}, of the {official:,} official ones"
    whole = "the full test split" if here == official else f"{here:,} of the {official:,} official ones"
    return f"{images}, from {whole}"


def _even(result: SweepResult | TransferResult) -> bool:
    """Whether its images are equally many of each class."""
    return bool(np.ptp(np.bincount(result.labels, minlength=len(result.classes))) <= 1)


def _measured(result: SweepResult) -> str:
    if not result.condensed:
        return f": {result.seconds:.1f} s on {result.device}."
    device, software = words.plain(result.device), words.plain(result.software)
    return (
        f", **measured beforehand** on {device}, with {software}. To measure it anew, choose fewer images, or open the "
        "page Paper."
    )


def point_facts(result: SweepResult, curve: Curve, k: int) -> None:
    """What a point of a curve is made of, and how to choose another."""
    st.caption(f"{point_text(result, curve, k)}. Click a point of the curve, or choose it above.")
    st.caption(_against(result, curve, k))


def point_text(result: SweepResult, curve: Curve, k: int) -> str:
    """What a point of a curve is made of: counts, shares and the size of the change."""
    right = int(result.correct(curve)[k])
    low, high = wilson_interval(right, result.images)
    still = "still classified correctly" if result.labelled else "keep their class"
    parts = [
        f"**{words.RULES[curve.rule]}, ε = {format_epsilon(float(curve.epsilons[k]), curve.rule)}**: {right:,} of "
        f"{result.images:,} {still} ({right / result.images:.1%}, {low:.1%} to {high:.1%})"
    ]
    if result.eight_bit:
        rounded = float(result.correct_rounded(curve)[k])
        parts.append(
            "as saved (8 bit) not defined: the step ends halfway between two levels"
            if np.isnan(rounded)
            else f"as saved (8 bit) {rounded:,.0f} ({rounded / result.images:.1%})"
        )
    if result.label_source.kind == "target":
        target = result.label_source.target_index(result.classes)
        before, after = (int((p == target).sum()) for p in (result.clean_predictions, curve.predictions[k]))
        parts.append(f"classified as {words.plain(result.label_source.target)}: {after} (clean: {before})")
    parts.append(f"mean L2 {float(curve.level('l2')[k]):.3g}, mean L∞ {float(curve.level('linf')[k]) * 255:.3g}/255")
    parts.append(f"median PSNR {median_psnr_text(*(float(curve.level(name)[k]) for name in ('psnr', 'l2')))}")
    if curve.ssim is not None and np.isfinite(ssim := float(curve.level("ssim")[k])):  # small images have none
        parts.append(f"mean SSIM {ssim:.3f}")
    parts.append(f"{float(curve.level('clipped')[k]):.2%} of all values clipped to 0 to 1")
    return "; ".join(parts)


def _against(result: SweepResult, curve: Curve, k: int) -> str:
    """The point beside the clean images, and beside the same ones rounded: paired differences."""
    right, clean = curve.predictions[k] == result.labels, result.clean_predictions == result.labels
    text = f"Compared with the same images, clean: {difference_text(paired_difference(right, clean))}."
    if curve.rounded is None or not curve.rounding_defined[k]:
        return text
    after = paired_difference(curve.rounded[k] == result.labels, right)
    right = "right" if result.labelled else "in their class"
    return f"{text} Rounding: {compare(after).words('rounded', 'unrounded', right)}."


def _zero_gradients(result: SweepResult) -> str:
    count = int(result.zero_gradient.sum())
    return f"for {count} ({count / result.images:.2%}) it is exactly zero" if count else "none is zero"


def _precision(result: SweepResult) -> str:
    exact = result.precision == "float32"
    return result.precision if exact else f"{result.precision}, and close calls again in float32"


def failures(result: SweepResult | TransferResult) -> list[str]:
    """Which images were left out, if any: a sentence."""
    places = [str(place) for place in result.failed[:_NAMED]]
    if len(result.failed) > _NAMED:
        places.append("…")
    if not places:
        return []
    return [
        f"{len(result.failed)} of {result.planned} images are left out, because the network gave no number for them: "
        f"{called(result.dataset)}s {', '.join(places)}."
    ]
