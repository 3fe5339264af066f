"""What is said of a sweep and of the points of its curves, against a count image by image."""

from dataclasses import replace
from fractions import Fraction
from statistics import fmean, median
from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from overhearing import shown
from random_results import checked, sweeps
from reading import COUNT, EPSILON, IMAGES, NUMBER, SHARE, count, epsilon_of, read, says
from scipy.stats import binomtest

from gradlab.figures.classes import MANY
from gradlab.figures.flows import LARGEST
from gradlab.types import Curve, SweepResult
from gradlab.ui.views.classes import _left_out, _members, _which
from gradlab.ui.views.confusion import _drawn, _moved
from gradlab.ui.views.facts import facts, failures, how_text, images_text, point_text
from gradlab.ui.views.gallery import _where

KNOWN = ("cifar10", "cifar100")
PSNR = rf"(?P<psnr>{NUMBER}) dB|∞ \((?:(?P<half>half or more unchanged)|(?P<none>identical))\)"


def points(result: SweepResult) -> list[tuple[Curve, int]]:
    return [(curve, k) for curve in result.curves for k in range(len(curve.epsilons))]


def right(said: np.ndarray, result: SweepResult) -> int:
    return sum(a == b for a, b in zip(said.tolist(), result.labels.tolist(), strict=True))


def ends(successes: int, trials: int) -> tuple[float, float]:
    interval = binomtest(successes, trials).proportion_ci(method="wilson")
    return interval.low, interval.high


@checked
@given(sweeps(datasets=KNOWN))
def test_on_what_a_sweep_rests(result: SweepResult) -> None:
    said = read(
        rf"(?P<images>{COUNT}) {IMAGES} of .+?(?P<balanced>, class-balanced)?, from the sample of 2,000 "
        rf"test images; bands: .*; dotted: clean accuracy, (?P<clean>{SHARE})\. The same ε is not .*",
        shown(facts, result)[0],
    ) | read(
        rf"One gradient for each image serves every ε; (?:for (?P<zero>{COUNT}) \((?P<share>{SHARE})\) it is exactly "
        r"zero|none is zero)\. Evaluated in .*",
        how_text(result),
    )
    images, members = len(result.labels), [result.labels.tolist().count(n) for n in range(len(result.classes))]
    assert count(said["images"]) == images
    assert ("balanced" in said) == (max(members) - min(members) <= 1)
    assert says(said["clean"], right(result.clean_predictions, result) / images)
    zero = sum(result.zero_gradient.tolist())
    assert count(said.get("zero", "0")) == zero
    assert says(said.get("share", "0%"), zero / images)
    for text in failures(result):
        left = read(rf"(?P<left>{COUNT}) of (?P<of>{COUNT}) images are left out, .*: test images (?P<named>.*)\.", text)
        assert (count(left["left"]), count(left["of"])) == (len(result.failed), result.planned)
        named = left["named"].split(", ")
        assert named == [*map(str, result.failed[:20]), *(["…"] if len(result.failed) > 20 else [])]
    assert len(failures(result)) == bool(len(result.failed))


@checked
@given(sweeps(datasets=KNOWN))
def test_a_point_of_a_curve(result: SweepResult) -> None:
    images = len(result.labels)
    for curve, k in points(result):
        said = read(
            rf"\*\*.+, ε = (?P<epsilon>{EPSILON})\*\*: (?P<right>{COUNT}) of (?P<images>{COUNT}) still classified "
            rf"correctly \((?P<share>{SHARE}), (?P<low>{SHARE}) to (?P<high>{SHARE})\)"
            rf"(?:; as saved \(8 bit\) (?P<rounded>{COUNT}) \((?P<rounded_share>{SHARE})\))?"
            rf"(?:; classified as (?P<target>.+): (?P<now>{COUNT}) \(clean: (?P<before>{COUNT})\))?"
            rf"; mean L2 (?P<l2>{NUMBER}), mean L∞ (?P<linf>{NUMBER})/255; median PSNR (?:{PSNR})"
            rf"(?:; mean SSIM (?P<ssim>{NUMBER}))?; (?P<clipped>{SHARE}) of all values clipped to 0 to 1",
            point_text(result, curve, k),
        )
        after = curve.predictions[k]
        assert abs(epsilon_of(said["epsilon"]) - curve.epsilons[k]) <= 1e-3 * abs(curve.epsilons[k])
        assert (count(said["right"]), count(said["images"])) == (right(after, result), images)
        low, high = ends(right(after, result), images)
        assert says(said["share"], right(after, result) / images)
        assert says(said["low"], low)
        assert says(said["high"], high)
        assert ("rounded" in said) == (curve.rounded is not None)
        if curve.rounded is not None:
            assert count(said["rounded"]) == right(curve.rounded[k], result)
            assert says(said["rounded_share"], right(curve.rounded[k], result) / images)
        if result.label_source.kind == "target":
            target = result.classes.index(said["target"])
            assert said["target"] == result.label_source.target
            found = (count(said["now"]), count(said["before"]))
            assert found == tuple(row.tolist().count(target) for row in (after, result.clean_predictions))
        check_sizes(said, curve, k)


