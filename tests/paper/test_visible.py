"""Image by image: only changes that pass unseen count."""

import math
from dataclasses import replace

import numpy as np
import pytest
from helpers import curve, result
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlab.paper import flipped, halves, levels_text, lowest_unseen, unseen_point, unseen_proposals, unseen_right
from gradlab.types import Rule, SweepResult


def random_equal(seed: int, images: int = 40, steps: int = 6) -> SweepResult:
    """`raw` on both sides, of which some images do not move at all (a PSNR of ∞)."""
    chance = np.random.default_rng(seed)
    grid = sorted({round(float(e), 3) for e in chance.normal(size=steps)} - {0.0})
    raw = curve(Rule.RAW, grid, chance.integers(0, 3, (len(grid), images)).tolist())
    psnr = chance.uniform(10, 60, (len(grid), images)).astype(np.float32)
    psnr[chance.random(psnr.shape) < 0.1] = np.inf
    labels = tuple(chance.integers(0, 3, images).tolist())
    some = result(replace(raw, psnr=psnr, ssim=(psnr / 100).clip(0, 1)), labels=labels, planned=images)
    return replace(some, clean_predictions=chance.integers(0, 3, images))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([20.0, 34.0, 40.0, 100.0]))
def test_an_image_that_is_changed_visibly_counts_as_it_was(seed: int, limit: float) -> None:
    some = random_equal(seed)
    raw = some.curves[0]
    right = unseen_right(some, raw, limit)
    for k in range(len(raw.epsilons)):
        plain = [
            some.labels[n] == (raw.predictions[k][n] if raw.psnr[k][n] >= limit else some.clean_predictions[n])
            for n in range(some.images)
        ]
        assert right[k].tolist() == plain
        assert unseen_point(some, raw, k, limit).correct == sum(plain)
        turned = [
            n for n in range(some.images)
            if some.clean_predictions[n] == some.labels[n] != raw.predictions[k][n]
        ]  # fmt: skip
        said = flipped(some, raw, k, limit)
        assert said.images == len(turned)
        assert said.seen == sum(bool(raw.psnr[k][n] < limit) for n in turned)
        values = sorted(float(raw.psnr[k][n]) for n in turned)
        if values:
            assert said.psnr is not None
            assert said.psnr[1] == values[math.ceil(len(values) / 2) - 1]
            assert said.ssim is not None
        else:
            assert said.psnr is said.ssim is None


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([1, -1]))
def test_the_epsilon_is_chosen_on_one_half_and_the_figure_is_of_the_other(seed: int, side: int) -> None:
    some = random_equal(seed)
    raw, (choose, report) = some.curves[0], halves(some)
    at = lowest_unseen(some, side, 34.0)
    right = unseen_right(some, raw, 34.0)
    there = [k for k in range(len(raw.epsilons)) if raw.epsilons[k] * side > 0]
    if not there:
        assert at is None
        return
    assert at is not None
    counts = {k: int(right[k][choose].sum()) * side for k in there}
    best = min(there, key=lambda k: (counts[k], abs(raw.epsilons[k])))
    assert at.epsilon == raw.epsilons[best]
    assert (at.correct, at.images) == (int(right[best][report].sum()), len(report))


def test_without_the_psnr_of_each_image_nothing_is_said() -> None:
    some = random_equal(1)
    level = some.curves[0].psnr[:, :1]
    assert lowest_unseen(replace(some, curves=(replace(some.curves[0], psnr=level),))) is None
    assert lowest_unseen(result(curve(Rule.SIGN, [0.1], [[0, 1, 2, 1]]))) is None


def test_it_is_looked_for_between_the_points_beside_the_lowest_one() -> None:
    said = [[0] * 4, [0] * 4, [1, 2, 0, 1], [0] * 4]
    some = result(curve(Rule.RAW, [-0.001, 0.0001, 0.001, 0.01], said), labels=(0,) * 4)
    assert unseen_proposals(some) == [0.000316, 0.00316]
    near = result(curve(Rule.RAW, [0.0009, 0.001, 0.0011], said[1:]), labels=(0,) * 4)
    assert unseen_proposals(near) == []


@pytest.mark.parametrize(("limit", "text"), [(40.0, "2.55/255"), (34.0, "5.09/255")])
def test_a_limit_is_also_the_change_of_every_value_that_comes_to_it(limit: float, text: str) -> None:
    assert levels_text(limit) == text
