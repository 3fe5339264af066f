"""What is said image by image, and of the gradient beside its sign at equal change: against a count image by image."""

import math
from dataclasses import replace

import numpy as np
from helpers import curve, result
from hypothesis import given
from hypothesis import strategies as st
from random_results import SEEDS, checked
from reading import COUNT, EPSILON, NUMBER, SHARE, count, epsilon_of, read, says
from scipy.stats import binomtest

from gradlab.paper import fair_row
from gradlab.report import fair_markdown, unseen_sentences
from gradlab.types import EqualTo, Rule, SweepResult

STEPS = (-0.3, 0.02, 0.1)


def equal_part(seed: int) -> SweepResult:
    """The part of a baseline at equal change; some images do not move, and some have no SSIM."""
    chance = np.random.default_rng(seed)
    images = int(chance.integers(1, 40))
    raw = curve(Rule.RAW, list(STEPS), chance.integers(0, 3, (3, images)).tolist())
    psnr = np.floor(chance.uniform(20, 60, (3, images)) * 4).astype(np.float32) / 4
    psnr[chance.random(psnr.shape) < chance.choice([0, 0.3])] = np.inf
    ssim = (np.clip(psnr, 0, 60) / 60).astype(np.float32) if chance.random() < 0.7 else None
    raw = replace(raw, psnr=psnr, ssim=ssim)
    kinds = ((Rule.L2, None), (Rule.SIGN, EqualTo("l2")), (Rule.SIGN, EqualTo("linf")))
    others = [
        replace(raw, rule=rule, equal_to=equal_to, predictions=chance.integers(0, 3, (3, images)).astype(np.int16))
        for rule, equal_to in kinds
    ]
    labels = tuple(chance.integers(0, 3, images).tolist())
    made = result(raw, *others, labels=labels, planned=images)
    return replace(made, clean_predictions=chance.integers(0, 3, images))


def quantile(values: list[float], share: float) -> float:
    """The smallest of the values that so many do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values) - 1e-9) - 1)]


@checked
@given(SEEDS, st.sampled_from(STEPS), st.sampled_from((34.0, 40.0)))
def test_how_many_of_the_images_that_flip_are_changed_visibly(seed: int, epsilon: float, limit: float) -> None:
    some = equal_part(seed)
    raw, k = some.curves[0], STEPS.index(epsilon)
    (text,) = unseen_sentences(some, epsilon, limit)
    before = [a == b for a, b in zip(some.clean_predictions.tolist(), some.labels.tolist(), strict=True)]
    after = [a == b for a, b in zip(raw.predictions[k].tolist(), some.labels.tolist(), strict=True)]
    psnr = raw.psnr[k].tolist()
    turned = [n for n in range(some.images) if before[n] and not after[n]]
    if not turned:
        said = read(rf"The plain gradient at ε = (?P<epsilon>{EPSILON}) turns no image from right to wrong\.", text)
        assert epsilon_of(said["epsilon"]) == epsilon
        return
    value = rf"(?:{NUMBER}|∞)"
    said = read(
        rf"Image by image: the plain gradient at ε = (?P<epsilon>{EPSILON}) turns (?P<turned>{COUNT}) images from "
        rf"right to wrong\. It changes (?P<seen>{COUNT}) of these \((?P<share>{SHARE})\) to less than {limit:g} dB "
        rf"\(5th percentile, "
        rf"median and 95th of their PSNR: (?P<p5>{value}), (?P<p50>{value}), (?P<p95>{value}) dB"
        rf"(?:, of their SSIM (?P<s5>{NUMBER}), (?P<s50>{NUMBER}), (?P<s95>{NUMBER}))?\)\. If only images of {limit:g} "
        rf"dB or more count as attacked, (?P<left>{SHARE}) are right \((?P<low>{SHARE}) to (?P<high>{SHARE})\)\.",
        text,
    )
    seen = [n for n in turned if psnr[n] < limit]
    assert (count(said["turned"]), count(said["seen"])) == (len(turned), len(seen))
    assert says(said["share"], len(seen) / len(turned))
    for name, share in (("p5", 0.05), ("p50", 0.5), ("p95", 0.95)):
        wanted = quantile([psnr[n] for n in turned], share)
        assert said[name] == "∞" if math.isinf(wanted) else says(said[name], wanted)
    assert ("s5" in said) == (raw.ssim is not None)
    if raw.ssim is not None:
        assert says(said["s50"], quantile([float(raw.ssim[k][n]) for n in turned], 0.5))
    right = sum(after[n] if psnr[n] >= limit else before[n] for n in range(some.images))
    interval = binomtest(right, some.images).proportion_ci(method="wilson")
    for name, share in (("left", right / some.images), ("low", interval.low), ("high", interval.high)):
        assert says(said[name], share)


@checked
@given(SEEDS)
def test_a_row_of_direction_and_allocation(seed: int) -> None:
    some = equal_part(seed)
    baseline = result(curve(Rule.RAW, [-0.3, 0.005, 0.1], [[0] * 4] * 3))  # 46 dB at 0.005, 20 dB beyond
    equal = replace(some, curves=tuple(replace(one, epsilons=np.array([-0.3, 0.005, 0.1])) for one in some.curves))
    row = fair_row(baseline, equal)
    assert row is not None
    *_, line = fair_markdown([row], {"zoo": "Zoo"}).split("\n")
    cells = line.strip("| ").split(" | ")
    right = [(one.predictions[1] == some.labels).tolist() for one in some.curves]
    gradient, length, sign, largest = (sum(one) / some.images for one in right)
    assert cells[:3] == ["Zoo", "`tiny`", "ε = +0.005"]
    for cell, share in ((cells[3], gradient), (cells[4], sign), (cells[6], largest), (cells[7], length)):
        assert says(cell, share)
    ends = rf"(?P<value>[+−]{NUMBER}) \((?P<low>[+−]{NUMBER}) to (?P<high>[+−]{NUMBER})\)"
    for cell, other in ((cells[5], sign), (cells[8], length)):
        said = {name: float(text.replace("−", "-")) for name, text in read(ends, cell).items()}
        assert abs(said["value"] - 100 * (gradient - other)) <= 0.0051
        assert said["low"] - 0.01 <= said["value"] <= said["high"] + 0.01