def check_sizes(said: dict[str, str], curve: Curve, k: int) -> None:
    """The mean and median changes; of half of a sweep they may be ∞."""
    l2, psnr = curve.l2[k].tolist(), median(curve.psnr[k].tolist())
    assert says(said["l2"], fmean(l2))
    assert says(said["linf"], fmean(curve.linf[k].tolist()) * 255)
    assert says(said["clipped"], fmean(curve.clipped[k].tolist()))
    assert ("ssim" in said) == (curve.ssim is not None)
    assert curve.ssim is None or says(said["ssim"], fmean(curve.ssim[k].tolist()))
    if np.isfinite(psnr):
        assert says(said["psnr"], psnr)
    else:
        assert ("none" in said) == (fmean(l2) == 0)
        assert len(l2) == 1 or 2 * sum(size == 0 for size in l2) >= len(l2)


@checked
@given(sweeps(), st.integers(0, 120))
def test_how_many_images_a_class_has_and_which_classes_are_shown(result: SweepResult, chosen: int) -> None:
    said = read(
        rf"(?:(?P<any>{COUNT}) of (?P<classes>{COUNT}) classes have any, )?(?P<few>{COUNT})(?: to (?P<many>{COUNT}))?"
        r" a class",
        _members(result),
    )
    members, classes = [result.labels.tolist().count(n) for n in range(len(result.classes))], len(result.classes)
    there = [n for n in members if n]
    if classes > MANY and len(there) < classes:
        assert (count(said["any"]), count(said["classes"])) == (len(there), classes)
        members = there
    assert (count(said["few"]), count(said.get("many", said["few"]))) == (min(members), max(members))
    text = _which(result, chosen)
    if chosen > MANY:
        assert text == f" You see the first 20 of the {chosen} chosen classes."
    else:
        assert ("You see the 20 classes, of 100," in text) == (not chosen and len(there) > 20)
    assert ("show the 20 classes, of 100," in _left_out(result)) == (len(there) > 20)


@checked
@given(sweeps())
def test_how_many_images_changed_their_class(result: SweepResult) -> None:
    for curve, k in points(result):
        before, after = result.clean_predictions.tolist(), curve.predictions[k].tolist()
        moves = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        said = read(rf"(?P<moved>{COUNT}) of (?P<images>{COUNT}) images changed their class", _moved(result, curve, k))
        assert (count(said["moved"]), count(said["images"])) == (len(moves), len(before))
        text = _drawn(result, curve, [k])
        if len(result.classes) <= MANY or len({*before, *after}) <= MANY:
            assert text == ""
            continue
        if not text:  # every class that has images is left by one of the largest changes
            assert {a for a, _ in moves} == set(before)
            continue
        part = read(rf".* That is (?P<drawn>{COUNT}) at .* of (?P<images>{COUNT}) images\.", text)
        sizes = sorted(((moves.count(move), *move) for move in set(moves)), key=lambda move: (-move[0], *move[1:]))
        leaving = {a for _, a, _ in sizes[:LARGEST]}
        assert count(part["drawn"]) == sum(a in leaving for a in before)
        assert count(part["images"]) == len(before)


@checked
@given(sweeps(datasets=KNOWN), st.floats(0, 1))
def test_how_many_images_are_at_hand(result: SweepResult, share: float) -> None:
    here = int(Fraction(share) * result.images)
    text = _where(result, here)
    said = read(
        rf"(?:None of the (?P<all>{COUNT}) images is|Of the (?P<of>{COUNT}) images, only the (?P<here>{COUNT})) .*",
        text,
    )
    assert count(said.get("here", "0")) == here
    assert count(said.get("all") or said["of"]) == result.images


@checked
@given(sweeps(datasets=KNOWN), st.sampled_from((1, 7, 19, 40, 2_000)))
def test_of_how_many_images_a_sweep_is(result: SweepResult, here: int) -> None:
    """Where it is not of the embedded sample; what is at hand is what a condensed result is of."""
    with mock.patch("gradlab.ui.cached.images_at_hand", return_value=here):
        text = images_text(replace(result, source="store"))
    here = result.images if result.condensed else here
    if here == result.images:
        assert f"{result.images} test image{'s' if result.images > 1 else ''} of" in text
        assert text.endswith("of the 10,000 official ones")
    else:
        assert text.endswith(f", from {here:,} of the 10,000 official ones")
